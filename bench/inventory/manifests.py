#!/usr/bin/env python3
"""Prints what the tests of git-pkgs/manifests expect of its fixtures, as a table for score.py:

    manifests.py ROOT

ROOT is the folder of its sources. A test names one fixture, how many packages are in it, and a table of names with versions, maybe with
scopes. Where the table has fewer than there are, the format begins with `manifests-sample`, and nothing else is held against us. Tests of
several fixtures, and those without such a table, are left out; so are records of build tools' output.
"""
import glob
import os
import re
import sys

# The ecosystems that score.py has rules for, by the packages of the sources.
LANGUAGES = {"pypi": "python", "conda": "python"}
ENTRY = re.compile(r'^\t+"([^"\n]+)":\s*(?:"([^"\n]*)"|\{"([^"\n]*)"(?:, core\.(\w+)|, (?:true|false)|, "[^"\n]*")*\}),', re.M)


def main():
    root = sys.argv[1]
    for test in sorted(glob.glob(f"{root}/internal/*/*_test.go")):
        language = os.path.basename(os.path.dirname(test))
        for body in re.split(r"(?m)^func ", open(test, encoding="utf-8").read()):
            fixtures = set(re.findall(r'"(?:\.\./)+(testdata/[^"]+)"', body))
            counts = re.findall(r"len\(res\.Dependencies\) != (\d+)", body) or re.findall(r'testdata/[^"]+", "[^"]+", (\d+),', body)
            entries = ENTRY.findall(body)
            if len(fixtures) == 1 and entries and len(counts) == 1:
                tell(fixtures.pop(), LANGUAGES.get(language, language), int(counts[0]), entries)


def tell(fixture, language, count, entries):
    versions = {name: (version or other, scope) for name, version, other, scope in entries}
    kind = "manifests" if len(versions) == count else "manifests-sample"
    for name, (version, _) in sorted(versions.items()):
        print(fixture, f"{kind}/{language}/{os.path.basename(fixture)}", name, version, sep="\t")


if __name__ == "__main__":
    main()
