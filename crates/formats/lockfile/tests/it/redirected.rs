//! What a project says that packages come from elsewhere: in its manifests, and in settings beside them. The lockfiles have the forms that
//! pnpm 10, Yarn 4, Bun 1.3, Cargo 1.95, uv and Bundler write.

use palisade_model::{Displaced, PackageOrigin};

use crate::{named, read, together};

/// The packages of `path` that are marked, in order.
fn marked(path: &str, files: &[(&str, &str)]) -> Vec<(String, Displaced)> {
    let all = together(files);
    let packages = all[path].packages.iter();
    packages.filter_map(|package| Some((package.name.clone(), package.displaced?))).collect()
}

fn asked(name: &str) -> Vec<(String, Displaced)> {
    vec![(name.to_owned(), Displaced::Asked)]
}

const COMMIT: &str = "01915621278b8fd79d10a466100385eb626aa753";

fn pnpm(catalogs: &str, specifier: &str) -> String {
    format!(
        "lockfileVersion: '9.0'\n\n{catalogs}importers:\n\n  packages/a:\n    dependencies:\n      ms:\n        specifier: {specifier}\n        version: git+https://forge.test/ms#{COMMIT}\n      qs:\n        specifier: catalog:old\n        version: 6.5.2\n\npackages:\n\n  ms@git+https://forge.test/ms#{COMMIT}:\n    resolution: {{commit: {COMMIT}, repo: https://forge.test/ms, type: git}}\n    version: 2.1.3\n\n  qs@6.5.2:\n    resolution: {{integrity: sha512-AAAA}}\n"
    )
}

#[test]
fn a_catalogue_of_pnpm_says_where_packages_come_from() {
    let catalogs = "catalogs:\n  default:\n    ms:\n      specifier: git+https://forge.test/ms\n      version: 2.1.3\n  old:\n    qs:\n      specifier: 6.5.2\n      version: 6.5.2\n\n";
    let lock = pnpm(catalogs, "'catalog:'");
    let manifest = r#"{"name": "a", "dependencies": {"ms": "catalog:", "qs": "catalog:old"}}"#;
    let workspace = "packages:\n  - packages/*\ncatalog:\n  ms: git+https://forge.test/ms\ncatalogs:\n  old:\n    qs: 6.5.2\n";
    let told = |lock: &str, workspace: &str| {
        let files = [
            ("pnpm-lock.yaml", lock),
            ("packages/a/package.json", manifest),
            ("pnpm-workspace.yaml", workspace),
        ];
        marked("pnpm-lock.yaml", &files)
    };
    assert_eq!(marked("pnpm-lock.yaml", &[("pnpm-lock.yaml", &lock)]), []);
    assert_eq!(told(&lock, workspace), []);
    // The project's own file has the last word.
    let usual = workspace.replace("git+https://forge.test/ms", "^2.1.0");
    assert_eq!(told(&lock, &usual), asked("ms"));
    let edited = pnpm(&catalogs.replace("git+https://forge.test/ms", "^2.1.0"), "'catalog:'");
    assert_eq!(marked("pnpm-lock.yaml", &[("pnpm-lock.yaml", &edited)]), asked("ms"));
}

/// Yarn has catalogues in its settings since 4.10 (<https://yarnpkg.com/features/catalogs>).
#[test]
fn a_catalogue_of_yarn_says_where_packages_come_from() {
    let lock = "__metadata:\n  version: 8\n\n\"aa@file:../own.tgz::locator=app%40workspace%3A.\":\n  version: 1.0.0\n  resolution: \"aa@file:../own.tgz#../own.tgz::hash=1&locator=app%40workspace%3A.\"\n\n\"app@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"app@workspace:.\"\n  dependencies:\n    aa: \"catalog:own\"\n";
    let manifest = r#"{"name": "app", "dependencies": {"aa": "catalog:own"}}"#;
    let told = |settings: &str| {
        marked("yarn.lock", &[("yarn.lock", lock), ("package.json", manifest), (".yarnrc.yml", settings)])
    };
    assert_eq!(told("nodeLinker: node-modules\n"), []);
    assert_eq!(told("catalogs:\n  own:\n    aa: file:../own.tgz\n"), []);
    assert_eq!(told("catalogs:\n  own:\n    aa: ^1.0.0\n"), asked("aa"));
    assert!(!palisade_lockfile::recognise(".yarnrc.yml").unwrap().tells_packages());
}

/// What is marked of a pnpm workspace with one member.
fn marked_in_workspace(lock: &str, workspace: &str) -> Vec<(String, Displaced)> {
    let manifest = r#"{"name": "a", "dependencies": {"ms": "^2.1.0", "qs": "catalog:old"}}"#;
    let files =
        [("pnpm-lock.yaml", lock), ("packages/a/package.json", manifest), ("pnpm-workspace.yaml", workspace)];
    marked("pnpm-lock.yaml", &files)
}

#[test]
fn overrides_of_pnpm_stand_in_a_file_of_their_own() {
    let lock = pnpm("overrides:\n  ms: git+https://forge.test/ms\n\n", "git+https://forge.test/ms");
    let told = |workspace: &str| marked_in_workspace(&lock, workspace);
    assert_eq!(told("packages: [packages/*]\n"), asked("ms"));
    assert_eq!(told("packages: [packages/*]\noverrides:\n  ms: git+https://forge.test/ms\n"), []);
    assert_eq!(told("overrides:\n  'a>ms@2': git+https://forge.test/ms\n"), []);
}

/// pnpm allows `catalog:` in overrides ("Catalogs"): it means what the catalogue says.
#[test]
fn an_override_may_be_what_a_catalogue_says() {
    let lock = pnpm("", "^2.1.0");
    let told = |workspace: &str| marked_in_workspace(&lock, workspace);
    let overrides = "overrides:\n  ms: 'catalog:'\n";
    assert_eq!(told(overrides), asked("ms"), "no catalogue is known");
    assert_eq!(told(&format!("{overrides}catalog:\n  ms: ^2.1.0\n")), asked("ms"));
    assert_eq!(told(&format!("{overrides}catalog:\n  ms: git+https://forge.test/ms\n")), []);
    let named = "overrides:\n  'a>ms': 'catalog:x'\ncatalogs:\n  x:\n    ms: git+https://forge.test/ms\n";
    assert_eq!(told(named), []);
}

#[test]
fn a_catalogue_of_bun_says_where_packages_come_from() {
    let lock = r#"{"lockfileVersion": 1, "workspaces": {"": {"name": "root"}, "packages/a": {"name": "a", "dependencies": {"ms": "catalog:"}}},
  "catalog": {"ms": "file:./ms.tgz"},
  "packages": {"a": ["a@workspace:packages/a"], "ms": ["ms@./ms.tgz", {}, "sha512-AAAA"]}}"#;
    let a = r#"{"name": "a", "dependencies": {"ms": "catalog:"}}"#;
    let told = |catalogs: &str| {
        let root = format!(r#"{{"name": "root", "workspaces": {{"packages": ["packages/*"], {catalogs}}}}}"#);
        marked("bun.lock", &[("bun.lock", lock), ("package.json", &root), ("packages/a/package.json", a)])
    };
    assert_eq!(told(r#""catalog": {"ms": "file:./ms.tgz"}"#), []);
    assert_eq!(told(r#""catalog": {"ms": "^2.1.0"}"#), asked("ms"));
}

#[test]
fn npm_takes_another_package_for_one_that_is_asked_for() {
    let lock = |asked: &str| {
        format!(
            r#"{{"lockfileVersion": 3, "packages": {{"": {{"dependencies": {{"aa": "{asked}", "bb": "1"}}}},
  "node_modules/aa": {{"name": "@s/evil", "version": "1.0.0", "resolved": "https://registry.npmjs.org/@s/evil/-/evil-1.0.0.tgz", "integrity": "sha512-AAAA"}},
  "node_modules/bb": {{"version": "1.0.0", "resolved": "https://registry.npmjs.org/bb/-/bb-1.0.0.tgz", "dependencies": {{"aa": "^1.0.0"}}}}}}}}"#
        )
    };
    let told = |asked: &str, more: &str| {
        let manifest = format!(r#"{{"name": "app", "dependencies": {{"aa": "{asked}", "bb": "1"}}{more}}}"#);
        let lock = lock(asked);
        marked("package-lock.json", &[("package-lock.json", &lock), ("package.json", &manifest)])
    };
    assert_eq!(told("^1.0.0", ""), asked("@s/evil"));
    assert_eq!(told("npm:@s/evil@^1.0.0", ""), []);
    assert_eq!(told("^1.0.0", r#", "overrides": {"aa": "npm:@s/evil@1.0.0"}"#), []);
    assert_eq!(told("^1.0.0", r#", "overrides": {"bb": {"aa": "npm:@s/evil@1.0.0"}}"#), []);
    assert_eq!(told("^1.0.0", r#", "overrides": {"aa": "1.0.0"}"#), asked("@s/evil"));
}

/// As Yarn 1.22 writes it.
#[test]
fn resolutions_of_yarn_classic_may_name_another_package() {
    let lock = "has-flag@^4.0.0, \"has-flag@npm:minimist@1.2.6\":\n  version \"1.2.6\"\n  resolved \"https://registry.yarnpkg.com/minimist/-/minimist-1.2.6.tgz#8637a5b759ea0d6e98702cfb3a9283323c93af44\"\n";
    let told = |more: &str| {
        let manifest = format!(r#"{{"dependencies": {{"has-flag": "^4.0.0"}}{more}}}"#);
        let files = [("yarn.lock", lock), ("package.json", manifest.as_str())];
        assert_eq!(crate::told(&together(&files)["yarn.lock"].packages), ["minimist@1.2.6"]);
        marked("yarn.lock", &files)
    };
    assert_eq!(told(r#", "resolutions": {"has-flag": "npm:minimist@1.2.6"}"#), []);
    assert_eq!(told(""), asked("minimist"));
}

fn berry(entries: &[(&str, &str, &str)]) -> String {
    let entry = |(key, version, resolution): &(&str, &str, &str)| {
        format!(
            "\"{key}\":\n  version: {version}\n  resolution: \"{resolution}\"\n  checksum: 10c0/{}\n  languageName: node\n  linkType: hard\n\n",
            "0".repeat(128)
        )
    };
    format!(
        "__metadata:\n  version: 8\n  cacheKey: 10c0\n\n{}",
        entries.iter().map(entry).collect::<String>()
    )
}

#[test]
fn yarn_answers_with_another_package() {
    let told = |key: &str, version: &str, resolution: &str| {
        let packages = read("yarn.lock", &berry(&[(key, version, resolution)])).packages;
        let origin = packages[0].origin.clone();
        (crate::told(&packages), origin)
    };
    let file = |url: &str| PackageOrigin::Registry { url: url.to_owned() };
    let (packages, origin) = told("aa@npm:^1.0.0", "1.0.0", "@s/evil@npm:2.0.0");
    assert_eq!(packages, ["aa@1.0.0", "@s/evil@2.0.0"]);
    assert_eq!(origin, file("https://registry.yarnpkg.com/@s/evil/-/evil-2.0.0.tgz"));
    // What comes is the version of the resolution.
    let (packages, origin) = told("aa@npm:^1.0.0", "1.0.1", "aa@npm:1.0.0");
    assert_eq!(packages, ["aa@1.0.1", "aa@1.0.0"]);
    assert_eq!(origin, file("https://registry.yarnpkg.com/aa/-/aa-1.0.0.tgz"));
    let patch = "aa@patch:evil@npm%3A2.0.0#~/.yarn/patches/aa.patch::version=2.0.0&hash=0123";
    assert_eq!(told("aa@patch:aa@npm%3A1.0.0#~/.yarn/patches/aa.patch", "2.0.0", patch).0.len(), 1);
    let archive = "aa@npm:1.0.0::__archiveUrl=https%3A%2F%2Fregistry.npmjs.org%2Fevil%2F-%2Fevil-2.0.0.tgz";
    assert_eq!(told("aa@npm:^1.0.0", "1.0.0", archive).0, ["aa@1.0.0", "evil@2.0.0"]);
    for (key, version, resolution) in [
        ("alias@npm:@s/evil@^2", "2.0.0", "@s/evil@npm:2.0.0"),
        ("aa@npm:1.0.0, aa@npm:^1.0.0", "1.0.0", "aa@npm:1.0.0"),
        ("aa@^1.0.0", "1.0.0", "aa@npm:1.0.0"),
        ("aa@npm:1.0.0+b", "1.0.0+b", "aa@npm:1.0.0+b"),
        (
            "fsevents@patch:fsevents@^2.1.2#builtin<compat/fsevents>",
            "2.3.2",
            "fsevents@patch:fsevents@npm%3A2.3.2#builtin<compat/fsevents>::version=2.3.2&hash=18f3a7",
        ),
        (
            "aa@npm:^1.0.0",
            "1.0.0",
            "aa@npm:1.0.0::__archiveUrl=https%3A%2F%2Fnpm.own.test%2Fdownload%2Faa%2F1.0.0%2Fabc",
        ),
    ] {
        let (packages, origin) = told(key, version, resolution);
        assert_eq!(packages.len(), 1, "{key}");
        let usual = matches!(&origin, PackageOrigin::Default)
            || matches!(&origin, PackageOrigin::Registry { url } if url == "https://npm.own.test");
        assert!(usual, "{key} {origin:?}");
    }
}

#[test]
fn yarn_takes_a_program_for_a_version() {
    let evil = berry(&[(
        "aa@npm:1.0.0",
        "1.0.0",
        "aa@exec:./evil.js#./evil.js::hash=1&locator=app%40workspace%3A.",
    )]);
    assert_eq!(marked("yarn.lock", &[("yarn.lock", &evil)]), asked("aa"));
    let meant = evil.replace("aa@npm:1.0.0", "aa@exec:./evil.js");
    assert_eq!(marked("yarn.lock", &[("yarn.lock", &meant)]), []);
    let patched = berry(&[(
        "aa@patch:aa@file%3A./aa.tgz#./aa.patch",
        "1.0.0",
        "aa@patch:aa@file%3A./aa.tgz%23./aa.tgz#./aa.patch::version=1.0.0&hash=1",
    )]);
    assert_eq!(marked("yarn.lock", &[("yarn.lock", &patched)]), []);
}

#[test]
fn resolutions_of_yarn_answer_needs_in_their_old_words() {
    let lock = "__metadata:\n  version: 8\n\n\"app@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"app@workspace:.\"\n  dependencies:\n    alias: \"npm:ms@2.0.0\"\n    debug: \"npm:4.3.4\"\n    ms: \"npm:2.1.3\"\n\n\"alias@npm:ms@2.0.0\":\n  version: 2.0.0\n  resolution: \"ms@npm:2.0.0\"\n\n\"debug@npm:4.3.4\":\n  version: 4.3.4\n  resolution: \"debug@npm:4.3.4\"\n  dependencies:\n    ms: \"npm:2.1.2\"\n    has-flag: \"npm:^4.0.0\"\n\n\"has-flag@npm:minimist@1.2.6\":\n  version: 1.2.6\n  resolution: \"minimist@npm:1.2.6\"\n\n\"ms@npm:2.1.3\":\n  version: 2.1.3\n  resolution: \"ms@npm:2.1.3\"\n\n\"ms@npm:ms@2.1.1\":\n  version: 2.1.1\n  resolution: \"ms@npm:2.1.1\"\n";
    let packages = read("yarn.lock", lock).packages;
    let debug = named(&packages, "debug");
    let needs: Vec<String> =
        debug.dependencies.iter().map(|need| packages[*need as usize].purl.to_string()).collect();
    assert_eq!(needs, ["pkg:npm/minimist@1.2.6", "pkg:npm/ms@2.1.1"]);
}

#[test]
fn catalogues_of_yarn_are_asked_for_by_the_project() {
    let lock = "__metadata:\n  version: 10\n\n\"a@workspace:packages/a\":\n  version: 0.0.0-use.local\n  resolution: \"a@workspace:packages/a\"\n  dependencies:\n    qs: \"catalog:old\"\n\n\"qs@npm:6.5.2\":\n  version: 6.5.2\n  resolution: \"qs@npm:6.5.2\"\n\n\"root@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"root@workspace:.\"\n";
    let root = r#"{"name": "root", "workspaces": ["packages/*"]}"#;
    let a = r#"{"name": "a", "devDependencies": {"qs": "catalog:old"}}"#;
    let files = together(&[("yarn.lock", lock), ("package.json", root), ("packages/a/package.json", a)]);
    assert_eq!(files["yarn.lock"].format, "yarn-berry-lock");
    assert_eq!(crate::roles(&files["yarn.lock"].packages)[1], "qs Direct dev []");
}

const INDEX: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[test]
fn settings_of_cargo_patch_crates_and_name_registries() {
    let lock = format!(
        "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"itoa\",\n \"ryu\",\n]\n\n[[package]]\nname = \"itoa\"\nversion = \"1.0.99\"\n\n[[package]]\nname = \"ryu\"\nversion = \"1.0.23\"\nsource = \"{INDEX}\"\n"
    );
    let manifest =
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nitoa = \"1\"\nryu = \"1\"\n";
    let patch = "[patch.crates-io]\nitoa = { path = \"../itoa\" }\n";
    let own = [("work/app/Cargo.lock", lock.as_str()), ("work/app/Cargo.toml", manifest)];
    let told = |config: (&str, &str)| marked("work/app/Cargo.lock", &[own[0], own[1], config]);
    assert_eq!(marked("work/app/Cargo.lock", &own), asked("itoa"));
    for path in ["work/app/.cargo/config.toml", "work/.cargo/config", ".cargo/config.toml"] {
        assert_eq!(told((path, patch)), [], "{path}");
    }
    // Cargo does not look there, and this says nothing of the crate.
    assert_eq!(told(("work/other/.cargo/config.toml", patch)), asked("itoa"));
    let replaced = "[source.crates-io]\nreplace-with = \"vendored-sources\"\n[source.vendored-sources]\ndirectory = \"vendor\"\n";
    assert_eq!(told((".cargo/config.toml", replaced)), asked("itoa"));
    let bare = lock
        .replace("\"itoa\",\n \"ryu\",", "\"ryu\",")
        .replace("index\"\n", "index\"\ndependencies = [\"itoa\"]\n");
    let alone = [("Cargo.lock", bare.as_str()), (".cargo/config.toml", patch)];
    assert_eq!(marked("Cargo.lock", &alone[..1]), asked("itoa"));
    assert_eq!(marked("Cargo.lock", &alone), []);

    let entry = |name: &str, source: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"{source}\"\n\n")
    };
    let lock = format!(
        "version = 4\n\n{}{}{}{}{}",
        entry("aa", "sparse+https://evil.test/index/"),
        entry("bb", INDEX),
        entry("cc", INDEX),
        entry("ee", INDEX),
        entry("dd", "sparse+https://own.test/index/"),
    );
    let manifest =
        "[package]\nname = \"app\"\n[dependencies]\ndd = { version = \"1\", registry = \"own\" }\n";
    let config = "[registries.own]\nindex = \"sparse+https://own.test/index/\"\n";
    let files = [("Cargo.lock", lock.as_str()), ("Cargo.toml", manifest), (".cargo/config.toml", config)];
    assert_eq!(marked("Cargo.lock", &files), [("aa".to_owned(), Displaced::Alone)]);
}

#[test]
fn settings_of_uv_name_indexes() {
    let entry = |name: &str, source: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = {{ {source} }}\n\n")
    };
    let lock = format!(
        "version = 1\n\n{}{}{}{}",
        entry("aa", "registry = \"https://own.test/simple\""),
        entry("bb", "registry = \"https://pypi.org/simple\""),
        entry("cc", "registry = \"https://pypi.org/simple\""),
        entry("dd", "git = \"https://forge.test/dd#0123456789\""),
    );
    let project =
        "[project]\nname = \"app\"\nversion = \"1.0.0\"\ndependencies = [\"aa\", \"bb\", \"cc\", \"dd\"]\n";
    let files = [("uv.lock", lock.as_str()), ("pyproject.toml", project)];
    let strange = [("aa".to_owned(), Displaced::Alone), ("dd".to_owned(), Displaced::Asked)];
    assert_eq!(marked("uv.lock", &files), strange);
    let settings = "override-dependencies = [\"dd @ git+https://forge.test/dd\"]\n[[index]]\nurl = \"https://own.test/simple\"\n";
    assert_eq!(marked("uv.lock", &[files[0], files[1], ("uv.toml", settings)]), []);
    assert_eq!(crate::record("uv.toml", b"[[index]]\nurl = \"http://own.test\"\n").open_indexes().len(), 1);
}

/// As `pdm add -d -e ./sub` writes it.
#[test]
fn pdm_names_folders_that_are_worked_on_in_place() {
    let project = "[project]\nname = \"app\"\nversion = \"1.0\"\n[dependency-groups]\ndev = [\"-e file:///${PROJECT_ROOT}/sub#egg=sub\"]\n";
    let lock = "[metadata]\ngroups = [\"default\", \"dev\"]\nlock_version = \"4.5.0\"\n[[package]]\nname = \"sub\"\nversion = \"1.0\"\neditable = true\npath = \"./sub\"\ngroups = [\"dev\"]\n";
    let files = [("pdm.lock", lock), ("pyproject.toml", project)];
    assert_eq!(marked("pdm.lock", &files), []);
    assert_eq!(crate::roles(&together(&files)["pdm.lock"].packages), ["sub Direct dev []"]);
}

#[test]
fn a_gemfile_names_sources_in_many_ways() {
    let lock = |source: &str| {
        format!(
            "{source}  specs:\n    aa (1.0.0)\n\nGEM\n  remote: https://rubygems.org/\n  specs:\n    bb (1.0.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  aa!\n  bb\n"
        )
    };
    let other = lock("GEM\n  remote: https://gems.own.test/\n");
    let git = lock("GIT\n  remote: https://git.own.test/team/aa.git\n  revision: 0123456789abcdef\n");
    let told = |lock: &str, gem: &str| {
        let gemfile = format!("source \"https://rubygems.org\"\n{gem}\ngem \"bb\"\n");
        marked("Gemfile.lock", &[("Gemfile.lock", lock), ("Gemfile", &gemfile)])
    };
    assert_eq!(told(&other, "gem \"aa\", \"1.0.0\""), asked("aa"));
    assert_eq!(told(&other, "gem \"aa\", source: \"https://gems.own.test\""), []);
    assert_eq!(told(&other, "gem 'aa', '1.0.0', :source => 'https://gems.own.test/'"), []);
    assert_eq!(told(&git, "gem \"aa\", \"1.0.0\", require: false"), asked("aa"));
    assert_eq!(told(&git, "gem \"aa\", \"1.0.0\" if ENV[\"CI\"]"), asked("aa"));
    for meant in [
        "git_source(:own) { |name| \"https://git.own.test/#{name}.git\" }\ngem \"aa\", own: \"team/aa\"",
        "git_source :own do |name|\n  \"https://git.own.test/#{name}.git\"\nend\ngem \"aa\", own: \"team/aa\"",
        "gem \"aa\", gitlab: \"team/aa\"",
        "place = { git: \"https://git.own.test/team/aa.git\" }\ngem \"aa\", place",
        "gem(\"aa\", *places)",
    ] {
        assert_eq!(told(&git, meant), [], "{meant}");
    }
}

#[test]
fn a_plugin_of_composer_takes_in_other_manifests() {
    let lock =
        r#"{"packages": [{"name": "v/aa", "version": "1.0.0", "dist": {"type": "path", "url": "../aa"}}]}"#;
    let told =
        |manifest: &str| marked("composer.lock", &[("composer.lock", lock), ("composer.json", manifest)]);
    assert_eq!(told(r#"{"require": {"v/aa": "^1.0"}}"#), asked("v/aa"));
    assert_eq!(
        told(r#"{"require": {"v/aa": "^1.0"}, "repositories": {"aa": {"type": "path", "url": "../aa"}}}"#),
        []
    );
    assert_eq!(
        told(r#"{"require": {"v/aa": "^1.0"}, "extra": {"merge-plugin": {"include": ["local.json"]}}}"#),
        []
    );
}
