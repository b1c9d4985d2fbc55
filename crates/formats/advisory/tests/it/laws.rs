//! Laws, by examples made at random.

use palisade_advisory::{Advisory, Builder, Database, Delta, Judgement};
use palisade_model::{Digest, Ecosystem};
use palisade_version::{Scheme, Version};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{builder, database, feed, osv, time};

const VERSIONS: [&str; 12] = [
    "0.0.0-a",
    "0.1.0",
    "0.9.0-rc.1",
    "0.9.0",
    "1.0.0-0",
    "1.0.0",
    "1.0.1",
    "1.2.0-beta",
    "1.2.0",
    "1.10.0",
    "2.0.0",
    "10.0.0",
];

fn event() -> impl Strategy<Value = (usize, usize)> {
    (0..10_usize, 0..VERSIONS.len())
}

fn told((what, version): &(usize, usize)) -> Value {
    let version = VERSIONS[*version];
    match what {
        0 => json!({"introduced": "0"}),
        1..4 => json!({"introduced": version}),
        4..7 => json!({"fixed": version}),
        7 | 8 => json!({"last_affected": version}),
        _ => json!({"limit": version}),
    }
}

fn advisory() -> impl Strategy<Value = Advisory> {
    let range = prop::collection::vec(event(), 1..6);
    let affected =
        (0..3_usize, prop::collection::vec(range, 0..3), prop::collection::vec(0..VERSIONS.len(), 0..3));
    (0..20_u32, prop::collection::vec(affected, 0..3), prop::collection::vec(0..20_u32, 0..2), any::<bool>()).prop_map(
        |(id, affected, aliases, semver)| {
            let affected: Vec<_> = affected
                .iter()
                .map(|(name, ranges, versions)| {
                    let kind = if semver { "SEMVER" } else { "ECOSYSTEM" };
                    let ranges: Vec<_> = ranges
                        .iter()
                        .map(|events| json!({"type": kind, "events": events.iter().map(told).collect::<Vec<_>>()}))
                        .collect();
                    let versions: Vec<_> = versions.iter().map(|version| VERSIONS[*version]).collect();
                    let name = ["a", "b", "c"][*name];
                    json!({"package": {"ecosystem": "npm", "name": name}, "ranges": ranges, "versions": versions})
                })
                .collect();
            let aliases: Vec<_> = aliases.iter().map(|alias| format!("X-{alias}")).collect();
            osv(&json!({"id": format!("X-{id}"), "modified": "2026-01-01T00:00:00Z", "aliases": aliases, "affected": affected}))
        },
    )
}

fn version(text: &str) -> Version {
    Version::parse(Scheme::Semver, text).unwrap()
}

/// The pseudocode of the schema, over the record as it was written: no intervals, no keys. Where events share a version the schema
/// leaves the order open; as documented, an open range is closed first, and otherwise it is opened first.
fn naive(affected: &Value, asked: &str) -> bool {
    let list = |field: &str| affected.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
    if list("versions").iter().any(|listed| version(listed.as_str().unwrap()) == version(asked)) {
        return true;
    }
    list("ranges").iter().any(|range| in_range(range["events"].as_array().unwrap(), &version(asked)))
}

fn in_range(events: &[Value], asked: &Version) -> bool {
    let of = |what: &str| {
        events.iter().filter_map(|event| event[what].as_str()).map(str::to_owned).collect::<Vec<_>>()
    };
    let limits = of("limit");
    if !limits.is_empty() && !limits.iter().any(|limit| *asked < version(limit)) {
        return false;
    }
    let mut affected = of("introduced").contains(&"0".to_owned());
    let mut places: Vec<_> = VERSIONS.into_iter().filter(|place| version(place) <= *asked).collect();
    places.sort_by_key(|place| version(place));
    for place in places {
        let has = |what: &str| of(what).contains(&place.to_owned());
        let (introduced, fixed) = (has("introduced"), has("fixed"));
        affected = match (affected, introduced, fixed) {
            (true, true, true) => true,
            (_, _, true) => false,
            (affected, introduced, false) => affected || introduced,
        };
        if has("last_affected") && version(place) < *asked {
            affected = false;
        }
    }
    affected
}

/// What was put into the record, as JSON again.
fn raw(package: &palisade_advisory::AffectedPackage) -> Value {
    serde_json::to_value(package).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn judging_is_what_the_schema_says(advisory in advisory()) {
        let file = database(std::slice::from_ref(&advisory));
        let database = Database::open(&file).unwrap();
        for name in ["a", "b", "c"] {
            for entry in database.lookup(&Ecosystem::new("npm"), name).unwrap() {
                let read = entry.record.advisory().unwrap();
                prop_assert_eq!(&read, &advisory);
                let package = entry.affected(&read).unwrap();
                let is_empty = package.ranges.is_empty() && package.versions.is_empty();
                let only_limits = package.ranges.iter().any(|range| range.events.iter().all(|event| matches!(event, palisade_advisory::Event::Limit(_))));
                for asked in VERSIONS {
                    let judged = entry.judge(asked);
                    let expected = naive(&raw(package), asked);
                    match &judged {
                        Judgement::Affected(affected) => {
                            prop_assert!(expected, "{asked}");
                            for fixed in &affected.fixed {
                                prop_assert!(version(fixed) > version(asked) && !naive(&raw(package), fixed));
                            }
                        }
                        Judgement::NotAffected => prop_assert!(!expected, "{asked}"),
                        Judgement::Incomparable(_) => prop_assert!(is_empty || only_limits),
                    }
                }
            }
        }
    }

    #[test]
    fn the_order_of_records_does_not_count(advisories in prop::collection::vec(advisory(), 0..8)) {
        let mut reversed = advisories.clone();
        reversed.reverse();
        prop_assert_eq!(Digest::of(&database(&advisories)), Digest::of(&database(&reversed)));
    }

    #[test]
    fn deltas_lead_from_any_database_to_any_other(
        before in prop::collection::vec(advisory(), 0..6),
        after in prop::collection::vec(advisory(), 0..6),
    ) {
        let old = database(&before);
        let mut builder = builder(&after);
        builder.feed(feed("more", &["npm"]));
        let new = builder.build(time("2026-03-01T00:00:00Z")).unwrap();
        let delta = Delta::between(&old, &new).unwrap();
        prop_assert_eq!(Digest::of(&Delta::apply(&old, &delta).unwrap()), Digest::of(&new));
    }

    #[test]
    fn any_text_is_read_without_falling_over(text in ".{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for file in ["a.json", "a.yaml", "RUSTSEC-1.md", "a.zip", "a.tar", "a.gz"] {
            palisade_advisory::read(file, text.as_bytes(), &mut |_| {});
            palisade_advisory::read(file, &bytes, &mut |_| {});
        }
        let _ = palisade_advisory::Cvss::parse(&text);
        let _ = Builder::new();
    }
}
