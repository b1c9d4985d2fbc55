//! One good text for every format that is read, and what must hold for all of them.

use crate::project::{read, record, shown};

/// Path and text; each has a package and no problem.
pub(crate) const SAMPLES: &[(&str, &str)] = &[
    (
        "pom.xml",
        "<project>\n<groupId>g</groupId><artifactId>a</artifactId>\n<dependencies>\n<dependency><groupId>x</groupId><artifactId>y</artifactId><version>2.0</version></dependency>\n</dependencies>\n</project>\n",
    ),
    ("gradle.lockfile", "# made by Gradle\nx:y:1.0=compileClasspath,runtimeClasspath\nempty=\n"),
    (
        "gradle/verification-metadata.xml",
        "<verification-metadata>\n<components>\n<component group=\"x\" name=\"y\" version=\"1.0\">\n<artifact name=\"y-1.0.jar\"><sha256 value=\"00\"/></artifact>\n</component>\n</components>\n</verification-metadata>\n",
    ),
    (
        "gradle/libs.versions.toml",
        "[versions]\nv = \"1.0\"\n[libraries]\ny = { module = \"x:y\", version.ref = \"v\" }\n",
    ),
    ("build.gradle", "dependencies {\n  implementation 'x:y:1.0'\n}\n"),
    (
        "build.sbt.lock",
        "{\"lockVersion\": 1, \"dependencies\": [\n{\"org\": \"x\", \"name\": \"y\", \"version\": \"1.0\", \"configurations\": [\"compile\"]}\n]}\n",
    ),
    (
        "maven_install.json",
        "{\"artifacts\": {\n\"x:y\": {\"shasums\": {\"jar\": \"00\"}, \"version\": \"1.0\"}\n}, \"version\": \"2\"}\n",
    ),
    ("MODULE.bazel", "maven.install(\n    artifacts = [\n        \"x:y:1.0\",\n    ],\n)\n"),
    (
        "packages.lock.json",
        "{\"version\": 1, \"dependencies\": {\"net8.0\": {\n\"X.Y\": {\"type\": \"Direct\", \"requested\": \"[1.0.0, )\", \"resolved\": \"1.0.0\"}\n}}}\n",
    ),
    (
        "packages.config",
        "<packages>\n<package id=\"X.Y\" version=\"1.0.0\" targetFramework=\"net48\" />\n</packages>\n",
    ),
    (
        "bin/app.deps.json",
        "{\"targets\": {\"net8.0\": {\"X.Y/1.0.0\": {}}}, \"libraries\": {\n\"X.Y/1.0.0\": {\"type\": \"package\", \"sha512\": \"\"}\n}}\n",
    ),
    (
        "obj/project.assets.json",
        "{\"targets\": {}, \"libraries\": {\n\"X.Y/1.0.0\": {\"type\": \"package\"}\n}}\n",
    ),
    ("paket.lock", "NUGET\n  remote: https://api.nuget.org/v3/index.json\n    X.Y (1.0.0)\n"),
    ("paket.dependencies", "source https://api.nuget.org/v3/index.json\nnuget X.Y = 1.0.0\n"),
    (
        "Directory.Packages.props",
        "<Project>\n<ItemGroup>\n<PackageVersion Include=\"X.Y\" Version=\"1.0.0\" />\n</ItemGroup>\n</Project>\n",
    ),
    (
        "a/b.csproj",
        "<Project Sdk=\"Microsoft.NET.Sdk\">\n<ItemGroup>\n<PackageReference Include=\"X.Y\" Version=\"1.0.0\" />\n</ItemGroup>\n</Project>\n",
    ),
    ("global.json", "{\"sdk\": {\"version\": \"8.0.100\"}, \"msbuild-sdks\": {\n\"X.Y\": \"1.0.0\"\n}}\n"),
    (
        "composer.lock",
        "{\"packages\": [\n{\"name\": \"x/y\", \"version\": \"v1.0.0\"}\n], \"packages-dev\": []}\n",
    ),
    ("composer.json", "{\"require\": {\n\"php\": \">=8\",\n\"x/y\": \"^1.0\"\n}}\n"),
    (
        "vendor/composer/installed.json",
        "{\"packages\": [\n{\"name\": \"x/y\", \"version\": \"1.0.0\"}\n], \"dev\": true}\n",
    ),
    (
        "Gemfile.lock",
        "GEM\n  remote: https://rubygems.org/\n  specs:\n    y (1.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  y\n",
    ),
    ("Gemfile", "source \"https://rubygems.org\"\ngem \"y\", \"~> 1.0\"\n"),
    (
        "gems/specifications/y-1.0.gemspec",
        "Gem::Specification.new do |s|\n  s.name = \"y\".freeze\n  s.version = \"1.0\"\nend\n",
    ),
    (
        "y.gemspec",
        "Gem::Specification.new do |spec|\n  spec.name = 'z'\n  spec.add_dependency 'y', '>= 1.0'\nend\n",
    ),
    (
        "Package.resolved",
        "{\"pins\": [\n{\"identity\": \"y\", \"kind\": \"remoteSourceControl\", \"location\": \"https://github.com/x/y.git\", \"state\": {\"revision\": \"00\", \"version\": \"1.0.0\"}}\n], \"version\": 2}\n",
    ),
    ("Podfile.lock", "PODS:\n  - Y (1.0)\n\nDEPENDENCIES:\n  - Y\n\nCOCOAPODS: 1.15.2\n"),
    ("Cartfile.resolved", "github \"x/y\" \"1.0\"\n"),
    (
        "pubspec.lock",
        "packages:\n  y:\n    dependency: \"direct main\"\n    description:\n      name: y\n      url: \"https://pub.dev\"\n    source: hosted\n    version: \"1.0.0\"\n",
    ),
    ("pubspec.yaml", "name: z\ndependencies:\n  y: ^1.0.0\n"),
    ("mix.lock", "%{\n  \"y\": {:hex, :y, \"1.0.0\", \"00\", [:mix], [], \"hexpm\", \"00\"},\n}\n"),
    ("mix.exs", "defp deps do\n  [\n    {:y, \"~> 1.0\"}\n  ]\nend\n"),
    (
        "rebar.lock",
        "{\"1.2.0\",\n[{<<\"y\">>,{pkg,<<\"y\">>,<<\"1.0.0\">>},0}]}.\n[\n{pkg_hash,[\n {<<\"y\">>, <<\"00\">>}]}\n].\n",
    ),
    (
        "manifest.toml",
        "packages = [\n  { name = \"y\", version = \"1.0.0\", build_tools = [\"gleam\"], requirements = [], source = \"hex\" },\n]\n[requirements]\ny = { version = \">= 1.0.0\" }\n",
    ),
    ("lib/y/ebin/y.app", "{application,y,\n [{vsn,\"1.0.0\"},\n  {modules,[y]}]}.\n"),
    (
        "conan.lock",
        "{\"version\": \"0.5\", \"requires\": [\n\"y/1.0#00%1.0\"\n], \"build_requires\": [], \"python_requires\": []}\n",
    ),
    ("conanfile.txt", "[requires]\ny/1.0\n"),
    ("conaninfo.txt", "[settings]\n    os=Linux\n\n[full_requires]\n    y/1.0:00\n"),
    ("vcpkg.json", "{\"name\": \"z\", \"dependencies\": [\n\"y\"\n]}\n"),
    (
        "vcpkg_installed/vcpkg/status",
        "Package: y\nVersion: 1.0\nArchitecture: x64-linux\nStatus: install ok installed\n\n",
    ),
    (
        ".terraform.lock.hcl",
        "provider \"registry.terraform.io/x/y\" {\n  version     = \"1.0.0\"\n  constraints = \"~> 1.0\"\n  hashes = [\n    \"h1:00=\",\n  ]\n}\n",
    ),
    (
        ".github/workflows/ci.yml",
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: x/y@v1\n",
    ),
    ("action.yml", "runs:\n  using: composite\n  steps:\n    - uses: x/y@v1\n"),
    ("Dockerfile", "FROM x/y:1.0\nRUN true\n"),
    ("compose.yaml", "services:\n  a:\n    image: x/y:1.0\n"),
    ("k8s/app.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: x/y:1.0\n"),
    (
        "renv.lock",
        "{\"R\": {}, \"Packages\": {\n\"y\": {\"Package\": \"y\", \"Version\": \"1.0\", \"Source\": \"Repository\"}\n}}\n",
    ),
    ("library/y/DESCRIPTION", "Package: y\nVersion: 1.0\nLicense: MIT + file LICENSE\nBuilt: R 4.4.0\n"),
    (
        "stack.yaml.lock",
        "packages:\n- completed:\n    hackage: y-1.0@sha256:00,1\n  original:\n    hackage: y-1.0\nsnapshots: []\n",
    ),
    ("stack.yaml", "resolver: lts-22.0\nextra-deps:\n- y-1.0\n"),
    (
        "cabal.project.freeze",
        "active-repositories: hackage.haskell.org:merge\nconstraints: any.y ==1.0,\n             y +flag\n",
    ),
    (
        "Manifest.toml",
        "julia_version = \"1.10.0\"\nmanifest_format = \"2.0\"\n[[deps.Y]]\nuuid = \"0\"\nversion = \"1.0.0\"\n",
    ),
    ("Project.toml", "name = \"Z\"\n[deps]\nY = \"0\"\n[compat]\nY = \"1\"\n"),
    (
        "cpanfile.snapshot",
        "# carton snapshot format: version 1.0\nDISTRIBUTIONS\n  Y-1.0\n    pathname: A/AU/AUTHOR/Y-1.0.tar.gz\n    provides:\n      Y 1.0\n",
    ),
    ("z.opam", "opam-version: \"2.0\"\ndepends: [\n  \"y\" {>= \"1.0\"}\n]\n"),
    ("z.opam.locked", "opam-version: \"2.0\"\ndepends: [\n  \"y\" {= \"1.0\"}\n]\n"),
    ("y-1.0-1.rockspec", "package = \"y\"\nversion = \"1.0-1\"\n"),
    (
        "MODULE.bazel.lock",
        "{\"registryFileHashes\": {\n\"https://bcr.bazel.build/modules/y/1.0/source.json\": \"00\"\n}}\n",
    ),
    (
        "flake.lock",
        "{\"nodes\": {\"root\": {\"inputs\": {\"y\": \"y\"}},\n\"y\": {\"locked\": {\"type\": \"github\", \"owner\": \"x\", \"repo\": \"y\", \"rev\": \"00\"}}\n}, \"root\": \"root\", \"version\": 7}\n",
    ),
    ("shard.lock", "version: 2.0\nshards:\n  y:\n    github: x/y\n    version: 1.0\n"),
    ("shard.yml", "name: z\ndependencies:\n  y:\n    github: x/y\n    version: 1.0\n"),
    ("dub.selections.json", "{\"fileVersion\": 1, \"versions\": {\n\"y\": \"1.0\"\n}}\n"),
    ("dub.json", "{\"name\": \"z\", \"dependencies\": {\n\"y\": \"1.0\"\n}}\n"),
    ("dub.sdl", "name \"z\"\ndependency \"y\" version=\"1.0\"\n"),
    (
        "elm.json",
        "{\"type\": \"application\", \"dependencies\": {\"direct\": {\n\"y\": \"1.0.0\"\n}, \"indirect\": {}}}\n",
    ),
    ("elm-package.json", "{\"dependencies\": {\n\"y\": \"1.0.0 <= v < 2.0.0\"\n}}\n"),
    ("haxelib.json", "{\"name\": \"z\", \"dependencies\": {\n\"y\": \"1.0\"\n}}\n"),
    (
        "lake-manifest.json",
        "{\"version\": 7, \"packages\": [\n{\"type\": \"git\", \"url\": \"https://x/y\", \"rev\": \"00ff00ff\", \"name\": \"y\", \"inherited\": false}\n]}\n",
    ),
    ("lakefile.toml", "name = \"z\"\n\n[[require]]\nname = \"y\"\nversion = \"1.0\"\n"),
    (
        "nimble.lock",
        "{\"version\": 2, \"packages\": {\n\"y\": {\"version\": \"1.0\", \"url\": \"https://x/y\"}\n}}\n",
    ),
    ("z.nimble", "author = \"x\"\nrequires \"y >= 1.0\"\n"),
    ("Chart.lock", "dependencies:\n- name: y\n  repository: https://x\n  version: 1.0.0\n"),
    ("Chart.yaml", "name: z\ndependencies:\n- name: y\n  version: 1.0.0\n"),
    ("requirements.yml", "collections:\n- name: x.y\n  version: 1.0.0\n"),
    ("galaxy.yml", "namespace: z\nname: z\ndependencies:\n  x.y: 1.0.0\n"),
    ("Berksfile.lock", "DEPENDENCIES\n  y\n\nGRAPH\n  y (1.0)\n"),
    ("Policyfile.lock.json", "{\"cookbook_locks\": {\n\"y\": {\"version\": \"1.0\"}\n}}\n"),
    ("metadata.rb", "name 'z'\ndepends 'y', '>= 1.0'\n"),
    (
        "ivy.xml",
        "<ivy-module><dependencies>\n<dependency org='x' name='y' rev='1.0'/>\n</dependencies></ivy-module>\n",
    ),
    ("project.clj", "(defproject z nil\n  :dependencies [[x/y \"1.0\"]])\n"),
    ("deps.edn", "{:deps\n {x/y {:mvn/version \"1.0\"}}}\n"),
    ("dependencies.lock", "{\"compileClasspath\": {\n\"x:y\": {\"locked\": \"1.0\"}\n}}\n"),
    ("bower.json", "{\"dependencies\": {\n\"y\": \"1.0\"\n}}\n"),
    ("Cartfile", "github \"x/y\" ~> 1.0\n"),
    ("z.podspec", "Pod::Spec.new do |s|\n  s.dependency 'y', '~> 1.0'\nend\n"),
    ("z.podspec.json", "{\"dependencies\": {\n\"y\": [\"~> 1.0\"]\n}}\n"),
    ("Gopkg.toml", "[[constraint]]\nname = \"x/y\"\nversion = \"=1.0\"\n"),
    ("glide.yaml", "import:\n- package: x/y\n  version: 1.0\n"),
    ("project.json", "{\"dependencies\": {\n\"y\": \"1.0\"\n}}\n"),
    ("project.lock.json", "{\"libraries\": {\n\"y/1.0\": {\"type\": \"package\"}\n}}\n"),
    ("z.cabal", "name: z\nlibrary\n  build-depends: y ==1.0\n"),
    ("cpanfile", "requires 'y', '1.0';\n"),
    (
        "nix/sources.json",
        "{\n\"y\": {\"owner\": \"x\", \"repo\": \"y\", \"rev\": \"00ff00ff\", \"sha256\": \"00\"}\n}\n",
    ),
    (".pre-commit-config.yaml", "repos:\n- repo: https://github.com/x/y\n  rev: v1.0\n"),
    ("packrat.lock", "Package: y\nSource: CRAN\nVersion: 1.0\n"),
    ("vendor.conf", "x.org/y v1.0\n"),
    ("prek.toml", "[[repos]]\nrepo = \"https://github.com/x/y\"\nrev = \"v1.0\"\n"),
    ("Brewfile.lock.json", "{\"entries\": {\"brew\": {\n\"y\": {\"version\": \"1.0\"}\n}}}\n"),
    ("luarocks.lock", "return {\n   dependencies = {\n      y = \"1.0-1\"\n   }\n}\n"),
    ("meta.yaml", "package:\n  name: z\nrequirements:\n  run:\n    - y 1.0\n"),
];

#[test]
fn each_has_a_package_with_its_line() {
    for (path, text) in SAMPLES {
        let reading = read(path, text);
        assert_eq!(reading.problems, [], "{path}");
        let [package] = &reading.packages[..] else { panic!("{path}: {:?}", reading.packages) };
        let (line, name) = (package.line, package.purl.name().to_ascii_lowercase());
        let shown = text.lines().nth(line as usize - 1).unwrap_or_default().to_ascii_lowercase();
        let is_told = shown.contains(&name)
            || shown.contains("completed")
            || shown.contains("application")
            || shown.contains("component")
            || shown.contains("[[deps");
        assert!(
            is_told || path.ends_with(".toml") || path.ends_with(".lock"),
            "{path}: line {line} is {shown}"
        );
        assert!(package.version.is_some() || package.wanted.is_some() || *path == "vcpkg.json", "{path}");
        assert!(matches!(name.as_str(), "y" | "x.y"), "{path}: {name}");
    }
}

#[test]
fn marks_and_line_ends_of_windows_change_nothing() {
    for (path, text) in SAMPLES {
        let plain: Vec<_> = read(path, text).packages.iter().map(shown).collect();
        let other = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        let reading = read(path, &other);
        assert_eq!(reading.problems, [], "{path}");
        assert_eq!(reading.packages.iter().map(shown).collect::<Vec<_>>(), plain, "{path}");
    }
}

#[test]
fn bytes_that_are_no_text_are_a_problem_wherever_they_stand() {
    for (path, text) in SAMPLES {
        for place in [0, text.len() / 3, text.len() / 2, text.len() - 1] {
            let mut bytes = text.as_bytes().to_vec();
            bytes.insert(place, 0xff);
            let record = record(path, &bytes);
            assert!(!record.reading().problems.is_empty(), "{path}: at {place}");
        }
    }
}

#[test]
fn what_is_repeated_counts_once() {
    // Records of lines, in which the same line may stand twice.
    let twice = [
        ("gradle.lockfile", "x:y:1.0=a\nx:y:1.0=b\n"),
        ("build.gradle", "api 'x:y:1.0'\nimplementation 'x:y:1.0'\n"),
        ("Cartfile.resolved", "github \"x/y\" \"1.0\"\ngithub \"x/y\" \"1.0\"\n"),
        ("conanfile.txt", "[requires]\ny/1.0\ny/1.0\n"),
        ("Dockerfile", "FROM x/y:1 AS a\nFROM x/y:1 AS b\n"),
        (
            "packages.config",
            "<packages><package id='Y' version='1'/><package id='Y' version='1'/></packages>",
        ),
        (
            "composer.lock",
            "{\"packages\": [{\"name\": \"x/y\", \"version\": \"1\"}, {\"name\": \"x/y\", \"version\": \"1\"}]}",
        ),
    ];
    for (path, text) in twice {
        assert_eq!(read(path, text).packages.len(), 1, "{path}");
    }
}

#[test]
fn every_format_has_a_sample_and_a_name_of_its_own() {
    let mut names: Vec<&str> =
        SAMPLES.iter().map(|(path, _)| palisade_lockfile::recognise(path).unwrap().name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), SAMPLES.len());
    for unread in ["build.sbt", "Podfile", "conanfile.py", "luarocks.lock", "bower.json"] {
        let reading = read(unread, "");
        assert!(reading.packages.is_empty() && reading.problems.len() == 1, "{unread}");
    }
    for other in [
        "README.md",
        "src/pom.xml.rs",
        "Gemfile.md",
        "docs/Dockerfile.md",
        "values.yaml",
        "x.yml",
        "lock.json",
    ] {
        assert!(palisade_lockfile::recognise(other).is_none(), "{other}");
    }
}
