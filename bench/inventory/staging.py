"""Where a fixture of a peer lies when it is read: formats are known by names and folders, and fixtures are often called otherwise."""
import os
import re
import shutil

SITE = "lib/python3/site-packages/"
# The path that a fixture is read as, by its format or the last part of that. `{base}` is its own name, `{ext}` the end of that, and
# `{rest}` the path below its test data.
CALLED = {
    "npm": "package-lock.json", "packagelockjson": "package-lock.json", "nodejs/packagejson": "package.json",
    "language/javascript/packagejson": "package.json", "javascript/packagejson": "node_modules/x/package.json",
    "pnpm": "pnpm-lock.yaml", "pnpmlock": "pnpm-lock.yaml", "yarn": "yarn.lock", "yarnlock": "yarn.lock",
    "bun": "bun.lock", "bunlock": "bun.lock", "denojson": "deno.json", "denolock": "deno.lock",
    "packaging": SITE + "x.dist-info/METADATA", "wheelegg": SITE + "x.dist-info/METADATA", "installed": SITE + "x.dist-info/METADATA",
    "pip": "requirements.txt", "requirements": "requirements.txt", "pipenv": "Pipfile.lock", "pipfilelock": "Pipfile.lock",
    "pipfile": "Pipfile.lock", "poetry": "poetry.lock", "poetrylock": "poetry.lock", "pdmlock": "pdm.lock", "pdm": "pdm.lock",
    "pylock": "pylock.toml", "uv": "uv.lock", "uvlock": "uv.lock", "setup": "setup.py", "pyprojecttoml": "pyproject.toml",
    "condameta": "conda-meta/x.json", "conda/meta": "conda-meta/x.json",
    "mod": "go.mod", "gomod": "go.mod", "sum": "go.sum", "vendormodules": "vendor/modules.txt",
    "cargo": "Cargo.lock", "cargolock": "Cargo.lock", "cargotoml": "Cargo.toml",
    "dockerbaseimage": "Dockerfile", "dockercomposeimage": "compose.yaml", "k8simage": "k8s/manifest.yaml",
    "githubactions": ".github/workflows/x.yml", "workflow": ".github/workflows/x.yml", "action": ".github/actions/x/action.yml",
    "terraform/lock": ".terraform.lock.hcl", "flake.lock": "flake.lock",
    "conan": "conan.lock", "conanlock": "conan.lock", "pub": "pubspec.lock", "pubspec": "pubspec.lock",
    "core_deps": "x.deps.json", "depsjson": "x.deps.json", "csproj": "x.csproj", "nugetcpm": "Directory.Packages.props",
    "packagesprops": "Directory.Packages.props", "packagesconfig": "packages.config", "nuget/config": "packages.config",
    "packageslockjson": "packages.lock.json", "nuget/lock": "packages.lock.json", "paketdependencies": "paket.dependencies",
    "paketlock": "paket.lock", "projectassetsjson": "project.assets.json", "mix": "mix.lock", "mixlock": "mix.lock",
    "gleamtoml": "gleam.toml", "cabal": "cabal.project.freeze", "stacklock": "stack.yaml.lock", "wordpress": "wp-includes/version.php",
    "gradle/lockfile": "gradle.lockfile", "gradlelockfile": "gradle.lockfile",
    "gradleverificationmetadataxml": "gradle/verification-metadata.xml", "gradleversioncatalog": "gradle/libs.versions.toml",
    "sbt/lockfile": "build.sbt.lock", "pomxml": "pom.xml", "manifest": "Manifest.toml", "manifesttoml": "Manifest.toml",
    "projecttoml": "Project.toml", "composer": "composer.lock", "composerlock": "composer.lock", "renvlock": "renv.lock",
    "bundler": "Gemfile.lock", "gemfilelock": "Gemfile.lock", "ruby/gemspec": "specifications/{base}",
    "language/ruby/gemspec": "{rest}", "swift": "Package.resolved", "packageresolved": "Package.resolved",
    "cocoapods": "Podfile.lock", "podfilelock": "Podfile.lock", "cpan": "root/.cpan/build/a/META.{ext}", "bazelmaven": "MODULE.bazel",
    "plugins": "wp-content/plugins/a/a.php", "apk": "lib/apk/db/installed", "chisel": "var/lib/chisel/manifest.wall",
    "cos": "etc/cos-package-info.json", "dpkg": "var/lib/dpkg/status", "homebrew": "opt/homebrew/{rest}",
    "pacman": "var/lib/pacman/local/a-1/desc", "portage": "var/db/pkg/a/b-1/PF", "snap": "snap/a/1/meta/snap.yaml",
    "flatpak": "var/lib/flatpak/app/a/current/active/files/share/metainfo/a.metainfo.xml", "spack": "opt/a/.spack/spec.json",
    "alpine_installed_db": "lib/apk/db/installed", "debian_installed_status_db": "var/lib/dpkg/status", "build_gradle": "{base}",
    "maven_pom": "pom.xml", "cargo_lock": "Cargo.lock", "cargo_toml": "Cargo.toml", "cocoapods_podfile_lock": "Podfile.lock",
    "swift_package_resolved": "Package.resolved", "conan_conanfile_py": "conanfile.py", "cran_description": "DESCRIPTION",
    "gemfile_lock": "Gemfile.lock", "scancode/ruby/gemspec": "{base}", "go_mod": "go.mod", "go_sum": "go.sum", "godeps": "Godeps/Godeps.json",
    "npm_package_json": "package.json", "npm_package_lock_json": "package-lock.json", "npm_shrinkwrap_json": "npm-shrinkwrap.json",
    "pnpm_lock_yaml": "pnpm-lock.yaml", "yarn_lock_v1": "yarn.lock", "yarn_lock_v2": "yarn.lock", "bower_json": "bower.json",
    "nuget_packages_lock": "packages.lock.json", "php_composer_json": "composer.json", "php_composer_lock": "composer.lock",
    "pip_requirements": "requirements.txt", "pipfile_lock": "Pipfile.lock", "pubspec_lock": "pubspec.lock", "pubspec_yaml": "pubspec.yaml",
    "pypi_editable_egg_pkginfo": "x.egg-info/PKG-INFO", "pypi_poetry_lock": "poetry.lock", "pypi_poetry_pyproject_toml": "pyproject.toml",
    "pypi_pyproject_toml": "pyproject.toml", "pypi_sdist_pkginfo": "PKG-INFO", "pypi_setup_cfg": "setup.cfg", "pypi_setup_py": "setup.py",
    "pypi_wheel_metadata": SITE + "x.dist-info/METADATA", "conda_meta_yaml": "meta.yaml", "asdf": ".tool-versions", "mise": "mise.toml", "nvm": ".nvmrc", "nodeversion": ".node-version",
}
# Endings that tell more than the format does, in formats of some languages.
ENDINGS = [
    ("manifests", r"verification-metadata\.xml$", "gradle/{base}"), ("manifests", r"Package\.resolved", "Package.resolved"),
    ("nix", r"sources\.json$", "nix/{base}"), ("github_actions", r"workflow\.yml$", ".github/workflows/{base}"), ("golang", r"(Godeps|vendor)\.json$", "{folder}/{base}"),
    ("python", r"\.whl$", "{base}"), ("python", r"\.egg$", "{base}"), ("javascript", r"npm-shrinkwrap\.json$", "{base}"),
    ("python", r"PKG-INFO$", SITE + "x.egg-info/PKG-INFO"), ("python", r"\.egg-info$", SITE + "x.egg-info"),
]
# What readers of osv-scalibr look at besides: the ending of a fixture, that of the other file, and the name of that.
BESIDE = [(".mod", ".sum", "go.sum"), ("/package-lock.json", "/npm-shrinkwrap.json", "npm-shrinkwrap.json")]


def called(fixture, form):
    base, rest = os.path.basename(fixture), re.split("/(?:testdata|test-fixtures)/", fixture)[-1]
    for language, ending, name in ENDINGS:
        if language in form and re.search(ending, base):
            return name.format(base=base, folder=base.split(".")[0])
    # A format may have the peer before it.
    names = [CALLED.get(one) for one in (form, form.split("/", 1)[-1], form.rsplit("/", 1)[-1])]
    return next((name for name in names if name), base).format(base=base, rest=rest, ext=base.rsplit(".", 1)[-1])


def staged(root, fixture, form):
    """The files that a fixture is read from, by the paths that they are read as, and those paths whose packages count."""
    at = os.path.join(root, fixture)
    if os.path.isdir(at):
        # Records of a system lie at their place from its root, which may be the folder of all fixtures.
        base = os.path.basename(fixture)
        top = os.path.dirname(at) if base in ("var", "lib", "usr", "etc", "opt", "vendor") else at
        # A folder may have lockfiles of several package managers.
        if form.startswith("detect/"):
            # Projects in folders within have tests of their own.
            return {name: os.path.join(at, name) for name in os.listdir(at) if os.path.isfile(os.path.join(at, name))}, None
        lock = {"npm": "package-lock.json", "yarn": "yarn.lock", "pnpm": "pnpm-lock.yaml"}.get(re.sub("^snyk/|-lock.*", "", form))
        return {os.path.relpath(file, top): file for file in files_below(at)}, {lock} if form.startswith("snyk/") else None
    if form == "java/pom":
        # Parents and modules lie around it; Maven builds the modules too.
        data, inner = re.match("(.*/testdata)/(.*)", at).groups()
        top = os.path.join(data, inner.split("/")[0])
        files = {os.path.relpath(file, top): file for file in files_below(top) if file.endswith(".xml")}
        return files, {os.path.relpath(file, top) for file in poms_of(at)}
    name = called(fixture, form)
    files = {name: at}
    if form == "language/java/pomxml":
        files["parent/pom.xml"] = os.path.join(os.path.dirname(at), "parent/pom.xml")
    if form == "language/ruby/gemspec" and "/" in name:
        # Constants of other files.
        files.update((os.path.join(name.split("/")[0], inner), file) for inner, file in below(at, name))
    if form.endswith("dockercomposeimage"):
        files[".env"] = os.path.join(os.path.dirname(at), ".env")
    for ending, other, beside in BESIDE:
        file = os.path.join(root, fixture.removesuffix(ending) + other)
        if fixture.endswith(ending) and form.startswith("language/") and os.path.exists(file):
            files[os.path.join(os.path.dirname(name), beside)] = file
    return {name: file for name, file in files.items() if os.path.isfile(file)}, {name, "go.sum"}


def below(at, name):
    top = at.removesuffix(name) + name.split("/")[0]
    return [(os.path.relpath(file, top), file) for file in files_below(top)]


def files_below(folder):
    return sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names if os.path.isfile(os.path.join(at, name)))


def poms_of(pom):
    """The projects that Maven builds from this one: itself and its modules."""
    found, open_ = set(), [os.path.normpath(pom)]
    while open_:
        at = open_.pop()
        if at not in found and os.path.isfile(at):
            found.add(at)
            modules = re.findall(r"<module>\s*(.*?)\s*</module>", open(at, encoding="utf-8").read())
            open_.extend(os.path.normpath(os.path.join(os.path.dirname(at), module, "pom.xml")) for module in modules)
    return found


def copy(files, into):
    for name, file in files.items():
        target = os.path.join(into, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(file, target)
