#!/usr/bin/env python3
"""Prints what the tests of Snyk's parser of lockfiles of Node.js expect of their projects, as a table for score.py:

    snyk.py ROOT

ROOT is the folder of the sources of nodejs-lockfile-parser. A fixture is a folder with a lockfile and a graph that a test expects of it;
members of workspaces, of which the tests expect parts of a lockfile further up, are left out, and so is what no test names any more. Most
tests ask for no packages of developers, and those of pnpm for no optional ones.
"""
import json
import os
import re
import sys

HOME = "test/jest/dep-graph-builders/fixtures"
LOCKS = ("package-lock.json", "yarn.lock", "pnpm-lock.yaml")
ANSWERS = ("expected-dev-deps-included.json", "expected.json", "expected-cycles-pruned.json")


def named(root):
    """What the tests name, but for what is commented out."""
    home = os.path.join(root, os.path.dirname(HOME))
    texts = [open(os.path.join(home, name), encoding="utf-8").read() for name in os.listdir(home) if name.endswith(".ts")]
    words = {"pnpm": set(), "": set()}
    for text in texts:
        words["pnpm" if "parsePnpm" in text else ""].update(re.findall(r"'([\w./-]+)'", re.sub(r"(?m)^\s*//.*$", "", text)))
    return words


def main():
    root = sys.argv[1]
    tests = named(root)
    for folder, _, files in sorted(os.walk(os.path.join(root, HOME))):
        answer = next((name for name in ANSWERS if name in files), None)
        if not answer or not any(lock in files for lock in LOCKS):
            continue
        place = os.path.relpath(folder, root)
        if "/pnpm" in place and not any(os.path.basename(folder) in word.split("/") for word in tests["pnpm"]):
            continue
        tell(place, "snyk/" + os.path.relpath(place, HOME).split("/")[0], json.load(open(os.path.join(folder, answer), encoding="utf-8")))


def tell(place, form, document):
    names = {one["id"]: (one["info"]["name"], re.sub("^undefined$", "", one["info"].get("version") or "")) for one in document["pkgs"]}
    nodes = {node["nodeId"]: node for node in document["graph"]["nodes"]}
    top = nodes[document["graph"]["rootNodeId"]]
    direct = {nodes[need["nodeId"]]["pkgId"] for need in top["deps"]}
    told = sorted((names[identity], identity) for identity in names if identity != top["pkgId"])
    for pair, identity in told or [(("", ""), None)]:
        print(place, form, *pair, *(["direct" if identity in direct else "transitive"] if identity else []), sep="\t")
    edges = {(node["pkgId"], nodes[need["nodeId"]]["pkgId"]) for node in nodes.values() for need in node["deps"]}
    for source, target in sorted(edges):
        if top["pkgId"] not in (source, target):
            print(place, form, *names[source], *names[target], sep="\t")


if __name__ == "__main__":
    main()
