#!/usr/bin/env python3
"""Holds the scan of a history to the scan of files: both must find the same secrets in a repository.

Usage: differential.py [--palisade PROGRAM] [--profile NAME] [--keep FOLDER] REPOSITORY

`palisade scan --history` reads objects as their packs store them, and looks only at what a delta changes. Here the system's git writes
every blob, commit and tag of the database out whole, a blob once under every path that a tree gives it (some rules count only in files
of certain names), and `palisade scan` looks at those files. Compared are the sets of rule and fingerprint. The exit code is 1 when they
differ, 2 when one of the scans failed. Git is started in REPOSITORY with its configuration: name only repositories that you trust.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

# What has one of these as a part of its path is no file for git, or not looked at in a folder.
NO_NAMES = {b"", b".", b".."}
# What a tree's entry is, from its mode: git(1), "tree object".
FOLDER, SUBMODULE = b"40000", b"160000"


def git(repository, *args, **options):
    return subprocess.run(["git", "--no-replace-objects", "-C", repository, *args], check=True, stdout=subprocess.PIPE, **options).stdout


class Objects:
    """All objects of a repository, from one `git cat-file`."""

    def __init__(self, repository):
        listed = git(repository, "cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname) %(objecttype)")
        self.kinds = dict(sorted(line.split() for line in listed.splitlines()))
        command = ["git", "--no-replace-objects", "-C", repository, "cat-file", "--batch"]
        self.cat = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def of(self, kind):
        return [name for name, known in self.kinds.items() if known == kind]

    def read(self, name):
        self.cat.stdin.write(name + b"\n")
        self.cat.stdin.flush()
        head = self.cat.stdout.readline().split()
        if len(head) != 3:
            sys.exit(f"git cannot read {name.decode()}: {head}")
        content = self.cat.stdout.read(int(head[2]))
        self.cat.stdout.read(1)
        return content

    def tree(self, name):
        """Mode, file name and object of each entry."""
        content, at, width = self.read(name), 0, len(name) // 2
        while at < len(content):
            space = content.index(b" ", at)
            end = content.index(b"\0", space)
            yield content[at:space], content[space + 1 : end], content[end + 1 : end + 1 + width].hex().encode()
            at = end + 1 + width


def paths_of_blobs(objects):
    """All paths of every blob that stands in a tree; a tree that stands in no other, and is no commit's, is a root as well."""
    trees = {name: list(objects.tree(name)) for name in objects.of(b"tree")}
    inner = {child for entries in trees.values() for mode, _, child in entries if mode == FOLDER}
    roots = {objects.read(name).split(b"\n", 1)[0].removeprefix(b"tree ") for name in objects.of(b"commit")}
    pending = [(b"", name) for name in sorted(roots.union(trees.keys() - inner)) if name in trees]
    seen, paths = set(pending), {}
    while pending:
        prefix, tree = pending.pop()
        for mode, name, child in trees[tree]:
            name = b"%" + name if name in NO_NAMES or name.lower() == b".git" else name
            below = (prefix + name + b"/", child)
            if mode == FOLDER and child in trees and below not in seen:
                seen.add(below)
                pending.append(below)
            elif mode not in (FOLDER, SUBMODULE):
                paths.setdefault(child, set()).add(prefix + name)
    return paths


class Folder:
    """Files of the same path lie in different numbered folders."""

    def __init__(self, root):
        self.root = os.fsencode(root)
        self.used = {}
        self.files = 0

    def write(self, path, content):
        number = self.used.get(path, 0)
        while True:
            target = os.path.join(self.root, b"%d" % number, path)
            number += 1
            try:
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(target, "xb") as file:
                    file.write(content)
                break
            except (FileExistsError, NotADirectoryError):
                # A file stands where another version has a folder.
                continue
        self.used[path] = number
        self.files += 1


def write_out(repository, folder):
    objects = Objects(repository)
    paths = paths_of_blobs(objects)
    for name in objects.of(b"blob"):
        content = objects.read(name)
        for path in sorted(paths.get(name, {b"objects/" + name})):
            folder.write(path, content)
    for name in objects.of(b"commit") + objects.of(b"tag"):
        folder.write(b"objects/" + name, objects.read(name))
    return len(objects.kinds)


def scan(program, home, profile, *args):
    command = [program, "scan", "--engine", "secrets", "--profile", profile, "--format", "json", *args]
    environment = {"HOME": home, "PATH": os.environ["PATH"]}
    ended = subprocess.run(command, stdout=subprocess.PIPE, env=environment)
    # With 3 there are gaps, such as archives of other formats; their numbers are printed.
    if ended.returncode not in (0, 1, 3):
        print(f"{command} ended with {ended.returncode}", file=sys.stderr)
        sys.exit(2)
    document = json.loads(ended.stdout)
    found = {}
    for finding in document["findings"]:
        found.setdefault((finding["rule"], finding["fingerprint"]), finding)
    return found, document["engines"][0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--palisade", default=shutil.which("palisade"), help="the program; default: the one on the PATH")
    parser.add_argument("--profile", default="paranoid", help="default: paranoid, which finds the most")
    parser.add_argument("--keep", help="write the files into this folder, which must not be there, and leave them")
    parser.add_argument("repository")
    options = parser.parse_args()
    if not options.palisade:
        parser.error("there is no palisade on the PATH; name it with --palisade")
    with tempfile.TemporaryDirectory() as scratch:
        root = options.keep or os.path.join(scratch, "files")
        home = os.path.join(scratch, "home")
        os.makedirs(root)
        os.mkdir(home)
        folder = Folder(root)
        # Fingerprints hang on the project's salt.
        project = os.path.join(options.repository, "palisade.yaml")
        if os.path.exists(project):
            shutil.copy(project, root)
        count = write_out(options.repository, folder)
        whole, whole_engine = scan(options.palisade, home, options.profile, root)
        history, engine = scan(options.palisade, home, options.profile, "--history", options.repository)
    for missed in sorted(whole.keys() - history.keys()):
        print("only in the files:", *missed, whole[missed]["location"]["path"])
    for extra in sorted(history.keys() - whole.keys()):
        print("only in the history:", *extra, history[extra]["history"]["object"], *history[extra]["history"]["paths"])
    work = engine.get("work")
    gaps = len(whole_engine["coverage"]["gaps"]), len(engine["coverage"]["gaps"])
    print(f"{count} objects, {folder.files} files; work {json.dumps(work)}; gaps {gaps[0]} and {gaps[1]}")
    print(f"{len(whole)} secrets in the files, {len(history)} in the history, {len(whole.keys() & history.keys())} in both")
    sys.exit(1 if whole.keys() != history.keys() else 0)


if __name__ == "__main__":
    main()
