#!/usr/bin/env python3
"""Makes crates/engines/secrets/src/classify/lexicon.bin: what words look like.

Learns from the identifiers, comments and documentation of the Python standard library (PSF licence) that runs this script; nothing of
it is copied but counts of letters and the hashes of frequent words. Layout: 27 * 27 * 27 bytes of cost, in eighths of a bit, of a
letter after two others (0 is the edge of a word, 1 to 26 are letters), then 8192 bytes of a Bloom filter of words (3 hashes).
"""

import collections
import math
import pathlib
import re
import sys
import sysconfig

BITS = 8192 * 8
WORDS = 5000


def fnv(word: bytes, seed: int) -> int:
    value = 0xCBF29CE484222325 ^ seed
    for byte in word:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def places(word: bytes):
    value = fnv(word, 0)
    return [(value >> shift) % BITS for shift in (0, 20, 40)]


def main():
    root = pathlib.Path(sysconfig.get_paths()["stdlib"])
    words = collections.Counter()
    for path in sorted(root.rglob("*.py")):
        if {"site-packages", "test", "encodings", "tests", "idle_test"} & set(path.parts):
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        seen = collections.Counter()
        for run in re.findall(r"[A-Za-z]+", text):
            for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", run):
                if len(word) >= 3:
                    seen[word.lower()] += 1
        # No file counts for too much.
        for word, count in seen.items():
            words[word] += min(count, 10)
    grams = [1.0 / 27] * (27**3)
    for word, count in words.items():
        if count < 3:
            continue
        letters = [0, 0] + [ord(letter) - 96 for letter in word] + [0]
        for a, b, c in zip(letters, letters[1:], letters[2:]):
            grams[(a * 27 + b) * 27 + c] += math.sqrt(count)
    table = bytearray()
    for pair in range(27 * 27):
        row = grams[pair * 27 : pair * 27 + 27]
        total = sum(row)
        table += bytes(min(255, round(-math.log2(value / total) * 8)) for value in row)
    bloom = bytearray(BITS // 8)
    frequent = [word for word, count in words.most_common() if count >= 4 and 3 <= len(word) <= 14][:WORDS]
    for word in frequent:
        for place in places(word.encode()):
            bloom[place // 8] |= 1 << (place % 8)
    out = pathlib.Path(sys.argv[1])
    out.write_bytes(bytes(table) + bytes(bloom))
    print(len(words), "words,", len(frequent), "kept,", len(table) + len(bloom), "bytes; last:", frequent[-5:])


main()
