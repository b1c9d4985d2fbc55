#!/usr/bin/env python3
"""Prints what the tests and demonstrations of the generators of CycloneDX expect of projects, as a table for score.py:

    cyclonedx.py ROOT

ROOT is a folder with the sources of cyclonedx-python, cyclonedx-php-composer, cyclonedx-ruby-gem and cyclonedx-node-yarn, under these names. Of several bills
for one project the one with the most components counts, which is that with all groups and extras. Environments, which
no file describes, are left out.
"""
import glob
import json
import os
import re
import sys

import purl

PYTHON = "cyclonedx-python/tests/_data"
PHP = "cyclonedx-php-composer/demo"
RUBY = "cyclonedx-ruby-gem/features/fixtures"
YARN = "cyclonedx-node-yarn/tests/_data"


def projects(root):
    """Each project with its kind and the bills that are expected of it."""
    for lock in sorted(glob.glob(f"{root}/{PYTHON}/infiles/poetry/*/*/poetry.lock")):
        folder = os.path.dirname(lock)
        name, form = folder.split("/")[-2:]
        yield folder, "python/poetry.lock", glob.glob(f"{root}/{PYTHON}/snapshots/poetry/*_{name}_{form}_1.6.json.bin")
    for lock in sorted(glob.glob(f"{root}/{PYTHON}/infiles/pipenv/*/Pipfile.lock")):
        folder = os.path.dirname(lock)
        yield folder, "python/Pipfile.lock", glob.glob(f"{root}/{PYTHON}/snapshots/pipenv/*_{os.path.basename(folder)}_1.6.json.bin")
    for file in sorted(glob.glob(f"{root}/{PYTHON}/infiles/requirements/*.txt*")):
        name = os.path.basename(file).removesuffix(".txt").removesuffix(".bin")
        yield file, "python/requirements", glob.glob(f"{root}/{PYTHON}/snapshots/requirements/file_{name}_1.6.json.bin")
    for lock in sorted(glob.glob(f"{root}/{PHP}/*/project/composer.lock")):
        folder = os.path.dirname(lock)
        yield folder, "composer/composer.lock", glob.glob(f"{os.path.dirname(folder)}/results/bom.1.6.json")
    for lock in sorted(glob.glob(f"{root}/{RUBY}/*/Gemfile.lock")):
        yield os.path.dirname(lock), "ruby/Gemfile.lock", glob.glob(f"{os.path.dirname(lock)}/bom.json.expected")
    for lock in sorted(glob.glob(f"{root}/{YARN}/testbeds/*/yarn.lock")):
        folder = os.path.dirname(lock)
        bills = [f"{root}/{YARN}/snapshots/{way}_{os.path.basename(folder)}.json.bin" for way in ("plain", "lockfile-only-dev")]
        yield folder, "javascript/yarn.lock", [bill for bill in bills if os.path.exists(bill)]


def tell(place, form, bill):
    top = bill.get("metadata", {}).get("component", {}).get("bom-ref", "root-component")
    parts = bill.get("components", [])
    pairs = {one.get("bom-ref", one.get("purl")): purl.pair(one["purl"]) if "purl" in one else (one["name"], one.get("version", "")) for one in parts}
    needs = {one["ref"]: one.get("dependsOn", []) for one in bill.get("dependencies", [])}
    # Without a project nothing is direct.
    for reference, pair in sorted(pairs.items()) or [("", ("", ""))]:
        role = [] if top not in needs else ["direct" if reference in needs[top] else "transitive"]
        print(place, form, *pair, *role, sep="\t")
    for source, targets in sorted(needs.items()):
        for target in targets if source in pairs else []:
            if target in pairs:
                print(place, form, *pairs[source], *pairs[target], sep="\t")


def main():
    root = sys.argv[1]
    for at, form, bills in projects(root):
        read = [json.load(open(bill, encoding="utf-8")) for bill in sorted(bills)]
        if read:
            tell(os.path.relpath(at, root), f"cyclonedx/{form}", max(read, key=lambda bill: len(bill.get("components", []))))


if __name__ == "__main__":
    main()
