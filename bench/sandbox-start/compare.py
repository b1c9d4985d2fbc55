#!/usr/bin/env python3
"""Starts `true` in sandboxes of ours and of bubblewrap, in turn, and compares CPU time and memory. See README.md beside it.

Usage: compare.py [--count N] [--repetitions N] [--start PROGRAM] [--bwrap PROGRAM]
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

import measure  # noqa: E402

ROOT = "--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev"
BWRAP = f"--unshare-all --die-with-parent --uid 1000 --gid 1000 {ROOT} /bin/true"
LOOP = 'program=$1; count=$2; shift 2; while [ "$count" -gt 0 ]; do "$program" "$@" || exit 1; count=$((count - 1)); done'


def main():
    default_start = os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release/examples/start")
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=200, help="sandboxes per measurement")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--start", default=default_start, help="the built example `start` of palisade-sandbox")
    parser.add_argument("--bwrap", default="bwrap")
    options = parser.parse_args()
    for program in (options.start, options.bwrap):
        if not shutil.which(program):
            sys.exit(f"{program} is missing; see {HERE}/README.md")
    count = str(options.count)
    loop = lambda *argv: ["/bin/sh", "-c", LOOP, "loop", argv[0], count, *argv[1:]]
    contenders = [
        measure.Contender("palisade", [options.start, count, "/bin/true"], {**os.environ, "NO_TOOLS": "1"}),
        measure.Contender("bubblewrap", loop(options.bwrap, *BWRAP.split())),
        measure.Contender("no sandbox", loop("/bin/true")),
    ]
    version = subprocess.run([options.bwrap, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{version}; {measure.machine()}")
    with tempfile.TemporaryDirectory() as folder:
        print(f"peak memory below {measure.peak_floor(folder):.0f} MiB cannot be told apart")
        measure.compare(contenders, options.repetitions, folder)
    measure.report(f"One sandbox around `true` (median of {options.repetitions} times {count})", contenders, options.count)


if __name__ == "__main__":
    try:
        main()
    except measure.Failed as error:
        sys.exit(str(error))
