//! Packages and what is known to be wrong with them: what is found, and how it is told.

use std::fs;
use std::slice::from_ref;

use palisade_testkit::{Account, Answer, Project, peer, python};
use serde_json::{Value, json};

use crate::feeds::{
    CRITICAL, MEDIUM, also_called, build, day, exploited, finding, gaps, know, record, rules, time,
};

pub(crate) const HASH: &str =
    "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";

/// A lockfile of npm: the project asks for `topper`, which brings `leftish`, and for `tester` while it is developed.
pub(crate) fn lockfile() -> Value {
    let package = |name: &str, version: &str| {
        json!({
            "version": version,
            "resolved": format!("https://registry.npmjs.org/{name}/-/{name}-{version}.tgz"),
            "integrity": HASH,
            "license": "MIT",
        })
    };
    let mut lock = json!({
        "name": "shop",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "packages": {
            "": { "name": "shop", "version": "1.0.0", "dependencies": { "topper": "^1.0.0" }, "devDependencies": { "tester": "^3.0.0" } },
            "node_modules/leftish": package("leftish", "1.2.3"),
            "node_modules/tester": package("tester", "3.0.1"),
            "node_modules/topper": package("topper", "1.0.0"),
        },
    });
    lock["packages"]["node_modules/topper"]["dependencies"] = json!({ "leftish": "^1.2.0" });
    lock["packages"]["node_modules/tester"]["dev"] = json!(true);
    lock
}

pub(crate) fn shop() -> Project {
    let project = Project::empty();
    project.write("package-lock.json", format!("{:#}", lockfile()));
    project
}

/// The line of `text` that has `part`, from 1.
fn line_of(text: &str, part: &str) -> u64 {
    let before = text.lines().position(|line| line.contains(part)).unwrap();
    u64::try_from(before).unwrap() + 1
}

pub(crate) fn scan(account: &Account, project: &Project) -> Answer {
    account.run(project.root(), ["scan", "--engine", "deps", "--format", "json"])
}

/// A flaw of `leftish` with a fix in two branches.
pub(crate) fn leftish() -> Value {
    let events = [("introduced", "0"), ("fixed", "1.2.5"), ("introduced", "2.0.0"), ("fixed", "2.1.0")];
    record("GHSA-aaaa-bbbb-cccc", "npm", "leftish", &events)
}

#[test]
fn a_vulnerable_package_is_told_with_its_way_and_its_mend() {
    let (account, project) = (Account::new(), shop());
    know(
        &account,
        &[("npm", &[leftish(), record("GHSA-tttt-tttt-tttt", "npm", "tester", &[("introduced", "3.0.0")])])],
    );
    let found = scan(&account, &project).expect(1).json();
    assert_eq!(rules(&found), ["known-vulnerability"; 2]);
    assert_eq!(gaps(&found), [""; 0]);

    let one = finding(&found, "known-vulnerability", "pkg:npm/leftish@1.2.3");
    let text = String::from_utf8(project.read("package-lock.json")).unwrap();
    assert_eq!(one["location"]["path"], "package-lock.json");
    assert_eq!(one["location"]["start"]["line"], line_of(&text, "node_modules/leftish\""));
    assert_eq!(one["package"]["path"], json!(["topper@1.0.0", "leftish@1.2.3"]));
    assert_eq!(one["package"]["relation"], "transitive");
    assert_eq!(one["package"]["fix"]["version"], "1.2.5");
    assert_eq!(one["package"]["fix"]["same_branch"], true);
    assert_eq!(one["package"]["fix"]["others"], json!(["2.1.0"]));
    assert_eq!(one["package"]["references"], json!(["https://advisories.example/GHSA-aaaa-bbbb-cccc"]));

    let direct = finding(&found, "known-vulnerability", "pkg:npm/tester@3.0.1");
    assert_eq!(direct["package"]["relation"], "direct");
    assert_eq!(direct["package"]["scope"], "dev");
    assert_eq!(direct["package"]["path"], json!(["tester@3.0.1"]));
    assert!(direct["message"].as_str().unwrap().contains("no mended version is known"), "{direct}");

    // Without the flawed versions the same scan is clean, and says how much it looked at.
    let mut lock = lockfile();
    lock["packages"]["node_modules/leftish"]["version"] = json!("1.2.5");
    lock["packages"]["node_modules/leftish"]["resolved"] =
        json!("https://registry.npmjs.org/leftish/-/leftish-1.2.5.tgz");
    lock["packages"]["node_modules/tester"]["version"] = json!("2.9.9");
    lock["packages"]["node_modules/tester"]["resolved"] =
        json!("https://registry.npmjs.org/tester/-/tester-2.9.9.tgz");
    project.write("package-lock.json", lock.to_string());
    let clean = scan(&account, &project).expect(0).json();
    assert_eq!(clean["engines"][0]["coverage"]["looked_at"], 1);
}

#[test]
fn severity_comes_from_the_newest_kind_of_score() {
    let (account, project) = (Account::new(), shop());
    let scored = |scores: Value| {
        let mut record = leftish();
        record["severity"] = scores;
        know(&account, &[("npm", &[record])]);
        let found = scan(&account, &project);
        let one = finding(&found.json(), "known-vulnerability", "leftish").clone();
        (found.code, one["severity"].as_str().unwrap().to_owned(), one["package"]["scores"].clone())
    };
    let (code, severity, scores) = scored(json!([{ "type": "CVSS_V3", "score": MEDIUM }]));
    assert_eq!((code, severity.as_str(), &scores[0]["base_tenths"]), (0, "medium", &json!(61)));
    let (code, severity, scores) = scored(json!([{ "type": "CVSS_V3", "score": CRITICAL }]));
    assert_eq!((code, severity.as_str(), &scores[0]["base_tenths"]), (1, "critical", &json!(98)));
    let (_, severity, scores) = scored(json!([{ "type": "CVSS_V2", "score": "AV:N/AC:L/Au:N/C:P/I:P/A:P" }]));
    assert_eq!((severity.as_str(), &scores[0]["base_tenths"]), ("high", &json!(75)));
    let four = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
    let both = json!([{ "type": "CVSS_V3", "score": MEDIUM }, { "type": "CVSS_V4", "score": four }]);
    let (_, severity, scores) = scored(both);
    assert_eq!(
        (severity.as_str(), scores.as_array().unwrap().len()),
        ("critical", 2),
        "both are shown: {scores}"
    );
}

#[test]
fn a_severity_that_nobody_gives_is_that_of_another_record_or_unknown() {
    let (account, project) = (Account::new(), shop());
    let mut silent = also_called(leftish(), &["CVE-2026-0001"]);
    silent.as_object_mut().unwrap().remove("severity");
    let told = |records: &[Value]| {
        know(&account, &[("npm", records)]);
        let answer = scan(&account, &project);
        (answer.code, finding(&answer.json(), "known-vulnerability", "leftish").clone())
    };
    let (code, one) = told(from_ref(&silent));
    assert_eq!((code, &one["severity"]), (1, &json!("high")), "it is no clean result: {one}");
    assert_eq!(one["package"]["severity_unknown"], true);
    assert!(one["message"].as_str().unwrap().contains("nobody says"), "{one}");
    account.run(project.root(), ["scan"]).expect(1).says("severity: unknown");

    // Another record of the same flaw names another package, or no longer this version.
    let mut rating =
        also_called(record("OTHER-1", "npm", "elsewhere", &[("introduced", "0")]), &["CVE-2026-0001"]);
    rating["severity"] = json!([{ "type": "CVSS_V3", "score": MEDIUM }]);
    let (code, one) = told(&[silent.clone(), rating.clone()]);
    assert_eq!((code, &one["severity"]), (0, &json!("medium")), "{one}");
    assert_eq!(one["package"]["severity_source"], "CVSS_V3 of OTHER-1");
    assert_eq!(
        (&one["package"]["base_tenths"], &one["package"]["severity_unknown"]),
        (&json!(61), &Value::Null)
    );
    // What is only related, or withdrawn, lends nothing.
    let mut related = rating.clone();
    related["related"] = related["aliases"].take();
    rating["withdrawn"] = json!("2026-02-02T00:00:00Z");
    for other in [related, rating] {
        let (code, one) = told(&[silent.clone(), other]);
        assert_eq!((code, &one["severity"]), (1, &json!("high")), "{one}");
    }
}

#[test]
fn what_is_exploited_is_urgent_and_shown_as_such() {
    let (account, project) = (Account::new(), shop());
    let mut mild = also_called(leftish(), &["CVE-2026-0001"]);
    mild["severity"] = json!([{ "type": "CVSS_V3", "score": MEDIUM }]);
    know(&account, &[("npm", from_ref(&mild))]);
    scan(&account, &project).expect(0);

    let (kev, epss) = (account.home().join("kev.json"), account.home().join("epss.csv"));
    fs::write(&kev, exploited(&["CVE-2026-0001"]).to_string()).unwrap();
    let scores = "#model_version:v2026.03.14,score_date:2026-11-20T00:00:00+0000\ncve,epss,percentile\nCVE-2026-0001,0.54321,0.98765\n";
    fs::write(&epss, scores).unwrap();
    let more = [kev.to_str().unwrap(), epss.to_str().unwrap()];
    build(&account, &[("npm", &[mild])], &time("now"), &more).expect(0);
    let answer = scan(&account, &project).expect(1);
    let found = answer.json();
    let one = finding(&found, "known-vulnerability", "leftish");
    assert_eq!(one["severity"], "high", "what is used is at least high");
    let package = &one["package"];
    assert_eq!(
        package["known_exploited"],
        json!({ "added": "2026-02-03", "due": "2026-02-24", "ransomware": true })
    );
    assert_eq!(
        package["exploitation"],
        json!({ "probability": "0.54321", "percentile": "0.98765", "date": "2026-11-20" })
    );
    let told = account.run(project.root(), ["scan"]).expect(1);
    for text in ["known to be exploited", "2026-02-03", "2026-02-24", "ransomware", "0.54321"] {
        assert!(told.stdout.contains(text), "{text}: {told}");
    }
}

#[test]
fn names_of_one_flaw_are_one_finding_and_withdrawn_records_none() {
    let (account, project) = (Account::new(), shop());
    let first = also_called(leftish(), &["CVE-2026-0001"]);
    let second = record("OTHER-2026-7", "npm", "leftish", &[("introduced", "0"), ("fixed", "1.2.6")]);
    let mut unrelated =
        record("GHSA-rrrr-rrrr-rrrr", "npm", "leftish", &[("introduced", "0"), ("fixed", "1.2.4")]);
    unrelated["related"] = json!(["CVE-2026-0001"]);
    let mut gone = record("GHSA-wwww-wwww-wwww", "npm", "leftish", &[("introduced", "0")]);
    gone["withdrawn"] = json!("2026-02-02T00:00:00Z");
    know(&account, &[("npm", &[first, also_called(second, &["CVE-2026-0001"]), unrelated, gone])]);
    let found = scan(&account, &project).expect(1).json();
    assert_eq!(rules(&found), ["known-vulnerability"; 2], "{found:#}");
    let one = finding(&found, "known-vulnerability", "OTHER-2026-7");
    assert_eq!(one["package"]["advisories"], json!(["CVE-2026-0001", "GHSA-aaaa-bbbb-cccc", "OTHER-2026-7"]));
    // One of its records calls 1.2.5 affected still.
    assert_eq!(one["package"]["fix"]["version"], "1.2.6");
    finding(&found, "known-vulnerability", "GHSA-rrrr-rrrr-rrrr");
    assert!(!found.to_string().contains("wwww"), "{found:#}");
}

#[test]
fn malicious_and_unmaintained_packages_are_told_apart() {
    let (account, project) = (Account::new(), shop());
    let mut malicious = record("MAL-2026-1", "npm", "topper", &[("introduced", "0")]);
    malicious.as_object_mut().unwrap().remove("severity");
    know(&account, &[("npm", &[malicious])]);
    let found = scan(&account, &project).expect(1).json();
    assert_eq!(finding(&found, "malicious-package", "MAL-2026-1")["severity"], "critical");

    let project = Project::empty();
    let checksum = "0".repeat(64);
    let registry = "registry+https://github.com/rust-lang/crates.io-index";
    project.write(
        "Cargo.lock",
        format!("version = 4\n\n[[package]]\nname = \"oldish\"\nversion = \"0.3.0\"\nsource = \"{registry}\"\nchecksum = \"{checksum}\"\n"),
    );
    // RustSec's own format: Markdown with a TOML head.
    let feed = account.home().join("rustsec/crates/oldish");
    fs::create_dir_all(&feed).unwrap();
    fs::write(
        feed.join("RUSTSEC-2026-0001.md"),
        "```toml\n[advisory]\nid = \"RUSTSEC-2026-0001\"\npackage = \"oldish\"\ndate = \"2026-01-02\"\ninformational = \"unmaintained\"\n\n[versions]\npatched = []\n```\n\n# oldish is unmaintained\n\nIts author stopped.\n",
    )
    .unwrap();
    let rustsec = account.home().join("rustsec");
    let taken = time("now");
    account
        .run(
            account.home(),
            ["db".as_ref(), "build".as_ref(), "--taken".as_ref(), taken.as_ref(), rustsec.as_os_str()],
        )
        .expect(0);
    let found = scan(&account, &project).expect(0).json();
    let one = finding(&found, "unmaintained-package", "RUSTSEC-2026-0001");
    assert!(["info", "low"].contains(&one["severity"].as_str().unwrap()), "{one}");
    assert_eq!(gaps(&found), [""; 0]);
}

#[test]
fn policy_says_which_licences_packages_may_have() {
    let (account, project) = (Account::new(), Project::empty());
    know(&account, &[("npm", &[])]);
    let mut lock = lockfile();
    lock["packages"]["node_modules/leftish"]["license"] = json!("GPL-3.0-only");
    lock["packages"]["node_modules/tester"]["license"] = json!("(MIT OR GPL-3.0-only)");
    lock["packages"]["node_modules/topper"].as_object_mut().unwrap().remove("license");
    project.write("package-lock.json", lock.to_string());
    scan(&account, &project).expect(0);
    fs::create_dir_all(account.config()).unwrap();
    let policy = account.config().join("policy.yaml");
    for licences in ["{ allow: [MIT, Apache-2.0] }", "{ deny: [GPL-3.0-only] }"] {
        fs::write(&policy, format!("version: 1\nname: acme\nlicences: {licences}\n")).unwrap();
        let found = account
            .run(project.root(), ["scan", "--engine", "deps", "--fail-on", "low", "--format", "json"])
            .expect(1)
            .json();
        finding(&found, "licence-denied", "leftish");
        finding(&found, "licence-missing", "topper");
        assert_eq!(rules(&found).len(), 2, "a choice that has an allowed side is allowed: {found:#}");
    }
    // A typing error among what is denied would let everything pass.
    for (licences, told) in [
        ("{ deny: [GPLv3] }", "SPDX calls it `GPL-3.0-only`"),
        ("{ deny: [GLP-*] }", "GLP-*"),
        ("{ allow: [MIT OR ISC] }", "more than one licence"),
    ] {
        fs::write(&policy, format!("version: 1\nname: acme\nlicences: {licences}\n")).unwrap();
        account.run(project.root(), ["scan", "--engine", "deps"]).expect(2).says(told);
    }
}

#[test]
fn a_lockfile_that_somebody_edited_is_told() {
    let (account, project) = (Account::new(), Project::empty());
    know(&account, &[("npm", &[])]);
    for (key, value, rule) in [
        (
            "resolved",
            json!("https://registry.npmjs.org/leftlsh/-/leftlsh-1.2.3.tgz"),
            "lockfile-wrong-source",
        ),
        ("resolved", json!("http://registry.npmjs.org/leftish/-/leftish-1.2.3.tgz"), "lockfile-wrong-source"),
        ("resolved", json!("https://files.example/leftish/-/leftish-1.2.3.tgz"), "lockfile-wrong-source"),
        ("integrity", Value::Null, "lockfile-missing-hash"),
        ("hasInstallScript", json!(true), "package-install-script"),
    ] {
        let mut lock = lockfile();
        match value {
            Value::Null => {
                drop(lock["packages"]["node_modules/leftish"].as_object_mut().unwrap().remove(key))
            }
            value => lock["packages"]["node_modules/leftish"][key] = value,
        }
        project.write("package-lock.json", lock.to_string());
        let found = scan(&account, &project).json();
        finding(&found, rule, "pkg:npm/leftish@1.2.3");
        assert_eq!(rules(&found).len(), 1, "{found:#}");
    }
}

#[test]
fn what_a_registry_is_asked_for_comes_from_it() {
    let (account, project) = (Account::new(), Project::empty());
    know(&account, &[("npm", &[leftish()])]);
    for place in ["file:../evil.tgz", "git+ssh://git@evil.example/leftish.git#0123456789abcdef"] {
        let mut lock = lockfile();
        lock["packages"]["node_modules/leftish"]["resolved"] = json!(place);
        project.write("package-lock.json", lock.to_string());
        let found = scan(&account, &project).expect(1).json();
        let one = finding(&found, "lockfile-wrong-source", "pkg:npm/leftish@1.2.3");
        assert_eq!(one["severity"], "high", "{one}");
        finding(&found, "known-vulnerability", "pkg:npm/leftish@1.2.3");
    }
    // What the project means is no finding, and nobody knows it by that name.
    let mut lock = lockfile();
    lock["packages"]["node_modules/leftish"]["resolved"] = json!("file:../ours.tgz");
    project.write("package-lock.json", lock.to_string());
    let manifest = json!({ "dependencies": { "topper": "^1.0.0" }, "devDependencies": { "tester": "^3.0.0" }, "overrides": { "leftish": "file:../ours.tgz" } });
    project.write("package.json", manifest.to_string());
    assert_eq!(rules(&scan(&account, &project).expect(0).json()), [""; 0]);
    fs::remove_file(project.path("package.json")).unwrap();

    // The name says 1.2.5, the address 1.2.3: that is what comes.
    let mut lock = lockfile();
    lock["packages"]["node_modules/leftish"]["version"] = json!("1.2.5");
    project.write("package-lock.json", lock.to_string());
    let found = scan(&account, &project).expect(1).json();
    let one = finding(&found, "lockfile-wrong-source", "pkg:npm/leftish@1.2.5");
    assert!(one["message"].as_str().unwrap().contains("another version"), "{one}");
    finding(&found, "known-vulnerability", "pkg:npm/leftish@1.2.3");
    assert_eq!(rules(&found).len(), 2, "{found:#}");
    // The port that the scheme has anyway says nothing.
    lock["packages"]["node_modules/leftish"]["resolved"] =
        json!("https://registry.npmjs.org:443/leftish/-/leftish-1.2.5.tgz");
    project.write("package-lock.json", lock.to_string());
    assert_eq!(rules(&scan(&account, &project).expect(0).json()), [""; 0]);
}

#[test]
fn the_mend_is_free_of_other_flaws() {
    let (account, project) = (Account::new(), shop());
    // What mends the first has the second, and what mends the second has a third.
    let second =
        record("GHSA-2222-2222-2222", "npm", "leftish", &[("introduced", "1.2.5"), ("fixed", "1.2.6")]);
    let third =
        record("GHSA-3333-3333-3333", "npm", "leftish", &[("introduced", "1.2.6"), ("fixed", "1.2.7")]);
    know(&account, &[("npm", &[leftish(), second.clone(), third])]);
    let fix = |found: &Value| finding(found, "known-vulnerability", "leftish")["package"]["fix"].clone();
    let one = fix(&scan(&account, &project).expect(1).json());
    assert_eq!((&one["version"], &one["same_branch"]), (&json!("1.2.7"), &json!(true)), "{one}");
    assert_eq!(one["others"], json!(["2.1.0"]));
    // Without any, the least that mends this flaw is told, and that it has others.
    let endless = record("GHSA-3333-3333-3333", "npm", "leftish", &[("introduced", "1.2.5")]);
    know(&account, &[("npm", &[leftish(), endless])]);
    let one = fix(&scan(&account, &project).expect(1).json());
    assert_eq!(one["version"], "1.2.5");
    assert!(one["advice"].as_str().unwrap().contains("other known flaws"), "{one}");

    // A member of a workspace asks for it, so the command has to name the member.
    let mut lock = lockfile();
    lock["packages"][""] = json!({ "name": "shop", "workspaces": ["packages/*"] });
    lock["packages"]["packages/a"] =
        json!({ "name": "@shop/a", "version": "1.0.0", "dependencies": { "leftish": "^1.2.0" } });
    lock["packages"]["node_modules/@shop/a"] = json!({ "resolved": "packages/a", "link": true });
    lock["packages"].as_object_mut().unwrap().remove("node_modules/topper");
    project.write("package-lock.json", lock.to_string());
    know(&account, &[("npm", &[leftish()])]);
    let found = scan(&account, &project).expect(1).json();
    assert_eq!(fix(&found)["advice"], "npm install leftish@1.2.5 -w packages/a", "{found:#}");
}

#[test]
fn what_is_no_record_is_no_clean_result() {
    let (account, project) = (Account::new(), Project::empty());
    project.write("odd.json", "{}");
    project.write("notes.txt", "nothing\n");
    let said = |args: &[&str], code: i32| account.run(project.root(), args).expect(code);
    said(&["scan", "--engine", "deps", "odd.json"], 3).says("nothing was looked at");
    said(&["scan", "odd.json"], 0);
    said(&["scan", "--engine", "deps"], 0);
    peer("mkfifo", &["package-lock.json"], project.root());
    let found = said(&["scan", "--engine", "deps", "--format", "json"], 3).json();
    let blocking: Vec<String> = gaps(&found).into_iter().filter(|gap| gap.starts_with("blocks:")).collect();
    assert!(matches!(&blocking[..], [gap] if gap.contains("no file")), "{found:#}");
    fs::remove_file(project.path("package-lock.json")).unwrap();

    for (name, bill) in [
        (
            "empty.json",
            json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [] }),
        ),
        (
            "subject.json",
            json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": { "component": { "type": "application", "name": "a", "version": "1", "purl": "pkg:npm/a@1" } } }),
        ),
        (
            "services.json",
            json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "services": [{ "name": "s" }] }),
        ),
    ] {
        project.write(name, bill.to_string());
        let found = said(&["scan", "--sbom", name, "--format", "json"], 3).json();
        assert!(matches!(&gaps(&found)[..], [gap] if gap.contains("lists no package")), "{found:#}");
    }
    let tolerated = format!(
        "version: 1\nname: acme\ntolerate:\n  - engine: deps\n    gap: data-missing\n    reason: \"bills of services\"\n    until: {}\n",
        day("+30 days")
    );
    fs::create_dir_all(account.config()).unwrap();
    fs::write(account.config().join("policy.yaml"), tolerated).unwrap();
    said(&["scan", "--sbom", "services.json"], 0);
}

#[test]
fn places_without_protection_are_told_in_every_ecosystem() {
    let (account, project) = (Account::new(), Project::empty());
    know(&account, &[("crates.io", &[]), ("PyPI", &[])]);
    project.write("requirements.txt", "--index-url http://one.example/simple\n--trusted-host two.example\naa @ git+http://three.example/aa\nbb==1.0\n");
    let index = "registry+https://github.com/rust-lang/crates.io-index";
    let entry = |name: &str, source: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"{source}\"\n\n")
    };
    let lock = [
        entry("aa", "registry+https://four.example/index"),
        entry("bb", "git+http://five.example/bb#0123456789abcdef"),
        entry("cc", index),
        entry("dd", index),
    ];
    project.write("Cargo.lock", format!("version = 4\n\n{}", lock.concat()));
    let found =
        account.run(project.root(), ["scan", "--engine", "deps", "--fail-on", "medium", "--format", "json"]);
    let found = found.expect(1).json();
    for host in ["one", "two", "three", "four", "five"] {
        let one = finding(
            &found,
            "lockfile-wrong-source",
            &format!("`{}{host}.example", if host == "four" { "https://" } else { "" }),
        );
        assert_eq!(one["severity"], "medium", "{one}");
    }
    assert_eq!(rules(&found).len(), 5, "{found:#}");
    let one = finding(&found, "lockfile-wrong-source", "two.example");
    assert_eq!(one["location"]["start"]["line"], 2);
}

#[test]
fn a_waiver_and_a_baseline_hold_for_a_flaw_whatever_the_version() {
    let (account, project) = (Account::new(), shop());
    project.write("palisade.yaml", "version: 1\nname: shop\nsalt: 0123456789abcdef0123456789abcdef\n");
    let project = project.committed();
    know(&account, &[("npm", &[leftish()])]);
    let found = scan(&account, &project).expect(1).json();
    let fingerprint = found["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    account
        .run(
            project.root(),
            ["waive", &fingerprint, "--reason", "cannot be reached", "--until", "2199-01-01"],
        )
        .expect(0);
    let waived = scan(&account, &project).expect(0).json();
    assert_eq!(waived["counts"], json!({ "findings": 0, "gaps": 0, "suppressed": 1 }));
    let text = String::from_utf8(project.read("package-lock.json")).unwrap();
    project.write("sub/package-lock.json", text.replace("1.2.3", "1.2.4"));
    scan(&account, &project).expect(0);
    fs::remove_file(project.path("palisade.waivers.yaml")).unwrap();
    scan(&account, &project).expect(1);
    account.run(project.root(), ["scan", "--write-baseline"]);
    scan(&account, &project).expect(0);
    // Another flaw of the same package counts.
    let other = record("GHSA-nnnn-nnnn-nnnn", "npm", "leftish", &[("introduced", "0")]);
    know(&account, &[("npm", &[leftish(), other])]);
    scan(&account, &project).expect(1);
}

#[test]
fn every_report_holds_it() {
    let (account, project) = (Account::new(), shop());
    know(&account, &[("npm", &[leftish()])]);
    let judge = r#"
import json, sys
import xml.etree.ElementTree as tree
kind, path = sys.argv[1:3]
text = open(path, encoding="utf-8").read()
assert "leftish@1.2.3" in text, text
if kind in ("json", "sarif", "gitlab-dependencies", "gitleaks-json"):
    document = json.loads(text)
    if kind == "sarif":
        [result] = document["runs"][0]["results"]
        assert result["ruleId"] == "GHSA-aaaa-bbbb-cccc" and result["level"] == "error"
        rule = document["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] and rule["properties"]["security-severity"] == "9.8"
        assert result["properties"]["package"]["fix"]["version"] == "1.2.5"
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "package-lock.json", place
    if kind == "gitlab-dependencies":
        [one] = document["vulnerabilities"]
        assert one["severity"] == "Critical" and one["location"]["file"] == "package-lock.json", one
        assert one["location"]["dependency"]["package"]["name"] == "leftish", one
        assert one["identifiers"][0]["type"] == "ghsa", one
if kind == "junit":
    suites = tree.fromstring(text)
    [failure] = suites.iter("failure")
    assert suites.get("failures") == "1" and "1.2.5" in failure.text, failure.text
"#;
    for format in [
        "human",
        "json",
        "sarif",
        "junit",
        "github",
        "gitlab-dependencies",
        "gitleaks-json",
        "gitleaks-csv",
        "html",
    ] {
        let answer = account.run(project.root(), ["scan", "--format", format]).expect(1);
        let file = account.home().join(format!("scan.{format}"));
        fs::write(&file, &answer.bytes).unwrap();
        python(judge, &[format, &file.to_string_lossy()], account.home()).expect(0);
        if ["human", "json", "junit", "github", "gitlab-dependencies", "html"].contains(&format) {
            let answer = answer.says("GHSA-aaaa-bbbb-cccc").says("topper@1.0.0");
            assert!(answer.stdout.contains("1.2.5"), "the mend is told: {answer}");
        }
    }
    // Its report of secrets has no place for it, and says where it is.
    let told = account.run(project.root(), ["scan", "--format", "gitlab"]).expect(1);
    assert_eq!(told.json()["vulnerabilities"], json!([]));
    assert!(told.stdout.contains("gitlab-dependencies"), "{told}");
    told.says("1 finding of another type left out: write `--output gitlab-dependencies=FILE` too");
    let told = account.run(
        project.root(),
        ["scan", "--format", "gitlab", "--output", "gitlab-dependencies=../gl-dependencies.json"],
    );
    assert!(!told.expect(1).stderr.contains("left out"));
}

#[test]
fn the_same_project_and_database_give_the_same_bytes() {
    let (account, project) = (Account::new(), shop());
    project.write("palisade.yaml", "version: 1\nname: shop\nsalt: 0123456789abcdef0123456789abcdef\n");
    for number in 0..30 {
        let text = format!("{:#}", lockfile()).replace("leftish", &format!("leftish{}", number % 10));
        project.write(format!("part{number}/package-lock.json"), text);
    }
    let records: Vec<Value> = (0..10)
        .map(|number| {
            record(
                &format!("GHSA-aaaa-aaaa-{number:04}"),
                "npm",
                &format!("leftish{number}"),
                &[("introduced", "0")],
            )
        })
        .collect();
    know(&account, &[("npm", &records)]);
    let one = scan(&account, &project).expect(1);
    assert_eq!(one.json()["counts"]["findings"], 30);
    for processors in ["0", "0-1"] {
        let mut command = std::process::Command::new("taskset");
        command.args(["-c", processors]).arg(palisade_testkit::palisade());
        command.args(["scan", "--engine", "deps", "--format", "json"]).current_dir(project.root());
        for name in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"] {
            command.env_remove(name);
        }
        command.env("HOME", account.home()).env("TZ", "Asia/Kathmandu").env("LC_ALL", "tr_TR.UTF-8");
        assert!(Answer::of(&mut command, b"").expect(1).bytes == one.bytes, "on {processors}");
    }
}
