#!/usr/bin/env python3
"""Uses the labels that the makers of Samsung/CredData gave to lines of public repositories.

    creddata.py split CREDDATA                       # OWNER/NAME and part of every repository
    creddata.py files CREDDATA MIRRORS OUT           # labelled files and OUT/PART.tsv
    creddata.py learn OUT PART CANDIDATES            # prints candidates with label and repository before them, for train.py
    creddata.py judge OUT PART THROUGHPUT            # precision, recall and F1 of the three profiles

CREDDATA is a checkout of github.com/Samsung/CredData (`meta/`, `snapshot.json`); MIRRORS holds a bare clone OWNER+NAME of each
repository; CANDIDATES and THROUGHPUT are the examples of palisade-secrets. Only files with a label are taken, at the commit of the
snapshot, with the values that stand there: CredData's own files have other values in their place. A line is found when a finding starts
on it or on a line of the same label.

Labels: T is true and F is false. X (a value for tests, an example or a placeholder, say CredData's ground rules) and T of what is no
credential in our sense (UUIDs, nonces, salts, names of buckets) are left out; with `plain` after PART, T whose value is made of words of
placeholders only is left out too, as the ground rules of the other parts say.
"""

import binascii
import collections
import csv
import hashlib
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FEATURES = HERE.parents[1] / "crates/engines/secrets/src/classify/features.rs"
DUMMIES = set(re.findall(r'"([a-z]+)",', FEATURES.read_text().split("DUMMIES")[1].split("];")[0]))
FINDING = re.compile(r"^([a-z0-9-]+) (?:Low|Medium|High) (.*?):(\d+) ")
NO_CREDENTIAL = {"UUID", "Nonce", "Salt", "AWS S3 Bucket", "Firebase Domain", "Tencent WeChat API App ID", "Auth:Nonce", "Key:Nonce", "Nonce:Key", "Token:Nonce", "Other"}
LONGEST_LABEL = 200

Label = collections.namedtuple("Label", "repository path first last truth start end category")


def repositories(creddata):
    for commit, url in json.loads((creddata / "snapshot.json").read_text()).items():
        name = url.removeprefix("https://github.com/").removesuffix(".git")
        meta = creddata / "meta" / f"{binascii.crc32(binascii.unhexlify(commit)):08x}.csv"
        yield name, commit[:40], list(csv.DictReader(meta.open()))


def part(name):
    """Even first bytes of SHA-256 are tuned on. Of the odd ones, those with ten true lines or more were measured first."""
    return "even" if hashlib.sha256(name.encode()).digest()[0] % 2 == 0 else "odd"


def git(mirror, *words):
    inside = mirror / ".git"
    return subprocess.run(["git", "--git-dir", inside if inside.is_dir() else mirror, *words], stdout=subprocess.PIPE, check=True).stdout


def write_files(creddata, mirrors, out):
    for name, commit, rows in repositories(creddata):
        mirror = next((place for place in (mirrors / name.replace("/", "+") / "repo", mirrors / name.replace("/", "+")) if place.is_dir()), None)
        if mirror is None:
            continue
        wanted = {row["FileID"] for row in rows}
        paths = {}
        for entry in git(mirror, "ls-tree", "-r", "-z", commit).split(b"\0")[:-1]:
            (mode, _, blob), path = entry.split(b"\t", 1)[0].split(), entry.split(b"\t", 1)[1]
            identity = hashlib.sha256(path).hexdigest()[:8]
            if identity in wanted and mode.startswith(b"100"):
                paths[identity] = path.decode()
                place = out / part(name) / name.replace("/", "__") / path.decode()
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(git(mirror, "cat-file", "blob", blob.decode()))
        with (out / f"{part(name)}.tsv").open("a") as labels:
            for row in (row for row in rows if row["FileID"] in paths):
                fields = [row[key] for key in ("LineStart", "LineEnd", "GroundTruth", "ValueStart", "ValueEnd", "Category")]
                labels.write("\t".join([name, paths[row["FileID"]], *fields]) + "\n")


def labels(out, name):
    """Labels of a part by repository and first line."""
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in (out / f"{name}.tsv").read_text().splitlines():
        repository, path, first, last, truth, start, end, category = line.split("\t")
        neutral = truth == "X" or (truth == "T" and category in NO_CREDENTIAL)
        label = Label(repository, path, int(first), int(last), "A" if neutral else truth, int(start or -1), int(end or -1), category)
        found[repository][path, label.first].append(label)
    return found


def is_dummy(value):
    words = re.findall("[A-Za-z]+", value)
    plain = all(word.lower() in DUMMIES for word in words) and not re.search("[0-9]{3}", value)
    return len(value) < 6 or plain


def learn(out, name, candidates):
    """Candidates that a label speaks of; where it says true of a dummy or a plain short word, people would disagree."""
    for repository, places in labels(out, name).items():
        folder = out / name / repository.replace("/", "__")
        rows = subprocess.run([candidates, f"{folder}/"], stdout=subprocess.PIPE, check=True).stdout.decode("utf-8", "replace")
        for fields in (row.split("\t") for row in rows.splitlines() if row.count("\t") == 11):
            path, line, offset, value = fields[0], int(fields[1]), int(fields[2]), fields[4]
            if (path, line) not in places:
                continue
            text = (folder / path).read_bytes()
            column = len(text[text.rfind(b"\n", 0, offset) + 1 : offset].decode("utf-8", "replace"))
            said = {label.truth for label in places[path, line] if spans(label, column, column + len(value))}
            truth = next((truth for truth in "TAF" if truth in said), None)
            if truth == "T" and (is_dummy(value) or re.fullmatch("[a-z]{1,8}[0-9]{0,3}", value)):
                truth = "A"
            if truth:
                print("\t".join([truth, repository, *fields]))


def spans(label, start, end):
    if label.start < 0:
        return label.truth != "T"
    return label.start < end and (label.end < 0 or label.end > start)


def judge(out, name, throughput, plain):
    wanted = labels(out, name)
    for profile in ("strict", "balanced", "paranoid"):
        counts = collections.Counter()
        for repository, places in wanted.items():
            folder = out / name / repository.replace("/", "__")
            said = subprocess.run([throughput, folder, "list", profile], stdout=subprocess.PIPE, check=True).stdout.decode("utf-8", "replace")
            found = {(match[2], int(match[3])) for match in map(FINDING.match, said.splitlines()) if match}
            for (path, first), here in places.items():
                truth = min((weighed(folder, label, plain) for label in here), key="TAF".index)
                last = min(max(label.last for label in here), first + LONGEST_LABEL)
                counts[truth, any((path, line) in found for line in range(first, last + 1))] += 1
        true, missed, false = counts["T", True], counts["T", False], counts["F", True]
        precision, recall = true / max(1, true + false), true / max(1, true + missed)
        print(f"{name} {profile:8} precision {precision:.3f} recall {recall:.3f} F1 {2 * precision * recall / max(1e-9, precision + recall):.3f}  ({true} true, {false} false, {missed} missed)")


def weighed(folder, label, plain):
    if not plain or label.truth != "T" or label.start < 0:
        return label.truth
    lines = (folder / label.path).read_bytes().split(b"\n")
    line = lines[label.first - 1].decode("utf-8", "replace") if label.first <= len(lines) else ""
    return "A" if is_dummy(line[label.start : label.end]) else "T"


def main():
    match sys.argv[1:]:
        case ["split", creddata]:
            for name, _, _ in repositories(pathlib.Path(creddata)):
                print(part(name), name)
        case ["files", creddata, mirrors, out]:
            write_files(*map(pathlib.Path, (creddata, mirrors, out)))
        case ["learn", out, name, candidates]:
            learn(pathlib.Path(out), name, candidates)
        case ["judge", out, name, *plain, throughput] if plain in ([], ["plain"]):
            judge(pathlib.Path(out), name, throughput, bool(plain))
        case _:
            sys.exit(__doc__)


main()
