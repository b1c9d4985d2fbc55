#!/usr/bin/env python3
"""Scans folders with `palisade scan` and with other scanners for secrets, in turn, and compares CPU time and memory.

Usage: compare.py [--repetitions N] [--palisade PROGRAM] [--kingfisher PROGRAM] [--ripsecrets PROGRAM] [--gitleaks PROGRAM]
                  [--cold] [--once NAME]... PATH...

`--cold` adds the scan of one file of 30 KB; `--once ripsecrets` measures that peer once per path, because it takes minutes. Peers that are
not installed are named and left out; with none at all the comparison fails. See README.md in the folder above.
"""

import argparse
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

import measure  # noqa: E402
import scanners  # noqa: E402

# Ours is the first.
NAMES = ["palisade", "kingfisher", "ripsecrets", "gitleaks"]


def command(name, program, path, folder):
    """The tree only, no history. Archives are left closed by all."""
    return {
        "palisade": [program, "scan", "--archive-depth", "0", "--format", "json", path],
        "kingfisher": [program, *scanners.KINGFISHER.split(), "--git-history", "none", "--no-extract-archives", path],
        "ripsecrets": [program, path],
        "gitleaks": [program, *scanners.GITLEAKS.split(), scanners.gitleaks_report(folder), path],
    }[name]


def main():
    options = arguments()
    programs = scanners.installed(options, NAMES)
    print(measure.machine())
    with tempfile.TemporaryDirectory() as folder:
        print(f"peak memory below {measure.peak_floor(folder):.0f} MiB cannot be told apart")
        programs = scanners.keep_ours(programs, folder)
        env = scanners.environment(folder)
        for path in options.corpora:
            one(f"{path}: {size(path)}", programs, path, options.repetitions, options.once, folder, env)
        if options.cold:
            small = os.path.join(folder, "small")
            os.mkdir(small)
            scanners.write_small(os.path.join(small, "small.rs"))
            one("one file of 30 KB (start-up)", programs, small, 4 * options.repetitions, [], folder, env)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("corpora", nargs="*", metavar="PATH")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--cold", action="store_true", help="also one small file")
    parser.add_argument("--once", action="append", default=[], metavar="NAME")
    scanners.add_programs(parser, NAMES)
    options = parser.parse_args()
    if not options.corpora and not options.cold:
        parser.error("nothing to scan")
    return options


def one(title, programs, path, repetitions, once, folder, env):
    contenders = []
    for name, program in programs.items():
        argv = command(name, program, path, folder)
        contenders.append(measure.Contender(name, argv, env, scanners.ACCEPTS[name], name in once))
    measure.compare(contenders, repetitions, folder)
    measure.report(f"{title}, median of {repetitions}", contenders)
    counts = [f"{name} {scanners.count(name, measure.output(folder, contender), folder)}" for name, contender in zip(programs, contenders)]
    print(f"\nFindings reported: {', '.join(counts)}.")


def size(path):
    files = total = 0
    for parent, folders, names in os.walk(path):
        folders[:] = [name for name in folders if name != ".git"]
        for name in names:
            full = os.path.join(parent, name)
            if not os.path.islink(full):
                files += 1
                total += os.path.getsize(full)
    return f"{files} files, {total / 1e6:.0f} MB"


if __name__ == "__main__":
    try:
        main()
    except measure.Failed as error:
        sys.exit(str(error))
