#!/usr/bin/env python3
"""Prints what the tests of the OSS Review Toolkit (ORT) expect of their projects, as a table for score.py:

    ort.py ROOT

ROOT is the folder of its sources. ORT asks package managers and registries, so only those projects count that have a lockfile, which says
the same, and none that has others in it without one. A fixture is the folder of the file that a test names. What is reached from scopes of production is `prod`, else `dev`.
"""
import os
import re
import sys
import urllib.parse

import yaml

HOME = "plugins/package-managers"
# Files that lock a project, by the manager of ORT.
LOCKS = {
    "NPM": ("package-lock.json", "npm-shrinkwrap.json"), "PNPM": ("pnpm-lock.yaml",), "Yarn": ("yarn.lock",), "Yarn2": ("yarn.lock",),
    "Bun": ("bun.lock",), "Cargo": ("Cargo.lock",), "Bundler": ("Gemfile.lock",), "Composer": ("composer.lock",), "Pub": ("pubspec.lock",),
    "Poetry": ("poetry.lock",), "Gleam": ("manifest.toml",), "Mix": ("mix.lock",), "Rebar3": ("rebar.lock",), "GoMod": ("go.sum",),
    "CocoaPods": ("Podfile.lock",), "Carthage": ("Cartfile.resolved",), "SwiftPM": ("Package.resolved",), "Conan": ("conan.lock",),
    "Stack": ("stack.yaml.lock",), "NuGet": ("packages.lock.json",), "Bazel": ("MODULE.bazel.lock",), "Gradle": ("gradle.lockfile",),
}
# What ORT calls the manager is not always what it calls the packages of a project.
LANGUAGES = {"GoMod": "golang", "Poetry": "python", "Composer": "php", "SwiftPM": "swift", "NuGet": "nuget"}
# Scopes that are not for production.
SIDE = re.compile("dev|test|build-dep|kapt|^x$", re.I)


def tests(root):
    """Each file that a test names, and the answer that it expects."""
    for folder, _, files in sorted(os.walk(os.path.join(root, HOME))):
        for base in sorted(files):
            if not base.endswith("FunTest.kt"):
                continue
            text = open(os.path.join(folder, base), encoding="utf-8").read()
            assets = os.path.join(folder.split("/src/funTest/")[0], "src/funTest/assets")
            asked = None
            for name in re.findall(r'getAssetFile\(\s*"([^"]+)"', text):
                if "expected-output" not in name:
                    asked = name
                elif asked and not re.search("skip-excluded|scope-?s?-excludes|excluded-scopes", name):
                    yield os.path.join(assets, asked), os.path.join(assets, name)


def pair(identity):
    _, namespace, name, version = (urllib.parse.unquote(part) for part in identity.split(":", 3))
    kind = identity.split(":")[0]
    if kind == "Pod":
        return name, version
    separator = ":" if kind == "Maven" else "/"
    return (f"{namespace}{separator}{name}" if namespace else name), version


def rows(answer, places):
    """Packages with what they are for, and edges, of the projects at these places; all where the answer leaves their place open."""
    document = yaml.safe_load(open(answer, encoding="utf-8"))
    projects = [document["project"]] if "project" in document else document.get("projects", document.get("analyzer", {}).get("result", {}).get("projects", []))
    own = {project["id"] for project in projects}
    found, edges = {}, set()

    def walk(node, direct, side):
        identity = node["id"]
        if identity not in own:
            was = found.get(identity, (False, True))
            found[identity] = (was[0] or direct, was[1] and side)
        for child in node.get("dependencies", []):
            if identity not in own and child["id"] not in own:
                edges.add((identity, child["id"]))
            walk(child, identity in own, side)

    for project in projects:
        place = project["definition_file_path"]
        if place.startswith("<") or any(place.startswith(one) for one in places):
            for scope in project.get("scopes", []):
                for node in scope.get("dependencies", []):
                    walk(node, True, bool(SIDE.search(scope["name"])))
    kinds = {identity.split(":")[0] for identity in own}
    return kinds.pop() if len(kinds) == 1 else "", found, edges


def main():
    root = sys.argv[1]
    done = set()
    for asked, answer in tests(root):
        folder = os.path.relpath(os.path.dirname(asked), root)
        if not os.path.isfile(answer) or folder in done:
            continue
        kind, found, edges = rows(answer, [folder + "/"])
        if not any(os.path.isfile(os.path.join(root, folder, lock)) for lock in LOCKS.get(kind, ())):
            continue
        done.add(folder)
        form = "ort/" + LANGUAGES.get(kind, kind.lower())
        if not found:
            print(folder, form, "", "", sep="\t")
        for identity, (direct, side) in sorted(found.items()):
            print(folder, form, *pair(identity), f"{'direct' if direct else 'transitive'} {'dev' if side else 'prod'}", sep="\t")
        for source, target in sorted(edges):
            print(folder, form, *pair(source), *pair(target), sep="\t")


if __name__ == "__main__":
    main()
