#!/usr/bin/env python3
"""How fast `palisade scan` reads a folder of warm text on one processor, in GB (10^9 bytes) per second of CPU time.

Usage: run.py [--repetitions N] [--cpu N] [--at-least GBPS] [--megabytes N] [--palisade PROGRAM] [PATH...]

Without PATH it writes source-like text of its own, the same in every run, to a temporary folder: `--megabytes` of it in files of 64 KB. The
worker gets no environment, so that variables for its number of threads do not reach it; here the whole tree of processes is bound to one
processor, and makes one thread. `--at-least` makes the exit code 1 when any folder is slower. See README.md in the folder above.
"""

import argparse
import os
import random
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

import measure  # noqa: E402
import scanners  # noqa: E402

FILE_BYTES = 65_536
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu ter ing con sta".split()
LINES = [
    "    let {0}_{1} = {2}.{3}({4}, {5});\n",
    "    if {0} < {1}.len() && {2}[{3}] != {4} {{\n",
    "        return {0}::{1}({2}, &{3}_{4})?;\n",
    "/// The {0} of a {1} {2}, or {3} when {4} is not {5}.\n",
    "#define {0}_{1} ({2} | (1u << {3}))\n",
    'static const char *{0}_{1} = "{2} {3} {4}";\n',
    "    }}\n",
    "\n",
]


def main():
    options = arguments()
    programs = scanners.installed(options, ["palisade"])
    os.sched_setaffinity(0, {options.cpu})
    print(f"{measure.machine()}; bound to processor {options.cpu}")
    slow = False
    with tempfile.TemporaryDirectory() as folder:
        programs = scanners.keep_ours(programs, folder)
        env = scanners.environment(folder)
        paths = options.corpora or [generate(os.path.join(folder, "text"), options.megabytes)]
        nothing = os.path.join(folder, "nothing")
        os.mkdir(nothing)
        for path in paths:
            slow |= one(path, nothing, programs["palisade"], options, folder, env)
    if slow:
        sys.exit(1)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("corpora", nargs="*", metavar="PATH")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--cpu", type=int, default=min(os.sched_getaffinity(0)), help="the processor to bind to (%(default)s)")
    parser.add_argument("--at-least", type=float, metavar="GBPS", help="GB per CPU second, start-up left out")
    parser.add_argument("--megabytes", type=int, default=256, help="how much text to write (%(default)s)")
    scanners.add_programs(parser, ["palisade"])
    return parser.parse_args()


def one(path, nothing, program, options, folder, env):
    """Measures a folder and, in turn, an empty one, whose cost is that of starting, and what it costs `cat` to read the same files. Says
    whether the scan was too slow."""
    scan = lambda name, target: measure.Contender(name, [program, "scan", "--format", "json", target], env, scanners.ACCEPTS["palisade"])
    full, empty = scan("scan", path), scan("start only", nothing)
    read = measure.Contender("reading only", ["find", path, "-type", "f", "-exec", "cat", "{}", "+"], env, discards=True)
    measure.compare([full, empty, read], options.repetitions, folder)
    document = scanners.load(measure.output(folder, full))
    coverage = scanners.coverage(document)
    count = scanners.count("palisade", measure.output(folder, full), folder)
    title = f"{path if path in options.corpora else 'text of our own'}: {coverage['looked_at']:,} entries, {coverage['bytes'] / 1e6:,.1f} MB"
    print(f"\n### {title}, median of {options.repetitions}; findings: {count}\n")
    print("| | CPU ms | of it user | of it kernel | GB per CPU second | per user second | per kernel second |")
    print("|---|---|---|---|---|---|---|")
    seconds = {name: measure.median(full, value) for name, value in VALUES.items()}
    start = {name: measure.median(empty, value) for name, value in VALUES.items()}
    rest = {name: seconds[name] - start[name] for name in VALUES}
    row("the whole scan", seconds, coverage["bytes"])
    row("start only", start, None)
    row("without start", rest, coverage["bytes"])
    row("reading only", {name: measure.median(read, value) for name, value in VALUES.items()}, coverage["bytes"])
    rate = coverage["bytes"] / 1e9 / max(rest["cpu"], 1e-9)
    if options.at_least is None:
        return False
    slow = rate < options.at_least
    print(f"\n{'TOO SLOW' if slow else 'fast enough'}: {rate:.2f} GB per CPU second, asked for are {options.at_least:g}")
    return slow


VALUES = {"cpu": lambda sample: sample.cpu, "user": lambda sample: sample.user, "kernel": lambda sample: sample.system}


def row(name, seconds, size):
    rates = ["" if size is None else f"{size / 1e9 / max(value, 1e-9):.2f}" for value in seconds.values()]
    times = [f"{value * 1000:.1f}" for value in seconds.values()]
    print(f"| {name} | {' | '.join(times + rates)} |")
    sys.stdout.flush()


def generate(folder, megabytes):
    """Text like source code, without secrets, from a fixed seed. Only `random()` is drawn from: its sequence is promised not to change."""
    generator = random.Random(20_001)
    pick = lambda items: items[int(generator.random() * len(items))]
    words = ["".join(pick(SYLLABLES) for _ in range(1 + int(generator.random() * 3))) for _ in range(4000)]
    blocks = []
    for _ in range(20_000):
        lines = (pick(LINES).format(*(pick(words) for _ in range(6))) for _ in range(12))
        blocks.append("".join(lines).encode())
    os.mkdir(folder)
    for number in range(megabytes * 1_000_000 // FILE_BYTES):
        text = bytearray()
        while len(text) < FILE_BYTES:
            text += pick(blocks)
        parent = os.path.join(folder, f"{number // 100:04}")
        os.makedirs(parent, exist_ok=True)
        with open(os.path.join(parent, f"{number:06}.c"), "wb") as file:
            file.write(text[:FILE_BYTES])
    return folder


if __name__ == "__main__":
    try:
        main()
    except measure.Failed as error:
        sys.exit(str(error))
