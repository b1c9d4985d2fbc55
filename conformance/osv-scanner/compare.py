#!/usr/bin/env python3
"""Holds our findings in lockfiles to those of osv-scanner, both with the same records and without a network.

    go install github.com/google/osv-scanner/v2/cmd/osv-scanner@v2.2.2
    compare.py PALISADE OSV_SCANNER RECORDS PROJECTS

RECORDS is what osv-scanner calls a local database: `osv-scanner/ECOSYSTEM/all.zip` in it, as OSV exports them. PROJECTS holds
folders with lockfiles. One finding of ours has all names of a flaw: of each one name has to be told by osv-scanner, and each name that it
tells has to be in one. Fails on any difference but what is left out because osv-scanner 2.2.2

- guesses the patch level of Go's standard library, and asks about what an old go.sum still has of versions that go.mod does not choose;
- asks about the packages of the project itself in Cargo.lock;
- looks at no range behind one of git's (`rangeAffectsVersion`), ends one where another one of the same record begins
  (`rangeContainsVersion`), and compares names of Python's packages letter by letter.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib
import urllib.parse
import zipfile


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode not in (0, 1, 3):
        sys.exit(done.stderr)
    return done.stdout


def normalised(folder, name, version):
    return str(folder), re.sub(r"[-_.]+", "-", name).lower(), version.removeprefix("v")


def theirs(program, records, projects):
    options = ["--offline", "--offline-vulnerabilities", "--local-db-path", records, "--all-vulns", "--no-ignore", "--format", "json"]
    for result in json.loads(run(program, "scan", "source", "-r", *options, projects))["results"]:
        path = pathlib.Path(result["source"]["path"])
        own, text = set(), path.read_text()
        if path.name == "Cargo.lock":
            listed = tomllib.loads(text)["package"]
            own = {(entry["name"], entry["version"]) for entry in listed if "source" not in entry}
        for package in result["packages"]:
            name, version = package["package"]["name"], package["package"]["version"]
            chosen = path.with_name("go.mod").read_text() if path.with_name("go.mod").exists() else ""
            is_left = f"{name} v" in chosen and f"{name} v{version}" not in chosen
            if name != "stdlib" and (name, version) not in own and not is_left:
                for flaw in package.get("vulnerabilities", []):
                    yield normalised(path.parent, name, version), flaw["id"]


def ours(program, records, projects, folder):
    environment = dict(os.environ, XDG_DATA_HOME=folder)
    feeds = [f"{feed}={feed.parent.name}" for feed in pathlib.Path(records).glob("osv-scanner/*/all.zip")]
    run(program, "db", "build", *feeds, "--taken", run("date", "-u", "+%Y-%m-%dT%H:%M:%SZ").strip(), env=environment)
    report = json.loads(run(program, "scan", "--engine", "deps", "--format", "json", projects, env=environment))
    for finding in report["findings"]:
        purl = re.sub("[?#].*", "", (finding.get("package") or {}).get("purl", ""))
        name, _, version = urllib.parse.unquote(purl.split("/", 1)[-1]).rpartition("@")
        path = pathlib.Path(projects, finding["location"]["path"])
        if name != "stdlib" and finding.get("package", {}).get("advisories"):
            yield normalised(path.parent, name, version), tuple(finding["package"]["advisories"])


def blind(records):
    """The names of records that osv-scanner does not read to their end."""
    for feed in pathlib.Path(records).glob("osv-scanner/*/all.zip"):
        with zipfile.ZipFile(feed) as archive:
            for record in map(json.loads, map(archive.read, archive.namelist())):
                for affected in record.get("affected", []):
                    name, kinds = affected["package"]["name"], [each["type"] for each in affected.get("ranges", [])]
                    is_written = feed.parent.name != "PyPI" or name == normalised("", name, "")[1]
                    events = [event for each in affected.get("ranges", []) for event in each["events"]]
                    ends = {event.get("fixed") for event in events} & {event.get("introduced") for event in events} - {None}
                    if not is_written or ends or "GIT" in kinds[:-1]:
                        yield record["id"]


def main(program, scanner, records, projects):
    projects = os.path.abspath(projects)
    told = set(theirs(scanner, os.path.abspath(records), projects))
    with tempfile.TemporaryDirectory() as folder:
        found = set(ours(program, records, projects, folder))
    names = {(package, name) for package, flaw in found for name in flaw}
    missed = told - names
    unread = set(blind(records))
    alone = {(package, flaw) for package, flaw in found if not any((package, name) in told for name in flaw)}
    alone = {(package, flaw) for package, flaw in alone if not unread.intersection(flaw)}
    for what, differing in (("missed", missed), ("ours alone", alone)):
        for item in sorted(differing)[:20]:
            print(what, *item)
    print(f"{len(told)} by osv-scanner, {len(found)} findings of ours; {len(missed)} missed, {len(alone)} ours alone")
    return bool(missed or alone)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
