//! What a registry is asked for, and what a lockfile takes from elsewhere.

use palisade_lockfile::{Record, settle};
use palisade_model::{Displaced, Layer, PackageOrigin};

use crate::{read, record, together};

/// `name@version` of each package that is marked in `path`.
fn marked(path: &str, files: &[(&str, &str)]) -> Vec<String> {
    let all = together(files);
    let packages = all[path].packages.iter().filter(|package| package.displaced.is_some());
    packages
        .map(|package| {
            assert_eq!(package.displaced, Some(Displaced::Asked));
            assert!(package.ecosystem.is_some(), "advisories are asked about {package:?}");
            format!("{}@{}", package.name, package.version.as_deref().unwrap_or_default())
        })
        .collect()
}

const ASKS: &str = r#"{"name": "app", "version": "1.0.0", "dependencies": {"aa": "1.0.0", "bb": "^1.0.0"}}"#;

fn npm(asked: &str, aa: &str, more: &str) -> String {
    format!(
        r#"{{"lockfileVersion": 3, "packages": {{"": {{"dependencies": {asked}}}, "node_modules/aa": {aa}{more},
  "node_modules/bb": {{"version": "1.0.0", "resolved": "https://registry.npmjs.org/bb/-/bb-1.0.0.tgz", "dependencies": {{"aa": "^1.0.0"}}}}}}}}"#
    )
}

const USUAL: &str = r#"{"aa": "1.0.0", "bb": "^1.0.0"}"#;
const EVIL: &str = r#"{"version": "1.0.0", "resolved": "file:../evil.tgz"}"#;

#[test]
fn npm_takes_a_file_for_a_version() {
    let alone = npm(USUAL, EVIL, "");
    assert_eq!(marked("package-lock.json", &[("package-lock.json", &alone)]), ["aa@1.0.0"]);
    let git = npm(
        USUAL,
        r#"{"version": "1.0.0", "resolved": "git+ssh://git@evil.test/aa.git#0123456789abcdef"}"#,
        "",
    );
    assert_eq!(marked("package-lock.json", &[("package-lock.json", &git)]), ["aa@1.0.0"]);
    let linked = npm(
        USUAL,
        r#"{"link": true, "resolved": "../evil"}"#,
        r#", "../evil": {"name": "aa", "version": "1.0.0"}"#,
    );
    assert_eq!(marked("package-lock.json", &[("package-lock.json", &linked)]), ["aa@1.0.0"]);
    // A package of the registry cannot mean a folder of the project.
    let said = npm(r#"{"bb": "1"}"#, EVIL, "");
    let said = said.replace(r#"{"aa": "^1.0.0"}"#, r#"{"aa": "file:../evil.tgz"}"#);
    assert_eq!(
        marked("package-lock.json", &[("package-lock.json", &said), ("package.json", ASKS)]),
        ["aa@1.0.0"]
    );
    // The first version of the format keeps no requests of the project.
    let old = r#"{"lockfileVersion": 1, "dependencies": {"aa": {"version": "1.0.0", "resolved": "file:../evil.tgz"}, "bb": {"version": "file:../bb.tgz"}}}"#;
    assert_eq!(marked("package-lock.json", &[("package-lock.json", old)]), ["aa@1.0.0"]);
    assert_eq!(
        marked("package-lock.json", &[("package-lock.json", old), ("package.json", ASKS)]),
        ["aa@1.0.0", "bb@"]
    );
    let dangling = npm(USUAL, r#"{"link": true, "resolved": "../evil"}"#, "");
    assert_eq!(read("package-lock.json", &dangling).problems.len(), 1);
}

#[test]
fn npm_takes_what_is_meant_from_anywhere() {
    for (asked, aa, more) in [
        (r#"{"aa": "file:../evil.tgz", "bb": "1"}"#, EVIL, ""),
        (
            r#"{"aa": "../evil", "bb": "1"}"#,
            r#"{"link": true, "resolved": "../evil"}"#,
            r#", "../evil": {"version": "1.0.0"}"#,
        ),
        (
            r#"{"aa": "o/aa", "bb": "1"}"#,
            r#"{"version": "1.0.0", "resolved": "git+ssh://git@github.com/o/aa.git#0123456789abcdef"}"#,
            "",
        ),
        (
            r#"{"aa": "^1.0.0", "bb": "1"}, "workspaces": ["packages/*"]"#,
            r#"{"link": true, "resolved": "packages/aa"}"#,
            r#", "packages/aa": {"version": "1.0.0"}"#,
        ),
    ] {
        let lock = npm(asked, aa, more);
        assert_eq!(marked("package-lock.json", &[("package-lock.json", &lock)]), [""; 0], "{asked}");
    }
    let lock = npm(USUAL, EVIL, "");
    for how in [
        r#""overrides": {"aa": "file:../evil.tgz"}"#,
        r#""overrides": {"bb": {"aa": "file:../evil.tgz"}}"#,
        r#""overrides": {"aa": {".": "file:../evil.tgz"}}"#,
    ] {
        let manifest = format!(r#"{{"dependencies": {USUAL}, {how}}}"#);
        let files = [("package-lock.json", lock.as_str()), ("package.json", manifest.as_str())];
        assert_eq!(marked("package-lock.json", &files), [""; 0], "{how}");
        assert_eq!(together(&files)["package-lock.json"].packages[0].ecosystem, None);
    }
    let other =
        r#"{"dependencies": {"aa": "1.0.0", "bb": "1"}, "overrides": {"aa": "1.0.0", "cc": "file:../cc"}}"#;
    assert_eq!(
        marked("package-lock.json", &[("package-lock.json", &lock), ("package.json", other)]),
        ["aa@1.0.0"]
    );
}

#[test]
fn yarn_takes_a_file_for_a_version() {
    let classic = "aa@1.0.0:\n  version \"1.0.0\"\n  resolved \"file:../evil.tgz\"\n\n\"bb@file:../bb.tgz\":\n  version \"1.0.0\"\n  resolved \"file:../bb.tgz#abc\"\n\ncc@^1.0.0:\n  version \"1.2.0\"\n  resolved cc-1.2.0.tgz#da39a3ee5e6b4b0d3255bfef95601890afd80709\n";
    assert_eq!(marked("yarn.lock", &[("yarn.lock", classic)]), ["aa@1.0.0"]);
    assert_eq!(read("yarn.lock", classic).packages[2].origin, PackageOrigin::Default);
    let manifest = r#"{"dependencies": {"aa": "1.0.0"}, "resolutions": {"**/aa": "file:../evil.tgz"}}"#;
    assert_eq!(marked("yarn.lock", &[("yarn.lock", classic), ("package.json", manifest)]), [""; 0]);
    let berry = "__metadata:\n  version: 8\n\n\"aa@npm:1.0.0\":\n  version: 1.0.0\n  resolution: \"aa@file:../evil.tgz#../evil.tgz::hash=1&locator=app%40workspace%3A.\"\n\n\"app@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"app@workspace:.\"\n  dependencies:\n    aa: \"npm:1.0.0\"\n    bb: \"npm:^1.0.0\"\n\n\"bb@npm:^1.0.0, bb@workspace:packages/bb\":\n  version: 0.0.0-use.local\n  resolution: \"bb@workspace:packages/bb\"\n\n\"cc@file:./cc\":\n  version: 1.0.0\n  resolution: \"cc@file:./cc#./cc::hash=1\"\n";
    assert_eq!(marked("yarn.lock", &[("yarn.lock", berry)]), ["aa@1.0.0"]);
}

#[test]
fn pnpm_takes_a_file_for_a_version() {
    let lock = |specifier: &str, version: &str, key: &str, resolution: &str, more: &str| {
        format!(
            "lockfileVersion: '9.0'\n{more}importers:\n  .:\n    dependencies:\n      aa:\n        specifier: {specifier}\n        version: {version}\n  packages/bb:\n    dependencies: {{}}\npackages:\n  {key}:\n    resolution: {resolution}\n    version: 1.0.0\nsnapshots:\n  {key}: {{}}\n"
        )
    };
    let evil = "{tarball: 'file:../evil.tgz', integrity: sha512-AAAA}";
    let told = |text: &str| marked("pnpm-lock.yaml", &[("pnpm-lock.yaml", text)]);
    assert_eq!(told(&lock("1.0.0", "file:../evil.tgz", "aa@file:../evil.tgz", evil, "")), ["aa@1.0.0"]);
    assert_eq!(told(&lock("1.0.0", "1.0.0", "aa@1.0.0", evil, "")), ["aa@1.0.0"]);
    assert_eq!(
        told(&lock("1.0.0", "link:../evil", "zz@1.0.0", "{integrity: sha512-AAAA}", "")),
        ["aa@1.0.0"]
    );
    assert_eq!(told(&lock("file:../evil.tgz", "file:../evil.tgz", "aa@file:../evil.tgz", evil, "")), [""; 0]);
    assert_eq!(
        told(&lock("^1.0.0", "link:packages/bb", "zz@1.0.0", "{integrity: sha512-AAAA}", "")),
        [""; 0]
    );
    let overrides = "overrides:\n  aa: file:../evil.tgz\n";
    assert_eq!(told(&lock("1.0.0", "file:../evil.tgz", "aa@file:../evil.tgz", evil, overrides)), [""; 0]);
}

#[test]
fn a_file_of_another_version_is_a_package_of_its_own() {
    let aa = r#"{"version": "1.0.0", "resolved": "https://registry.npmjs.org:443/aa/-/aa-1.0.1.tgz", "integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="}"#;
    let packages = read("package-lock.json", &npm(USUAL, aa, "")).packages;
    assert_eq!(crate::told(&packages), ["aa@1.0.0", "aa@1.0.1", "bb@1.0.0"]);
    let whole = PackageOrigin::Registry { url: "https://registry.npmjs.org/aa/-/aa-1.0.1.tgz".into() };
    assert_eq!((&packages[0].origin, &packages[1].origin), (&whole, &PackageOrigin::Default));
    assert_eq!(packages[0].dependencies, [1]);
    let other = aa.replace("/aa/-/aa-1.0.1", "/@s%2fevil/-/evil-2.0.0").replace("npmjs", "example");
    assert_eq!(
        crate::told(&read("package-lock.json", &npm(USUAL, &other, "")).packages),
        ["aa@1.0.0", "@s/evil@2.0.0", "bb@1.0.0"]
    );
    let own = aa.replace("1.0.1", "1.0.0");
    assert_eq!(read("package-lock.json", &npm(USUAL, &own, "")).packages[0].origin, PackageOrigin::Default);
    let yarn = "aa@^1.0.0:\n  version \"1.0.0\"\n  resolved \"https://registry.yarnpkg.com/aa/-/aa-1.0.1.tgz#da39a3ee5e6b4b0d3255bfef95601890afd80709\"\n";
    assert_eq!(crate::told(&read("yarn.lock", yarn).packages), ["aa@1.0.0", "aa@1.0.1"]);
}

#[test]
fn a_file_at_an_address_goes_by_its_own_name() {
    let url = "https://registry.npmjs.org/escape-html/-/escape-html-1.0.3.tgz";
    let manifest = format!(r#"{{"name": "app", "version": "1.0.0", "dependencies": {{"tgz": "{url}"}}}}"#);
    let npm = format!(
        r#"{{"lockfileVersion": 3, "packages": {{"": {{"dependencies": {{"tgz": "{url}"}}}}, "node_modules/tgz": {{"name": "escape-html", "version": "1.0.3", "resolved": "{url}"}}}}}}"#
    );
    let yarn = format!(
        "\"tgz@{url}\":\n  version \"1.0.3\"\n  resolved \"{url}#da39a3ee5e6b4b0d3255bfef95601890afd80709\"\n"
    );
    for (path, lock) in [("package-lock.json", &npm), ("yarn.lock", &yarn)] {
        let files = together(&[("package.json", &manifest), (path, lock)]);
        assert_eq!(crate::told(&files[path].packages), ["escape-html@1.0.3"]);
        assert_eq!(crate::told(&files["package.json"].packages), ["app@1.0.0"], "{path}");
    }
    let yarn = &together(&[("yarn.lock", &yarn)])["yarn.lock"].packages[0];
    assert!(yarn.purl.to_string().starts_with("pkg:npm/escape-html@1.0.3?download_url="), "{}", yarn.purl);
}

#[test]
fn a_workspace_of_yarn_classic_is_no_package_of_a_registry() {
    let root = r#"{"private": true, "workspaces": ["packages/*"]}"#;
    let a = r#"{"name": "@mono/a", "version": "1.0.0", "dependencies": {"@mono/b": "^2.0.0", "x": "1"}}"#;
    let b = r#"{"name": "@mono/b", "version": "2.0.0"}"#;
    let lock = "x@1:\n  version \"1.0.0\"\n";
    let files = [
        ("package.json", root),
        ("packages/a/package.json", a),
        ("packages/b/package.json", b),
        ("yarn.lock", lock),
    ];
    assert_eq!(crate::told(&together(&files)["packages/a/package.json"].packages), ["@mono/a@1.0.0"]);
}

#[test]
fn a_folder_that_the_project_asks_for_is_told_once() {
    let root = r#"{"name": "app", "version": "1.0.0", "dependencies": {"lib": "file:./lib"}}"#;
    let lib = r#"{"name": "lib", "version": "1.0.0", "dependencies": {"x": "1"}}"#;
    let classic = "\"lib@file:./lib\":\n  version \"1.0.0\"\n  dependencies:\n    x \"1\"\n\nx@1:\n  version \"1.0.0\"\n";
    let files = together(&[("package.json", root), ("lib/package.json", lib), ("yarn.lock", classic)]);
    assert_eq!(crate::told(&files["yarn.lock"].packages), ["lib@1.0.0", "x@1.0.0"]);
    assert_eq!(crate::told(&files["lib/package.json"].packages), [""; 0]);
}

const INDEX: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn crates(entries: &[(&str, Option<&str>, &str)]) -> String {
    let entry = |(name, source, needs): &(&str, Option<&str>, &str)| {
        let source = source.map(|source| format!("source = \"{source}\"\n")).unwrap_or_default();
        format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n{source}dependencies = [{needs}]\n\n")
    };
    format!("version = 4\n\n{}", entries.iter().map(entry).collect::<String>())
}

#[test]
fn cargo_takes_a_crate_from_elsewhere() {
    let manifest =
        |needs: &str| format!("[package]\nname = \"app\"\nversion = \"1.0.0\"\n\n[dependencies]\n{needs}\n");
    let plain = manifest("aa = \"1\"\nbb = \"1\"");
    for source in [
        "registry+https://evil.test/index",
        "git+https://evil.test/aa#0123456789abcdef",
        "sparse+https://evil.test/",
    ] {
        let direct =
            crates(&[("aa", Some(source), ""), ("app", None, "\"aa\", \"bb\""), ("bb", Some(INDEX), "")]);
        let files = [("Cargo.lock", direct.as_str()), ("Cargo.toml", plain.as_str())];
        assert_eq!(marked("Cargo.lock", &files), ["aa@1.0.0"], "{source}");
        let deep =
            crates(&[("aa", Some(source), ""), ("app", None, "\"bb\""), ("bb", Some(INDEX), "\"aa\"")]);
        assert_eq!(marked("Cargo.lock", &[("Cargo.lock", &deep)]), ["aa@1.0.0"], "{source}");
        for patch in
            ["[patch.crates-io]\naa = { path = \"../aa\" }", "[replace]\n\"aa:1.0.0\" = { path = \"../aa\" }"]
        {
            let patched = format!("{plain}\n{patch}\n");
            assert_eq!(
                marked("Cargo.lock", &[("Cargo.lock", &deep), ("Cargo.toml", &patched)]),
                [""; 0],
                "{patch}"
            );
        }
        let meant = match source.contains("git") {
            true => "aa = { git = \"https://evil.test/aa\" }\nbb = \"1\"",
            false => "aa = { version = \"1\", registry = \"own\" }\nbb = \"1\"",
        };
        let files = [("Cargo.lock", direct.as_str()), ("Cargo.toml", &manifest(meant))];
        assert_eq!(marked("Cargo.lock", &files), [""; 0], "{source}");
    }
    // A crate of the workspace is asked for by its place.
    let own = crates(&[("app", None, "\"lib\""), ("lib", None, "")]);
    let files = [
        ("Cargo.lock", own.as_str()),
        ("Cargo.toml", &manifest("lib = { path = \"lib\", version = \"1\" }")),
    ];
    assert_eq!(marked("Cargo.lock", &files), [""; 0]);
    let files = [("Cargo.lock", own.as_str()), ("Cargo.toml", &manifest("lib = \"1\""))];
    assert_eq!(marked("Cargo.lock", &files), ["lib@1.0.0"]);
    // What a workspace offers says the place.
    let root = "[workspace]\nmembers = [\"app\"]\n[workspace.dependencies]\nlib = { path = \"lib\" }\n";
    let member = manifest("lib = { workspace = true }");
    let files = [("Cargo.lock", own.as_str()), ("Cargo.toml", root), ("app/Cargo.toml", &member)];
    assert_eq!(marked("Cargo.lock", &files), [""; 0]);
}

#[test]
fn a_registry_that_nothing_names_is_strange_among_others() {
    let lock = crates(&[
        ("aa", Some("registry+https://evil.test/index"), ""),
        ("bb", Some(INDEX), ""),
        ("cc", Some(INDEX), ""),
    ]);
    let told = |files: &[(&str, &str)]| together(files)["Cargo.lock"].packages[0].displaced;
    assert_eq!(told(&[("Cargo.lock", &lock)]), Some(Displaced::Alone));
    let manifest = "[package]\nname = \"app\"\n[dependencies]\naa = { version = \"1\", registry-index = \"https://evil.test/index\" }\n";
    assert_eq!(told(&[("Cargo.lock", &lock), ("Cargo.toml", manifest)]), None);
    let mirror = lock.replace(INDEX, "sparse+https://evil.test/other");
    assert_eq!(told(&[("Cargo.lock", &mirror)]), None);
}

#[test]
fn composer_takes_a_folder_for_a_version() {
    let lock =
        |dist: &str| format!(r#"{{"packages": [{{"name": "v/aa", "version": "1.0.0", "dist": {dist}}}]}}"#);
    let usual = r#"{"require": {"v/aa": "^1.0"}}"#;
    let own = r#"{"require": {"v/aa": "^1.0"}, "repositories": [{"type": "path", "url": "../evil"}]}"#;
    for dist in [
        r#"{"type": "path", "url": "../evil"}"#,
        r#"{"type": "zip", "url": "../evil.zip"}"#,
        r#"{"type": "zip", "url": "file:///evil.zip"}"#,
    ] {
        let lock = lock(dist);
        let told = |manifest: &str| {
            marked("composer.lock", &[("composer.lock", &lock), ("composer.json", manifest)])
        };
        assert_eq!(told(usual), ["v/aa@1.0.0"], "{dist}");
        assert_eq!(told(own), [""; 0], "{dist}");
    }

    let forge = lock(r#"{"type": "zip", "url": "https://api.github.com/repos/v/aa/zipball/0123"}"#);
    assert_eq!(marked("composer.lock", &[("composer.lock", &forge), ("composer.json", usual)]), [""; 0]);
    assert_eq!(read("composer.lock", &forge).packages[0].origin, PackageOrigin::Default);
}

/// Composer, "COMPOSER_HOME": its settings lie in a home, and it reads none from a project.
#[test]
fn settings_of_composer_count_in_homes_of_images_alone() {
    let lock =
        r#"{"packages": [{"name": "v/aa", "version": "1.0.0", "dist": {"type": "path", "url": "../evil"}}]}"#;
    let manifest = r#"{"require": {"v/aa": "^1.0"}}"#;
    let own = r#"{"repositories": {"own": {"type": "path", "url": "/srv/*"}}}"#;
    let layer = Layer { index: 0, diff_id: "sha256:00".to_owned(), created_by: None };
    let is_marked = |path: &str, settings: &str, layer: Option<&Layer>| {
        let files = [("app/composer.lock", lock), ("app/composer.json", manifest), (path, settings)];
        let known = files.iter().filter(|(path, _)| palisade_lockfile::recognise(path).is_some());
        let mut records: Vec<Record> = known.map(|(path, text)| record(path, text.as_bytes())).collect();
        records.iter_mut().for_each(|record| record.layer = layer.cloned());
        let files = settle(records);
        let lock = files.iter().find(|file| file.format == "composer-lock").unwrap();
        lock.packages[0].displaced.is_some()
    };
    for home in ["root/.composer", "root/.config/composer", "home/me/.composer", "home/me/.config/composer"] {
        let path = format!("{home}/config.json");
        assert!(!is_marked(&path, own, Some(&layer)), "{path}");
        assert!(is_marked(&path, own, None), "in a project: {path}");
        assert!(is_marked(&path, r#"{"config": {"sort-packages": true}}"#, Some(&layer)), "{path}");
    }
    for folder in ["", "app/", "app/root/", "home/", "home/me/app/", "app/tests/home/me/"] {
        for end in [".composer/config.json", ".config/composer/config.json"] {
            let path = format!("{folder}{end}");
            assert!(is_marked(&path, own, Some(&layer)) && is_marked(&path, own, None), "{path}");
        }
    }
}

#[test]
fn python_lockfiles_take_packages_from_elsewhere() {
    let poetry = |source: &str| format!("[[package]]\nname = \"aa\"\nversion = \"1.0.0\"\n{source}");
    let manifest = |asks: &str| {
        format!("[tool.poetry]\nname = \"app\"\n[tool.poetry.dependencies]\npython = \"*\"\n{asks}\n")
    };
    let local = poetry("[package.source]\ntype = \"file\"\nurl = \"../evil.whl\"\n");
    let other = poetry(
        "[package.source]\ntype = \"legacy\"\nurl = \"https://evil.test/simple\"\nreference = \"evil\"\n",
    );
    let told = |lock: &str, manifest: &str| {
        marked("poetry.lock", &[("poetry.lock", lock), ("pyproject.toml", manifest)])
    };
    assert_eq!(told(&local, &manifest("aa = \"1.0.0\"")), ["aa@1.0.0"]);
    assert_eq!(told(&local, &manifest("aa = { path = \"../evil.whl\" }")), [""; 0]);
    assert_eq!(told(&other, &manifest("aa = \"1.0.0\"")), ["aa@1.0.0"]);
    assert_eq!(
        told(&local, &manifest("aa = [{ version = \"1.0.0\" }, { path = \"../evil.whl\" }]")),
        [""; 0]
    );
    let named =
        "aa = \"1.0.0\"\n[[tool.poetry.source]]\nname = \"evil\"\nurl = \"https://evil.test/simple/\"";
    assert_eq!(told(&other, &manifest(named)), [""; 0]);
    // A source may have a name alone, which only PyPI has, and any priority; a mirror that comes first serves everything.
    let mirror = "[[tool.poetry.source]]\nname = \"mirror\"\nurl = \"https://me:pw@evil.test/simple\"\npriority = \"primary\"";
    for more in ["", "supplemental", "explicit", "primary"] {
        let more = format!("\n[[tool.poetry.source]]\nname = \"PyPI\"\npriority = \"{more}\"");
        assert_eq!(told(&other, &manifest(&format!("aa = \"1.0.0\"\n{mirror}{more}"))), [""; 0], "{more}");
        assert_eq!(told(&other, &manifest(&format!("aa = \"1.0.0\"{more}"))), ["aa@1.0.0"], "{more}");
    }
    let deep = format!(
        "[[package]]\nname = \"bb\"\nversion = \"1.0.0\"\n[package.dependencies]\naa = \"*\"\n\n{local}"
    );
    assert_eq!(told(&deep, &manifest("bb = \"1\"")), ["aa@1.0.0"]);

    let uv = "version = 1\n[[package]]\nname = \"app\"\nversion = \"1.0.0\"\nsource = { virtual = \".\" }\ndependencies = [{ name = \"aa\" }, { name = \"bb\" }]\n\n[[package]]\nname = \"aa\"\nversion = \"1.0.0\"\nsource = { path = \"../evil.whl\" }\n\n[[package]]\nname = \"bb\"\nversion = \"1.0.0\"\nsource = { editable = \"packages/bb\" }\n";
    let project = "[project]\nname = \"app\"\nversion = \"1.0.0\"\ndependencies = [\"aa==1.0.0\", \"bb\"]\n[tool.uv.sources]\nbb = { workspace = true }\n";
    let told = |manifest: &str| marked("uv.lock", &[("uv.lock", uv), ("pyproject.toml", manifest)]);
    assert_eq!(told(project), ["aa@1.0.0"]);
    assert_eq!(told(&format!("{project}aa = {{ path = \"../evil.whl\" }}\n")), [""; 0]);
    let overridden = "[tool.uv]\noverride-dependencies = [\"aa @ file:///evil.whl\"]\n";
    assert_eq!(told(&format!("{project}{overridden}")), [""; 0]);

    let pipfile = "[[source]]\nname = \"pypi\"\nurl = \"https://pypi.org/simple\"\nverify_ssl = true\n[packages]\naa = \"==1.0.0\"\nbb = \"*\"\n";
    let lock = r#"{"_meta": {"sources": [{"name": "pypi", "url": "https://evil.test/simple"}]}, "default": {
  "aa": {"index": "pypi", "version": "==1.0.0"}, "bb": {"path": "./evil", "version": "==1.0.0"}}}"#;
    assert_eq!(
        marked("Pipfile.lock", &[("Pipfile.lock", lock), ("Pipfile", pipfile)]),
        ["aa@1.0.0", "bb@1.0.0"]
    );
}

#[test]
fn bundler_takes_gems_from_elsewhere() {
    let lock = |source: &str, mark: &str| {
        format!("{source}\n  specs:\n    aa (1.0.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  aa{mark}\n")
    };
    let usual = "source \"https://rubygems.org\"\ngem \"aa\", \"1.0.0\"\n";
    for (source, mark, meant) in [
        ("PATH\n  remote: ../evil", "!", "source \"https://rubygems.org\"\ngem \"aa\", path: \"../evil\"\n"),
        (
            "GIT\n  remote: https://evil.test/aa.git\n  revision: 0123456789abcdef",
            "!",
            "source \"https://rubygems.org\"\ngit \"https://evil.test/aa.git\" do\n  gem \"aa\"\nend\n",
        ),
        (
            "GEM\n  remote: https://evil.test/",
            "",
            "source \"https://rubygems.org\"\nsource \"https://evil.test\"\ngem \"aa\"\n",
        ),
    ] {
        let lock = lock(source, mark);
        let told = |gemfile: &str| marked("Gemfile.lock", &[("Gemfile.lock", &lock), ("Gemfile", gemfile)]);
        assert_eq!(told(usual), ["aa@1.0.0"], "{source}");
        assert_eq!(told(meant), [""; 0], "{meant}");
    }
    let fine = lock("GEM\n  remote: https://rubygems.org/", "");
    assert_eq!(marked("Gemfile.lock", &[("Gemfile.lock", &fine), ("Gemfile", usual)]), [""; 0]);
}

#[test]
fn indexes_without_protection_are_told() {
    let open = |path: &str, text: &str| record(path, text.as_bytes()).open_indexes();
    let text = "--index-url http://one.test/simple\n-i https://fine.test/simple\n--extra-index-url=http://me:pw@two.test:81/\n--trusted-host three.test\n-f http://four.test\naa==1.0\n";
    let expected = [(1, "one.test"), (3, "two.test:81"), (4, "three.test"), (5, "four.test")];
    assert_eq!(open("requirements.txt", text), expected.map(|(line, host)| (line, host.to_owned())));
    let pipfile = "[[source]]\nurl = \"http://one.test\"\n[[source]]\nurl = \"https://two.test\"\nverify_ssl = false\n[packages]\n";
    assert_eq!(open("Pipfile", pipfile).len(), 2);
    assert_eq!(open("pyproject.toml", "[[tool.uv.index]]\nurl = \"http://one.test\"\n").len(), 1);
}

#[test]
fn what_yarn_calls_optional_in_a_section_of_its_own_is_optional() {
    let lock = "__metadata:\n  version: 8\n\n\"aa@npm:1.0.0\":\n  version: 1.0.0\n  resolution: \"aa@npm:1.0.0\"\n\n\"app@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"app@workspace:.\"\n  dependencies:\n    aa: \"npm:1.0.0\"\n    bb: \"npm:1.0.0\"\n  dependenciesMeta:\n    aa:\n      optional: true\n\n\"bb@npm:1.0.0\":\n  version: 1.0.0\n  resolution: \"bb@npm:1.0.0\"\n";
    let expected = ["aa Direct optional []", "bb Direct prod []"];
    assert_eq!(crate::roles(&read("yarn.lock", lock).packages), expected);
    let manifest =
        r#"{"dependencies": {"aa": "1.0.0", "bb": "1.0.0"}, "dependenciesMeta": {"aa": {"optional": true}}}"#;
    let files = together(&[("yarn.lock", lock), ("package.json", manifest)]);
    assert_eq!(crate::roles(&files["yarn.lock"].packages), expected);
}
