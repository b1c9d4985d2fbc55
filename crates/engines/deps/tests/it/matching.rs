use palisade_deps::LicenceRules;
use palisade_model::{Relation, Severity};
use serde_json::json;

use crate::support::{Said, advisory, cargo_lock, database, said};

fn plain(files: &[(&str, &str)], bytes: &[u8]) -> Said {
    said(files, Some(bytes), LicenceRules::default())
}

#[test]
fn names_of_one_flaw_are_one_finding() {
    let mut one = advisory("GHSA-aaaa-bbbb-cccc", "crates.io", "one", "1.4.0");
    one["aliases"] = json!(["CVE-2026-0001"]);
    let mut other = advisory("RUSTSEC-2026-0009", "crates.io", "one", "1.4.0");
    other["aliases"] = json!(["CVE-2026-0001"]);
    let mut related = advisory("GHSA-dddd-eeee-ffff", "crates.io", "one", "1.5.0");
    related["related"] = json!(["CVE-2026-0001"]);
    let bytes = database(&[one, other, related], &["crates.io"]);
    let lock = cargo_lock("one", "1.3.0");
    let said = plain(&[("Cargo.lock", lock.as_str())], &bytes);
    let mut names: Vec<_> =
        said.findings.iter().map(|finding| finding.package.as_ref().unwrap().advisories.clone()).collect();
    names.sort();
    assert_eq!(
        names,
        [vec!["CVE-2026-0001", "GHSA-aaaa-bbbb-cccc", "RUSTSEC-2026-0009"], vec!["GHSA-dddd-eeee-ffff"]]
    );
}

/// Advisories name packages of Swift by their place, and Carthage names those of GitHub by less.
#[test]
fn packages_of_carthage_are_those_of_swift() {
    let bytes = database(&[advisory("A-1", "SwiftURL", "github.com/vapor/vapor", "1.4.0")], &["SwiftURL"]);
    for place in ["github \"Vapor/Vapor\"", "git \"https://github.com/vapor/vapor.git\""] {
        let found = |version: &str| {
            let lock = format!("{place} \"{version}\"\n");
            plain(&[("Cartfile.resolved", lock.as_str())], &bytes).findings.len()
        };
        assert_eq!((found("1.3.0"), found("v1.3.0"), found("1.4.0")), (1, 1, 0), "{place}");
    }
}

#[test]
fn withdrawn_records_say_nothing() {
    let mut record = advisory("A-1", "crates.io", "one", "");
    record["withdrawn"] = json!("2026-01-01T00:00:00Z");
    let bytes = database(&[record], &["crates.io"]);
    let lock = cargo_lock("one", "1.3.0");
    assert_eq!(plain(&[("Cargo.lock", lock.as_str())], &bytes).rules(), Vec::<&str>::new());
}

#[test]
fn the_least_version_of_the_same_branch_is_advised() {
    let mut record = advisory("A-1", "crates.io", "one", "");
    record["affected"][0]["ranges"] = json!([{ "type": "SEMVER", "events": [
        { "introduced": "0" }, { "fixed": "1.2.9" }, { "introduced": "2.0.0" }, { "fixed": "2.4.0" },
        { "introduced": "3.0.0" }, { "fixed": "3.1.0" },
    ] }]);
    let bytes = database(&[record], &["crates.io"]);
    for (present, wanted, same) in
        [("1.0.0", "1.2.9", true), ("2.3.0", "2.4.0", true), ("0.9.0", "1.2.9", false)]
    {
        let lock = cargo_lock("one", present);
        let said = plain(&[("Cargo.lock", lock.as_str())], &bytes);
        let fix = said.findings[0].package.as_ref().unwrap().fix.clone().unwrap();
        assert_eq!((fix.version.as_str(), fix.same_branch), (wanted, same), "{present}");
    }
}

#[test]
fn severity_is_that_of_the_newest_scale() {
    let mut record = advisory("A-1", "crates.io", "one", "");
    record["severity"] = json!([
        { "type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" },
        { "type": "CVSS_V4", "score": "CVSS:4.0/AV:L/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N" },
    ]);
    let bytes = database(&[record], &["crates.io"]);
    let lock = cargo_lock("one", "1.0.0");
    let said = plain(&[("Cargo.lock", lock.as_str())], &bytes);
    let package = said.findings[0].package.as_ref().unwrap();
    assert_eq!(package.severity_source.as_deref(), Some("CVSS_V4 of A-1"));
    assert_eq!(said.findings[0].severity, Severity::Low);
    // By the first.org calculator: 9.8 for the vector of version 3.1.
    assert!(package.scores.iter().any(|score| score.base_tenths == Some(98)));
}

#[test]
fn the_way_to_a_transitive_package_is_told() {
    let lock = json!({
        "name": "shop", "lockfileVersion": 3,
        "packages": {
            "": { "name": "shop", "dependencies": { "head": "1.0.0" } },
            "node_modules/head": { "version": "1.0.0", "dependencies": { "middle": "1.0.0" } },
            "node_modules/middle": { "version": "1.0.0", "dependencies": { "bad": "1.0.0" } },
            "node_modules/bad": { "version": "1.0.0" },
        },
    });
    let bytes = database(&[advisory("A-1", "npm", "bad", "1.1.0")], &["npm"]);
    let text = serde_json::to_string_pretty(&lock).unwrap();
    let said = plain(&[("package-lock.json", text.as_str())], &bytes);
    let package = said.findings[0].package.as_ref().unwrap();
    assert_eq!(package.path, ["head@1.0.0", "middle@1.0.0", "bad@1.0.0"]);
    assert_eq!(package.relation, Relation::Transitive);
    let line = text.lines().position(|line| line.contains("node_modules/bad")).unwrap() as u32 + 1;
    assert_eq!(said.findings[0].location.start.line, line);
}

#[test]
fn a_fingerprint_survives_another_place_and_another_version() {
    let bytes = database(&[advisory("A-1", "crates.io", "one", "2.0.0")], &["crates.io"]);
    let print = |path: &str, version: &str| {
        let lock = cargo_lock("one", version);
        plain(&[(path, lock.as_str())], &bytes).findings[0].fingerprint
    };
    assert_eq!(print("Cargo.lock", "1.0.0"), print("deep/Cargo.lock", "1.1.0"));
}

#[test]
fn hashes_that_can_be_forged_are_told_once_for_a_lockfile() {
    let entry = |name: &str, hash: &str| {
        let resolved = format!("https://registry.npmjs.org/{name}/-/{name}-1.0.0.tgz");
        (
            format!("node_modules/{name}"),
            json!({ "version": "1.0.0", "resolved": resolved, "integrity": hash }),
        )
    };
    let (sha1, sha512) = (format!("sha1-{}=", "A".repeat(27)), format!("sha512-{}==", "A".repeat(86)));
    let packages: serde_json::Map<_, _> =
        [entry("aa", &sha1), entry("bb", &sha512), entry("cc", &sha1), entry("dd", &sha1)]
            .into_iter()
            .collect();
    let lock = json!({ "lockfileVersion": 3, "packages": packages }).to_string();
    let said = plain(&[("package-lock.json", &lock)], &database(&[], &["npm"]));
    let told: Vec<_> = said.findings.iter().map(|one| (one.rule.as_str(), one.message.as_str())).collect();
    let [("lockfile-missing-hash", message)] = told.as_slice() else { panic!("{told:?}") };
    assert!(message.contains("and so have 2 more"), "{message}");
}

/// npm 6 left an empty address for what it did not know.
#[test]
fn an_empty_address_is_none() {
    let lock = r#"{ "lockfileVersion": 1, "dependencies": {
"aa": { "version": "1.0.0", "resolved": "" } } }"#;
    let said = plain(&[("package-lock.json", lock)], &database(&[], &["npm"]));
    assert!(said.findings.is_empty(), "{:?}", said.findings);
}
