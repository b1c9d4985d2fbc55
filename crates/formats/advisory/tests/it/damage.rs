//! A database that is not as it was written is found out, and never makes us fall over.

use palisade_advisory::{Database, DatabaseError, Judgement};
use palisade_model::Ecosystem;
use proptest::prelude::*;
use serde_json::json;

use crate::support::{database, osv, range, record};

fn file() -> Vec<u8> {
    let commits = json!({"type": "GIT", "repo": "https://example.org/r", "events": [{"introduced": "a"}]});
    database(&[
        record(
            "X-1",
            "npm",
            "a",
            json!({"ranges": [range("SEMVER", &[("introduced", "0"), ("fixed", "1.2.3")])]}),
        ),
        record("X-2", "npm", "a", json!({"versions": ["1.0.0", "1.0.1"], "ranges": [commits]})),
        osv(
            &json!({"id": "X-3", "modified": "2026-01-01T00:00:00Z", "aliases": ["X-1"], "details": "text ".repeat(50)}),
        ),
    ])
}

/// Asks everything there is to ask.
fn ask(database: &Database<'_>) {
    let _ = database.verify();
    for package in database.packages().take(100) {
        let Ok((ecosystem, name)) = package else { continue };
        for entry in database.lookup(&Ecosystem::new(ecosystem), name).unwrap_or_default() {
            let _: (Judgement, Judgement) = (entry.judge("1.0.0"), entry.judge_commit("a"));
            let _ = entry.record.advisory().map(|advisory| entry.affected(&advisory).is_some());
            let _ = entry.record.group();
        }
    }
    for index in 0..database.len().min(100) {
        let _ = database.record(index).map(|record| record.advisory());
    }
    let _ = database.advisories().take(100).count();
    for id in ["X-1", "X-2", "X-9"] {
        let _ = (database.group(id), database.records_called(id));
    }
    let _ = database.kev("CVE-2026-90001".parse().unwrap());
    let _ = database.covers(&Ecosystem::new("npm"));
}

#[test]
fn every_flipped_byte_is_found_by_a_digest() {
    let good = file();
    Database::open(&good).unwrap().verify().unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(Database::open(&bad).and_then(|database| database.verify()).is_err(), "byte {at}");
    }
}

#[test]
fn what_is_cut_short_or_foreign_is_not_opened() {
    let good = file();
    for length in 0..good.len() {
        assert!(Database::open(&good[..length]).is_err(), "{length} bytes");
    }
    assert_eq!(Database::open(b"SQLite format 3\0").unwrap_err(), DatabaseError::Magic);
    let mut other = good.clone();
    other[8] ^= 0xff;
    assert!(matches!(Database::open(&other), Err(DatabaseError::Format { .. })));
    let longer = [good, vec![0]].concat();
    assert!(Database::open(&longer).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_sections_are_survived(places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bad = file();
        // The header is sealed: only what follows it can be damaged unseen.
        let header = bad.len().min(8 + 4 + 4 + 8 + 8 + 14 * 48 + 32);
        for (place, byte) in places {
            let at = header + place.index(bad.len() - header);
            bad[at] = byte;
        }
        if let Ok(database) = Database::open(&bad) {
            ask(&database);
        }
    }
}

#[test]
fn a_good_one_answers_all_of_it() {
    let good = file();
    ask(&Database::open(&good).unwrap());
}
