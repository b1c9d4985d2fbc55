#!/usr/bin/env python3
"""Makes crates/engines/secrets/src/frequencies.bin: how often bytes stand beside each other in source code, so that the sieve of
keywords can know each keyword by a part of it that is rare.

Usage: frequencies.py OUT PATH...

The table was made from /usr/include of Debian 12, the sources of the crates that we depend on, the library of Python 3.11, npm 11,
hashicorp/terraform and spring-projects/spring-security, as all of them were in November 2026. Each PATH, a folder, counts as much as any other, and no file for more than 64 KiB. Nothing of the files is copied but counts. Layout: a byte
for each of 2^14 hashes of four bytes that are or-ed with 0x20, then one for each of 2^13 hashes of three classes of bytes, as in
sieve.rs, then one for each class. A byte is minus the logarithm to base 2 of the share of places where something with this hash or of this
class begins, in eighths, rounded; 255 is the most.
"""

import math
import os
import sys

GRAM_BITS, SLOT_BITS, CLASSES = 14, 13, 64
MOST_OF_FILE = 65_536
MOST_OF_PATH = 8_000_000
SUFFIXES = (".h", ".hpp", ".c", ".cc", ".rs", ".go", ".py", ".js", ".ts", ".tsx", ".java")


def main():
    out, *paths = sys.argv[1:]
    grams, slots, single = [0.0] * (1 << GRAM_BITS), [0.0] * (1 << SLOT_BITS), [0.0] * CLASSES
    for path in paths:
        files = sources(path)
        count(files, sum(map(len, files)), grams, slots, single)
    total = sum(grams)
    cost = lambda share: min(255, round(-8 * math.log2(share / total))) if share else 255
    with open(out, "wb") as file:
        file.write(bytes(map(cost, grams + slots + single)))


def sources(path):
    """The heads of files, evenly chosen, of `MOST_OF_PATH` bytes in sum."""
    names = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names if name.endswith(SUFFIXES)]
    names = sorted(name for name in names if os.path.isfile(name))
    size = sum(min(os.path.getsize(name), MOST_OF_FILE) for name in names)
    step = max(1, size // MOST_OF_PATH)
    heads = []
    for name in names[::step]:
        with open(name, "rb") as file:
            heads.append(file.read(MOST_OF_FILE))
    return heads


def count(files, size, grams, slots, single):
    share = 1 / max(size, 1)
    for text in files:
        folded = bytes(byte | 0x20 for byte in text)
        classes = bytes(byte & 0x1F | byte >> 1 & 0x20 for byte in text)
        for at in range(len(text) - 3):
            grams[hashed(int.from_bytes(folded[at : at + 4], "little"), GRAM_BITS)] += share
            slots[hashed(classes[at] | classes[at + 1] << 6 | classes[at + 2] << 12, SLOT_BITS)] += share
            single[classes[at]] += share


def hashed(key, bits):
    return (key * 0x9E3779B1 & 0xFFFFFFFF) >> (32 - bits)


main()
