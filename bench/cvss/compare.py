#!/usr/bin/env python3
"""Holds our CVSS scores to those of the PyPI package `cvss` on random vectors, and on every base vector of version 2.

    pip install cvss
    cargo build -p palisade-advisory --example cvss
    bench/cvss/compare.py PROGRAM [COUNT] [SEED]

PROGRAM is the built example. Prints how many vectors of each version were compared and each difference; fails when there is one.
"""
import itertools
import random
import subprocess
import sys
from collections import Counter

from cvss import CVSS2, CVSS3, CVSS4
from cvss import constants2, constants3, constants4

def random_vector(rng, prefix, values, mandatory, optional_share):
    parts = []
    for metric, known in values.items():
        if metric in mandatory or rng.random() < optional_share:
            parts.append(f"{metric}:{rng.choice(list(known))}")
    return prefix + "/".join(parts)


def tenths(score):
    return None if score is None else round(score * 10)


def scores2(vector):
    base, temporal, environmental = CVSS2(vector).scores()
    last = next((s for s in (environmental, temporal) if s is not None), base)
    return tenths(base), tenths(last)


def scores3(vector):
    base, temporal, environmental = CVSS3(vector).scores()
    return tenths(base), tenths(environmental if has_environment3(vector) else temporal)


def has_environment3(vector):
    names = {"CR", "IR", "AR", "MAV", "MAC", "MPR", "MUI", "MS", "MC", "MI", "MA"}
    return any(part.split(":")[0] in names and not part.endswith(":X") for part in vector.split("/")[1:])


def scores4(vector):
    score = tenths(CVSS4(vector).base_score)
    return score, score


def vectors(count, rng):
    base2 = {m: v for m, v in constants2.METRICS_VALUE_NAMES.items() if m in constants2.METRICS_MANDATORY}
    for values in itertools.product(*(list(v) for v in base2.values())):
        yield "2 base", "/".join(f"{m}:{v}" for m, v in zip(base2, values)), scores2
    base3 = {m: v for m, v in constants3.METRICS_VALUE_NAMES.items() if m in constants3.METRICS_MANDATORY}
    for values in itertools.product(*(list(v) for v in base3.values())):
        yield "3.1 base", "CVSS:3.1/" + "/".join(f"{m}:{v}" for m, v in zip(base3, values)), scores3
    for _ in range(count):
        share = rng.choice([0, 0.3, 1])
        yield "2", random_vector(rng, "", constants2.METRICS_VALUE_NAMES, constants2.METRICS_MANDATORY, share), scores2
        for minor in "01":
            prefix = f"CVSS:3.{minor}/"
            yield "3." + minor, random_vector(rng, prefix, constants3.METRICS_VALUE_NAMES, constants3.METRICS_MANDATORY, share), scores3
        yield "4.0", random_vector(rng, "CVSS:4.0/", constants4.METRICS_VALUE_NAMES, constants4.METRICS_MANDATORY, share), scores4


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    cases = list(vectors(count, rng))
    given = "\n".join(vector for _, vector, _ in cases) + "\n"
    ours = subprocess.run([program], input=given, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(ours) == len(cases)
    compared, different = Counter(), Counter()
    for (kind, vector, scores), line in zip(cases, ours):
        theirs = scores(vector)
        mine = None if line == "!" else tuple(round(float(score) * 10) for score in line.split())
        compared[kind] += 1
        if mine != theirs:
            different[kind] += 1
            if different[kind] <= 5:
                print(f"{kind}: {vector}: ours {mine}, theirs {theirs}")
    for kind in sorted(compared):
        print(f"{kind}: {compared[kind]} vectors, {different[kind]} different")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
