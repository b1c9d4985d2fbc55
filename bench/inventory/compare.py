#!/usr/bin/env python3
"""Holds our inventory of a folder to that of other scanners, file by file: packages and versions.

--dump is a program that prints the inventory of a folder as JSON: {"files": [InventoryFile, ...], "problems": [[path, line, detail], ...]}.
Peers are named with --peer: `syft=PROGRAM`, or `table=FILE` with lines `path<TAB>name<TAB>version`.
"""
import argparse
import collections
import json
import os
import re
import subprocess

CATALOGERS = ",".join([
    "javascript-lock-cataloger", "javascript-package-cataloger", "python-package-cataloger",
    "python-installed-package-cataloger", "rust-cargo-lock-cataloger", "cargo-auditable-binary-cataloger",
    "go-module-file-cataloger", "go-module-binary-cataloger",
])


def key(kind, name, version):
    """Names as their ecosystems compare them; the standard library of Go without `go` before its version."""
    if kind == "pypi":
        name = re.sub("[-_.]+", "-", name).lower()
    if name == "stdlib":
        version = version.removeprefix("go")
    return name, version


def ours(program, root):
    run = subprocess.run([program, root], capture_output=True, check=True)
    found = collections.defaultdict(set)
    document = json.loads(run.stdout)
    for file in document["files"]:
        for package in file["packages"]:
            # A range is no version, and what other scanners make of one is a guess.
            if package.get("version"):
                kind = package["purl"].split("/")[0].removeprefix("pkg:")
                found[file["path"]].add(key(kind, package["name"], package["version"]))
    return found, document.get("problems", [])


def syft(program, root):
    command = [program, "scan", "-q", "-o", "syft-json", f"dir:{root}", "--override-default-catalogers", CATALOGERS]
    environment = dict(os.environ, SYFT_CHECK_FOR_APP_UPDATE="false", SYFT_JAVASCRIPT_INCLUDE_DEV_DEPENDENCIES="true")
    run = subprocess.run(command, capture_output=True, check=True, env=environment)
    found = collections.defaultdict(set)
    for artifact in json.loads(run.stdout)["artifacts"]:
        kind = {"python": "pypi"}.get(artifact["type"], artifact["type"])
        for location in artifact["locations"]:
            if location.get("annotations", {}).get("evidence") == "primary":
                found[location["path"].lstrip("/")].add(key(kind, artifact["name"], artifact["version"]))
    return found


def table(path, _root):
    found = collections.defaultdict(set)
    for line in open(path, encoding="utf-8"):
        file, name, version = line.rstrip("\n").split("\t")
        found[file].add((name, version))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dump", required=True)
    parser.add_argument("--peer", action="append", required=True)
    parser.add_argument("--only", default="", help="regular expression of paths that are compared")
    parser.add_argument("root")
    options = parser.parse_args()
    own, problems = ours(options.dump, options.root)
    for peer in options.peer:
        name, _, program = peer.partition("=")
        other = {"syft": syft, "table": table}[name](program, options.root)
        same = more = less = 0
        # A file that the peer does not read at all says nothing.
        for path in sorted(path for path in other if re.search(options.only, path)):
            left, right = own.get(path, set()), other[path]
            same, more, less = same + len(left & right), more + len(left - right), less + len(right - left)
            if left != right:
                print(f"{path}: {len(left & right)} same\n  only ours {sorted(left - right)}\n  only {name} {sorted(right - left)}")
        print(f"{name}: {same} same, {more} only ours, {less} only theirs, F1 {2 * same / max(1, 2 * same + more + less):.4f}")
    print(f"{len(problems)} problems of ours")
    for problem in problems:
        print("  ", *problem)


if __name__ == "__main__":
    main()
