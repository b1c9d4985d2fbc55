#!/usr/bin/env python3
"""Scores our inventories of single fixtures against what other scanners find in them: packages with versions, edges, and what for.

    score.py --inventory PROGRAM --expected TABLE [--only REGEX] [--show] ROOT

ROOT is the folder that the fixtures of TABLE lie in. TABLE has a line for each package: fixture, format, name, version, with tabs between
them, empty names where nothing is expected. A fixth column says `direct` or `transitive`, and `dev` or `prod`, where the peer tells. An edge
has a name and a version more. Each fixture is read by itself as `staging.py` lays it. PROGRAM is the example `inventory` of the crate
palisade-deps.

Printed for each format: `raw` compares all pairs of name and version, a missing version being an empty one; `ruled` what the rules of
README.md leave of these, which speak of formats and never of a fixture. `edges raw` compares all edges of the fixtures for which the peer
states any, `edges` those between packages that both know; `direct` and `dev` which of these the project asks for, and which only
developers need.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib

import staging

# Ecosystems whose names have no case, and formats that tell only the last part of a name.
FOLDED = r"(^|/)(nuget|dotnet|composer|composerlock|php|packagesconfig|packageslockjson|nugetcpm|projectassetsjson|paketlock|paketdependencies)(/|$)"
LAST_PART = r"^(java|swift)$|^manifests(-sample)?/(carthage|swift)/"


def key(form, name, version):
    """Names as their ecosystems compare them. Go's versions have their `v` or not, and its standard library a `go`."""
    name, version = name.strip(), {"UNKNOWN": "", "unknown": ""}.get(version.strip(), version.strip())
    if "python" in form:
        name = re.sub("[-_.]+", "-", name).lower()
    if "golang" in form:
        # osv-scalibr calls the library of programs `go`; `(devel)` is Go's word for no version.
        name = {"go": "stdlib"}.get(name, name)
        version = re.sub("^(v|go)", "", version).replace("(devel)", "")
    if "githubactions" in form or form.startswith("misc/githubactions"):
        # An action in a folder and a workflow that is called: some name the file, some the repository.
        name = "/".join(name.split("/")[:2])
    if re.search(r"godeps(\.json)?$|detect/golang$", form, re.I):
        # A folder in a repository, before there were modules.
        name = "/".join(name.split("/")[: 4 if name.startswith("code.google.com/") else 3])
    if form.endswith(("workflow.yml", "action.yml")):
        # The scheme says that an image is one.
        name = name.removeprefix("docker://")
    if "composer" in form:
        # Composer reads `v1.0` as 1.0.
        version = re.sub(r"^v(?=\d)", "", version)
    if "swift" in form or "packageresolved" in form:
        name = re.sub(r"^(https?://|git@|ssh://git@)|\.git$", "", name).replace("github.com:", "github.com/").lower()
    if "clojure" in form:
        # A library without a group has its own name for it, and Maven's sign between both is another one.
        name = name.replace("/", ":") if re.search("[/:]", name) else f"{name}:{name}"
    # What pins one version in the notations of NuGet and of Ruby.
    version = re.sub(r"^\[([^,\[\]()]+)\]$|^= *", r"\1", version)
    if re.search(FOLDED, form):
        name, version = name.lower(), version.lower()
    if re.search(LAST_PART, form):
        name = re.split("[/:]", name)[-1]
    return name, version


class Told:
    """What one side tells of a fixture."""

    def __init__(self):
        self.packages, self.edges, self.direct, self.dev, self.related, self.whole, self.problems = set(), set(), set(), set(), False, [], []
        # What a peer tells though a record only says which version it would have.
        self.managed = set()

    def relate(self, pair, direct, dev):
        self.related = True
        if direct:
            self.direct.add(pair)
        if dev:
            self.dev.add(pair)


def table(path, only):
    told, forms = collections.defaultdict(Told), {}
    for line in open(path, encoding="utf-8"):
        # Some peers print messages besides.
        if "\t" not in line:
            continue
        fixture, form, *rest = line.rstrip("\n").split("\t")
        if not re.search(only, form):
            continue
        forms[fixture] = form
        pair = key(form, *rest[:2])
        if len(rest) == 4:
            told[fixture].edges.add((pair, key(form, *rest[2:])))
        elif pair[0]:
            told[fixture].packages.add(pair)
            if rest[2:] == ["managed"]:
                told[fixture].managed.add(pair)
            elif len(rest) == 3:
                told[fixture].relate(pair, "direct" in rest[2], "dev" in rest[2])
    return told, forms


def ours(program, root, forms):
    """Stages each fixture in a folder of its own and reads them all."""
    told, counted, order = collections.defaultdict(Told), {}, sorted(forms)
    with tempfile.TemporaryDirectory() as stage:
        for number, fixture in enumerate(order):
            files, counted[fixture] = staging.staged(root, fixture, forms[fixture])
            os.makedirs(os.path.join(stage, f"{number:05}"))
            staging.copy(files, os.path.join(stage, f"{number:05}"))
        run = subprocess.run([program, stage], capture_output=True, check=True)
    for line in run.stdout.splitlines():
        project = json.loads(line)
        fixture = order[int(project["project"])]
        told[fixture].problems = [problem[1:] for problem in project["problems"]]
        for file in project["files"]:
            if counted[fixture] is None or file["path"] in counted[fixture]:
                take(told[fixture], forms[fixture], file["packages"])
    return told


def take(told, form, packages):
    pairs = [key(form, one["name"], one.get("version") or "") for one in packages]
    told.packages.update(pairs)
    told.whole.extend(zip(pairs, packages))
    for pair, one in zip(pairs, packages):
        told.edges.update((pair, pairs[target]) for target in one.get("dependencies", []))
        told.relate(pair, one["relation"] == "direct", one["scope"] in SIDE)


class Score:
    def __init__(self):
        self.same = self.more = self.less = 0

    def add(self, left, right):
        self.same, self.more, self.less = self.same + len(left & right), self.more + len(left - right), self.less + len(right - left)

    def __str__(self):
        total = 2 * self.same + self.more + self.less
        precision, recall = self.same / max(1, self.same + self.more), self.same / max(1, self.same + self.less)
        return f"{self.same:5} {self.more:4} {self.less:4}  {precision:.3f} {recall:.3f} {2 * self.same / max(1, total):.3f}"


# What is not for production.
SIDE = ("dev", "test", "build", "peer")
# Formats of manifests of which the peers tell the package itself alone, and not what it asks for.
OWN_ONLY = r"(^|/)(packagejson|pyprojecttoml)$"
# Formats whose readers leave out what is not for production; ours says so in the scope.
WITHOUT_SIDE = r"^(snyk/.*|nodejs/pnpm|python/pipfile|java/pom|c/conan|nuget/config|sbt/lockfile|php/composer|php|dart/pub|language/java/pomxml|snyk-trees/composer/production)$"
# And what is optional besides.
WITHOUT_OPTIONAL = r"^snyk/pnpm"
# Formats whose readers leave out what comes from repositories and folders; ours says so in the origin.
FROM_REGISTRIES = r"^nodejs/yarn$"

# What stands in ranges and in texts that are not filled in, and in no version.
RANGE = r"[<>*$]|::|(^|[ ,|])[~^]"
# Formats of which the peer's tests name some packages and not all.
SAMPLED = r"^manifests-sample"
# Formats whose readers tell a branch of Composer by another name for it, which the package gives.
BRANCHES = r"^snyk-trees/composer"


def own_of(form, fixture):
    """The project whose lockfile or manifest a fixture is, where the lockfile does not say that it is local."""
    if os.path.isdir(fixture):
        return set()
    text = open(fixture, "rb").read().decode(errors="replace")
    if re.search("/(npm|packagelockjson|npm_package_lock_json)$", form):
        document = json.loads(text)
        root = document.get("packages", {}).get("", document)
        return {(root.get("name", document.get("name", "")), root.get("version", ""))}
    if re.search("/(yarn|yarnlock)$", form):
        names = set(re.findall(r'resolution: "(@?[^@"]+)@workspace:\.', text))
        return {(name, version) for name in names for version in re.findall(r"version: (\S+)\n  resolution: .%s@" % re.escape(name), text)}
    if re.search("/(uv|uvlock)$", form):
        own = [one for one in tomllib.loads(text).get("package", []) if "." in (one.get("source", {}).get("virtual"), one.get("source", {}).get("editable"))]
        return {key(form, one["name"], one.get("version", "")) for one in own}
    return set()


def by_extras(form, fixture):
    """Edges of poetry.lock that stand in `extras` alone: which ones were asked for, the file does not say."""
    if not form.endswith("python/poetry"):
        return set()
    packages = tomllib.loads(open(fixture, encoding="utf-8").read())["package"]
    versions = collections.defaultdict(set)
    for one in packages:
        versions[key(form, one["name"], "")[0]].add(one["version"])
    edges = set()
    for one in packages:
        needed = {key(form, name, "")[0] for name in one.get("dependencies", {})}
        named = {key(form, re.match(r"[\w.-]+", need)[0], "")[0] for extra in one.get("extras", {}).values() for need in extra}
        for name in named - needed:
            edges.update((key(form, one["name"], one["version"]), (name, version)) for version in versions[name])
    return edges


def ruled(form, fixture, mine, theirs):
    """Ours and the peer's after the rules of README.md, in their order."""
    left, right = set(mine.packages), set(theirs.packages) - (theirs.managed - mine.packages)
    for pair, one in mine.whole:
        is_local = one["origin"]["kind"] == "local"
        declared = one["evidence"] == "declared" and not is_local
        if re.search(OWN_ONLY, form) and declared:
            left.discard(pair)
        is_optional = one["scope"] == "optional" and re.search(WITHOUT_OPTIONAL, form)
        if re.search(WITHOUT_SIDE, form) and (one["scope"] in SIDE or is_optional):
            left.discard(pair)
            right.discard(pair)
        if re.search(FROM_REGISTRIES, form) and one["origin"]["kind"] in ("local", "git"):
            left.discard(pair)
        if is_local and pair not in right:
            left.discard(pair)
        # A commit where the peer tells no version.
        if re.fullmatch("[0-9a-f]{40}", pair[1]) and (pair[0], "") in theirs.packages:
            left.discard(pair)
        # A range, or the lower end of one, is no version.
        if not one.get("version"):
            wanted = one.get("wanted") or ""
            parts = {part.strip(".") for part in re.split(r"[^0-9A-Za-z.+!]+", wanted) if part} | {wanted} - {""}
            ends = re.compile("|".join(re.escape(part) + r"(\.0)*" for part in sorted(parts)) or "$.")
            right -= {other for other in right if other[0] == pair[0] and ends.fullmatch(other[1])}
    right = {pair for pair in right if not re.search(RANGE, pair[1])}
    if re.search(BRANCHES, form):
        left, right = ({pair for pair in pairs if not re.search("^dev-|-dev$", pair[1])} for pairs in (left, right))
    own = own_of(form, fixture)
    return pinned(left) - own, pinned(right) - own


def pinned(pairs):
    """Pairs of which the version is known."""
    return {pair for pair in pairs if pair[1]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inventory", required=True)
    parser.add_argument("--expected", required=True)
    parser.add_argument("--only", default="", help="regular expression of formats")
    parser.add_argument("--show", action="store_true", help="print each difference that the rules leave")
    parser.add_argument("root")
    options = parser.parse_args()
    wanted, forms = table(options.expected, options.only)
    for absent in [fixture for fixture in forms if not os.path.exists(os.path.join(options.root, fixture))]:
        print(f"{absent} is not there", file=sys.stderr)
        del forms[absent]
    found = ours(options.inventory, options.root, forms)
    tells_dev = {forms[fixture] for fixture in forms if wanted[fixture].dev}
    scores = collections.defaultdict(lambda: collections.defaultdict(Score))
    for fixture in sorted(forms):
        form, left, right, path = forms[fixture], found[fixture], wanted[fixture], os.path.join(options.root, fixture)
        if re.search(SAMPLED, form):
            names = {name for name, _ in right.packages}
            left.packages = {pair for pair in left.packages if pair[0] in names}
        compared = {"ruled": ruled(form, path, left, right)}
        both = compared["ruled"][0] & compared["ruled"][1]
        raw = {"raw": (left.packages, right.packages)}
        # Where a peer states no edge at all it may not read them.
        if right.edges:
            raw["edges raw"] = left.edges, right.edges
            inner = [{edge for edge in edges if set(edge) <= both} - by_extras(form, path) for edges in (left.edges, right.edges)]
            compared["edges"] = tuple(inner)
        if right.related:
            compared["direct"] = left.direct & both, right.direct & both
            if form in tells_dev and not re.search(WITHOUT_SIDE, form):
                compared["dev"] = left.dev & both, right.dev & both
        for kind, sides in {**raw, **compared}.items():
            scores[form][kind].add(*sides)
            scores["all"][kind].add(*sides)
        if options.show:
            show(fixture, left.problems, compared)
    print(f"{'':42} same more less  precision recall F1")
    for form in sorted(scores, key=lambda name: (name == "all", name)):
        for kind, score in scores[form].items():
            print(f"{form:32} {kind:9} {score}")


def show(fixture, problems, compared):
    lines = []
    for kind, (left, right) in compared.items():
        for sign, some in (("+", left - right), ("-", right - left)):
            lines += [f"  {sign} {kind} {' '.join(' '.join(part) if isinstance(part, tuple) else part for part in one)}" for one in sorted(some)]
    if lines:
        print(fixture, *problems, *lines, sep="\n" if len(problems) < 4 else " ")


if __name__ == "__main__":
    main()
