use palisade_advisory::{BuildError, Builder, Database, EpssScores, KevCatalog};
use palisade_model::{Digest, Ecosystem};
use serde_json::json;

use crate::support::{database, feed, osv, record, time};

fn aliased(id: &str, aliases: &[&str], more: serde_json::Value) -> palisade_advisory::Advisory {
    let mut value = json!({"id": id, "modified": "2026-01-01T00:00:00Z", "aliases": aliases});
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    osv(&value)
}

#[test]
fn groups_follow_aliases_and_nothing_else() {
    let file = database(&[
        aliased("GHSA-1", &["CVE-1"], json!({})),
        aliased("PYSEC-1", &["CVE-1"], json!({})),
        aliased("GO-1", &["GHSA-1"], json!({})),
        aliased("GHSA-2", &[], json!({"related": ["GHSA-1"], "upstream": ["CVE-1"]})),
        aliased("GHSA-3", &["CVE-1", "CVE-9"], json!({"withdrawn": "2026-01-02T00:00:00Z"})),
    ]);
    let database = Database::open(&file).unwrap();
    let group = database.group("CVE-1").unwrap().unwrap();
    assert_eq!(group.ids, ["CVE-1", "GHSA-1", "GO-1", "PYSEC-1"]);
    assert_eq!(
        group.records.iter().map(palisade_advisory::Record::id).collect::<Vec<_>>(),
        ["GHSA-1", "GO-1", "PYSEC-1"]
    );
    assert_eq!(database.group("GO-1").unwrap().unwrap(), group);
    assert_eq!(database.group("GHSA-2").unwrap().unwrap().ids, ["GHSA-2"]);
    assert_eq!(database.group("GHSA-3").unwrap().unwrap().ids, ["GHSA-3"]);
    assert_eq!(database.group("CVE-9").unwrap(), None);
}

#[test]
fn one_feed_keeps_the_newest_record_and_each_feed_its_own() {
    let mut builder = Builder::new();
    builder.feed(feed("one", &["npm"])).feed(feed("two", &["npm"]));
    let of = |day: &str, version: &str| {
        osv(&json!({"id": "X-1", "modified": format!("2026-01-{day}T00:00:00Z"),
            "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": [version]}]}))
    };
    for (feed, day, version) in [("one", "05", "1.0.0"), ("one", "02", "2.0.0"), ("two", "01", "3.0.0")] {
        builder.add(feed, &of(day, version)).unwrap();
    }
    let file = builder.build(time("2026-02-01T00:00:00Z")).unwrap();
    let database = Database::open(&file).unwrap();
    let called = database.records_called("X-1").unwrap();
    assert_eq!(called.iter().map(palisade_advisory::Record::feed).collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(called[0].advisory().unwrap().affected[0].versions, ["1.0.0"]);
    assert_eq!(database.group("X-1").unwrap().unwrap().records, called);
    assert!(database.records_called("X-0").unwrap().is_empty());
    assert!(matches!(builder.add("three", &of("01", "1")), Err(BuildError::UnknownFeed { .. })));
}

#[test]
fn only_what_a_feed_is_for_and_has_is_covered() {
    let mut builder = Builder::new();
    builder.feed(feed("debian", &["Debian"])).feed(feed("pypi", &["PyPI", "npm"]));
    builder.add("debian", &record("DSA-1", "Debian:12", "a", json!({"versions": ["1"]}))).unwrap();
    builder.add("pypi", &record("PYSEC-1", "PyPI", "a", json!({"versions": ["1"]}))).unwrap();
    builder.add("pypi", &record("STRAY-1", "crates.io", "a", json!({"versions": ["1.0.0"]}))).unwrap();
    let file = builder.build(time("2026-02-01T00:00:00Z")).unwrap();
    let database = Database::open(&file).unwrap();
    let covers = |name: &str| database.covers(&Ecosystem::new(name)).map(|facts| facts.feed.name.as_str());
    assert_eq!(covers("Debian:12"), Some("debian"));
    assert_eq!(covers("PyPI"), Some("pypi"));
    for uncovered in ["Debian:99", "Debian", "Alpine:v3.20", "npm", "crates.io", ""] {
        assert_eq!(covers(uncovered), None, "{uncovered}");
    }
    assert_eq!(database.lookup(&Ecosystem::new("crates.io"), "a").unwrap().len(), 1);
    let facts = &database.feeds()[0];
    assert_eq!(
        (facts.records, facts.newest, facts.packages["Debian:12"]),
        (1, Some(time("2026-01-01T00:00:00Z")), 1)
    );
}

#[test]
fn exploited_vulnerabilities_are_found_by_cve() {
    let kev = json!({"catalogVersion": "2026.01.01", "dateReleased": "2026-01-01T00:00:00Z",
        "vulnerabilities": [{"cveID": "CVE-2026-90001", "dateAdded": "2026-01-01", "dueDate": "2026-01-15"}]});
    let epss =
        "#model_version:v1,score_date:2026-01-01T00:00:00Z\ncve,epss,percentile\nCVE-2026-90001,0.5,0.9\n";
    let mut builder = Builder::new();
    builder.kev(KevCatalog::parse("kev.json", kev.to_string().as_bytes()).unwrap().0);
    builder.epss(EpssScores::parse("epss.csv", epss.as_bytes()).unwrap().0);
    let file = builder.build(time("2026-02-01T00:00:00Z")).unwrap();
    let database = Database::open(&file).unwrap();
    let (known, unknown) = ("CVE-2026-90001".parse().unwrap(), "CVE-2026-90002".parse().unwrap());
    assert_eq!(database.kev(known).unwrap().unwrap().due, "2026-01-15");
    assert_eq!(database.epss(known).unwrap().unwrap().probability.billionths(), 500_000_000);
    assert!(database.kev(unknown).unwrap().is_none() && database.epss(unknown).unwrap().is_none());
    assert_eq!(
        (database.kev_facts().unwrap().rows, database.epss_facts().unwrap().version.as_str()),
        (1, "v1")
    );
}

#[test]
fn an_empty_database_is_one() {
    let file = Builder::new().build(time("2026-02-01T00:00:00Z")).unwrap();
    let database = Database::open(&file).unwrap();
    assert!(database.is_empty() && database.verify().is_ok());
    assert_eq!(database.built(), time("2026-02-01T00:00:00Z"));
    assert!(database.lookup(&Ecosystem::new("npm"), "a").unwrap().is_empty());
    assert_eq!(Digest::of(&file), Digest::of(&Builder::new().build(time("2026-02-01T00:00:00Z")).unwrap()));
}
