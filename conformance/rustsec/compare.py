#!/usr/bin/env python3
"""Holds our matching of crates to the `rustsec` crate: on lockfiles, and on made-up versions of every crate with advisories.

    cargo build -p palisade-advisory --example database
    (cd conformance && cargo build)
    conformance/rustsec/compare.py OURS ORACLE ADVISORY_DB [LOCKFILE...]

OURS and ORACLE are the built programs, ADVISORY_DB is a copy of github.com/rustsec/advisory-db. For each version that a record names,
its neighbours are asked too: releases before and after, prereleases of several forms, build metadata. Fails on any difference.
"""
import pathlib
import random
import re
import subprocess
import sys
import tempfile

SUFFIXES = ["", "-0", "-alpha", "-alpha.1", "-beta.2", "-pre.0", "-rc.1", "-rc.1.0", "-rc.10", "-rc.2", "-zzz", "-1", "-dev+build", "+build.5"]


def run(arguments, text=None):
    return subprocess.run(arguments, input=text, capture_output=True, text=True, check=True).stdout.splitlines()


def neighbours(version, rng):
    match = re.fullmatch(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z.-]+)?(?:\+.*)?", version)
    if not match:
        return
    major, minor, patch = (int(part or 0) for part in match.groups()[:3])
    cores = {(major, minor, patch), (major, minor, patch + 1), (major, minor + 1, 0), (major + 1, 0, 0), (0, 0, 0), (0, 0, 1)}
    cores |= {(major, minor, max(patch - 1, 0)), (major, max(minor - 1, 0), rng.randrange(20)), (max(major - 1, 0), rng.randrange(20), 0)}
    for core in cores:
        for suffix in SUFFIXES:
            yield ".".join(map(str, core)) + suffix
    if match[4]:
        for suffix in ["", ".0", ".1", "0", "a"]:
            yield f"{major}.{minor}.{patch}{match[4]}{suffix}"


def made_up(folder, rng):
    for path in sorted(pathlib.Path(folder, "crates").glob("*/RUSTSEC-*.md")):
        front = path.read_text().split("\n```")[0]
        package = re.search(r'^package\s*=\s*"([^"]+)"', front, re.M)[1]
        versions = set(re.findall(r"\d+(?:\.\d+)*(?:-[0-9A-Za-z.-]+)?", front.partition("[versions]")[2])) | {"1.0.0"}
        for version in sorted(versions):
            for near in sorted(neighbours(version, rng)):
                yield f"crates.io\t{package}\t{near}"


def compare(what, lines, ours, oracle, folder):
    lines = sorted(set(lines))
    text = "".join(line + "\n" for line in lines)
    mine, theirs = run(ours, text), run([oracle, "match", folder], text)
    assert len(mine) == len(theirs) == len(lines)
    none = theirs.count("!")
    different = [case for case in zip(lines, mine, theirs) if case[2] not in ("!", case[1])]
    hits = sum(len(line.split()) for line in theirs if line != "!")
    print(f"{what}: {len(lines)} packages, {hits} records by rustsec, {none} no version to it, {len(different)} different")
    for case in different[:20]:
        print("  ours {1!r}, rustsec {2!r}: {0!r}".format(*case))
    return len(different)


def main():
    ours, oracle, folder, *lockfiles = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        database = f"{scratch}/advisories.db"
        subprocess.run([ours, "build", database, f"rustsec:crates.io={folder}"], check=True)
        answer = [ours, "match", database]
        different = compare("made-up versions", made_up(folder, random.Random(1)), answer, oracle, folder)
        if lockfiles:
            packages = run([oracle, "packages", *lockfiles])
            print(f"{len(lockfiles)} lockfiles, {len(packages)} packages")
            different += compare("lockfiles", packages, answer, oracle, folder)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
