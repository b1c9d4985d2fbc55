#!/usr/bin/env python3
"""Puts our orders and ranges beside those of the ecosystems' own tools, on random texts made of what versions are made of.

    differential.py [--pairs N] [--seed N] [--jar maven-artifact.jar] [--answers PROGRAM] [NAME...]

Each NAME (all by default) asks one tool. A tool that is missing is named and left out; named on the command line, it is an error.
Exit code 1 when a decided answer differs more often than EXPECTED allows.
"""

import argparse
import ctypes
import importlib
import os
import random
import shutil
import subprocess
import sys
import tempfile

NUMBERS = ["0", "1", "2", "10", "01", "00", "9", "007", "20240101"]

# name: scheme, first pieces, words, separators
ORDERS = {
    "dpkg": ("deb", NUMBERS, ["a", "b", "rc", "~", "~~", "+", "Z", "deb"], [".", "", "~", "+", "-", ":"]),
    "rpm": ("rpm", NUMBERS + ["a"], ["a", "b", "rc", "~", "^", "git", "Z"], [".", "", "~", "^", "_", "+"]),
    "alpm": ("alpm", NUMBERS + ["1:1", "a"], ["a", "b", "rc", "git", "Z"], [".", "", "-", "_", "+", ".."]),
    "packaging": ("pypi", NUMBERS + ["1!2", "v1"], ["a", "b", "rc", "c", "post", "dev", "alpha", "pre", "rev", "+l", "+1.a"], [".", "", "-", "_", "+"]),
    "maven": ("maven", NUMBERS, ["alpha", "beta", "a", "m", "rc", "cr", "snapshot", "ga", "final", "sp", "foo", "RC1", "Final"], [".", "-", ""]),
    "node-semver": ("npm", ["1.2.3", "0.0.1", "10.0.0", "1.2.3-", "1.2.3-a."], ["a", "rc", "-x", "alpha", "+b", "1a"], [".", "", "-", "+"]),
    "gem": ("gem", NUMBERS, ["a", "b", "rc", "pre", "A", "beta"], [".", "", "-", "."]),
    "conda": ("conda", NUMBERS + ["1!2"], ["a", "b", "rc", "dev", "post", "*", "g", "A", "alpha", "_"], [".", "", "-", "_", "+", "."]),
    "conan": ("conan", NUMBERS + ["a"], ["a", "b", "rc", "pre", "alpha", "*"], [".", "", "-", "+", "."]),
    "portage": ("gentoo", NUMBERS, ["_alpha", "_beta1", "_pre", "_rc2", "_p", "_p1", "a", "b", "-r1", "-r0"], [".", "", "."]),
    "elixir": ("hex", ["1.2.3", "0.0.1", "10.0.0", "1.2.3-", "1.2.3-a."], ["a", "rc", "-x", "alpha", "+b", "1a"], [".", "", "-", "+"]),
    "r": ("cran", NUMBERS, ["1", "2"], [".", "-", ".", "-", ""]),
    "php": ("composer", NUMBERS, ["a", "b", "rc", "RC", "dev", "alpha", "p", "pl", "foo"], [".", "", "-", "_", "+"]),
}

RANGES = {
    "node-semver-ranges": ("npm", ["", "^", "~", ">=", "<", "<=", ">", "="], " ", " || "),
    "packaging-ranges": ("pypi", ["==", "!=", ">=", "<=", "<", ">", "~="], ",", None),
    "gem-ranges": ("gem", ["~> ", ">= ", "<= ", "< ", "> ", "= ", "!= "], ", ", None),
}

VERSIONS = {
    "npm": ["0.0.0", "0.0.1", "0.1.0", "0.2.0", "1.0.0", "1.2.3", "1.2.4", "1.3.0", "2.0.0", "1.2.3-beta.1", "1.2.3-0", "2.0.0-rc.1", "2.0.0-0", "0.0.1-beta"],
    "pypi": ["0", "1", "1.0", "1.1.1", "2", "1.0a1", "1.0.dev0", "1.0.post1", "1.1rc1", "2.0a1", "1.0+x", "1!1.0", "1.0.post1.dev2", "1.0.post1+l"],
    "gem": ["0", "1", "1.0", "1.1", "1.1.1", "1.2", "2", "2.0.0", "1.0.a", "1.0.rc1", "1.1.a", "2.0.0.b", "1.2.0.pre1", "3"],
}

# Share of decided pairs that may differ. Maven's own order has circles (a word above nothing, nothing above a list that begins with alpha,
# a list above a word), which no key can follow. Conan's numbers are Python's, to which +0 and -0 are numbers too.
EXPECTED = {"maven": 0.006, "conan": 0.001}
# Asked as pairs: the tools' answers are no order of all versions, or texts that are none are equal to themselves.
PAIRS = ("php", "alpm", "conan", "portage")

NODE = """const semver = require(process.argv[1]);
const lines = require('fs').readFileSync(0, 'utf8').trimEnd().split('\\n');
for (const line of lines) { const [a, b] = line.split('\\t'); let out = '?';
  try { out = process.argv[2] === 'ranges' ? (new semver.Range(a).test(b) ? 'y' : 'n') : '<=>'[semver.compare(a, b) + 1]; } catch (e) {}
  console.log(out); }"""
RUBY = """STDIN.each_line { |line| a, b = line.chomp.split("\t"); begin
  if ARGV[0] == 'ranges' then puts(Gem::Requirement.new(a.split(',').map(&:strip)).satisfied_by?(Gem::Version.new(b)) ? 'y' : 'n')
  else puts '<=>'[(Gem::Version.new(a) <=> Gem::Version.new(b)) + 1] end
  rescue ArgumentError then puts '?' end }"""
PHP = """while (($line = fgets(STDIN)) !== false) { [$a, $b] = explode("\\t", rtrim($line, "\\n"));
  echo '<=>'[version_compare($a, $b) + 1], "\\n"; }"""
ELIXIR = """IO.stream(:stdio, :line) |> Enum.each(fn line ->
  [a, b] = line |> String.trim_trailing("\\n") |> String.split("\\t")
  IO.puts(try do case Version.compare(a, b) do :lt -> "<"; :gt -> ">"; :eq -> "=" end rescue _ -> "?" end) end)"""
R = """for (line in readLines(file("stdin"))) { pair <- strsplit(line, "\\t", fixed = TRUE)[[1]]
  cat(tryCatch(c("<", "=", ">")[compareVersion(as.character(numeric_version(pair[1])), as.character(numeric_version(pair[2]))) + 2],
    error = function(e) "?"), "\\n", sep = "") }"""
LUA = """%{{lua: for line in io.lines("{}") do local a, b = line:match("([^\\t]*)\\t([^\\t]*)"); local order = rpm.vercmp(a, b)
  print(order < 0 and "<\\n" or order > 0 and ">\\n" or "=\\n") end}}"""
JAVA = """import java.io.*; import org.apache.maven.artifact.versioning.ComparableVersion;
public class Order { public static void main(String[] none) throws Exception {
  BufferedReader in = new BufferedReader(new InputStreamReader(System.in)); String line;
  while ((line = in.readLine()) != null) { String[] pair = line.split("\\t", -1);
    System.out.println("<=>".charAt(Integer.signum(new ComparableVersion(pair[0]).compareTo(new ComparableVersion(pair[1]))) + 1)); } } }"""


class Missing(Exception):
    pass


def lines(pairs):
    return "".join(f"{left}\t{right}\n" for left, right in pairs)


def ask(command, pairs):
    if shutil.which(command[0]) is None:
        raise Missing(command[0])
    done = subprocess.run(command, input=lines(pairs), capture_output=True, text=True)
    if done.returncode != 0:
        raise Missing(f"{command[0]}: {done.stderr.strip()[-200:]}")
    return done.stdout.split()


def dpkg(pairs, _):
    answers = []
    for left, right in pairs:
        runs = [subprocess.run(["dpkg", "--compare-versions", left, sign, right], capture_output=True) for sign in ("lt", "eq")]
        answers.append("?" if runs[0].stderr else "<" if runs[0].returncode == 0 else "=" if runs[1].returncode == 0 else ">")
    return answers


def rpm(pairs, _):
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
        file.write(lines(pairs))
        file.flush()
        return ask(["rpm", "--eval", LUA.format(file.name)], [])


def alpm(pairs, _):
    try:
        library = ctypes.CDLL("libalpm.so.13")
    except OSError as error:
        raise Missing(str(error)) from error
    order = library.alpm_pkg_vercmp
    return ["<=>"[order(left.encode(), right.encode()) + 1] for left, right in pairs]


def packaging(pairs, _):
    try:
        from packaging.version import InvalidVersion, Version
    except ImportError as error:
        raise Missing(str(error)) from error
    answers = []
    for left, right in pairs:
        try:
            a, b = Version(left), Version(right)
            answers.append("<" if a < b else ">" if a > b else "=")
        except InvalidVersion:
            answers.append("?")
    return answers


def python_order(module, name, flaws):
    """The order of a class of Python's; what it refuses with one of `flaws` is undecided."""

    def order(pairs, _):
        try:
            version = getattr(importlib.import_module(module), name)
        except ImportError as error:
            raise Missing(str(error)) from error
        answers = []
        for left, right in pairs:
            try:
                a, b = version(left), version(right)
                answers.append("<" if a < b else ">" if b < a else "=")
            except flaws:
                answers.append("?")
        return answers

    return order


def portage(pairs, _):
    try:
        from portage.versions import vercmp
    except ImportError as error:
        raise Missing(str(error)) from error
    orders = [vercmp(left, right) for left, right in pairs]
    return ["?" if order is None else "<" if order < 0 else ">" if order > 0 else "=" for order in orders]


def php(pairs, _):
    """PHP says of some pairs that each is less than the other; it has not decided those."""
    turned = {"<": ">", ">": "<", "=": "="}
    answers = ask(["php", "-r", PHP], pairs)
    others = ask(["php", "-r", PHP], [(right, left) for left, right in pairs])
    return [answer if turned[other] == answer else "?" for answer, other in zip(answers, others)]


def packaging_ranges(pairs, _):
    try:
        from packaging.specifiers import InvalidSpecifier, SpecifierSet
    except ImportError as error:
        raise Missing(str(error)) from error
    answers = []
    for text, version in pairs:
        try:
            named = SpecifierSet(text)
            answers.append("y" if named.contains(version, prereleases=bool(named.prereleases)) else "n")
        except InvalidSpecifier:
            answers.append("?")
    return answers


def maven(pairs, options):
    if not options.jar:
        raise Missing("--jar names no maven-artifact.jar")
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "Order.java")
        with open(source, "w") as file:
            file.write(JAVA)
        return ask(["java", "-cp", options.jar, source], pairs)


def node(question):
    where = "/usr/lib/node_modules/npm/node_modules/semver"
    return lambda pairs, _: ask(["node", "-e", NODE, os.environ.get("SEMVER", where), question], pairs)


TOOLS = {
    "dpkg": dpkg,
    "rpm": rpm,
    "alpm": alpm,
    "packaging": packaging,
    "maven": maven,
    "node-semver": node("keys"),
    "gem": lambda pairs, _: ask(["ruby", "-e", RUBY, "keys"], pairs),
    "php": php,
    "conda": python_order("conda.models.version", "VersionOrder", (ValueError, IndexError)),
    "conan": python_order("conan.internal.model.version", "Version", ()),
    "portage": portage,
    "elixir": lambda pairs, _: ask(["elixir", "-e", ELIXIR], pairs),
    "r": lambda pairs, _: ask(["Rscript", "-e", R], pairs),
    "node-semver-ranges": node("ranges"),
    "packaging-ranges": packaging_ranges,
    "gem-ranges": lambda pairs, _: ask(["ruby", "-e", RUBY, "ranges"], pairs),
}


def random_version(chance, first, words, separators):
    text = chance.choice(first)
    for _ in range(chance.randint(0, 5)):
        text += chance.choice(separators) + chance.choice(NUMBERS[:7] if chance.random() < 0.55 else words)
    return text


def changed(chance, text, words, separators):
    place = chance.randint(0, len(text))
    kind = chance.random()
    if kind < 0.35:
        return text[:place] + chance.choice(separators + words + NUMBERS[:6]) + text[place:]
    if kind < 0.6:
        return text[:place] + text[place + 1 :]
    return text + chance.choice(separators) + chance.choice(words + NUMBERS[:6])


def random_pairs(name, chance, count):
    if name in RANGES:
        scheme, signs, between, alternatives = RANGES[name]
        pool = VERSIONS[scheme]
        pairs = []
        for _ in range(count):
            parts = [
                between.join(chance.choice(signs) + chance.choice(pool) for _ in range(chance.choice([1, 1, 2])))
                for _ in range(chance.choice([1, 1, 2]) if alternatives else 1)
            ]
            pairs.append(((alternatives or "").join(parts), chance.choice(pool)))
        return pairs
    _, first, words, separators = ORDERS[name]
    pairs = []
    while len(pairs) < count:
        left = random_version(chance, first, words, separators)
        right = changed(chance, left, words, separators) if chance.random() < 0.75 else random_version(chance, first, words, separators)
        if left and right:
            pairs.append((left, right))
    return pairs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    target = os.environ.get("CARGO_TARGET_DIR", "target")
    parser.add_argument("--pairs", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jar")
    parser.add_argument("--answers", default=os.path.join(target, "debug/examples/answers"))
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    failed = False
    for name in options.names or list(TOOLS):
        pairs = random_pairs(name, random.Random(options.seed), min(options.pairs, 1500) if name == "dpkg" else options.pairs)
        scheme = (RANGES.get(name) or ORDERS[name])[0]
        question = "ranges" if name in RANGES else "pairs" if name in PAIRS else "keys"
        try:
            theirs = TOOLS[name](pairs, options)
        except Missing as missing:
            print(f"{name}: left out, {missing}")
            failed |= name in options.names
            continue
        ours = ask([options.answers, scheme, question], pairs)
        assert len(ours) == len(theirs) == len(pairs), (len(ours), len(theirs), len(pairs))
        decided = [row for row in zip(pairs, theirs, ours) if row[1] != "?"]
        refused = sum(row[2] == "?" for row in decided)
        wrong = [row for row in decided if row[2] not in ("?", row[1])]
        print(f"{name}: {len(pairs)} pairs, {len(decided)} decided by the tool, {len(wrong)} differ, {refused} refused by us")
        for (left, right), their, our in wrong[:10]:
            print(f"    {left!r} {right!r}: {their} there, {our} here")
        failed |= len(wrong) > EXPECTED.get(name, 0) * len(decided)
    sys.exit(failed)


if __name__ == "__main__":
    main()
