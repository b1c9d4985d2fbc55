#!/usr/bin/env python3
"""How fast `palisade scan` reads a folder of warm text on one processor, in GB (10^9 bytes) per second of CPU time.

Usage: run.py [--repetitions N] [--cpu N] [--at-least GBPS] [--megabytes N] [--joined] [--palisade PROGRAM] [PATH...]

Without PATH it writes source-like text of its own, the same in every run, to a temporary folder: `--megabytes` of it in files of 64 KB. With
`--joined` the files of each PATH are written there one behind the other, again and again up to `--megabytes`, in files of 1 MB, so that
next to nothing is spent on opening files. The worker gets no environment, so that variables for its number of threads do not reach it; here the whole tree of processes is bound to one
processor, and makes one thread. `--at-least` makes the exit code 1 when any folder is slower. See README.md in the folder above.
"""

import argparse
import collections
import itertools
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
JOINED_BYTES = 1 << 20
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
        nothing = os.path.join(folder, "nothing")
        os.mkdir(nothing)
        for title, path in corpora(options, folder):
            slow |= one(title, path, nothing, programs["palisade"], options, folder, env)
    if slow:
        sys.exit(1)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("corpora", nargs="*", metavar="PATH")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--cpu", type=int, default=min(os.sched_getaffinity(0)), help="the processor to bind to (%(default)s)")
    parser.add_argument("--at-least", type=float, metavar="GBPS", help="GB per CPU second, start-up left out")
    parser.add_argument("--megabytes", type=int, default=256, help="how much text to write (%(default)s)")
    parser.add_argument("--joined", action="store_true", help="measure the text of each PATH in files of 1 MB")
    scanners.add_programs(parser, ["palisade"])
    return parser.parse_args()


def corpora(options, folder):
    """The folders that are measured, each with what it is called; those that are written are made when it is their turn."""
    if not options.corpora:
        yield "text of our own", generate(os.path.join(folder, "text"), options.megabytes)
    for path in options.corpora:
        if options.joined:
            with tempfile.TemporaryDirectory(dir=folder) as text:
                yield f"{path}, joined", join(path, text, options.megabytes)
        else:
            yield path, path


def one(name, path, nothing, program, options, folder, env):
    """Measures a folder and, in turn, an empty one, whose cost is that of starting, and what it costs `cat` to read the same files. Says
    whether the scan was too slow."""
    scan = lambda name, target: measure.Contender(name, [program, "scan", "--format", "json", target], env, scanners.ACCEPTS["palisade"])
    full, empty = scan("scan", path), scan("start only", nothing)
    read = measure.Contender("reading only", ["find", path, "-type", "f", "-exec", "cat", "{}", "+"], env, discards=True)
    measure.compare([full, empty, read], options.repetitions, folder)
    document = scanners.load(measure.output(folder, full))
    coverage = scanners.coverage(document)
    count = scanners.count("palisade", measure.output(folder, full), folder)
    title = f"{name}: {coverage['looked_at']:,} entries, {coverage['bytes'] / 1e6:,.1f} MB"
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


def join(path, folder, megabytes):
    """The text of a folder in files that end at the end of a line, as often as there is room for all of it, at least once."""
    files = sorted(os.path.join(parent, name) for parent, _, names in os.walk(path) for name in names)
    regular = [file for file in files if os.path.isfile(file) and not os.path.islink(file)]
    if not regular:
        raise measure.Failed(f"{path}: no files")
    endings = collections.Counter(os.path.splitext(file)[1] for file in regular)
    # What counts in a file depends on its kind.
    names = (os.path.join(folder, f"{number:06}{endings.most_common(1)[0][0]}") for number in itertools.count())
    text = bytearray()
    for _ in range(max(1, megabytes * 1_000_000 // max(1, sum(map(os.path.getsize, regular))))):
        for file in regular:
            with open(file, "rb") as source:
                text += source.read()
            while (end := text.find(b"\n", JOINED_BYTES - 1) + 1) > 0:
                write(next(names), text[:end])
                del text[:end]
    write(next(names), text)
    return folder


def write(path, text):
    with open(path, "wb") as file:
        file.write(text)


if __name__ == "__main__":
    try:
        main()
    except measure.Failed as error:
        sys.exit(str(error))
