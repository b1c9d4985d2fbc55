#!/usr/bin/env python3
"""Prints what the batteries of Black Duck Detect expect of projects that it reads from files alone, as a table for score.py:

    detect.py ROOT

ROOT is the folder of its sources. A battery has a folder with the files of a project and a bill of materials, in the vendor's BDIO, of what
must be found. Batteries that answer for programs, have workspaces or leave out a part are left out.
"""
import json
import re
import sys
import zipfile
from pathlib import Path

VOCABULARY = "https://blackducksoftware.github.io/bdio#"
RESOURCES = "src/test/resources/battery"
# The ecosystems that score.py has rules for.
FORMS = {"npmjs": "npm", "packagist": "composer", "golang": "golang", "github": "golang"}
# What makes the answer another one than that of the files.
NARROWED = re.compile(r"test\.executable|workspaces\"|types\.excluded|test\.sourceFolder")


def main():
    root = Path(sys.argv[1])
    told = set()
    for test in sorted(root.glob("src/test/java/**/battery/detector/*.java")):
        for body in re.split(r"@Test", test.read_text(encoding="utf-8"))[1:]:
            names = re.search(r'new DetectorBatteryTestRunner\("([^"]+)"(?:, "([^"]+)")?', body)
            folder = names and (names[2] or names[1])
            if not folder or folder in told or re.search(r"\.executable|xout", body) or NARROWED.search(body):
                continue
            bill = root / RESOURCES / folder / "bdio/battery.bdio"
            if bill.is_file() and not has_workspaces(root / RESOURCES / folder / "package.json"):
                told.add(folder)
                tell(f"{RESOURCES}/{folder}", nodes(bill))


def has_workspaces(manifest):
    """Of these only what the project at the top asks for is told."""
    return manifest.is_file() and "workspaces" in json.loads(manifest.read_text(encoding="utf-8"))


def nodes(bill):
    with zipfile.ZipFile(bill) as archive:
        entries = [name for name in archive.namelist() if "entry" in name]
        return {node["@id"]: node for name in entries for node in json.loads(archive.read(name))["@graph"]}


def field(node, key):
    return node.get(VOCABULARY + key, "")


def needs(node):
    found = field(node, "hasDependency") or []
    targets = [need.get(VOCABULARY + "dependsOn") for need in (found if isinstance(found, list) else [found])]
    return [target["@id"] for target in targets if target]


def tell(folder, graph):
    components = {at: node for at, node in graph.items() if node.get("@type") == VOCABULARY + "Component"}
    direct = {at for node in graph.values() if node["@id"] not in components for at in needs(node)}
    kinds = {field(node, "hasNamespace") for node in components.values()}
    form = "detect/" + next((FORMS.get(kind, kind) for kind in sorted(kinds) if kind), "none")
    pair = {at: (field(node, "hasName"), field(node, "hasVersion")) for at, node in components.items()}
    for at, node in components.items():
        print(folder, form, *pair[at], "direct" if at in direct else "transitive", sep="\t")
        for target in needs(node):
            if target in pair:
                print(folder, form, *pair[at], *pair[target], sep="\t")


if __name__ == "__main__":
    main()
