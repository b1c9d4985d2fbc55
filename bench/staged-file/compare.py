#!/usr/bin/env python3
"""What looking at one staged file of 30 KB costs, as a hook before a commit does it: `palisade scan --staged` in a repository of its own, against
other scanners on the file alone, in turn. Every run is a fresh process; the file system's caches are warm, and so is kingfisher's cache of
compiled rules.

Usage: compare.py [--repetitions N] [--budget staged=SECONDS[,MB]] [--tolerance PERCENT]
                  [--palisade PROGRAM] [--kingfisher PROGRAM] [--ripsecrets PROGRAM] [--git PROGRAM]

Over the budget the exit code is 1. See README.md in the folder above.
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
NAMES = ["palisade", "kingfisher", "ripsecrets"]
IDENTITY = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in (("NAME", "Bench"), ("EMAIL", "bench@localhost"))}


def command(name, program, repository, file):
    return {
        "palisade": [program, "scan", "--staged", "--format", "json", repository],
        "kingfisher": [program, *scanners.KINGFISHER.split(), "--git-history", "none", "--no-extract-archives", file],
        "ripsecrets": [program, file],
    }[name]


def main():
    options = arguments()
    programs = scanners.installed(options, NAMES)
    print(measure.machine())
    with tempfile.TemporaryDirectory() as folder:
        print(f"peak memory below {measure.peak_floor(folder):.0f} MiB cannot be told apart")
        programs = scanners.keep_ours(programs, folder)
        env = scanners.environment(folder)
        repository = os.path.join(folder, "repository")
        file = stage(options.git, repository, env)
        contenders = []
        for name, program in programs.items():
            contenders.append(measure.Contender(name, command(name, program, repository, file), env, scanners.ACCEPTS[name]))
        measure.compare(contenders, options.repetitions, folder)
        measure.report(f"one staged file of 30 KB, median of {options.repetitions}", contenders)
        prove(scanners.load(measure.output(folder, contenders[0])), os.path.getsize(file))
    print()
    measure.check_budgets(options.budget, {"staged": contenders}, options.tolerance)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--git", default="git", metavar="PROGRAM")
    measure.add_budgets(parser)
    scanners.add_programs(parser, NAMES)
    options = parser.parse_args()
    measure.known_budgets(parser, options.budget, ["staged"])
    return options


def stage(git, repository, env):
    """A repository with one commit and, beside what that holds, one staged file. Returns the file's path."""
    os.mkdir(repository)
    run = lambda *arguments: subprocess.run([git, *arguments], cwd=repository, env={**env, **IDENTITY}, check=True, capture_output=True)
    run("init", "--quiet")
    with open(os.path.join(repository, "README.md"), "w") as readme:
        readme.write("# One staged file\n")
    run("add", "README.md")
    run("commit", "--quiet", "--message", "The first")
    file = os.path.join(repository, "small.rs")
    scanners.write_small(file)
    run("add", "small.rs")
    return file


def prove(document, size):
    """That palisade looked at the staged file and at nothing else: the figures would mean nothing otherwise."""
    coverage = scanners.coverage(document)
    if (coverage["looked_at"], coverage["bytes"]) != (1, size):
        raise measure.Failed(f"palisade did not look at one file of {size} bytes: {coverage}")


if __name__ == "__main__":
    try:
        main()
    except measure.Failed as error:
        sys.exit(str(error))
