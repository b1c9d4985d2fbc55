"""Runs commands in turn and compares what they cost. Python 3.9 or newer, standard library only.

CPU time and peak memory come from wait4(2): of the command and of every child that it waited for.
"""

import argparse
import os
import statistics
import sys
import time
from dataclasses import dataclass, field


@dataclass
class Contender:
    """One of the programs that are compared. The first of a list is the one that ratios speak of."""

    name: str
    argv: list
    env: dict = None
    # Exit codes that mean "it did its work".
    accepts: tuple = (0,)
    # Measured in the first round only, without a warming one: for those that take minutes.
    once: bool = False
    # Its standard output goes to /dev/null: for those whose output is as large as what they read.
    discards: bool = False
    samples: list = field(default_factory=list)


@dataclass
class Sample:
    user: float
    system: float
    wall: float
    peak_kib: int

    @property
    def cpu(self):
        return self.user + self.system


class Failed(Exception):
    """A contender did not do its work, so a figure would mean nothing."""


def run_once(contender, stdout):
    """Runs a contender to its end, its standard output to the file `stdout`; raises `Failed` on an exit code it should not have."""
    env = os.environ if contender.env is None else contender.env
    null = os.open(os.devnull, os.O_RDWR)
    out = os.open(os.devnull if contender.discards else stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    err = os.open(stdout + ".err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    actions = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, err, 2)]
    start = time.monotonic()
    try:
        pid = os.posix_spawnp(contender.argv[0], contender.argv, env, file_actions=actions)
    except OSError as error:
        raise Failed(f"{contender.name}: cannot start {contender.argv[0]}: {error}") from error
    finally:
        for descriptor in (null, out, err):
            os.close(descriptor)
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in contender.accepts:
        with open(stdout + ".err", errors="replace") as words:
            raise Failed(f"{contender.name}: exit code {code}: {words.read()[-2000:].strip()}")
    return Sample(usage.ru_utime, usage.ru_stime, wall, usage.ru_maxrss)


def compare(contenders, repetitions, folder):
    """One round that does not count, to warm caches, then `repetitions` rounds of all contenders in turn, in changing order."""
    for contender in contenders:
        if not contender.once:
            run_once(contender, output(folder, contender))
    for round_number in range(repetitions):
        shift = round_number % len(contenders)
        for contender in contenders[shift:] + contenders[:shift]:
            if contender.once and contender.samples:
                continue
            contender.samples.append(run_once(contender, output(folder, contender)))


def output(folder, contender):
    """Where the last standard output of a contender is kept."""
    return os.path.join(folder, "output-" + contender.name)


def median(contender, value):
    return statistics.median(value(sample) for sample in contender.samples)


def cpu_seconds(contender):
    return median(contender, lambda sample: sample.cpu)


@dataclass
class Budget:
    """What the first contender may cost on one corpus."""

    corpus: str
    seconds: float
    # Of 10^6 bytes; none: memory is not bounded.
    megabytes: float = None


def parse_budget(text):
    """`NAME=SECONDS` or `NAME=SECONDS,MB`."""
    try:
        corpus, amounts = text.rsplit("=", 1)
        amounts = [float(amount) for amount in amounts.split(",")]
        # Not a number is not above nothing either.
        if not all(amount > 0 for amount in amounts):
            raise ValueError("an amount is not above nothing")
        return Budget(corpus, *amounts)
    except (TypeError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=SECONDS[,MB]") from error


def add_budgets(parser):
    parser.add_argument("--budget", action="append", default=[], type=parse_budget, metavar="NAME=SECONDS[,MB]", help="fail when palisade needs more")
    parser.add_argument("--tolerance", type=float, default=10, metavar="PERCENT", help="how far over a budget still passes (%(default)s)")


def known_budgets(parser, budgets, corpora):
    """Ends the program when a budget names none of the corpora: it would never fail."""
    for budget in budgets:
        if budget.corpus not in corpora:
            parser.error(f"a budget for {budget.corpus}, but to be measured are {', '.join(corpora)}")


def check_budgets(budgets, corpora, tolerance):
    """Compares the medians of the first contender of each corpus (name to contenders) with its budgets; ends the program with code 1 if one is
    over."""
    over = False
    for budget in budgets:
        ours = corpora[budget.corpus][0]
        checks = [("CPU seconds", cpu_seconds(ours), budget.seconds)]
        if budget.megabytes is not None:
            checks.append(("MB at the peak", median(ours, lambda sample: sample.peak_kib) * 1024 / 1e6, budget.megabytes))
        for unit, used, allowed in checks:
            share = 100 * (used / allowed - 1)
            verdict = "OVER BUDGET" if share > tolerance else "budget kept"
            if share < -tolerance:
                verdict += ", could be lowered"
            over |= share > tolerance
            print(f"{verdict}: {budget.corpus}: {used:.3f} of {allowed:g} {unit} ({share:+.0f} %, tolerated are {tolerance:+g} %)")
    if over:
        sys.exit(1)


def report(title, contenders, divisor=1):
    """Prints a Markdown table of medians. `divisor`: into how many equal pieces of work one command is to be split."""
    print(f"\n### {title}\n")
    print("| | CPU ms | of it system | least - most | wall ms | peak MiB | CPU, ours / theirs | peak, ours / theirs |")
    print("|---|---|---|---|---|---|---|---|")
    ours = contenders[0]
    milliseconds = 1000 / divisor
    for contender in contenders:
        cpu = median(contender, lambda sample: sample.cpu)
        peak = median(contender, lambda sample: sample.peak_kib)
        spread = sorted(sample.cpu * milliseconds for sample in contender.samples)
        ratios = "| | |"
        if contender is not ours:
            cpu_ratio = median(ours, lambda sample: sample.cpu) / max(cpu, 1e-9)
            peak_ratio = median(ours, lambda sample: sample.peak_kib) / max(peak, 1)
            ratios = f"| {cpu_ratio:.2f} | {peak_ratio:.2f} |"
        system = median(contender, lambda sample: sample.system) * milliseconds
        wall = median(contender, lambda sample: sample.wall) * milliseconds
        print(
            f"| {contender.name}{' (once)' if contender.once else ''} | {cpu * milliseconds:.2f} | {system:.2f} | {spread[0]:.2f} - {spread[-1]:.2f} "
            f"| {wall:.2f} | {peak / 1024:.0f} {ratios}"
        )
    sys.stdout.flush()


def machine():
    """A line on the machine, so that figures are not read without it."""
    model = "unknown processor"
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} processors ({model}), Linux {os.uname().release}, load {load} at the start"


def peak_floor(folder):
    """Peak memory in MiB of a program that needs none: what this very process counts for in every other one."""
    return run_once(Contender("true", ["true"]), os.path.join(folder, "output")).peak_kib / 1024
