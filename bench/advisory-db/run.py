#!/usr/bin/env python3
"""CPU time to build the advisory database, its size, and the time to open it and to match 10,000 packages.

    cargo build --release -p palisade-advisory --example database
    bench/advisory-db/run.py NAME:ECOSYSTEM=PATH... [kev=PATH] [epss=PATH]

Half of the packages are ones that the database knows, with versions that records name; the others are unknown.
"""
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile

PACKAGES = 10_000
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target"))


def main():
    program = os.environ.get("PALISADE_DATABASE", str(TARGET / "release/examples/database"))
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as scratch:
        database = f"{scratch}/advisories.db"
        subprocess.run([program, "build", database, *sys.argv[1:]], check=True)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"build: {used.ru_utime + used.ru_stime:.2f} CPU s, {used.ru_maxrss / 1024:.0f} MiB, {os.path.getsize(database)} bytes")
        known = subprocess.run([program, "packages", database], capture_output=True, text=True, check=True).stdout.splitlines()
        lines = []
        for number in range(PACKAGES):
            ecosystem, name = rng.choice(known).split("\t")
            name = name if number % 2 else f"{name}-unknown"
            lines.append(f"{ecosystem}\t{name}\t{rng.randrange(4)}.{rng.randrange(20)}.{rng.randrange(10)}\n")
        print(subprocess.run([program, "time", database, "5"], input="".join(lines), capture_output=True, text=True, check=True).stdout, end="")


if __name__ == "__main__":
    main()
