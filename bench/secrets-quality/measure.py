#!/usr/bin/env python3
"""Precision, recall and F1 of secret scanners on the labelled lines of labels.tsv, per part.

    measure.py CORPUS [--palisade THROUGHPUT] [--kingfisher BIN] [--credsweeper BIN] [--detect-secrets BIN] [--gitleaks BIN]
               [--half PART] [--clean FOLDER...] [--errors]

CORPUS holds a folder OWNER__NAME for each repository, checked out at the commit of labels.tsv. THROUGHPUT is the example of that name
of palisade-secrets, built in release. A line counts as found when a tool reports anything that starts on it. Lines labelled A are left
out. What a tool reports on lines without a label is not judged, only counted. With --clean, findings per 10 MB of folders that hold
no credential are printed. --errors shows the wrong lines of the parts that may be tuned on, never those of the others.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
FINDING = re.compile(r"^([a-z0-9-]+) (?:Low|Medium|High) (.*?):(\d+):\d+ ")


def run(command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, **more).stdout.decode("utf-8", "replace")


def below(folder, path):
    path = pathlib.Path(path)
    return str(path.relative_to(folder)) if path.is_absolute() else str(path)


def palisade(binary, profile):
    def scan(folder):
        for line in run([binary, str(folder), "list", profile]).splitlines():
            if found := FINDING.match(line):
                yield found[2], int(found[3])
    return scan


def kingfisher(binary):
    def scan(folder):
        command = [binary, "scan", "--no-validate", "--no-update-check", "--quiet", "--git-history", "none", "--format", "jsonl", str(folder)]
        for line in run(command).splitlines():
            found = json.loads(line).get("finding") if line.startswith("{") else None
            if found:
                yield below(folder, found["path"]), int(found["line"])
    return scan


def credsweeper(binary):
    def scan(folder):
        out = pathlib.Path("/tmp/measure-credsweeper.json")
        out.unlink(missing_ok=True)
        run([binary, "--path", str(folder), "--save-json", str(out), "--jobs", "1"])
        for found in json.loads(out.read_text()) if out.exists() else []:
            for place in found["line_data_list"]:
                yield below(folder, place["path"]), int(place["line_num"])
    return scan


def detect_secrets(binary):
    def scan(folder):
        results = json.loads(run([binary, "-C", str(folder), "scan", "--all-files", "."]) or "{}").get("results", {})
        for path, found in results.items():
            for one in found:
                yield path, int(one["line_number"])
    return scan


def gitleaks(binary):
    def scan(folder):
        text = run([binary, "dir", str(folder), "--report-format", "json", "--report-path", "-", "--no-banner", "--exit-code", "0"])
        for found in json.loads(text or "[]"):
            yield below(folder, found["File"]), int(found["StartLine"])
    return scan


def labels():
    lines = collections.defaultdict(lambda: collections.defaultdict(set))
    for line in (HERE / "labels.tsv").read_text().splitlines()[1:]:
        half, repository, _, path, number, label, _ = line.split("\t")
        lines[half, repository][path, int(number)].add(label)
    # A line with a credential is true, whatever else stands on it.
    order = "TAF"
    return {key: {place: min(found, key=order.index) for place, found in places.items()} for key, places in lines.items()}


def judge(name, scan, wanted, corpus, errors):
    counts = collections.defaultdict(collections.Counter)
    for (half, repository), places in sorted(wanted.items()):
        folder = corpus / repository.replace("/", "__")
        found = set(scan(folder))
        for place, label in places.items():
            hit = place in found
            outcome = {("T", True): "true", ("T", False): "missed", ("F", True): "false", ("F", False): "quiet"}.get((label, hit))
            counts[half][outcome] += 1
            if errors and half.startswith("tune") and outcome in ("missed", "false"):
                print(f"  {outcome}: {repository} {place[0]}:{place[1]}")
        counts[half]["unlabelled"] += len(found - set(places))
    for half, count in sorted(counts.items()):
        good, bad, missed = count["true"], count["false"], count["missed"]
        precision, recall = good / max(1, good + bad), good / max(1, good + missed)
        score = 2 * precision * recall / max(1e-9, precision + recall)
        print(f"{name:22} {half:5} precision {precision:.3f} recall {recall:.3f} F1 {score:.3f}  ({good} true, {bad} false, {missed} missed, {count['unlabelled']} not judged)", flush=True)


def clean(name, scan, folders):
    size = sum(file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    found = sum(len(set(scan(folder))) for folder in folders)
    print(f"{name:22} clean {found} findings in {size / 1e6:.1f} MB: {found / (size / 1e7):.2f} per 10 MB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=pathlib.Path)
    for tool in ("palisade", "kingfisher", "credsweeper", "detect-secrets", "gitleaks"):
        parser.add_argument("--" + tool)
    parser.add_argument("--half", choices=["tune", "held", "fresh", "tune2", "tune3", "held2", "tune4", "held3"])
    parser.add_argument("--clean", type=pathlib.Path, nargs="*", default=[])
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    tools = []
    if options.palisade:
        tools += [(f"palisade {profile}", palisade(options.palisade, profile)) for profile in ("strict", "balanced", "paranoid")]
    makers = {"kingfisher": kingfisher, "credsweeper": credsweeper, "detect_secrets": detect_secrets, "gitleaks": gitleaks}
    tools += [(name, make(getattr(options, name))) for name, make in makers.items() if getattr(options, name)]
    wanted = {key: places for key, places in labels().items() if options.half in (None, key[0])}
    for name, scan in tools:
        judge(name, scan, wanted, options.corpus.resolve(), options.errors)
        if options.clean:
            clean(name, scan, [folder.resolve() for folder in options.clean])


main()
