#!/usr/bin/env python3
"""Scans folders with `palisade scan` and with other scanners for secrets, in turn, and compares CPU time and memory.

Usage: compare.py [--repetitions N] [--palisade PROGRAM] [--kingfisher PROGRAM] [--ripsecrets PROGRAM] [--gitleaks PROGRAM]
                  [--cold] [--once NAME]... PATH...

`--cold` adds the scan of one file of 30 KB; `--once ripsecrets` measures that peer once per path, because it takes minutes. Peers that are not installed are named
and left out; with none at all the comparison fails. See README.md in the folder above.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

import measure  # noqa: E402

# Tree only, no network, no history, its fastest mode. Archives are left closed, as we leave them.
KINGFISHER = "scan --no-validate --no-update-check --quiet --turbo --git-history none --no-extract-archives --format jsonl"
GITLEAKS = "dir --no-banner --log-level error --report-format json --report-path"


def palisade(program, path, folder):
    return [program, "scan", "--format", "json", path]


def kingfisher(program, path, folder):
    return [program, *KINGFISHER.split(), path]


def ripsecrets(program, path, folder):
    return [program, path]


def gitleaks(program, path, folder):
    return [program, *GITLEAKS.split(), os.path.join(folder, "gitleaks.json"), path]


def count_palisade(folder, output):
    with open(output) as file:
        document = json.load(file)
    found = find_key(document, "findings")
    return len(found) if isinstance(found, list) else "?"


def find_key(value, key):
    """The first value of `key`, however deep it lies."""
    if isinstance(value, dict):
        if key in value:
            return value[key]
        value = list(value.values())
    for item in value if isinstance(value, list) else []:
        found = find_key(item, key)
        if found is not None:
            return found
    return None


def count_lines(folder, output):
    with open(output, errors="replace") as file:
        return sum(1 for line in file if line.strip() and not line.startswith('{"audit"'))


def count_gitleaks(folder, output):
    with open(os.path.join(folder, "gitleaks.json")) as file:
        return len(json.load(file))


# Name, command, accepted exit codes, how many findings it reported. Ours: denied is 1, gaps are 3.
SCANNERS = [
    ("palisade", palisade, (0, 1, 3), count_palisade),
    ("kingfisher", kingfisher, (0, 200), count_lines),
    ("ripsecrets", ripsecrets, (0, 1), count_lines),
    ("gitleaks", gitleaks, (0, 1), count_gitleaks),
]


def main():
    options = arguments()
    scanners = installed(options)
    print(measure.machine())
    with tempfile.TemporaryDirectory() as folder:
        print(f"peak memory below {measure.peak_floor(folder):.0f} MiB cannot be told apart")
        env = {"PATH": os.environ["PATH"], "HOME": os.path.join(folder, "home"), "LC_ALL": "C.UTF-8"}
        os.mkdir(env["HOME"])
        for path in options.corpora:
            one(f"{path}: {size(path)}", scanners, path, options.repetitions, options.once, folder, env)
        if options.cold:
            small = os.path.join(folder, "small")
            os.mkdir(small)
            write_small(os.path.join(small, "small.rs"))
            one("one file of 30 KB (start-up)", scanners, small, 4 * options.repetitions, [], folder, env)


def arguments():
    target = os.environ.get("CARGO_TARGET_DIR", "target")
    parser = argparse.ArgumentParser()
    parser.add_argument("corpora", nargs="*", metavar="PATH")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--cold", action="store_true", help="also one small file")
    parser.add_argument("--once", action="append", default=[], metavar="NAME")
    for name, *_ in SCANNERS:
        default = os.path.join(target, "release/palisade") if name == "palisade" else name
        parser.add_argument(f"--{name}", default=default)
    options = parser.parse_args()
    if not options.corpora and not options.cold:
        parser.error("nothing to scan")
    return options


def installed(options):
    """The scanners there are, with the path of each."""
    found = []
    for name, command, accepts, count in SCANNERS:
        program = shutil.which(getattr(options, name))
        if program is None:
            print(f"LEFT OUT: {name} is not installed", file=sys.stderr)
            continue
        program = os.path.abspath(program)
        with open(program, "rb") as file:
            if file.read(2) == b"#!":
                sys.exit(f"{program} is a script around the real program, which would be measured too; name the real one")
        print(f"{name}: {version(name, program)}")
        found.append((name, program, command, accepts, count))
    if [name for name, *_ in found][:1] != ["palisade"] or len(found) < 2:
        sys.exit("needs palisade and at least one peer")
    return found


def version(name, program):
    flag = "version" if name == "gitleaks" else "--version"
    return subprocess.run([program, flag], capture_output=True, text=True, check=True).stdout.strip().split("\n")[0]


def one(title, scanners, path, repetitions, once, folder, env):
    contenders = []
    for name, program, command, accepts, _ in scanners:
        contenders.append(measure.Contender(name, command(program, path, folder), env, accepts, name in once))
    measure.compare(contenders, repetitions, folder)
    measure.report(f"{title}, median of {repetitions}", contenders)
    counts = []
    for contender, (name, _, _, _, count) in zip(contenders, scanners):
        counts.append(f"{name} {count(folder, measure.output(folder, contender))}")
    print(f"\nFindings reported: {', '.join(counts)}.")


def size(path):
    files = total = 0
    for parent, folders, names in os.walk(path):
        folders[:] = [name for name in folders if name != ".git"]
        for name in names:
            full = os.path.join(parent, name)
            if not os.path.islink(full):
                files += 1
                total += os.path.getsize(full)
    return f"{files} files, {total / 1e6:.0f} MB"


def write_small(path):
    """The first 30 KB of our own source, so that the file is ordinary text."""
    sources = os.path.join(os.path.dirname(os.path.dirname(HERE)), "crates/engines/secrets/src")
    text = b""
    for name in sorted(os.listdir(sources)):
        if name.endswith(".rs"):
            with open(os.path.join(sources, name), "rb") as file:
                text += file.read()
    with open(path, "wb") as file:
        file.write(text[:30_000])


if __name__ == "__main__":
    try:
        main()
    except measure.Failed as error:
        sys.exit(str(error))
