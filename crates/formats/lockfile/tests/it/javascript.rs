use palisade_model::{PackageOrigin, Scope};

use crate::{named, read, roles, together, told};

#[test]
fn npm_nests_aliases_links_and_scopes() {
    let reading = read(
        "package-lock.json",
        r#"{"lockfileVersion": 3, "packages": {
  "": {"workspaces": ["packages/*"], "dependencies": {"alpha": "^1", "other": "npm:real@2", "tool": "*"}, "devDependencies": {"beta": "1"}},
  "node_modules/alpha": {"version": "1.0.0", "hasInstallScript": true, "license": "MIT", "dependencies": {"beta": "^2"},
    "resolved": "https://me:word@npm.example.test/alpha/-/alpha-1.0.0.tgz", "integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="},
  "node_modules/alpha/node_modules/beta": {"version": "2.0.0", "dependencies": {"gone": "1"}},
  "node_modules/beta": {"version": "1.0.0", "dev": true},
  "node_modules/other": {"name": "real", "version": "2.0.0", "devOptional": true},
  "node_modules/tool": {"resolved": "packages/tool", "link": true},
  "node_modules/repo": {"version": "1.0.0", "resolved": "git+ssh://git@host.test/o/r.git#0123456789abcdef0123456789abcdef01234567"},
  "packages/tool": {"name": "tool", "version": "0.1.0", "dependencies": {"repo": "1"}}
}}"#,
    );
    assert_eq!(reading.problems, []);
    assert_eq!(
        roles(&reading.packages),
        [
            "alpha Direct prod [beta]",
            "beta Transitive prod []",
            "beta Direct dev []",
            "real Direct optional []",
            "repo Direct prod []",
            "tool Direct prod [repo]",
        ]
    );
    let alpha = &reading.packages[0];
    assert!(alpha.runs_on_install && alpha.licences == ["MIT"]);
    assert_eq!(alpha.hashes[0].value, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    assert_eq!(alpha.origin, PackageOrigin::Registry { url: "https://npm.example.test".into() });
    assert_eq!(alpha.line, 3);
    assert_eq!(reading.packages[alpha.dependencies[0] as usize].version.as_deref(), Some("2.0.0"));
    let repo = named(&reading.packages, "repo");
    let commit = Some("0123456789abcdef0123456789abcdef01234567".to_owned());
    assert_eq!(repo.origin, PackageOrigin::Git { url: "ssh://host.test/o/r.git".into(), commit });
    assert_eq!(named(&reading.packages, "tool").ecosystem, None);
    assert_eq!(
        named(&reading.packages, "tool").origin,
        PackageOrigin::Local { path: "packages/tool".into() }
    );
}

#[test]
fn a_package_of_another_registry_is_another_package() {
    let entry = |folder: &str, host: &str| {
        format!(
            "\"{folder}node_modules/alpha\": {{\"version\": \"1.0.0\", \"resolved\": \"https://{host}/alpha/-/alpha-1.0.0.tgz\"}}"
        )
    };
    let text = |second: &str| {
        format!(
            "{{\"packages\": {{{}, {}}}}}",
            entry("", "registry.npmjs.org"),
            entry("node_modules/b/", second)
        )
    };
    assert_eq!(read("package-lock.json", &text("registry.npmjs.org")).packages.len(), 1);
    assert_eq!(read("package-lock.json", &text("evil.test")).packages.len(), 2);
}

#[test]
fn npm_of_old_needs_its_manifest() {
    let lock = r#"{"lockfileVersion": 1, "dependencies": {
  "alpha": {"version": "1.0.0", "requires": {"beta": "^1"}, "dependencies": {"beta": {"version": "1.5.0"}}},
  "beta": {"version": "2.0.0", "dev": true},
  "alias": {"version": "npm:real@3.0.0"},
  "fork": {"version": "github:o/fork#0123456789abcdef"}}}"#;
    let files = together(&[
        (
            "package.json",
            r#"{"name": "app", "version": "1.0.0", "dependencies": {"alpha": "1", "alias": "npm:real@3"}, "devDependencies": {"beta": "2", "lost": "^1"}}"#,
        ),
        ("package-lock.json", lock),
    ]);
    let packages = &files["package-lock.json"].packages;
    assert_eq!(told(packages), ["alpha@1.0.0", "beta@1.5.0", "beta@2.0.0", "real@3.0.0", "fork"]);
    assert_eq!(
        roles(packages),
        [
            "alpha Direct prod [beta]",
            "beta Transitive prod []",
            "beta Direct dev []",
            "real Direct prod []",
            "fork Transitive prod []"
        ]
    );
    // What the lockfile does not know stays with the manifest.
    assert_eq!(told(&files["package.json"].packages), ["app@1.0.0", "lost?^1"]);
}

#[test]
fn yarn_classic_with_manifests_of_workspaces() {
    let lock = "alpha@^1.0.0:\n  version \"1.0.0\"\n  dependencies:\n    beta \"^1.0.0\"\n\nbeta@^1.0.0:\n  version \"1.0.0\"\n\n\"dev@npm:@s/real@^2\":\n  version \"2.0.0\"\n  resolved \"https://registry.yarnpkg.com/@s/real/-/real-2.0.0.tgz#da39a3ee5e6b4b0d3255bfef95601890afd80709\"\n\n\"forked@o/forked#main\":\n  version \"3.0.0\"\n  resolved \"https://codeload.github.com/o/forked/tar.gz/0123456789abcdef0123456789abcdef01234567\"\n";
    let files = together(&[
        (
            "package.json",
            r#"{"private": true, "workspaces": ["packages/*"], "devDependencies": {"dev": "npm:@s/real@^2"}}"#,
        ),
        ("packages/a/package.json", r#"{"dependencies": {"alpha": "^1.0.0"}}"#),
        ("elsewhere/package.json", r#"{"dependencies": {"alpha": "^1.0.0"}}"#),
        ("yarn.lock", lock),
    ]);
    let packages = &files["yarn.lock"].packages;
    assert_eq!(
        roles(packages),
        [
            "alpha Direct prod [beta]",
            "beta Transitive prod []",
            "@s/real Direct dev []",
            "forked Transitive prod []"
        ]
    );
    assert_eq!(packages[2].hashes[0].algorithm, "SHA-1");
    assert!(matches!(&packages[3].origin, PackageOrigin::Git { commit: Some(_), .. }));
    assert!(files["packages/a/package.json"].packages.is_empty());
    assert_eq!(told(&files["elsewhere/package.json"].packages), ["alpha?^1.0.0"]);
}

#[test]
fn yarn_berry_workspaces_and_patches() {
    let reading = read(
        "yarn.lock",
        r#"__metadata:
  version: 8
  cacheKey: 10c0

"alpha@npm:^1.0.0, alpha@npm:^1.1.0":
  version: 1.2.0
  resolution: "alpha@npm:1.2.0"
  dependencies:
    beta: "npm:^1"
  linkType: hard

"alpha@patch:alpha@npm%3A1.2.0#./fix.patch":
  version: 1.2.0
  resolution: "alpha@patch:alpha@npm%3A1.2.0#./fix.patch::version=1.2.0&hash=abc"
  linkType: hard

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  dependencies:
    alpha: "npm:^1.0.0"
  linkType: soft

"beta@npm:^1":
  version: 1.0.0
  resolution: "beta@npm:1.0.0"
  linkType: hard

"forked@https://github.com/o/forked.git#commit=0123456789abcdef":
  version: 1.0.0
  resolution: "forked@https://github.com/o/forked.git#commit=0123456789abcdef"
  linkType: hard

"lib@workspace:packages/lib":
  version: 0.0.0-use.local
  resolution: "lib@workspace:packages/lib"
  linkType: soft
"#,
    );
    assert_eq!(reading.problems, []);
    assert_eq!(told(&reading.packages), ["alpha@1.2.0", "beta@1.0.0", "forked@1.0.0", "lib@0.0.0-use.local"]);
    assert_eq!(roles(&reading.packages)[..2], ["alpha Direct prod [beta]", "beta Transitive prod []"]);
    assert_eq!(named(&reading.packages, "lib").ecosystem, None);
    assert!(matches!(named(&reading.packages, "forked").origin, PackageOrigin::Git { commit: Some(_), .. }));
}

#[test]
fn pnpm_of_all_versions() {
    let five = "lockfileVersion: 5.4\ndependencies:\n  alpha: 1.0.0_beta@2.0.0\n  alias: /real/3.0.0\ndevDependencies:\n  dev: 1.0.0\npackages:\n  /alpha/1.0.0_beta@2.0.0:\n    dependencies:\n      beta: 2.0.0\n    dev: false\n  /beta/2.0.0:\n    requiresBuild: true\n    dev: false\n  /real/3.0.0:\n    dev: false\n  /dev/1.0.0:\n    dev: true\n";
    let six = "lockfileVersion: '6.0'\ndependencies:\n  alpha:\n    specifier: ^1\n    version: 1.0.0(beta@2.0.0)\n  alias:\n    specifier: npm:real@3\n    version: /real@3.0.0\ndevDependencies:\n  dev:\n    specifier: ^1\n    version: 1.0.0\npackages:\n  /alpha@1.0.0(beta@2.0.0):\n    dependencies:\n      beta: 2.0.0\n    dev: false\n  /beta@2.0.0:\n    requiresBuild: true\n    dev: false\n  /real@3.0.0:\n    dev: false\n  /dev@1.0.0:\n    dev: true\n";
    let nine = "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      alpha:\n        specifier: ^1\n        version: 1.0.0(beta@2.0.0)\n      alias:\n        specifier: npm:real@3\n        version: real@3.0.0\n    devDependencies:\n      dev:\n        specifier: ^1\n        version: 1.0.0\npackages:\n  alpha@1.0.0: {}\n  beta@2.0.0: {}\n  real@3.0.0: {}\n  dev@1.0.0: {}\nsnapshots:\n  alpha@1.0.0(beta@2.0.0):\n    dependencies:\n      beta: 2.0.0\n  beta@2.0.0: {}\n  real@3.0.0: {}\n  dev@1.0.0: {}\n";
    for text in [five, six, nine] {
        let reading = read("pnpm-lock.yaml", text);
        assert_eq!(reading.problems, []);
        assert_eq!(
            roles(&reading.packages),
            [
                "alpha Direct prod [beta]",
                "beta Transitive prod []",
                "real Direct prod []",
                "dev Direct dev []"
            ],
            "{text}"
        );
    }
    assert!(read("pnpm-lock.yaml", five).packages[1].runs_on_install);
    assert!(!read("pnpm-lock.yaml", "lockfileVersion: 12.0\npackages: {}\n").problems.is_empty());
}

/// What only an optional edge leads to is optional, as pnpm's own flags of earlier versions say.
#[test]
fn optional_edges_bring_optional_packages() {
    let pnpm = "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      alpha:\n        specifier: ^1\n        version: 1.0.0\n      both:\n        specifier: ^1\n        version: 1.0.0\npackages:\n  alpha@1.0.0: {}\n  both@1.0.0: {}\n  native@1.0.0: {}\n  deep@1.0.0: {}\nsnapshots:\n  alpha@1.0.0:\n    optionalDependencies:\n      both: 1.0.0\n      native: 1.0.0\n  both@1.0.0: {}\n  native@1.0.0:\n    dependencies:\n      deep: 1.0.0\n    optional: true\n  deep@1.0.0:\n    optional: true\n";
    let expected = [
        "alpha Direct prod [both native]",
        "both Direct prod []",
        "native Transitive optional [deep]",
        "deep Transitive optional []",
    ];
    assert_eq!(roles(&read("pnpm-lock.yaml", pnpm).packages), expected);
    let bun = r#"{"lockfileVersion": 1, "workspaces": {"": {"dependencies": {"alpha": "1", "both": "1"}}}, "packages": {
 "alpha": ["alpha@1.0.0", "", {"optionalDependencies": {"both": "1", "native": "1"}}, ""],
 "both": ["both@1.0.0", "", {}, ""],
 "native": ["native@1.0.0", "", {"dependencies": {"deep": "1"}}, ""],
 "deep": ["deep@1.0.0", "", {}, ""]}}"#;
    assert_eq!(roles(&read("bun.lock", bun).packages), expected);
    let manifest = r#"{"name": "own", "dependencies": {"alpha": "1", "both": "1"}}"#;
    let classic = "# yarn lockfile v1\n\nalpha@1:\n  version \"1.0.0\"\n  optionalDependencies:\n    both \"1\"\n    native \"1\"\n\nboth@1:\n  version \"1.0.0\"\n\nnative@1:\n  version \"1.0.0\"\n  dependencies:\n    deep \"1\"\n\ndeep@1:\n  version \"1.0.0\"\n";
    let files = together(&[("package.json", manifest), ("yarn.lock", classic)]);
    assert_eq!(roles(&files["yarn.lock"].packages), expected);
}

/// A workspace that production needs brings what it needs, and not what its developers do.
#[test]
fn members_of_berry_say_themselves_what_they_need() {
    let lock = "__metadata:\n  version: 6\n\n\"alpha@npm:1\":\n  version: 1.0.0\n  resolution: \"alpha@npm:1.0.0\"\n  dependencies:\n    native: 1\n  dependenciesMeta:\n    native:\n      optional: true\n\n\"native@npm:1\":\n  version: 1.0.0\n  resolution: \"native@npm:1.0.0\"\n\n\"tool@npm:1\":\n  version: 1.0.0\n  resolution: \"tool@npm:1.0.0\"\n\n\"lib@workspace:*, lib@workspace:lib\":\n  version: 0.0.0-use.local\n  resolution: \"lib@workspace:lib\"\n  dependencies:\n    alpha: 1\n    tool: 1\n\n\"own@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"own@workspace:.\"\n  dependencies:\n    lib: \"workspace:*\"\n";
    let root = r#"{"name": "own", "workspaces": ["lib"], "dependencies": {"lib": "workspace:*"}}"#;
    let lib = r#"{"name": "lib", "dependencies": {"alpha": "1"}, "devDependencies": {"tool": "1"}}"#;
    let files = together(&[("package.json", root), ("lib/package.json", lib), ("yarn.lock", lock)]);
    assert_eq!(
        roles(&files["yarn.lock"].packages),
        [
            "alpha Direct prod [native]",
            "native Transitive optional []",
            "tool Direct dev []",
            "lib Direct prod [alpha tool]"
        ]
    );
}

#[test]
fn bun_nests_by_keys() {
    let reading = read(
        "bun.lock",
        r#"{"lockfileVersion": 1,
"workspaces": {"": {"dependencies": {"@s/alpha": "1"}, "devDependencies": {"beta": "1"}}, "packages/lib": {"name": "lib", "version": "0.3.0", "dependencies": {"beta": "1"}, "devDependencies": {"forked": "o/forked"}}},
"packages": {
 "@s/alpha": ["@s/alpha@1.0.0", "https://npm.example.test/", {"dependencies": {"beta": "2"}}, "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="],
 "@s/alpha/beta": ["beta@2.0.0", "", {}, ""],
 "beta": ["beta@1.0.0", "", {}, ""],
 "lib": ["lib@workspace:packages/lib"],
 "forked": ["forked@github:o/forked#0123456789", {}, "o-forked"],
}}"#,
    );
    assert_eq!(reading.problems, []);
    assert_eq!(
        roles(&reading.packages),
        [
            "@s/alpha Direct prod [beta]",
            "beta Transitive prod []",
            "beta Direct prod []",
            "lib Direct prod [beta forked]",
            "forked Direct dev []"
        ]
    );
    assert_eq!(
        reading.packages[0].origin,
        PackageOrigin::Registry { url: "https://npm.example.test/".into() }
    );
    assert!(matches!(&reading.packages[3].origin, PackageOrigin::Local { .. }));
    assert_eq!(reading.packages[3].version.as_deref(), Some("0.3.0"));
    assert!(
        matches!(&reading.packages[4].origin, PackageOrigin::Git { commit: Some(commit), .. } if commit == "0123456789")
    );
}

/// Bun 1.4 calls a lockfile 3 where overrides are for what one package brings; its packages stand there as before.
#[test]
fn bun_may_override_for_one_package() {
    let reading = read(
        "bun.lock",
        r#"{"lockfileVersion": 3, "configVersion": 1, "workspaces": {"": {"name": "app", "dependencies": {"alpha": "1"}}},
"overrides": {"alpha": {"beta": "2.0.0"}},
"packages": {"alpha": ["alpha@1.0.0", "", {"dependencies": {"beta": "~1.0.0"}}, ""], "beta": ["beta@2.0.0", "", {}, ""]}}"#,
    );
    assert_eq!(reading.problems, []);
    assert_eq!(roles(&reading.packages), ["alpha Direct prod [beta]", "beta Transitive prod []"]);
}

/// npm's first format and Bun write the address alone for what is asked for by it.
#[test]
fn an_address_in_a_registry_tells_the_version() {
    let url = "https://registry.npmjs.org/@s/alpha/-/alpha-1.3.0.tgz";
    let npm = format!(r#"{{"lockfileVersion": 1, "dependencies": {{"@s/alpha": {{"version": "{url}"}}}}}}"#);
    let bun = format!(
        r#"{{"lockfileVersion": 1, "workspaces": {{"": {{"dependencies": {{"@s/alpha": "{url}"}}}}}}, "packages": {{"@s/alpha": ["@s/alpha@{url}", {{}}, ""]}}}}"#
    );
    for (file, text) in [("package-lock.json", npm), ("bun.lock", bun)] {
        let reading = read(file, &text);
        assert_eq!(told(&reading.packages), ["@s/alpha@1.3.0"], "{file}");
        assert!(reading.packages[0].displaced.is_none(), "{file}");
        // What the file is called otherwise tells nothing.
        let other = read(file, &text.replace("alpha-1.3.0", "x")).packages;
        assert_eq!(other[0].version, None, "{file}");
        // Any server may have files that are called so.
        let evil = url.replace("registry.npmjs.org", "evil.test");
        let other = read(file, &text.replace(url, &evil)).packages;
        assert_eq!((other.len(), &other[0].version), (1, &None), "{file}");
        assert_eq!(other[0].origin, PackageOrigin::Url { url: evil }, "{file}");
    }
}

/// Deno 2.9 keeps what developers need with the rest, and writes `^1` as `1`.
#[test]
fn deno_s_manifests_tell_what_for() {
    let files = together(&[
        (
            "deno.lock",
            r#"{"version": "5", "specifiers": {"jsr:@s/gone@1": "1.0.0", "npm:alpha@1": "1.2.0", "npm:tool@^1.4.0": "1.5.0", "npm:two@1": "1.0.0", "npm:two@2": "2.0.0"},
"jsr": {"@s/gone@1.0.0": {}},
"npm": {"alpha@1.2.0": {"dependencies": ["beta"]}, "beta@2.0.0": {}, "tool@1.5.0": {"dependencies": ["gamma"]}, "gamma@1.0.0": {}, "two@1.0.0": {}, "two@2.0.0": {}},
"workspace": {"dependencies": ["jsr:@s/gone@1"], "packageJson": {"dependencies": ["npm:alpha@1", "npm:tool@^1.4.0", "npm:two@1", "npm:two@2"]}}}"#,
        ),
        (
            "package.json",
            r#"{"dependencies": {"other": "npm:alpha@^1", "two": "^1"}, "devDependencies": {"tool": "^1.4.0", "two2": "npm:two@^2"}}"#,
        ),
    ]);
    assert_eq!(
        roles(&files["deno.lock"].packages),
        [
            "alpha Direct prod [beta]",
            "beta Transitive prod []",
            "tool Direct dev [gamma]",
            "gamma Transitive dev []",
            "two Direct prod []",
            "two Direct prod []",
            "@s/gone Direct prod []",
        ]
    );
    assert!(files["package.json"].packages.is_empty());
}

#[test]
fn deno_of_all_versions() {
    let two = r#"{"version": "2", "remote": {"https://deno.land/x/oak@v12.0.0/mod.ts": "00"}, "npm": {"specifiers": {"alpha@1": "alpha@1.0.0"},
 "packages": {"alpha@1.0.0": {"integrity": "x", "dependencies": {"beta": "beta@2.0.0"}}, "beta@2.0.0": {}}}}"#;
    let three = r#"{"version": "3", "packages": {"specifiers": {"npm:alpha@1": "npm:alpha@1.0.0"}, "npm": {"alpha@1.0.0": {"dependencies": {"beta": "beta@2.0.0"}}, "beta@2.0.0": {}}},
 "remote": {"https://deno.land/x/oak@v12.0.0/mod.ts": "00"}, "workspace": {"dependencies": ["npm:alpha@1"]}}"#;
    let five = r#"{"version": "5", "specifiers": {"npm:alpha@1": "1.0.0"}, "npm": {"alpha@1.0.0": {"dependencies": ["beta"]}, "beta@2.0.0": {}},
 "remote": {"https://deno.land/x/oak@v12.0.0/mod.ts": "00"}, "workspace": {"packageJson": {"dependencies": ["npm:alpha@1"]}}}"#;
    for text in [two, three, five] {
        let reading = read("deno.lock", text);
        assert_eq!(reading.problems, []);
        assert_eq!(told(&reading.packages), ["alpha@1.0.0", "beta@2.0.0", "deno.land/x/oak@v12.0.0"]);
        assert_eq!(reading.packages[0].dependencies, [1]);
    }
    assert_eq!(roles(&read("deno.lock", five).packages)[0], "alpha Direct prod [beta]");
}

#[test]
fn keys_that_are_repeated_bring_both_packages() {
    let text = "{\"packages\": {\"node_modules/a\": {\"version\": \"1.0.0\"}, \"node_modules/a\": {\"version\": \"2.0.0\"}}}";
    assert_eq!(told(&read("package-lock.json", text).packages), ["a@1.0.0", "a@2.0.0"]);
}

#[test]
fn manifests_alone_declare() {
    let files = together(&[(
        "package.json",
        r#"{"dependencies": {"a": "npm:real@^1", "b": "workspace:*", "c": "git+https://h.test/c.git#0123456789", "d": "https://h.test/d.tgz"}, "optionalDependencies": {"e": "1.0.0"}, "peerDependencies": {"f": "*"}}"#,
    )]);
    let packages = &files["package.json"].packages;
    assert_eq!(
        packages.iter().map(|package| package.scope).collect::<Vec<_>>()[4..],
        [Scope::Optional, Scope::Peer]
    );
    assert_eq!(told(packages)[0], "real?^1");
    assert!(matches!(packages[1].origin, PackageOrigin::Local { .. }));
    assert!(matches!(packages[2].origin, PackageOrigin::Git { .. }));
    assert!(matches!(packages[3].origin, PackageOrigin::Url { .. }));
}

#[test]
fn npm_names_a_folder_as_its_link_does() {
    let reading = read(
        "package-lock.json",
        r#"{"lockfileVersion": 3, "packages": {"": {}, "apps/one": {"version": "1.0.0"}, "apps/two": {"version": "2.0.0"},
"node_modules/@s/first": {"resolved": "apps/one", "link": true}}}"#,
    );
    assert_eq!(told(&reading.packages), ["@s/first@1.0.0", "two@2.0.0"]);
}

#[test]
fn pnpm_may_have_lost_what_is_asked_for() {
    let text =
        "lockfileVersion: 5.4\ndependencies:\n  alpha: 1.0.0\ndevDependencies:\n  dev: 1.0.0\npackages: {}\n";
    let reading = read("pnpm-lock.yaml", text);
    assert_eq!(told(&reading.packages), ["alpha@1.0.0"]);
    assert_eq!(reading.problems.iter().map(|problem| problem.line.unwrap()).collect::<Vec<_>>(), [5]);
}

#[test]
fn a_shrinkwrap_goes_before_a_lockfile() {
    let lock = |name: &str| {
        format!(
            r#"{{"lockfileVersion": 3, "packages": {{"": {{}}, "node_modules/{name}": {{"version": "1.0.0"}}}}}}"#
        )
    };
    let (ignored, used) = (lock("ignored"), lock("used"));
    let files = together(&[
        ("a/package-lock.json", &ignored),
        ("a/npm-shrinkwrap.json", &used),
        ("b/package-lock.json", &ignored),
    ]);
    assert_eq!(told(&files["a/package-lock.json"].packages), [""; 0]);
    assert_eq!(told(&files["a/npm-shrinkwrap.json"].packages), ["used@1.0.0"]);
    assert_eq!(told(&files["b/package-lock.json"].packages), ["ignored@1.0.0"]);
}

#[test]
fn pnpm_itself_serves_developers() {
    let text = "lockfileVersion: '9.0'\nimporters:\n  .:\n    packageManagerDependencies:\n      manager:\n        specifier: 1\n        version: 1.0.0\npackages:\n  manager@1.0.0: {}\n  part@1.0.0: {}\nsnapshots:\n  manager@1.0.0:\n    optionalDependencies:\n      part: 1.0.0\n  part@1.0.0: {}\n---\nlockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      alpha:\n        specifier: 1\n        version: 1.0.0\npackages:\n  alpha@1.0.0: {}\nsnapshots:\n  alpha@1.0.0: {}\n";
    let reading = read("pnpm-lock.yaml", text);
    assert_eq!(
        roles(&reading.packages),
        ["manager Direct dev [part]", "part Transitive dev []", "alpha Direct prod []"]
    );
}

#[test]
fn yarn_resolutions_answer_what_stands_nowhere() {
    let block = |request: &str, version: &str| format!("{request}:\n  version \"{version}\"\n");
    let top = |range: &str| format!("top@^1:\n  version \"1.0.0\"\n  dependencies:\n    beta \"{range}\"\n");
    let edges = |text: &str| roles(&read("yarn.lock", text).packages).remove(0);
    let one = [top("1.2.3"), block("beta@2.0.0", "2.0.0")].join("\n");
    assert_eq!(edges(&one), "top Unknown prod [beta]");
    let several = [top("1.2.3"), block("beta@2.0.0", "2.0.0"), block("beta@^3", "3.0.0")].join("\n");
    assert_eq!(edges(&several), "top Unknown prod []");
}

/// The lockfile of pnpm 1 and 2, of the form that pnpm-lock.yaml began with.
#[test]
fn pnpm_of_old_has_another_name() {
    let text = "dependencies:\n  alpha: 1.0.0\ndevDependencies:\n  '@x/beta': 2.0.0\npackages:\n  /alpha/1.0.0:\n    dev: false\n    dependencies:\n      gamma: 3.0.0\n    resolution:\n      integrity: sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=\n  /@x/beta/2.0.0:\n    dev: true\n    resolution:\n      integrity: sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=\n  /gamma/3.0.0:\n    dev: false\n    resolution:\n      integrity: sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=\nregistry: 'https://registry.npmjs.org/'\nshrinkwrapMinorVersion: 7\nshrinkwrapVersion: 3\nspecifiers:\n  '@x/beta': ^2.0.0\n  alpha: ^1.0.0\n";
    let reading = read("shrinkwrap.yaml", text);
    assert_eq!(reading.problems, []);
    assert_eq!(
        roles(&reading.packages),
        ["alpha Direct prod [gamma]", "@x/beta Direct dev []", "gamma Transitive prod []"]
    );
    assert_eq!(read("shrinkwrap.yaml", "shrinkwrapVersion: 9\npackages: {}\n").problems.len(), 1);
}

#[test]
fn a_folder_of_pnpm_may_have_no_version() {
    let text = "lockfileVersion: '6.0'\ndependencies:\n  own:\n    specifier: file:packages/own\n    version: file:packages/own\npackages:\n  /alpha@1.0.0:\n    resolution: {integrity: sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=}\n  file:packages/own:\n    resolution: {directory: packages/own, type: directory}\n    name: own\n    dependencies:\n      alpha: 1.0.0\n";
    let reading = read("pnpm-lock.yaml", text);
    assert_eq!(reading.problems, []);
    assert_eq!(roles(&reading.packages), ["alpha Transitive prod []", "own Direct prod [alpha]"]);
    assert_eq!(named(&reading.packages, "own").version, None);
}
