#!/usr/bin/env python3
"""Prints what Syft finds in the fixtures of its catalogers, each scanned by itself, as a table for score.py:

    syft.py --syft PROGRAM [--only REGEX] ROOT

ROOT is the folder of Syft's sources. A fixture is a file that one of the chosen catalogers is for, read under the name that its format is
known by, or for the other ecosystems whatever lies in their folder of test data; recipes of images and lists of paths are none.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

import staging

CATALOGERS = [
    "javascript-lock-cataloger", "javascript-package-cataloger", "python-package-cataloger", "python-installed-package-cataloger",
    "rust-cargo-lock-cataloger", "cargo-auditable-binary-cataloger", "go-module-file-cataloger", "go-module-binary-cataloger",
    "github-actions-usage-cataloger", "github-action-workflow-usage-cataloger", "terraform-lock-cataloger",
]
HOME = "syft/pkg/cataloger"
# A regular expression of paths, and the format.
RULES = [
    (r"glob-paths|/glob/|corrupt|-INVALID$|/LICENSE|\.go$", None),
    (r"^javascript/.*/node_modules/", None),
    (r"^javascript/.*/pkg-lock/[^/]*\.json$", "javascript/npm"),
    (r"^javascript/.*/pkg-json/[^/]*\.json$", "javascript/packagejson"),
    (r"^javascript/.*/pnpm-lock\.yaml$", "javascript/pnpm"),
    (r"^javascript/.*/yarn\.lock$", "javascript/yarn"),
    (r"^python/.*/(poetry|uv|pdm|Pipfile)\.lock$", "python/{stem}"),
    (r"^python/.*/requirements\.txt$", "python/requirements"),
    (r"^python/.*setup\.py$", "python/setup"),
    (r"^python/.*info/(METADATA|PKG-INFO)$", "python/installed"),
    (r"^python/.*\.egg-info$", "python/installed"),
    (r"^rust/.*Cargo\.lock", "rust/cargo"),
    (r"^golang/.*/go\.mod$", "golang/mod"),
    (r"^githubactions/.*composite-action\.yaml$", "githubactions/action"),
    (r"^githubactions/.*\.yaml$", "githubactions/workflow"),
    (r"^terraform/.*\.terraform\.lock\.hcl$", "terraform/lock"),
]
# Catalogers of which every entry in the folder of test data is a fixture.
WHOLE = """alpine arch bitnami cpp dart debian dotnet elixir erlang gentoo haskell homebrew java lua nix ocaml php r redhat ruby snap swift swipl
    wordpress""".split()


def fixtures(root):
    """Each fixture with its format, and the catalogers that are asked."""
    home = os.path.join(root, HOME)
    for folder, _, files in sorted(os.walk(home)):
        for base in sorted(files):
            path = os.path.relpath(os.path.join(folder, base), home)
            rule = next((rule for rule in RULES if re.search(rule[0], path)), None)
            if rule and rule[1] and re.search("/test-?(data|fixtures)/|/gotestdata/", path):
                yield os.path.join(HOME, path), rule[1].format(stem=base.split(".")[0].lower()), ",".join(CATALOGERS)
    for cataloger in WHOLE:
        data = os.path.join(home, cataloger, "testdata")
        for child in sorted(os.listdir(data)):
            if not child.startswith("image-") and child not in ("glob-paths", "Makefile", "corrupt", "README.md"):
                yield os.path.join(HOME, cataloger, "testdata", child), cataloger, "all"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--syft", required=True)
    parser.add_argument("--only", default="", help="regular expression of formats")
    parser.add_argument("root")
    options = parser.parse_args()
    environment = dict(os.environ, SYFT_CHECK_FOR_APP_UPDATE="false", SYFT_JAVASCRIPT_INCLUDE_DEV_DEPENDENCIES="true")
    for fixture, form, catalogers in fixtures(options.root):
        if not re.search(options.only, form):
            continue
        with tempfile.TemporaryDirectory() as folder:
            staging.copy(staging.staged(options.root, fixture, form)[0], folder)
            command = [options.syft, "scan", "-q", "-o", "syft-json", f"dir:{folder}", "--override-default-catalogers", catalogers]
            run = subprocess.run(command, capture_output=True, env=environment)
        if run.returncode:
            print(fixture, run.stderr.decode()[-200:], file=sys.stderr)
            continue
        tell(fixture, form, json.loads(run.stdout))


def tell(fixture, form, document):
    pairs = {one["id"]: f"{one['name']}\t{one['version']}" for one in document["artifacts"] if one["type"] != "file"}
    for pair in sorted(set(pairs.values())) or ["\t"]:
        print(fixture, form, pair, sep="\t")
    for edge in document["artifactRelationships"]:
        # Syft writes it from what is needed to what needs it.
        if edge["type"] == "dependency-of" and edge["parent"] in pairs and edge["child"] in pairs:
            print(fixture, form, pairs[edge["child"]], pairs[edge["parent"]], sep="\t")


if __name__ == "__main__":
    main()
