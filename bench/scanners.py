"""The scanners for secrets that are compared: where each is, how it is called, what it found. Standard library only."""

import json
import os
import shutil
import subprocess
import sys

# No network, its fastest mode: no base64, no commit metadata, no detection of languages.
KINGFISHER = "scan --no-validate --no-update-check --quiet --turbo --format jsonl"
GITLEAKS = "dir --no-banner --log-level error --report-format json --report-path"

# Exit codes that mean "it did its work". Ours: denied is 1, gaps are 3.
ACCEPTS = {"palisade": (0, 1, 3), "kingfisher": (0, 200), "ripsecrets": (0, 1), "gitleaks": (0, 1), "git": (0,)}


def add_programs(parser, names):
    """Adds an option for the path of each program. Ours is looked for where cargo leaves it, the others on the `PATH`."""
    target = os.environ.get("CARGO_TARGET_DIR", "target")
    for name in names:
        default = os.path.join(target, "release/palisade") if name == "palisade" else name
        parser.add_argument(f"--{name}", default=default, metavar="PROGRAM")


def installed(options, names):
    """The programs there are, name to path, after a line on the version of each. Ends the comparison without ours or without any other."""
    found = {}
    for name in names:
        program = shutil.which(getattr(options, name))
        if program is None:
            print(f"LEFT OUT: {name} is not installed", file=sys.stderr)
            continue
        program = os.path.abspath(program)
        with open(program, "rb") as file:
            if file.read(2) == b"#!":
                sys.exit(f"{program} is a script around the real program, which would be measured too; name the real one")
        print(f"{name}: {version(name, program)}")
        found[name] = program
    if "palisade" not in found or len(found) < min(2, len(names)):
        sys.exit("needs palisade and at least one peer")
    return found


def keep_ours(programs, folder):
    """The programs with a copy of ours in place of ours, so that a build in the meantime changes nothing, after a line on which one it is."""
    copy = os.path.join(folder, "palisade")
    shutil.copy2(programs["palisade"], copy)
    # By another program: what this one holds counts for the peak of every process that it starts.
    digest = subprocess.run(["sha256sum", copy], capture_output=True, text=True, check=True).stdout
    print(f"measured is palisade with SHA-256 {digest[:16]}")
    return {**programs, "palisade": copy}


def version(name, program):
    flag = "version" if name == "gitleaks" else "--version"
    return subprocess.run([program, flag], capture_output=True, text=True, check=True).stdout.strip().split("\n")[0]


def environment(folder):
    """An environment with an empty home folder of its own, so that no one's settings or caches count."""
    home = os.path.join(folder, "home")
    os.makedirs(home, exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C.UTF-8"}


def count(name, output, folder):
    """How many findings a scanner reported, or `?`."""
    if name == "palisade":
        found = find_key(load(output), "findings")
        return len(found) if isinstance(found, list) else "?"
    if name == "gitleaks":
        return len(load(gitleaks_report(folder)))
    with open(output, errors="replace") as file:
        return sum(1 for line in file if line.strip() and not line.startswith('{"audit"'))


def gitleaks_report(folder):
    """Gitleaks writes its findings to a file, not to its standard output."""
    return os.path.join(folder, "gitleaks.json")


def load(path):
    with open(path) as file:
        return json.load(file)


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


def coverage(document):
    """What the engine that looks for secrets looked at; beside it others may look, which say nothing of such files."""
    engines = find_key(document, "engines")
    return next(engine["coverage"] for engine in engines if engine["engine"] == "secrets")


def write_small(path):
    """The first 30 KB of our own source, so that the file is ordinary text."""
    sources = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "crates/engines/secrets/src")
    text = b""
    for name in sorted(os.listdir(sources)):
        if name.endswith(".rs"):
            with open(os.path.join(sources, name), "rb") as file:
                text += file.read()
    with open(path, "wb") as file:
        file.write(text[:30_000])
