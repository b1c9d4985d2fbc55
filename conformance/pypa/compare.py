#!/usr/bin/env python3
"""Holds our matching of Python packages to PyPA's records, evaluated here with the `packaging` library by the rules of OSV.

    pip install packaging pyyaml
    cargo build -p palisade-advisory --example database
    conformance/pypa/compare.py OURS FOLDER

OURS is the built program, FOLDER a copy of github.com/pypa/advisory-database. Each package is asked about the versions that any of its
records names, with prereleases and post-releases of them. Versions older than PEP 440 have a place in our order and none in that of
`packaging`, which answers `?` for them.
"""
import collections
import functools
import pathlib
import subprocess
import sys
import tempfile

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

# Of the versions of one package that records name.
MOST = 10


@functools.cache
def parsed(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None


def in_range(version, events):
    """None when an event is no version."""
    keyed = []
    for event in events:
        for what, text in event.items():
            key = None if text == "0" else parsed(text)
            if key is None and text != "0":
                return None
            keyed.append((key is not None, key, what != "fixed", what))
    keyed.sort(key=lambda event: (event[0], event[1] or Version("0"), event[2]))
    affected = False
    for given, key, _, what in keyed:
        if what == "introduced" and (not given or version >= key):
            affected = True
        elif what == "fixed" and version >= key:
            affected = False
        elif what == "last_affected" and version > key:
            affected = False
    return affected


def expected(version, packages):
    found = set()
    for record, package in packages:
        listed = {parsed(text) for text in package.get("versions", [])} - {None}
        answers = [version in listed]
        for one in package.get("ranges", []):
            if one["type"] == "ECOSYSTEM":
                answers.append(in_range(version, one["events"]))
        if True in answers:
            found.add(record)
        elif None in answers or (len(answers) == 1 and not listed):
            found.add("?" + record)
    # What one part of a record leaves open another may settle.
    return {one for one in found if one.lstrip("?") == one or one[1:] not in found}


def main():
    ours, folder = sys.argv[1:]
    packages = collections.defaultdict(list)
    for path in sorted(pathlib.Path(folder).glob("**/PYSEC-*.yaml")):
        record = yaml.load(path.read_text(), yaml.CBaseLoader)
        if "withdrawn" not in record:
            for package in record["affected"]:
                packages[canonicalize_name(package["package"]["name"])].append((record["id"], package))
    cases = []
    for name, of_name in sorted(packages.items()):
        named = {text for _, package in of_name for text in package.get("versions", [])}
        named |= {text for _, package in of_name for one in package.get("ranges", []) if one["type"] == "ECOSYSTEM" for event in one["events"] for text in event.values()}
        asked = {text + suffix for text in sorted(named)[:MOST] for suffix in ("", "rc1", ".dev1", ".post1", ".1")}
        cases += [(name, text) for text in sorted(asked) if parsed(text)]
    with tempfile.TemporaryDirectory() as scratch:
        database = f"{scratch}/advisories.db"
        subprocess.run([ours, "build", database, f"pypa:PyPI={folder}"], check=True)
        given = "".join(f"PyPI\t{name}\t{text}\n" for name, text in cases)
        answers = subprocess.run([ours, "match", database], input=given, capture_output=True, text=True, check=True).stdout.splitlines()
    different = hits = 0
    for (name, text), answer in zip(cases, answers, strict=True):
        theirs = expected(Version(text), packages[name])
        hits += len(theirs)
        undecided = {one for found in theirs if found.startswith("?") for one in (found, found[1:])}
        if set(answer.split()) - undecided != theirs - undecided:
            different += 1
            if different <= 10:
                print(f"{name} {text}: ours {sorted(set(answer.split()) - theirs)}, theirs {sorted(theirs - set(answer.split()))}")
    print(f"{len(cases)} packages, {hits} records by the oracle, {different} different")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
