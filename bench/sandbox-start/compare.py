#!/usr/bin/env python3
"""Starts `true` in sandboxes of ours and of bubblewrap, in turn, and compares CPU time and memory. See README.md beside it.

bubblewrap does not wait for the first process inside, which does most of its work: wait4(2) would not count it. So every contender
runs below a process that adopts what others leave behind, and waits for it.

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
BWRAP = f"--unshare-all --die-with-parent --uid 1000 --gid 1000 {ROOT}"
# What our sandbox shows of /etc and hides of /proc.
ETC = """alternatives ca-certificates ca-certificates.conf crypto-policies debian_version ld.so.cache ld.so.conf ld.so.conf.d magic
    mime.types perl pki/ca-trust pki/java pki/tls/certs protocols python3 services ssl/certs ssl/openssl.cnf timezone"""
MASKED = "kcore key-users keys kmsg latency_stats sched_debug sysrq-trigger timer_list"
FROZEN = "acpi asound bus fs irq scsi sys"
# PR_SET_CHILD_SUBREAPER; it survives execve(2).
ADOPT = "import ctypes, os, sys; ctypes.CDLL(None).prctl(36, 1, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])"
# A shell that waits for one child reaps all others that have ended, adopted ones too; the last may take a moment.
LOOP = (
    'program=$1; count=$2; shift 2; while [ "$count" -gt 0 ]; do "$program" "$@" || exit 1; count=$((count - 1)); done; '
    "/bin/sleep 0.3; /bin/true"
)


def same_places(folder):
    """Arguments that make bubblewrap's sandbox look like ours."""
    arguments = []
    for name in ("workspace", "home", "tmp"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        inside = {"workspace": "/workspace", "home": "/home/build", "tmp": "/tmp"}[name]
        arguments += ["--bind", os.path.join(folder, name), inside]
    for path in (os.path.join("/etc", name) for name in ETC.split()):
        if os.path.exists(path) and not os.path.islink(path):
            arguments += ["--ro-bind", path, path]
    for path in (os.path.join("/proc", name) for name in MASKED.split()):
        arguments += ["--ro-bind", "/dev/null", path] if os.path.exists(path) else []
    for path in (os.path.join("/proc", name) for name in FROZEN.split()):
        arguments += ["--ro-bind", path, path] if os.path.exists(path) else []
    return [*arguments, "--remount-ro", "/"]


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
    count, start = str(options.count), shutil.which(options.start)
    adopted = lambda argv: [sys.executable, "-c", ADOPT, *argv]
    loop = lambda *argv: adopted(["/bin/sh", "-c", LOOP, "loop", argv[0], count, *argv[1:]])
    places = tempfile.TemporaryDirectory()
    bare = [options.bwrap, *BWRAP.split()]
    contenders = [
        measure.Contender("palisade", adopted([start, count, "/bin/true"]), {**os.environ, "NO_TOOLS": "1"}),
        measure.Contender("bubblewrap", loop(*bare, "/bin/true")),
        measure.Contender("bubblewrap, same places", loop(*bare, *same_places(places.name), "/bin/true")),
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
