#!/usr/bin/env python3
"""Prints what the tests of ScanCode expect of single manifests, lockfiles and records, as a table for score.py:

    scancode.py ROOT

ROOT is the folder of the sources of scancode-toolkit. What a test expects lies beside the file that it reads, under a name made from that
of the file, or alone with it in a folder. Left out are what holds no packages of a project or system (build scripts of Alpine, licence
texts, programs of Windows, its registry, cards of vendored folders), what scans of whole folders say, which repeat single files, and a
test whose file is not there.

An edge to a package without a version goes to the one of that name in the same file, where there is one alone. What is direct is told
of formats of which some test says that anything is not.
"""
import collections
import json
import os
import re
import sys

import purl

HOME = "tests/packagedcode/data"
# Kinds of files by their language, whose rules score.py has. Others are left out.
LANGUAGES = {
    "alpine_installed_db": "os", "debian_installed_status_db": "os", "build_gradle": "java", "maven_pom": "java", "cargo_lock": "rust",
    "cargo_toml": "rust", "cocoapods_podfile_lock": "swift", "cocoapods_podspec": "swift", "swift_package_resolved": "swift",
    "conan_conanfile_py": "c", "cran_description": "r", "gemfile_lock": "ruby", "gemspec": "ruby", "go_mod": "golang", "go_sum": "golang",
    "godeps": "golang", "npm_package_json": "javascript", "npm_package_lock_json": "javascript", "npm_shrinkwrap_json": "javascript",
    "pnpm_lock_yaml": "javascript", "yarn_lock_v1": "javascript", "yarn_lock_v2": "javascript", "bower_json": "javascript",
    "nuget_nupsec": "nuget", "nuget_packages_lock": "nuget", "opam_file": "ocaml", "php_composer_json": "composer",
    "php_composer_lock": "composer", "pip_requirements": "python", "pipfile_lock": "python", "pubspec_lock": "dart", "pubspec_yaml": "dart",
    "pypi_editable_egg_pkginfo": "python", "pypi_egg": "python", "pypi_inspect_deplock": "python", "pypi_poetry_lock": "python",
    "pypi_poetry_pyproject_toml": "python", "pypi_pyproject_toml": "python", "pypi_sdist_pkginfo": "python", "pypi_setup_cfg": "python",
    "pypi_setup_py": "python", "pypi_wheel": "python", "pypi_wheel_metadata": "python", "conda_meta_yaml": "python",
    "chef_cookbook_metadata_json": "chef", "chef_cookbook_metadata_rb": "chef", "haxelib_json": "haxe",
}
ANSWER = r"[-.](package\.json|(package-only\.|package\.)?json\.expected|expected\d?(-package)?(\.json)?|package-only\.expected(\.json)?)$"


def answers(root):
    """Each file with what is expected of it: the first answer counts where there are several."""
    for folder, _, names in sorted(os.walk(os.path.join(root, HOME))):
        seen = set()
        for name in sorted(names):
            records = records_of(os.path.join(folder, name)) if re.search("expected|package.json$", name) else []
            at = source(folder, name, names)
            if records and at and at not in seen:
                seen.add(at)
                yield at, records


def records_of(path):
    try:
        document = json.load(open(path, encoding="utf-8"))
    except (ValueError, UnicodeDecodeError):
        return []
    records = document if isinstance(document, list) else [document]
    return [one for one in records if isinstance(one, dict) and one.get("datasource_id") in LANGUAGES]


def of_file(records):
    """A lockfile's record is the file's; some have one more for each package, with what that asks for in ranges."""
    locks = [one for one in records if "lock" in one["datasource_id"]]
    return locks or records


def source(folder, name, names):
    base = re.sub(ANSWER, "", name)
    places = [(base,), ("manifest", base), base.split("-", 1), base.split(".", 1)]
    places = [os.path.join(folder, *place) for place in places]
    found = next((place for place in places if base != name and os.path.isfile(place)), None)
    others = [other for other in names if not re.search("expected|package.json$|README|ABOUT", other)]
    return found or (os.path.join(folder, others[0]) if len(others) == 1 else None)


def lines(record):
    """The packages and edges of one record, each with what else is said of it."""
    packages, edges = [], []
    if record.get("name"):
        packages.append((purl.name_of(record["type"], record.get("namespace"), record["name"]), record.get("version") or "", None))
    for need in record.get("dependencies", []):
        whole = need.get("resolved_package") or {}
        if not need.get("purl"):
            continue
        pair = purl.pair(need["purl"])
        if whole.get("name"):
            pair = purl.name_of(whole["type"], whole.get("namespace"), whole["name"]), whole.get("version") or ""
        is_dev = not need.get("is_runtime", True) and "dev" in (need.get("scope") or "").lower()
        is_managed = need.get("scope") == "dependencymanagement"
        packages.append((*pair, "managed" if is_managed else (need.get("is_direct", True), is_dev)))
        edges.extend((pair, purl.pair(inner["purl"])) for inner in whole.get("dependencies", []) if inner.get("purl"))
    versions = collections.defaultdict(set)
    for name, version, _ in packages:
        versions[name].add(version)
    for source_, (name, version) in edges:
        targets = {version} if version in versions[name] else versions[name]
        if len(targets) == 1:
            yield (*source_, name, *targets), None
    yield from ((package[:2], package[2]) for package in packages)


def role(said, is_telling):
    """A lockfile's own entry is no package that it asks for."""
    if said is None or said == "managed":
        return [said] if said else []
    return [("direct" if said[0] else "transitive") + (" dev" if said[1] else "")] if is_telling else []


def main():
    root = sys.argv[1]
    told = [(os.path.relpath(at, root), record) for at, records in answers(root) for record in of_file(records)]
    telling = {record["datasource_id"] for _, record in told for need in record.get("dependencies", []) if need.get("is_direct") is False}
    for at, record in told:
        kind = record["datasource_id"]
        form = f"scancode/{LANGUAGES[kind]}/{kind}"
        rows = set()
        for cells, said in lines(record):
            rows.add((at, form, *cells, *role(said, kind in telling)))
        for row in sorted(rows) or [(at, form, "", "")]:
            print(*row, sep="\t")


if __name__ == "__main__":
    main()
