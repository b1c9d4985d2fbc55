#!/usr/bin/env python3
"""Prints what the tests of Snyk's parsers for Composer, CocoaPods and .NET expect of their projects, as a table for score.py:

    snyk_trees.py ROOT

ROOT is a folder with the sources of composer-lockfile-parser, cocoapods-lockfile-parser and dotnet-deps-parser, under these names. Left out
are PHP itself and its extensions, and what Composer's lockfile says in ranges alone: what packages would ask for if one developed them.
"""
import glob
import json
import os
import re
import sys

import snyk

COMPOSER = "composer-lockfile-parser/test/fixtures"
COCOAPODS = "cocoapods-lockfile-parser/test/lib/fixtures"
DOTNET = "dotnet-deps-parser/test/fixtures"
MANIFESTS = ("packages.config", "project.assets.json", "project.json", "*.csproj", "*.vbproj", "*.fsproj")


def projects(root):
    for lock in sorted(glob.glob(f"{root}/{COMPOSER}/*/composer.lock")):
        folder = os.path.dirname(lock)
        answers = sorted(glob.glob(f"{folder}/composer_deps*.json"), key=lambda name: (not name.endswith("with_dev.json"), name))
        yield folder, "composer/" + ("all" if any(name.endswith("with_dev.json") for name in answers) else "production"), answers
    for folder in sorted(glob.glob(f"{root}/{DOTNET}/*")):
        found = [file for name in MANIFESTS for file in sorted(glob.glob(f"{folder}/{name}"))]
        answers = [f"{folder}/expected-tree.json"]
        if found and os.path.isfile(answers[0]):
            yield found[0], "dotnet/" + (os.path.basename(found[0]) if found[0].endswith((".json", ".config")) else "project"), answers


def walk(tree, above=None):
    for need in (tree.get("dependencies") or {}).values():
        pair = need["name"], need.get("version") or ""
        if pair[1] == "unknown":
            pair = pair[0], ""
        yield above, pair, need.get("depType") or need.get("labels", {}).get("scope")
        yield from walk(need, pair)


def is_package(form, pair):
    if not form.startswith("composer"):
        return True
    return "/" in pair[0] and not re.search(r"[\^~*|<> ]|^\d+\.x", pair[1])


def main():
    root = sys.argv[1]
    for at, form, answers in projects(root):
        if not answers:
            continue
        steps = [one for one in walk(json.load(open(answers[0], encoding="utf-8-sig"))) if is_package(form, one[1])]
        direct = {pair for above, pair, _ in steps if above is None}
        rows = {(*pair, "direct" if pair in direct else "transitive") for _, pair, _ in steps}
        rows |= {(*above, *pair) for above, pair, _ in steps if above and is_package(form, above)}
        for row in sorted(rows) or [("", "")]:
            print(os.path.relpath(at, root), f"snyk-trees/{form}", *row, sep="\t")
    for answer in sorted(glob.glob(f"{root}/{COCOAPODS}/*/dep-graph.json")):
        snyk.tell(os.path.relpath(os.path.dirname(answer) + "/Podfile.lock", root), "snyk-trees/swift/Podfile.lock", json.load(open(answer, encoding="utf-8")))


if __name__ == "__main__":
    main()
