//! OSV 1.7.5, "Evaluation": https://ossf.github.io/osv-schema/#evaluation

use palisade_advisory::{Affected, AffectedBy, Database, Incomparable, Judgement};
use palisade_model::Ecosystem;
use serde_json::json;

use crate::support::{database, in_range, judged, osv, range, record, sign, signs};

#[test]
fn the_examples_of_the_schema_are_judged_as_it_says() {
    // "Requirements: everything before 1.0.2", with two branches, as in the schema's section on events.
    let branches = range(
        "SEMVER",
        &[("introduced", "2.0.0"), ("fixed", "2.1.1"), ("introduced", "1.0.0"), ("fixed", "1.0.2")],
    );
    let one = record("X-1", "npm", "a", json!({"ranges": [branches]}));
    assert_eq!(
        signs(&one, "npm", "a", &["0.9.9", "1.0.0", "1.0.1", "1.0.2", "1.9.0", "2.0.0", "2.1.1"]),
        ".!!..!."
    );
    assert_eq!(
        judged(&[one], "npm", "a", "1.0.1"),
        in_range("1.0.0", Some("1.0.2"), &["1.0.2", "2.1.1"], None)
    );
    let open = record("X-2", "npm", "a", json!({"ranges": [range("SEMVER", &[("introduced", "0")])]}));
    assert_eq!(signs(&open, "npm", "a", &["0.0.0-alpha", "99.0.0"]), "!!");
    assert_eq!(judged(&[open], "npm", "a", "1.0.0"), in_range("0", None, &[], None));
}

#[test]
fn the_last_affected_version_is_affected() {
    let events = range("ECOSYSTEM", &[("introduced", "1.2"), ("last_affected", "1.4")]);
    let one = record("X-1", "PyPI", "a", json!({"ranges": [events]}));
    assert_eq!(signs(&one, "PyPI", "a", &["1.1", "1.2.0", "1.4", "1.4.0", "1.4.post1", "1.5"]), ".!!!..");
    assert_eq!(judged(&[one], "PyPI", "a", "1.3"), in_range("1.2", None, &[], Some("1.4")));
}

/// Below PEP 440 lie the versions that it does not know, by a convention of old tools: that says nothing of what they hold.
#[test]
fn a_version_that_pep_440_does_not_know_is_not_called_sound() {
    let ranges = json!({"ranges": [range("ECOSYSTEM", &[("introduced", "1.0"), ("fixed", "2.0")])], "versions": ["1.5-old"]});
    let one = record("A", "PyPI", "a", ranges);
    assert_eq!(signs(&one, "PyPI", "a", &["1.5x", "unknown", "1.5-old", "1.5", "2.0", "0.9"]), "??!!..");
    let all = record("A", "PyPI", "a", json!({"ranges": [range("ECOSYSTEM", &[("introduced", "0")])]}));
    assert_eq!(signs(&all, "PyPI", "a", &["1.5x", "unknown"]), "!!");
}

#[test]
fn a_limit_ends_what_the_record_says() {
    let events = [("introduced", "1.0.0"), ("fixed", "3.0.0"), ("limit", "2.0.0")];
    let one = record("X-1", "npm", "a", json!({"ranges": [range("SEMVER", &events)]}));
    assert_eq!(signs(&one, "npm", "a", &["0.1.0", "1.0.0", "1.9.9", "2.0.0", "2.5.0", "3.0.0"]), ".!!...");
    let events = [("introduced", "0"), ("limit", "2.0.0"), ("limit", "*")];
    let one = record("X-1", "npm", "a", json!({"ranges": [range("SEMVER", &events)]}));
    assert_eq!(signs(&one, "npm", "a", &["1.0.0", "5.0.0"]), "!!");
}

#[test]
fn a_listed_version_is_affected_beside_any_range() {
    let events = range("SEMVER", &[("introduced", "1.0.0"), ("fixed", "1.1.0")]);
    let one = record("X-1", "npm", "a", json!({"ranges": [events], "versions": ["3.0.0", "weird"]}));
    assert_eq!(signs(&one, "npm", "a", &["1.0.5", "3.0.0", "weird", "2.0.0", "odd"]), "!!!.?");
    let listed = Judgement::Affected(Affected { by: AffectedBy::List, fixed: vec![], last_affected: None });
    assert_eq!(judged(&[one], "npm", "a", "3.0.0"), listed);
    let one = record("X-2", "PyPI", "a", json!({"versions": ["1.0", "2.0rc1"]}));
    assert_eq!(signs(&one, "PyPI", "a", &["1.0.0", "v1.0", "2.0-RC.1", "1.1", "@"]), "!!!.?");
}

#[test]
fn either_order_is_enough_when_both_are_there() {
    let ranges = [
        range("SEMVER", &[("introduced", "1.0.0"), ("fixed", "1.5.0")]),
        range("ECOSYSTEM", &[("introduced", "2.0.0"), ("fixed", "2.5.0")]),
    ];
    let one = record("X-1", "npm", "a", json!({"ranges": ranges}));
    assert_eq!(signs(&one, "npm", "a", &["1.4.0", "1.5.0", "2.4.0", "2.5.0"]), "!.!.");
}

#[test]
fn what_cannot_be_compared_is_never_clean() {
    let broken = range("ECOSYSTEM", &[("introduced", "0"), ("fixed", "not a version at all")]);
    let one = record("X-1", "npm", "a", json!({"ranges": [broken]}));
    assert_eq!(signs(&one, "npm", "a", &["1.0.0"]), "?");
    let none = record("X-2", "npm", "a", json!({}));
    assert_eq!(judged(&[none], "npm", "a", "1.0.0"), Judgement::Incomparable(Incomparable::NoVersions));
    let commits = json!({"type": "GIT", "repo": "https://example.org/r", "events": [{"introduced": "0"}]});
    let git = record("X-3", "npm", "a", json!({"ranges": [commits]}));
    assert_eq!(judged(&[git], "npm", "a", "1.0.0"), Judgement::Incomparable(Incomparable::OnlyCommits));
    let empty = record("X-4", "npm", "a", json!({"ranges": [{"type": "SEMVER", "events": []}]}));
    assert_eq!(signs(&empty, "npm", "a", &["1.0.0"]), "?");
    let unknown =
        record("X-5", "Nonsense", "a", json!({"ranges": [range("ECOSYSTEM", &[("introduced", "1")])]}));
    assert_eq!(signs(&unknown, "Nonsense", "a", &["1.0.0"]), "?");
}

#[test]
fn a_withdrawn_record_affects_nothing() {
    let one =
        osv(&json!({"id": "X-1", "modified": "2026-01-01T00:00:00Z", "withdrawn": "2026-01-02T00:00:00Z",
        "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1.0.0"]}]}));
    assert_eq!(judged(&[one], "npm", "a", "1.0.0"), Judgement::NotAffected);
}

#[test]
fn events_at_one_version_leave_no_hole_and_make_no_range_of_nothing() {
    let joined = [("introduced", "1.0.0"), ("fixed", "2.0.0"), ("introduced", "2.0.0"), ("fixed", "3.0.0")];
    let one = record("X-1", "npm", "a", json!({"ranges": [range("SEMVER", &joined)]}));
    assert_eq!(signs(&one, "npm", "a", &["1.9.9", "2.0.0", "2.9.9", "3.0.0"]), "!!!.");
    let nothing = [("fixed", "1.0.0"), ("introduced", "1.0.0")];
    let one = record("X-2", "npm", "a", json!({"ranges": [range("SEMVER", &nothing)]}));
    assert_eq!(signs(&one, "npm", "a", &["0.9.0", "1.0.0", "1.0.1"]), "...");
    let single = [("last_affected", "1.0.0"), ("introduced", "1.0.0")];
    let one = record("X-3", "npm", "a", json!({"ranges": [range("SEMVER", &single)]}));
    assert_eq!(signs(&one, "npm", "a", &["0.9.0", "1.0.0", "1.0.1"]), ".!.");
}

#[test]
fn only_fixed_versions_that_help_are_advised() {
    let ranges = [
        range("SEMVER", &[("introduced", "1.0.0"), ("fixed", "1.2.0")]),
        range("SEMVER", &[("introduced", "1.1.0"), ("fixed", "1.4.0")]),
    ];
    let one = record("X-1", "npm", "a", json!({"ranges": ranges}));
    assert_eq!(judged(&[one], "npm", "a", "1.1.5"), in_range("1.0.0", Some("1.2.0"), &["1.4.0"], None));
}

#[test]
fn ecosystems_order_versions_their_own_way() {
    let until = |fixed| json!({"ranges": [range("ECOSYSTEM", &[("introduced", "0"), ("fixed", fixed)])]});
    for (ecosystem, name, fixed, versions, expected) in [
        (
            "Maven",
            "org.a:b",
            "2.0",
            &["2.0-alpha-1", "2.0.RC1", "2.0-SNAPSHOT", "2.0.0.Final", "2.0-sp", "1.10"] as &[_],
            "!!!..!",
        ),
        (
            "Debian:12",
            "openssl",
            "1:3.0.11-1~deb12u2",
            &["1:3.0.11-1~deb12u1", "3.0.11-2", "1:3.0.11-1", "1:3.0.9-1"],
            "!!.!",
        ),
        (
            "Alpine:v3.20",
            "busybox",
            "1.36.1-r29",
            &["1.36.1-r28", "1.36.1-r29", "1.36.1_rc1-r30", "1.37.0-r0"],
            "!.!.",
        ),
        ("PyPI", "a", "1.0", &["1.0.dev1", "1.0rc1", "1.0", "1.0.post1", "1!0.1", "1.0+local"], "!!...."),
        (
            "Go",
            "stdlib",
            "1.21.0-rc.3",
            &["go1.20.7", "go1.21rc2", "go1.21rc3", "go1.21.0", "1.21.1"],
            "!!...",
        ),
    ] {
        let one = record("X-1", ecosystem, name, until(fixed));
        assert_eq!(signs(&one, ecosystem, name, versions), expected, "{ecosystem}");
    }
}

#[test]
fn a_release_is_judged_by_its_own_records_first() {
    let until = |ecosystem: &str, fixed| {
        json!({"package": {"ecosystem": ecosystem, "name": "a"},
            "ranges": [range("ECOSYSTEM", &[("introduced", "0"), ("fixed", fixed)])]})
    };
    let both = osv(&json!({"id": "DSA-1", "modified": "2026-01-01T00:00:00Z",
        "affected": [until("Debian", "9"), until("Debian:12", "2"), until("Debian:11", "1")]}));
    let bare = record("DSA-2", "Debian", "a", json!({"versions": ["3"]}));
    let file = database(&[both, bare]);
    let database = Database::open(&file).unwrap();
    let found = |release: &str, version: &str| {
        let entries = database.lookup(&Ecosystem::new(release), "a").unwrap();
        entries
            .iter()
            .map(|entry| format!("{}{}", entry.record.id(), sign(&entry.judge(version))))
            .collect::<Vec<_>>()
    };
    assert_eq!(found("Debian:12", "3"), ["DSA-1.", "DSA-2!"]);
    assert_eq!(found("Debian:11", "1"), ["DSA-1.", "DSA-2."]);
    assert_eq!(found("Debian:13", "3"), ["DSA-1!", "DSA-2!"]);
}

#[test]
fn commits_are_judged_by_those_that_are_named() {
    let (first, fix, other) = ("a".repeat(40), "b".repeat(40), "c".repeat(40));
    let one = osv(&json!({"id": "X-1", "modified": "2026-01-01T00:00:00Z", "affected": [{"ranges": [
        {"type": "GIT", "repo": "https://github.com/Org/Lib.git", "events": [{"introduced": first}, {"fixed": fix}]}]}]}));
    let file = database(&[one]);
    let database = Database::open(&file).unwrap();
    let entries = database.lookup(&Ecosystem::new("GIT"), "git@github.com:org/lib").unwrap();
    assert_eq!(entries.len(), 1);
    let judge = |hash: &str| sign(&entries[0].judge_commit(hash));
    assert_eq!([judge(&first.to_uppercase()), judge(&fix), judge(&other)], ['!', '.', '?']);
    assert_eq!(sign(&entries[0].judge("1.0")), '?');
}
