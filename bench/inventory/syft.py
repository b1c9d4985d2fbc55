#!/usr/bin/env python3
"""Prints what Syft finds in fixtures, each scanned by itself, as a table for score.py:

    syft.py --syft PROGRAM ROOT

ROOT is the folder of Syft's sources. Each file that one of the chosen catalogers is for is staged in a folder of its own, under the name
that its format is known by, with what lies beside it in the tests that read both.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

CATALOGERS = [
    "javascript-lock-cataloger", "javascript-package-cataloger", "python-package-cataloger", "python-installed-package-cataloger",
    "rust-cargo-lock-cataloger", "cargo-auditable-binary-cataloger", "go-module-file-cataloger", "go-module-binary-cataloger",
    "github-actions-usage-cataloger", "github-action-workflow-usage-cataloger", "terraform-lock-cataloger",
]
HOME = "syft/pkg/cataloger"
# A regular expression of paths, the format, and the name to be scanned as: `{base}` is the file's own.
RULES = [
    (r"glob-paths|/glob/|corrupt|-INVALID$|/LICENSE|\.go$", None, None),
    (r"^javascript/.*/node_modules/", None, None),
    (r"^javascript/.*/pkg-lock/[^/]*\.json$", "javascript/npm", "package-lock.json"),
    (r"^javascript/.*/pkg-json/[^/]*\.json$", "javascript/packagejson", "node_modules/x/package.json"),
    (r"^javascript/.*/pnpm-lock\.yaml$", "javascript/pnpm", "{base}"),
    (r"^javascript/.*/yarn\.lock$", "javascript/yarn", "{base}"),
    (r"^python/.*/(poetry|uv|pdm|Pipfile)\.lock$", "python/{stem}", "{base}"),
    (r"^python/.*/requirements\.txt$", "python/requirements", "{base}"),
    (r"^python/.*setup\.py$", "python/setup", "setup.py"),
    (r"^python/.*info/(METADATA|PKG-INFO)$", "python/installed", "lib/python3/site-packages/{folder}/{base}"),
    (r"^python/.*\.egg-info$", "python/installed", "lib/python3/site-packages/{base}"),
    (r"^rust/.*Cargo\.lock", "rust/cargo", "Cargo.lock"),
    (r"^golang/.*/go\.mod$", "golang/mod", "{base}"),
    (r"^githubactions/.*composite-action\.yaml$", "githubactions/action", ".github/actions/x/action.yml"),
    (r"^githubactions/.*\.yaml$", "githubactions/workflow", ".github/workflows/x.yml"),
    (r"^terraform/.*\.terraform\.lock\.hcl$", "terraform/lock", "{base}"),
]


def fixtures(root):
    home = os.path.join(root, HOME)
    for folder, _, files in sorted(os.walk(home)):
        for base in sorted(files):
            path = os.path.relpath(os.path.join(folder, base), home)
            if not re.search("/test-?(data|fixtures)/|/gotestdata/", path):
                continue
            rule = next((rule for rule in RULES if re.search(rule[0], path)), None)
            if rule and rule[1]:
                form = rule[1].format(stem=base.split(".")[0].lower())
                yield path, form, rule[2].format(base=base, folder=os.path.basename(folder))


def stage(root, into):
    staged = {}
    for number, (path, form, name) in enumerate(fixtures(root)):
        target = os.path.join(into, f"{number:05}", name)
        os.makedirs(os.path.dirname(target))
        shutil.copyfile(os.path.join(root, HOME, path), target)
        staged[f"{number:05}"] = (os.path.join(HOME, path), form, target)
    return staged


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--syft", required=True)
    parser.add_argument("--only", default="", help="regular expression of formats")
    parser.add_argument("root")
    options = parser.parse_args()
    environment = dict(os.environ, SYFT_CHECK_FOR_APP_UPDATE="false", SYFT_JAVASCRIPT_INCLUDE_DEV_DEPENDENCIES="true")
    with tempfile.TemporaryDirectory() as folder:
        for number, (fixture, form, _) in stage(options.root, folder).items():
            if not re.search(options.only, form):
                continue
            command = [options.syft, "scan", "-q", "-o", "syft-json", f"dir:{folder}/{number}", "--override-default-catalogers", ",".join(CATALOGERS)]
            run = subprocess.run(command, capture_output=True, env=environment)
            if run.returncode:
                print(fixture, run.stderr.decode()[-200:], file=sys.stderr)
                continue
            tell(fixture, form, json.loads(run.stdout))


def tell(fixture, form, document):
    pairs = {one["id"]: f"{one['name']}\t{one['version']}" for one in document["artifacts"]}
    for pair in sorted(set(pairs.values())) or ["\t"]:
        print(fixture, form, pair, sep="\t")
    for edge in document["artifactRelationships"]:
        # Syft writes it from what is needed to what needs it.
        if edge["type"] == "dependency-of" and edge["parent"] in pairs and edge["child"] in pairs:
            print(fixture, form, pairs[edge["child"]], pairs[edge["parent"]], sep="\t")


if __name__ == "__main__":
    main()
