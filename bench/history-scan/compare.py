#!/usr/bin/env python3
"""Scans whole git object databases with `palisade scan --history` and with kingfisher, in turn, and compares CPU time and memory; git itself,
which decodes every object and looks at none, is the floor.

Usage: compare.py [--repetitions N] [--single] [--budget NAME=SECONDS[,MB]]... [--tolerance PERCENT]
                  [--palisade PROGRAM] [--kingfisher PROGRAM] [--git PROGRAM] [NAME=]REPO...

REPO is a work tree or a bare repository; nothing is written to it. Its NAME, for budgets, is by default the last part of its path. `--single`
measures everything once per repository, without the round that warms: for repositories that take a minute. Over a budget the exit code is
1. See README.md in the folder above.
"""

import argparse
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

import measure  # noqa: E402
import scanners  # noqa: E402

# Ours is the first.
NAMES = ["palisade", "kingfisher", "git"]
GIT = "cat-file --batch-all-objects --unordered"


def command(name, program, repository):
    """Kingfisher's full history of a local repository is its whole object database: its audit line says `all_fetched_git_objects`. Both open
    archives, as they do by default."""
    return {
        "palisade": [program, "scan", "--history", "--format", "json", repository],
        "kingfisher": [program, *scanners.KINGFISHER.split(), "--git-history", "full", repository],
        "git": [program, "-C", repository, *GIT.split(), "--batch"],
    }[name]


def main():
    options = arguments()
    programs = scanners.installed(options, NAMES)
    print(measure.machine())
    measured, partial = {}, []
    with tempfile.TemporaryDirectory() as folder:
        print(f"peak memory below {measure.peak_floor(folder):.0f} MiB cannot be told apart")
        programs = scanners.keep_ours(programs, folder)
        env = scanners.environment(folder)
        if "kingfisher" in programs:
            fill_rule_cache(programs["kingfisher"], folder, env)
        for name, path in options.corpora.items():
            measured[name], complete = one(name, path, programs, options, folder, env)
            partial += [] if complete else [name]
    print()
    if partial:
        sys.exit(f"palisade did not look at all of {', '.join(partial)}: figures of a partial scan mean nothing")
    measure.check_budgets(options.budget, measured, options.tolerance)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("corpora", nargs="+", metavar="[NAME=]REPO")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--single", action="store_true", help="once, without warming")
    measure.add_budgets(parser)
    scanners.add_programs(parser, NAMES)
    options = parser.parse_args()
    corpora = [named(text) for text in options.corpora]
    options.corpora = dict(corpora)
    if len(options.corpora) != len(corpora):
        parser.error("two repositories have one name; give them as NAME=REPO")
    measure.known_budgets(parser, options.budget, options.corpora)
    return options


def named(text):
    """`NAME=PATH`, or a path that gives its own name."""
    name, separator, path = text.partition("=")
    if separator and os.path.isdir(path):
        return name, path
    return os.path.basename(os.path.abspath(text)).removesuffix(".git"), text


def fill_rule_cache(program, folder, env):
    """Lets kingfisher compile its rules, which it does once per home folder and which costs more than most scans."""
    empty = os.path.join(folder, "empty")
    os.mkdir(empty)
    argv = [program, *scanners.KINGFISHER.split(), "--git-history", "none", empty]
    measure.run_once(measure.Contender("kingfisher", argv, env, scanners.ACCEPTS["kingfisher"]), os.path.join(folder, "output"))


def one(name, path, programs, options, folder, env):
    """Measures one repository. Gives the contenders, and whether palisade says that it looked at every byte that git says there is, and left
    nothing out but objects that the repository does not have."""
    contents, expected = objects(programs.get("git", "git"), path, env)
    contenders = []
    for program_name, program in programs.items():
        argv = command(program_name, program, path)
        accepts = scanners.ACCEPTS[program_name]
        contenders.append(measure.Contender(program_name, argv, env, accepts, options.single, program_name == "git"))
    repetitions = 1 if options.single else options.repetitions
    measure.compare(contenders, repetitions, folder)
    times = "once" if options.single else f"median of {repetitions}"
    measure.report(f"{name}: {contents}; {times}", contenders)
    counts = []
    for contender in contenders:
        if contender.name != "git":
            counts.append(f"{contender.name} {scanners.count(contender.name, measure.output(folder, contender), folder)}")
    print(f"\nFindings reported: {', '.join(counts)}.")
    document = scanners.load(measure.output(folder, contenders[0]))
    print(work(document, expected))
    coverage = scanners.coverage(document)
    return contenders, coverage["bytes"] == expected and all(gap["kind"] == "data-missing" for gap in coverage["gaps"])


def objects(git, path, env):
    """What git says is in the object database: in words, and how many bytes a scan has to look at, which are all but those of trees (whose
    names it has to look at too, but does not count)."""
    argv = [git, "-C", path, *GIT.split(), "--batch-check=%(objecttype) %(objectsize) %(objectsize:disk)"]
    counts, sizes, stored = {}, {}, 0
    with subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            kind, size, disk = line.split()
            counts[kind] = counts.get(kind, 0) + 1
            sizes[kind] = sizes.get(kind, 0) + int(size)
            stored += int(disk)
    if process.returncode != 0 or not counts:
        raise measure.Failed(f"git lists no objects in {path}")
    blobs = f"{counts.get('blob', 0):,} blobs of {megabytes(sizes.get('blob', 0))}"
    everything = f"all {sum(counts.values()):,} objects {megabytes(sum(sizes.values()))}, stored in {megabytes(stored)}"
    words = f"{counts.get('commit', 0):,} commits, {blobs}, {everything}"
    return words, sum(size for kind, size in sizes.items() if kind != "tree")


def work(document, expected):
    """How much of the history palisade had to match, as it says itself."""
    matched, fallen_back, content = (scanners.find_key(document, key) for key in ("matched_bytes", "fallen_back_bytes", "content_bytes"))
    coverage = scanners.coverage(document)
    looked_at = f"{megabytes(coverage['bytes'])} of {megabytes(expected)} in blobs, commits and tags, with {len(coverage['gaps'])} gaps"
    return (
        f"palisade looked at {looked_at}; of {megabytes(content)} of content it matched {megabytes(matched)} ({share(matched, content)}), "
        f"and fell back to whole blobs for {megabytes(fallen_back)} ({share(fallen_back, content)})."
    )


def megabytes(count):
    return "?" if count is None else f"{count / 1e6:,.1f} MB"


def share(part, whole):
    return "?" if part is None or not whole else f"{100 * part / whole:.2f} %"


if __name__ == "__main__":
    try:
        main()
    except measure.Failed as error:
        sys.exit(str(error))
