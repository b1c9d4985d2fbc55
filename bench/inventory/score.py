#!/usr/bin/env python3
"""Scores our inventories of single fixtures against what other scanners find in them: packages with versions, and edges.

    score.py --inventory PROGRAM --expected TABLE [--only REGEX] [--show] ROOT

ROOT is the folder that the fixtures of TABLE lie in. TABLE has a line for each package: fixture, format, name, version, with tabs between
them, empty names where nothing is expected; an edge has a name and a version more. Each fixture is scanned by itself under the
name that its format is known by. PROGRAM is the example `inventory` of the crate palisade-lockfile.

Printed for each format: `raw` compares all pairs of name and version, a missing version being an empty one; `pinned` those with a
version, as a range is none and scanners disagree what to tell of one; `ruled` what the rules of README.md leave of these, which speak of
formats and never of a fixture. `edges raw` compares all edges of the fixtures for which the peer states any, `edges` those between
packages that both know.
"""
import argparse
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib

# The path that a fixture is scanned as when it is not called so already, by the last part of its format.
CALLED = {
    "npm": "package-lock.json", "packagelockjson": "package-lock.json", "packagejson": "package.json",
    "pnpm": "pnpm-lock.yaml", "pnpmlock": "pnpm-lock.yaml", "yarn": "yarn.lock", "yarnlock": "yarn.lock",
    "bun": "bun.lock", "bunlock": "bun.lock", "denojson": "deno.json", "denolock": "deno.lock",
    "packaging": "lib/python3/site-packages/x.dist-info/METADATA", "wheelegg": "lib/python3/site-packages/x.dist-info/METADATA",
    "pip": "requirements.txt", "requirements": "requirements.txt", "pipenv": "Pipfile.lock", "pipfilelock": "Pipfile.lock",
    "poetry": "poetry.lock", "poetrylock": "poetry.lock", "pdmlock": "pdm.lock", "pylock": "pylock.toml", "uv": "uv.lock",
    "uvlock": "uv.lock", "setup": "setup.py", "pyprojecttoml": "pyproject.toml", "condameta": "conda-meta/x.json",
    "mod": "go.mod", "gomod": "go.mod", "sum": "go.sum", "vendormodules": "vendor/modules.txt",
    "cargo": "Cargo.lock", "cargolock": "Cargo.lock", "cargotoml": "Cargo.toml",
    "dockerbaseimage": "Dockerfile", "dockercomposeimage": "compose.yaml", "k8simage": "k8s/manifest.yaml",
    "githubactions": ".github/workflows/x.yml", "workflow": ".github/workflows/x.yml", "action": ".github/actions/x/action.yml",
    "javascript/packagejson": "node_modules/x/package.json", "lock": ".terraform.lock.hcl",
    "installed": "lib/python3/site-packages/x.dist-info/METADATA", "pipfile": "Pipfile.lock", "pdm": "pdm.lock",
}
# Endings that tell more than the format does.
ENDINGS = [
    (r"\.whl$", "{base}"), (r"\.egg$", "{base}"), (r"npm-shrinkwrap\.json$", "npm-shrinkwrap.json"),
    (r"PKG-INFO$", "lib/python3/site-packages/x.egg-info/PKG-INFO"), (r"\.egg-info$", "lib/python3/site-packages/x.egg-info"),
]


# What readers of osv-scalibr look at besides: the ending of a fixture, that of the other file, and the name of that.
BESIDE = [(".mod", ".sum", "go.sum"), ("/package-lock.json", "/npm-shrinkwrap.json", "npm-shrinkwrap.json")]


def called(fixture, form):
    base = os.path.basename(fixture)
    for ending, name in ENDINGS:
        if re.search(ending, base):
            return name.format(base=base)
    return CALLED.get(form, CALLED.get(form.rsplit("/", 1)[-1], base))


def key(form, name, version):
    """Names as their ecosystems compare them. Go's versions have their `v` or not, and its standard library a `go`."""
    if "python" in form:
        name = re.sub("[-_.]+", "-", name).lower()
    if "golang" in form:
        # osv-scalibr calls the library of programs `go`; `(devel)` is Go's word for no version.
        name = {"go": "stdlib"}.get(name, name)
        version = re.sub("^(v|go)", "", version).replace("(devel)", "")
    if "githubactions" in form or form.startswith("misc/"):
        # An action in a folder and a workflow that is called: some name the file, some the repository.
        name = "/".join(name.split("/")[:2])
    return name, {"UNKNOWN": ""}.get(version, version)


def table(path, only):
    packages, edges, forms = collections.defaultdict(set), collections.defaultdict(set), {}
    for line in open(path, encoding="utf-8"):
        fixture, form, *rest = line.rstrip("\n").split("\t")
        if not re.search(only, form):
            continue
        forms[fixture] = form
        pairs = [key(form, *rest[at:at + 2]) for at in range(0, len(rest), 2)]
        if len(pairs) == 2:
            edges[fixture].add(tuple(pairs))
        elif pairs[0][0]:
            packages[fixture].add(pairs[0])
    return packages, edges, forms


def ours(program, root, forms):
    """Stages each fixture in a folder of its own and reads them all."""
    packages, edges, problems, whole = collections.defaultdict(set), collections.defaultdict(set), {}, collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as stage:
        order = sorted(forms)
        for number, fixture in enumerate(order):
            target = os.path.join(stage, f"{number:05}", called(fixture, forms[fixture]))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(os.path.join(root, fixture), target)
            for ending, other, name in BESIDE:
                beside = os.path.join(root, fixture.removesuffix(ending) + other)
                if fixture.endswith(ending) and forms[fixture].startswith("language/") and os.path.exists(beside):
                    shutil.copyfile(beside, os.path.join(os.path.dirname(target), name))
        run = subprocess.run([program, stage], capture_output=True, check=True)
        for line in run.stdout.splitlines():
            project = json.loads(line)
            fixture = order[int(project["project"])]
            problems[fixture] = [problem[1:] for problem in project["problems"]]
            for file in project["files"]:
                if file["path"] != called(fixture, forms[fixture]) and not file["path"].endswith("go.sum"):
                    continue
                pairs = [key(forms[fixture], one["name"], one.get("version") or "") for one in file["packages"]]
                packages[fixture].update(pairs)
                whole[fixture].extend(zip(pairs, file["packages"]))
                for pair, one in zip(pairs, file["packages"]):
                    edges[fixture].update((pair, pairs[target]) for target in one.get("dependencies", []))
    return packages, edges, problems, whole


class Score:
    def __init__(self):
        self.same = self.more = self.less = 0

    def add(self, left, right):
        self.same, self.more, self.less = self.same + len(left & right), self.more + len(left - right), self.less + len(right - left)

    def __str__(self):
        total = 2 * self.same + self.more + self.less
        precision, recall = self.same / max(1, self.same + self.more), self.same / max(1, self.same + self.less)
        return f"{self.same:5} {self.more:4} {self.less:4}  {precision:.3f} {recall:.3f} {2 * self.same / max(1, total):.3f}"


# Formats of manifests of which the peers tell the package itself alone, and not what it asks for.
OWN_ONLY = r"(^|/)(packagejson|pyprojecttoml)$"
# Formats whose readers leave out what only developers need; ours says so in the scope.
WITHOUT_DEV = r"^(nodejs/pnpm|python/pipfile)$"
# Formats whose readers leave out what comes from repositories and folders; ours says so in the origin.
FROM_REGISTRIES = r"^nodejs/yarn$"


def own_of(form, fixture):
    """The project whose lockfile or manifest a fixture is: some scanners tell it as a package of its own lockfile."""
    text = open(fixture, "rb").read().decode(errors="replace")
    if re.search("/(npm|packagelockjson)$", form):
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


def ruled(form, fixture, left, right, whole):
    """Ours and the peer's after the rules of README.md, in their order."""
    left, right = set(left), set(right)
    for pair, one in whole:
        declared = one["evidence"] == "declared" and one["origin"]["kind"] != "local"
        if (re.search(OWN_ONLY, form) and declared) or (re.search(WITHOUT_DEV, form) and one["scope"] == "dev"):
            left.discard(pair)
            if not declared:
                right.discard(pair)
        if re.search(FROM_REGISTRIES, form) and one["origin"]["kind"] in ("local", "git"):
            left.discard(pair)
        # The lower end of a range is no version.
        if not one.get("version"):
            parts = {part.strip(".") for part in re.split(r"[^0-9A-Za-z.+!]+", one.get("wanted") or "")} - {""}
            ends = re.compile("|".join(re.escape(part) + r"(\.0)*" for part in parts) or "$.")
            right -= {other for other in right if other[0] == pair[0] and ends.fullmatch(other[1])}
    own = own_of(form, fixture)
    return pinned(left) - own, pinned(right) - own


def pinned(pairs):
    """Pairs, or edges between them, of which every version is known."""
    return {pair for pair in pairs if (pair[1] if isinstance(pair[0], str) else pair[0][1] and pair[1][1])}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inventory", required=True)
    parser.add_argument("--expected", required=True)
    parser.add_argument("--only", default="", help="regular expression of formats")
    parser.add_argument("--show", action="store_true", help="print each difference that the rules leave")
    parser.add_argument("root")
    options = parser.parse_args()
    wanted, links, forms = table(options.expected, options.only)
    for absent in [fixture for fixture in forms if not os.path.exists(os.path.join(options.root, fixture))]:
        print(f"{absent} is not there", file=sys.stderr)
        del forms[absent]
    found, own_links, problems, whole = ours(options.inventory, options.root, forms)
    scores = collections.defaultdict(lambda: collections.defaultdict(Score))
    for fixture in sorted(forms):
        form, left, right, path = forms[fixture], found[fixture], wanted[fixture], os.path.join(options.root, fixture)
        ours_ruled, theirs_ruled = ruled(form, path, left, right, whole[fixture])
        # Edges are asked of the packages that both know.
        both = ours_ruled & theirs_ruled
        inner = [{edge for edge in edges if set(edge) <= both} - by_extras(form, path) for edges in (own_links[fixture], links[fixture])]
        for name in (form, "all"):
            scores[name]["raw"].add(left, right)
            scores[name]["pinned"].add(pinned(left), pinned(right))
            scores[name]["ruled"].add(ours_ruled, theirs_ruled)
            # Where a peer states no edge at all it may not read them.
            if links[fixture]:
                scores[name]["edges raw"].add(own_links[fixture], links[fixture])
                scores[name]["edges"].add(*inner)
        edges = inner if links[fixture] else [set(), set()]
        if options.show and (ours_ruled != theirs_ruled or edges[0] != edges[1]):
            print(fixture, *problems.get(fixture, []))
            for sign, some in (("+", ours_ruled - theirs_ruled), ("-", theirs_ruled - ours_ruled)):
                for pair in sorted(some):
                    print(f"  {sign} {pair[0]} {pair[1]}")
            for sign, some in (("+", edges[0] - edges[1]), ("-", edges[1] - edges[0])):
                for pair in sorted(some):
                    print(f"  {sign} {' '.join(pair[0])} > {' '.join(pair[1])}")
    print(f"{'':42} same more less  precision recall F1")
    for form in sorted(scores, key=lambda name: (name == "all", name)):
        for kind, score in scores[form].items():
            print(f"{form:32} {kind:9} {score}")


if __name__ == "__main__":
    main()
