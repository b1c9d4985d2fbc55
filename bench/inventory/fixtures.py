#!/usr/bin/env python3
"""Scores our inventory of each fixture of another scanner against what that scanner's own reader makes of it, fixture by fixture.

    fixtures.py PEER --dump PROGRAM --reader PROGRAM FOLDER     PEER is trivy, scalibr or syft; FOLDER is its sources

Both programs read jobs from standard input, one a line, and print a JSON object for each: {"id", "pkgs": [[name, version], ...],
"edges": [[name, version, name, version], ...]}. A job of ours is `id TAB virtual=real TAB ...`, where `virtual` is the path under which the file
is read; a job of a Go reader is `id TAB reader TAB ...`, see README.md. Syft is the program itself.
"""
import argparse
import collections
import json
import os
import re
import shutil
import subprocess
import tempfile

TRIVY = {  # folder of its parser: name of the reader, path under which we read the fixture ({} is its own name)
    "c/conan": ("conan", "conan.lock"), "dart/pub": ("pub", "pubspec.lock"), "dotnet/core_deps": ("deps", "{}"),
    "frameworks/wordpress": ("wordpress", "wp-includes/version.php"), "gradle/lockfile": ("gradle", "gradle.lockfile"),
    "hex/mix": ("mix", "mix.lock"), "java/jar": ("jar", "{}"), "java/pom": ("pom", None), "julia/manifest": ("julia", None),
    "nuget/config": ("packages.config", "packages.config"), "nuget/lock": ("packages.lock", "packages.lock.json"),
    "nuget/packagesprops": ("packagesprops", "Directory.Packages.props"), "php/composer": ("composer", "composer.lock"),
    "ruby/bundler": ("bundler", "Gemfile.lock"), "ruby/gemspec": ("gemspec", "specifications/{}"), "sbt/lockfile": ("sbt", "build.sbt.lock"),
    "swift/cocoapods": ("cocoapods", "Podfile.lock"), "swift/swift": ("swift", "Package.resolved"),
}

SCALIBR = {
    "language/cpp/conanlock": "conan.lock", "language/dart/pubspec": "pubspec.lock", "language/dotnet/csproj": "a.csproj",
    "language/dotnet/depsjson": "a.deps.json", "language/dotnet/nugetcpm": "Directory.Packages.props",
    "language/dotnet/packagesconfig": "packages.config", "language/dotnet/packageslockjson": "packages.lock.json",
    "language/dotnet/paketdependencies": "paket.dependencies", "language/dotnet/paketlock": "paket.lock",
    "language/dotnet/projectassetsjson": "project.assets.json", "language/elixir/mixlock": "mix.lock", "language/erlang/mixlock": "mix.lock",
    "language/gleam/gleamtoml": "gleam.toml", "language/haskell/cabal": "cabal.project.freeze",
    "language/haskell/stacklock": "stack.yaml.lock", "language/java/archive": "{}", "language/java/gradlelockfile": "gradle.lockfile",
    "language/java/gradleverificationmetadataxml": "gradle/verification-metadata.xml",
    "language/java/gradleversioncatalog": "gradle/libs.versions.toml", "language/java/pomxml": "pom.xml",
    "language/julia/manifesttoml": "Manifest.toml", "language/julia/projecttoml": "Project.toml", "language/ocaml/opam": "{}",
    "language/perl/cpan": "root/.cpan/build/a/META.{ext}", "language/php/composerlock": "composer.lock", "language/r/renvlock": "renv.lock",
    "language/ruby/gemfilelock": "Gemfile.lock", "language/ruby/gemspec": "{}", "language/swift/packageresolved": "Package.resolved",
    "language/swift/podfilelock": "Podfile.lock", "misc/bazelmaven": "MODULE.bazel", "misc/wordpress/plugins": "wp-content/plugins/a/a.php",
    "os/apk": "lib/apk/db/installed", "os/chisel": "var/lib/chisel/manifest.wall", "os/cos": "etc/cos-package-info.json",
    "os/dpkg": "var/lib/dpkg/status", "os/homebrew": "{path}", "os/pacman": "var/lib/pacman/local/a-1/desc",
    "os/portage": "var/db/pkg/a/b-1/PF", "os/snap": "snap/a/1/meta/snap.yaml", "os/flatpak": "var/lib/flatpak/app/a/current/active/files/share/metainfo/a.metainfo.xml", "os/spack": "opt/a/.spack/spec.json",
    "runtime/asdf": ".tool-versions", "runtime/mise": "mise.toml", "runtime/nodejs/nvm": ".nvmrc",
    "runtime/nodejs/nodeversion": ".node-version",
}


class Job:
    """One fixture: our files of it, what the peer is asked, and the paths whose packages count."""

    def __init__(self, identity, kind, files, question, counted=None):
        self.identity, self.kind, self.files, self.question, self.counted = identity, kind, files, question, counted


def files_below(folder):
    return sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names if os.path.isfile(os.path.join(at, name)))


def poms_of(pom):
    """The projects that Maven builds from this one: itself and its modules."""
    if not os.path.isfile(pom):
        return set()
    found, open_ = set(), [os.path.normpath(pom)]
    while open_:
        at = open_.pop()
        if at in found:
            continue
        found.add(at)
        for module in re.findall(r"<module>\s*(.*?)\s*</module>", open(at, encoding="utf-8").read()):
            below = os.path.normpath(os.path.join(os.path.dirname(at), module, "pom.xml"))
            if os.path.isfile(below):
                open_.append(below)
    return found


def trivy_jobs(root):
    base = os.path.join(root, "pkg/dependency/parser")
    for folder, (reader, virtual) in TRIVY.items():
        data = os.path.join(base, folder, "testdata")
        if reader == "pom":
            test = open(os.path.join(base, folder, "parse_test.go"), encoding="utf-8").read()
            for parts in sorted(set(re.findall(r'inputFile:\s*filepath.Join\("testdata", ([^)]*)\)', test))):
                parts = re.findall(r'"([^"]+)"', parts)
                pom = os.path.join(data, *parts)
                top = os.path.join(data, parts[0])
                files = [(os.path.relpath(f, top), f) for f in files_below(top) if f.endswith(".xml")]
                counted = {os.path.relpath(f, top) for f in poms_of(pom)}
                yield Job("pom/" + "/".join(parts), "pom", files, f"pom\t{pom}\tabs", counted)
            continue
        for file in files_below(data):
            name = os.path.relpath(file, data)
            if reader == "jar" and not name.endswith(("jar", "war")) or reader == "julia" and not name.endswith("Manifest.toml"):
                continue
            if reader == "packagesprops" and os.path.isdir(file):
                continue
            shown = (virtual or "Manifest.toml").format(os.path.basename(name))
            yield Job(f"{reader}/{name}", reader, [(shown, file)], f"{reader}\t{file}")


def scalibr_jobs(root):
    base = os.path.join(root, "extractor/filesystem")
    for folder, virtual in SCALIBR.items():
        data = os.path.join(base, folder, "testdata")
        for file in files_below(data):
            name = os.path.relpath(file, data)
            skipped = {"language/java/archive": not name.endswith(".jar"), "language/ruby/gemspec": not name.endswith(".gemspec")}
            # Its own test asks of most files there whether they are passed over.
            others = folder == "os/homebrew" and not name.endswith("INSTALL_RECEIPT.json")
            if skipped.get(folder, False) or others or "Dockerfile" in name:
                continue
            shown = virtual.format(os.path.basename(name), path="opt/homebrew/" + name, ext=name.rsplit(".")[-1])
            files = [(shown, file)]
            if folder == "language/java/pomxml":
                files.append(("parent/pom.xml", os.path.join(data, "parent/pom.xml")))
            if folder == "language/ruby/gemspec" and "/" in name:
                top = os.path.join(data, name.split("/")[0])
                files = [(os.path.relpath(f, top), f) for f in files_below(top)]
            yield Job(f"{folder}/{name}", folder, files, f"{folder}\t{data}\t{name}", {shown} if len(files) > 1 else None)


SYFT = ("alpine arch bitnami cpp dart debian dotnet elixir erlang gentoo haskell homebrew java lua nix ocaml php r redhat ruby snap swift swipl "
        "wordpress").split()


def syft_jobs(root):
    """A fixture is what lies in a cataloger's folder of test data; recipes of images and lists of paths are none."""
    for cataloger in SYFT:
        data = os.path.join(root, "syft/pkg/cataloger", cataloger, "testdata")
        for child in sorted(os.listdir(data)):
            if child.startswith("image-") or child in ("glob-paths", "Makefile", "corrupt", "README.md"):
                continue
            at = os.path.join(data, child)
            # Records of a system lie at their place from its root, which may be the folder of all fixtures.
            top = data if child in ("var", "lib", "usr", "etc", "opt", "vendor") else at
            files = [(os.path.relpath(f, top), f) for f in files_below(at)] if os.path.isdir(at) else [(child, at)]
            yield Job(f"{cataloger}/{child}", f"{cataloger} of Syft", files, at)


def syft_answers(program, jobs):
    answers = {}
    environment = dict(os.environ, SYFT_CHECK_FOR_APP_UPDATE="false", SYFT_JAVASCRIPT_INCLUDE_DEV_DEPENDENCIES="true")
    for job in jobs:
        source = job.question
        with tempfile.TemporaryDirectory() as folder:
            if os.path.isfile(source):
                shutil.copy(source, folder)
                source = folder
            command = [program, "scan", "-q", "-o", "syft-json", f"dir:{source}", "--override-default-catalogers", "all"]
            document = json.loads(subprocess.run(command, capture_output=True, check=True, env=environment).stdout)
        names = {a["id"]: (a["name"], a["version"]) for a in document["artifacts"] if a["type"] != "file"}
        ties = [names[t["child"]] + names[t["parent"]] for t in document["artifactRelationships"]
                if t["type"] == "dependency-of" and t["child"] in names and t["parent"] in names]
        answers[job.identity] = {"pkgs": sorted(set(names.values())), "edges": [list(t) for t in ties]}
    return answers


def run(program, lines):
    answer = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True).stdout
    return {one["id"]: one for one in map(json.loads, answer.splitlines())}


def normal(name, version, kind):
    """What the peers write differently for one and the same thing."""
    version = "" if version in ("UNKNOWN", "unknown") else version.strip()
    if "swift" in kind:
        name = re.sub(r"^(https?://|git@)|\.git$", "", name).replace("github.com:", "github.com/")
    if kind in ("swift of Syft", "java of Syft"):
        name = re.split("[/:]", name)[-1]
    return name.lower() if kind in FOLDED else name, version


FOLDED = {"packages.lock", "packages.config", "composer", "packagesprops"}


def peer_answers(peer, reader, jobs, kept):
    if kept and os.path.exists(kept):
        return json.load(open(kept, encoding="utf-8"))
    answers = asked(peer, reader, jobs)
    if kept:
        json.dump(answers, open(kept, "w", encoding="utf-8"))
    return answers


def asked(peer, reader, jobs):
    if peer == "syft":
        return syft_answers(reader, jobs)
    return run(reader, [f"{job.identity}\t{job.question}" for job in jobs])


def is_left_out(package):
    _, version, _, _, scope, _, origin, _ = package
    return not version or scope in ("Dev", "Test", "Build", "Peer") or origin.startswith("Local")


def score(left, right):
    same = len(left & right)
    return same, len(left - right), len(right - left)


def f1(counts):
    same, more, less = counts
    return 2 * same / (2 * same + more + less) if same + more + less else 1.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=["trivy", "scalibr", "syft"])
    parser.add_argument("--dump", required=True)
    parser.add_argument("--reader", required=True)
    parser.add_argument("--only", default="", help="regular expression of fixtures")
    parser.add_argument("--answers", help="file that keeps what the peer says")
    parser.add_argument("--pinned", action="store_true", help="do not count what only ours tells without a version, or of the project "
                        "itself, or for other purposes than production: peers leave such out")
    parser.add_argument("-v", "--verbose", action="store_true", help="show each difference")
    parser.add_argument("folder")
    options = parser.parse_args()
    jobs = {"trivy": trivy_jobs, "scalibr": scalibr_jobs, "syft": syft_jobs}[options.peer](os.path.abspath(options.folder))
    jobs = [job for job in jobs if re.search(options.only, job.identity)]
    theirs = peer_answers(options.peer, options.reader, jobs, options.answers)
    ours = run(options.dump, ["\t".join([job.identity] + [f"{v}={r}" for v, r in job.files]) for job in jobs])
    table, ties = collections.defaultdict(lambda: [0, 0, 0, 0]), collections.defaultdict(lambda: [0, 0, 0, 0])
    unread = 0
    for job in jobs:
        mine, their = ours[job.identity], theirs[job.identity]
        # A fixture that the peer cannot read is one for its errors.
        if their.get("err"):
            unread += 1
            continue
        counts_here = lambda path: job.counted is None or path.split("!")[0] in job.counted
        right = {normal(n, v, job.kind) for n, v in their.get("pkgs") or []}
        left = set()
        for package in filter(lambda package: counts_here(package[-1]), mine["pkgs"]):
            bare = normal(package[0], package[1], job.kind)
            filled = normal(package[0], package[1] or package[2] or "", job.kind)
            if options.pinned and bare not in right and filled not in right and is_left_out(package):
                continue
            left.add(bare if bare in right else filled)
        counts = score(left, right)
        table[job.kind] = [a + b for a, b in zip(table[job.kind], (*counts, 1))]
        if options.verbose and left != right:
            print(f"{job.identity} {counts}\n   only ours   {sorted(left - right)[:12]}\n   only theirs {sorted(right - left)[:12]}"
                  f"\n   {their.get('err', '')[:150]} {mine['problems'][:3]} {mine['formats'][:4]}")
        if their.get("edges"):
            mine_e = {normal(a, b, job.kind) + normal(c, d, job.kind) for a, b, c, d, path in mine["edges"] if counts_here(path)}
            their_e = {normal(a, b, job.kind) + normal(c, d, job.kind) for a, b, c, d in their["edges"]}
            counts = score(mine_e, their_e)
            ties[job.kind] = [a + b for a, b in zip(ties[job.kind], (*counts, 1))]
            if options.verbose and mine_e != their_e:
                print(f"{job.identity} edges {counts}\n   only ours   {sorted(mine_e - their_e)[:8]}\n   only theirs {sorted(their_e - mine_e)[:8]}")
    print(f"{unread} fixtures that the peer cannot read are not counted")
    for title, rows in (("packages", table), ("edges", ties)):
        print(f"\n{title:34} fixtures  same  ours theirs precision recall     F1")
        total = [sum(row[i] for row in rows.values()) for i in range(4)]
        for kind, row in [*rows.items(), ("all", total)]:
            same, more, less, count = row
            precision, recall = same / max(1, same + more), same / max(1, same + less)
            print(f"{kind:34} {count:8} {same:5} {more:5} {less:6} {precision:9.4f} {recall:6.4f} {f1(row[:3]):6.4f}")


if __name__ == "__main__":
    main()
