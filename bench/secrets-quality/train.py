#!/usr/bin/env python3
"""Learns the classifier's weights: `train.py MEASURES LABELS.tsv THEIRS.tsv SYNTHETIC.tsv CLEAN.tsv... > weights.rs`.

MEASURES is what `candidates --measures` prints; all other inputs are the output of the example `candidates`. LABELS.tsv and THEIRS.tsv (labels of
CredData) have a column T, F or A (ambiguous, left out) and the repository before it; of one name and value of a repository three lines
count in the first and two in the second. Values in SYNTHETIC.tsv are credentials when they come from true.txt; none in CLEAN.tsv is. Logistic regression with an L2
penalty; weights are rounded to whole numbers (a score is the sum of weight times measure, in 4096ths of a natural logarithm).
Prints what it thinks of itself by leaving out one repository after another to stderr. Needs numpy and scikit-learn.
"""

import collections
import random
import re
import sys

import numpy
from sklearn.linear_model import LogisticRegression

ORDER: dict[str, int] = {}
# How many copies of a line count, and what a line weighs that is labelled, or made up or clean.
COPIES_OF_OURS, COPIES_OF_THEIRS = 3, 2
LABELLED, OTHERS = 10.0, 0.3
SCALE = 4096
UUID = re.compile("[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def parse(line, head):
    fields = line.rstrip("\n").split("\t")
    before, fields = fields[:head], fields[head:]
    measures = dict((name, int(value)) for name, value in (item.rsplit(":", 1) for item in fields[9].split(";") if item))
    for name in measures:
        ORDER.setdefault(name, len(ORDER))
    return before, fields, measures


def load(path, head=0):
    with open(path, encoding="utf-8", errors="replace") as lines:
        return [parse(line, head) for line in lines]


def labels(path, copies):
    """Labelled lines, without those that say nothing."""
    seen = collections.Counter()
    for before, fields, measures in load(path, 2):
        value = (*before, fields[3], fields[4])
        seen[value] += 1
        if seen[value] <= copies and before[0] != "A" and fields[10] != "-1" and not is_settled(fields):
            yield before, fields, measures


def is_settled(fields):
    """Whether the rule lays a value aside whatever its score, so that nothing is to be learnt from it."""
    name, value, promise = fields[3], fields[4], fields[8]
    digest = re.fullmatch("[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}", value) and re.search("[a-z]", name)
    found = "Weak" in promise and (UUID.fullmatch(value) or ("qualified: true" in promise and digest))
    return "ends: false" in promise or found


def matrix(rows):
    out = numpy.zeros((len(rows), len(ORDER)))
    for at, row in enumerate(rows):
        for name, value in row.items():
            out[at, ORDER[name]] = value / 16
    return out


def main():
    names = [line.strip() for line in open(sys.argv[1])]
    for name in names:
        ORDER[name] = len(ORDER)
    fixed = len(ORDER)
    labelled = [*labels(sys.argv[2], COPIES_OF_OURS), *labels(sys.argv[3], COPIES_OF_THEIRS)]
    synthetic = [item for item in load(sys.argv[4]) if item[1][10] != "-1"]
    clean = [item for path in sys.argv[5:] for item in load(path) if item[1][10] != "-1"]
    random.Random(1).shuffle(clean)
    clean = clean[:6000]
    assert len(ORDER) == fixed, list(ORDER)[fixed:]
    x = matrix([item[2] for item in labelled + synthetic + clean])
    y = numpy.array([item[0][0] == "T" for item in labelled] + ["true" in item[1][0] for item in synthetic] + [False] * len(clean))
    per_repo = collections.Counter(item[0][1] for item in labelled)
    weight = numpy.array([LABELLED] * len(labelled) + [OTHERS] * (len(synthetic) + len(clean)))
    groups = numpy.array([item[0][1] for item in labelled] + [""] * (len(synthetic) + len(clean)))
    odds = {}
    for repo in per_repo:
        rest = groups != repo
        model = LogisticRegression(C=0.1, max_iter=3000).fit(x[rest], y[rest], sample_weight=weight[rest])
        for at in numpy.flatnonzero(groups == repo):
            odds[at] = model.decision_function(x[at : at + 1])[0]
    print("left out one by one:", file=sys.stderr)
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        cut = numpy.log(threshold / (1 - threshold))
        good = sum(1 for at, value in odds.items() if value >= cut and y[at])
        bad = sum(1 for at, value in odds.items() if value >= cut and not y[at])
        all_good = sum(1 for at in odds if y[at])
        precision, recall = good / max(1, good + bad), good / all_good
        print(f"{threshold}: precision {precision:.3f} recall {recall:.3f} F1 {2 * precision * recall / (precision + recall + 1e-9):.3f}", file=sys.stderr)
    for at, value in sorted(odds.items(), key=lambda pair: -abs(pair[1])):
        if (value >= 0) != y[at] and "-v" in sys.argv[0:1] + [""]:
            print(labelled[at][1][:5], value, file=sys.stderr)
    with open("/tmp/quality-errors.txt", "w") as out:
        for at, value in sorted(odds.items(), key=lambda pair: -pair[1]):
            if (value >= 0) != y[at]:
                out.write(f"{'T' if y[at] else 'F'} {value:.2f} {labelled[at][1][:7]} {labelled[at][0][1]} {labelled[at][1][9]}\n")
    model = LogisticRegression(C=0.1, max_iter=3000).fit(x, y, sample_weight=weight)
    print("//! Made by `bench/secrets-quality/train.py`: weights of measures, in 4096ths of a natural logarithm each.\n")
    # A measure of 16 weighs one coefficient; odds are in 256ths after division by 16.
    print(f"pub(super) const BIAS: i32 = {round(model.intercept_[0] * SCALE)};")
    print("pub(super) const WEIGHTS: &[(&str, i32)] = &[")
    for name, at in ORDER.items():
        print(f'    ("{name}", {round(model.coef_[0][at] * SCALE / 16)}),')
    print("];")


main()
