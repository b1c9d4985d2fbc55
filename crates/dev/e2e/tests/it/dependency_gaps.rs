//! That no scan of packages ends clean by mistake: records that are damaged or not read, databases that are missing, old or changed.

use std::fs;
use std::slice::from_ref;

use palisade_testkit::{Account, Project};
use serde_json::json;

use crate::dependencies::{HASH, leftish, lockfile, scan, shop};
use crate::feeds::{build, day, finding, gaps, know, record, time};

/// Lockfiles of many package managers that pin `leftish` to 1.2.3: name, ecosystem, name there, text, and a twin that is damaged.
fn lockfiles() -> Vec<(&'static str, &'static str, &'static str, String, String)> {
    let checksum = "0".repeat(64);
    let npm = format!("{:#}", lockfile());
    let cargo = format!(
        "version = 4\n\n[[package]]\nname = \"leftish\"\nversion = \"1.2.3\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"{checksum}\"\n"
    );
    let poetry = "[[package]]\nname = \"leftish\"\nversion = \"1.2.3\"\ndescription = \"\"\noptional = false\npython-versions = \"*\"\nfiles = []\n\n[metadata]\nlock-version = \"2.0\"\npython-versions = \"*\"\ncontent-hash = \"00\"\n".to_owned();
    let uv = "version = 1\nrequires-python = \">=3.12\"\n\n[[package]]\nname = \"leftish\"\nversion = \"1.2.3\"\nsource = { registry = \"https://pypi.org/simple\" }\n".to_owned();
    let composer = json!({ "packages": [{ "name": "acme/leftish", "version": "1.2.3", "type": "library" }], "packages-dev": [] });
    let nuget = json!({ "version": 1, "dependencies": { "net8.0": { "Leftish": { "type": "Direct", "requested": "[1.2.3, )", "resolved": "1.2.3", "contentHash": "AA==" } } } });
    let gem = "GEM\n  remote: https://rubygems.org/\n  specs:\n    leftish (1.2.3)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  leftish\n".to_owned();
    let yarn = format!(
        "# yarn lockfile v1\n\n\nleftish@^1.2.0:\n  version \"1.2.3\"\n  resolved \"https://registry.yarnpkg.com/leftish/-/leftish-1.2.3.tgz#{}\"\n  integrity {HASH}\n",
        "0".repeat(40)
    );
    let pnpm = format!(
        "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      leftish:\n        specifier: ^1.2.0\n        version: 1.2.3\n\npackages:\n\n  leftish@1.2.3:\n    resolution: {{integrity: {HASH}}}\n\nsnapshots:\n\n  leftish@1.2.3: {{}}\n"
    );
    let pub_lock = format!(
        "packages:\n  leftish:\n    dependency: \"direct main\"\n    description:\n      name: leftish\n      sha256: \"{checksum}\"\n      url: \"https://pub.dev\"\n    source: hosted\n    version: \"1.2.3\"\nsdks:\n  dart: \">=3.0.0 <4.0.0\"\n"
    );
    let gradle = "# This is a Gradle generated file for dependency locking.\ncom.acme:leftish:1.2.3=compileClasspath,runtimeClasspath\nempty=\n".to_owned();
    let mix = format!(
        "%{{\n  \"leftish\": {{:hex, :leftish, \"1.2.3\", \"{checksum}\", [:mix], [], \"hexpm\", \"{checksum}\"}},\n}}\n"
    );
    let cut = |text: &str| text.chars().take(text.chars().count() * 2 / 3).collect::<String>();
    let go = "module example.com/shop\n\ngo 1.22\n\nrequire example.org/leftish v1.2.3\n".to_owned();
    let pom = "<project>\n  <modelVersion>4.0.0</modelVersion>\n  <groupId>com.acme</groupId>\n  <artifactId>shop</artifactId>\n  <version>1.0.0</version>\n  <dependencies>\n    <dependency>\n      <groupId>com.acme</groupId>\n      <artifactId>leftish</artifactId>\n      <version>1.2.3</version>\n    </dependency>\n  </dependencies>\n</project>\n".to_owned();
    vec![
        ("package-lock.json", "npm", "leftish", npm.clone(), cut(&npm)),
        ("yarn.lock", "npm", "leftish", yarn.clone(), yarn.replace("version \"1.2.3\"", "versoin 1")),
        ("pnpm-lock.yaml", "npm", "leftish", pnpm.clone(), pnpm.replace("packages:", "packages: [")),
        ("Cargo.lock", "crates.io", "leftish", cargo.clone(), cut(&cargo)),
        ("poetry.lock", "PyPI", "leftish", poetry.clone(), poetry.replace("[[package]]", "[[package]")),
        ("uv.lock", "PyPI", "leftish", uv.clone(), cut(&uv)),
        (
            "requirements.txt",
            "PyPI",
            "leftish",
            "leftish==1.2.3\n".to_owned(),
            "leftish==1.2.3\n==== what is this\n".to_owned(),
        ),
        ("go.mod", "Go", "example.org/leftish", go.clone(), go.replace("v1.2.3", "v1.2.3 (")),
        ("pom.xml", "Maven", "com.acme:leftish", pom.clone(), cut(&pom)),
        (
            "gradle.lockfile",
            "Maven",
            "com.acme:leftish",
            gradle.clone(),
            gradle.replace("com.acme:leftish:1.2.3", "com.acme"),
        ),
        ("composer.lock", "Packagist", "acme/leftish", composer.to_string(), cut(&composer.to_string())),
        ("packages.lock.json", "NuGet", "Leftish", nuget.to_string(), cut(&nuget.to_string())),
        (
            "Gemfile.lock",
            "RubyGems",
            "leftish",
            gem.clone(),
            gem.replace("leftish (1.2.3)", "leftish ((1.2.3"),
        ),
        ("pubspec.lock", "Pub", "leftish", pub_lock.clone(), pub_lock.replace("leftish:", "leftish: {")),
        ("mix.lock", "Hex", "leftish", mix.clone(), cut(&mix)),
    ]
}

#[test]
fn many_lockfiles_are_read_and_a_damaged_one_is_never_clean() {
    let account = Account::new();
    for (name, ecosystem, package, text, damaged) in lockfiles() {
        let project = Project::empty();
        project.write(name, &text);
        let events = [("introduced", "0"), ("fixed", "1.2.5")];
        know(&account, &[(ecosystem, &[record("X-2026-1", ecosystem, package, &events)])]);
        let answer = scan(&account, &project).expect(1);
        let found = answer.json();
        let one = finding(&found, "known-vulnerability", "X-2026-1");
        assert_eq!(one["location"]["path"], name);
        let line = one["location"]["start"]["line"].as_u64().unwrap();
        let near = text
            .lines()
            .skip(usize::try_from(line).unwrap() - 1)
            .take(4)
            .any(|line| line.to_lowercase().contains("leftish"));
        assert!(near, "{name}: line {line} is not that of the package");
        assert_eq!(
            one["package"]["fix"]["version"].as_str().unwrap().trim_start_matches('v'),
            "1.2.5",
            "{name}"
        );
        // A sound version is clean, so that what follows is the damage's doing.
        project.write(name, text.replace("1.2.3", "1.2.5"));
        scan(&account, &project).expect(0);
        assert_ne!(damaged, text, "{name}");
        project.write(name, damaged.replace("1.2.3", "1.2.5"));
        let answer = scan(&account, &project).expect(3);
        assert!(gaps(&answer.json()).iter().any(|gap| gap.starts_with("blocks:")), "{name}: {answer}");
        project.write(name, [0xff, 0xfe, 0x00, 0x80, 0x0a]);
        scan(&account, &project).expect(3);
    }
}

/// A scan without findings that is not clean, and says so with every one of `texts`.
#[track_caller]
fn never_clean(account: &Account, project: &Project, texts: &[&str]) {
    let answer = account.run(project.root(), ["scan"]).expect(3);
    for text in texts {
        assert!(answer.stdout.contains(text), "{text:?} is not said by {answer}");
    }
    account.run(project.root(), ["scan", "--allow-partial"]).expect(0).says("gap[");
}

#[test]
fn without_advisories_nothing_is_clean() {
    let (account, project) = (Account::new(), shop());
    never_clean(
        &account,
        &project,
        &["there is no database of advisories", "palisade db update", "leftish@1.2.3"],
    );
    // A database without the feed that is needed.
    know(&account, &[("PyPI", &[])]);
    never_clean(&account, &project, &["no feed for npm", "palisade db update --ecosystem 'npm'"]);
    // Both, then one is removed.
    let flaw = record("GHSA-mmmm-mmmm-mmmm", "npm", "leftish", &[("introduced", "9.0.0")]);
    let other = record("PYSEC-2026-1", "PyPI", "django", &[("introduced", "0")]);
    know(&account, &[("npm", from_ref(&flaw)), ("PyPI", from_ref(&other))]);
    account.run(project.root(), ["scan"]).expect(0);
    know(&account, &[("PyPI", &[other])]);
    never_clean(&account, &project, &["no feed for npm"]);
    // An old one, and one that is old enough no longer to be.
    build(&account, &[("npm", from_ref(&flaw))], &time("-15 days"), &[]).expect(0);
    never_clean(&account, &project, &["too long ago", "palisade db update --ecosystem 'npm'"]);
    build(&account, &[("npm", &[flaw])], &time("-13 days"), &[]).expect(0);
    account.run(project.root(), ["scan"]).expect(0);
    // A project without packages needs none.
    let plain = Project::empty();
    plain.write("notes.txt", "nothing to see\n");
    Account::new().run(plain.root(), ["scan"]).expect(0);
}

#[test]
fn a_database_that_was_changed_or_lost_is_not_used() {
    let (account, project) = (Account::new(), shop());
    know(
        &account,
        &[("npm", &[record("GHSA-mmmm-mmmm-mmmm", "npm", "leftish", &[("introduced", "9.0.0")])])],
    );
    account.run(project.root(), ["scan"]).expect(0);
    let folder = account.home().join(".local/share/palisade/advisories");
    let files: Vec<_> = crate::places::files(&folder);
    let manifest = files.iter().find(|path| path.ends_with("manifest.dsse.json")).unwrap();
    let database = files.iter().find(|path| path.extension().is_some_and(|end| end == "db")).unwrap();
    let (sound, bytes) = (fs::read(manifest).unwrap(), fs::read(database).unwrap());
    let mend = "palisade db update";
    fs::write(database, &bytes[..bytes.len() - 1]).unwrap();
    never_clean(&account, &project, &["another length", mend]);
    for at in [0, 9, bytes.len() / 2, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[at] ^= 0x55;
        fs::write(database, &changed).unwrap();
        account.run(account.home(), ["db", "verify"]);
        let verify = account.run(account.home(), ["db", "verify"]);
        assert_ne!(verify.code, 0, "byte {at}: {verify}");
    }
    fs::remove_file(database).unwrap();
    never_clean(&account, &project, &["cannot be read", mend]);
    fs::write(database, &bytes).unwrap();
    fs::write(manifest, "{}").unwrap();
    never_clean(&account, &project, &["cannot be used", mend]);
    // Signed by somebody else.
    let stranger = Account::new();
    know(&stranger, &[("npm", &[])]);
    let foreign = stranger.home().join(".local/share/palisade/advisories/manifest.dsse.json");
    fs::copy(foreign, manifest).unwrap();
    never_clean(&account, &project, &["cannot be used", mend]);
    fs::write(manifest, sound).unwrap();
    account.run(project.root(), ["scan"]).expect(0);
}

#[test]
fn what_cannot_be_compared_or_is_not_pinned_is_a_gap() {
    let (account, project) = (Account::new(), Project::empty());
    let flaw = record("PYSEC-2026-1", "PyPI", "leftish", &[("introduced", "0"), ("fixed", "1.2.5")]);
    know(&account, &[("PyPI", &[flaw])]);
    project.write("requirements.txt", "leftish>=1\n");
    never_clean(&account, &project, &["leftish", "no version is pinned", "lock it"]);
    // Nothing is known of this one, so its version does not matter.
    project.write("requirements.txt", "otherish>=1\n");
    account.run(project.root(), ["scan"]).expect(0);
    fs::remove_file(project.path("requirements.txt")).unwrap();

    project.write("package-lock.json", json!({
        "name": "shop", "lockfileVersion": 3,
        "packages": { "": {}, "node_modules/leftish": { "version": "one point two", "resolved": "https://registry.npmjs.org/leftish/-/leftish-1.tgz", "integrity": HASH } },
    }).to_string());
    know(&account, &[("npm", &[leftish()])]);
    never_clean(&account, &project, &["leftish", "GHSA-aaaa-bbbb-cccc"]);
}

#[test]
fn a_package_that_was_taken_out_of_a_lockfile_is_missed() {
    let (account, project) = (Account::new(), shop());
    know(&account, &[("npm", &[])]);
    account.run(project.root(), ["scan"]).expect(0);
    let mut lock = lockfile();
    lock["packages"].as_object_mut().unwrap().remove("node_modules/topper").unwrap();
    project.write("package-lock.json", lock.to_string());
    never_clean(&account, &project, &["`topper` is asked for"]);
    for packages in [json!([]), json!(null), json!("none")] {
        lock["packages"] = packages;
        project.write("package-lock.json", lock.to_string());
        never_clean(&account, &project, &["gap[parse-failed]"]);
    }
}

#[test]
fn formats_that_are_not_read_are_told() {
    let (account, project) = (Account::new(), Project::empty());
    know(&account, &[("npm", &[])]);
    project.write("bun.lockb", b"#!/usr/bin/env bun\nbun-lockfile-format-v0\n");
    never_clean(&account, &project, &["gap[format-unsupported]", "bun.lockb"]);
}

/// A policy of the organisation.
fn policy(account: &Account, text: &str) {
    fs::create_dir_all(account.config()).unwrap();
    fs::write(account.config().join("policy.yaml"), format!("version: 1\nname: acme\n{text}")).unwrap();
}

#[test]
fn an_organisation_may_live_with_a_gap_until_a_day() {
    let (account, project) = (Account::new(), shop());
    let tolerance = |until: &str| {
        format!(
            "tolerate:\n  - engine: deps\n    gap: data-missing\n    reason: no mirror yet\n    until: {until}\n    owner: platform\n"
        )
    };
    account.run(project.root(), ["scan"]).expect(3);
    policy(&account, &tolerance("2199-01-01"));
    let answer = account.run(project.root(), ["scan"]).expect(0);
    for text in ["there is no database of advisories", "2199-01-01", "no mirror yet"] {
        assert!(answer.stdout.contains(text), "{text}: {answer}");
    }
    let found = scan(&account, &project).expect(0).json();
    assert!(
        gaps(&found).iter().all(|gap| gap.starts_with("notes:")) && !gaps(&found).is_empty(),
        "{found:#}"
    );
    // Only this kind of gap, and only this engine's.
    project.write("part/Cargo.lock", "[[package]\n");
    account.run(project.root(), ["scan"]).expect(3);
    fs::remove_dir_all(project.path("part")).unwrap();
    policy(&account, &tolerance("2199-01-01").replace("deps", "secrets"));
    account.run(project.root(), ["scan"]).expect(3);
    policy(&account, &tolerance(&day("-1 day")));
    account.run(project.root(), ["scan"]).expect(3);
    policy(&account, &tolerance(&day("now")));
    account.run(project.root(), ["scan"]).expect(0);
    for broken in ["reason: no mirror yet", "until: 2199-01-01", "gap: data-missing"] {
        policy(&account, &tolerance("2199-01-01").replace(&format!("    {broken}\n"), ""));
        account.run(project.root(), ["scan"]).expect(2);
    }
}

#[test]
fn a_change_cannot_let_its_own_gaps_pass() {
    let (account, project) = (Account::new(), shop());
    project.write("palisade.yaml", "version: 1\nname: shop\n");
    project.write(
        "palisade.policy.yaml",
        "version: 1\nname: own\ntolerate:\n  - { engine: deps, gap: data-missing, reason: please, until: 2199-01-01 }\n",
    );
    account.run(project.root(), ["scan"]).expect(2).says("tolerates a gap");
}
