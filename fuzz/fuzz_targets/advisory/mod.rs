//! What the targets about advisories share.

use palisade_advisory::{Advisory, Builder, Database, FeedSource, read};
use palisade_model::{Ecosystem, Timestamp};

/// Reads a record, builds a database of what came out, and asks it: each record comes back as it went in, and nothing falls over.
pub fn round(file: &str, bytes: &[u8]) {
    let records = records(file, bytes);
    let built = built(&records);
    let database = Database::open(&built).expect("built a moment ago");
    database.verify().expect("built a moment ago");
    for stored in database.advisories() {
        let (_, stored) = stored.expect("built a moment ago");
        assert!(records.contains(&stored), "a record came back as another");
    }
    ask(&database);
}

/// The database of the records in a file.
#[allow(dead_code, reason = "not every target takes it")]
pub fn database(file: &str, bytes: &[u8]) -> Vec<u8> {
    built(&records(file, bytes))
}

fn records(file: &str, bytes: &[u8]) -> Vec<Advisory> {
    let mut records = Vec::new();
    assert!(read(file, bytes, &mut |record| records.extend(record)));
    records
}

fn built(records: &[Advisory]) -> Vec<u8> {
    let mut builder = Builder::new();
    builder.feed(FeedSource {
        name: "fuzz".to_owned(),
        source: String::new(),
        ecosystems: Vec::new(),
        taken: Timestamp::UNIX_EPOCH,
        unread: 0,
    });
    for advisory in records {
        builder.add("fuzz", advisory).expect("the feed is known");
    }
    builder.build(Timestamp::UNIX_EPOCH).expect("not that large")
}

/// Asks for everything that the database says it knows.
pub fn ask(database: &Database<'_>) {
    for package in database.packages().take(64) {
        let Ok((ecosystem, name)) = package else { continue };
        for entry in database.lookup(&Ecosystem::new(ecosystem), name).unwrap_or_default().iter().take(64) {
            for version in ["1.0.0", "0", "1:2.0-1", "weird"] {
                entry.judge(version);
            }
            entry.judge_commit("a");
            if let Ok(advisory) = entry.record.advisory() {
                entry.affected(&advisory);
                for rating in &advisory.ratings {
                    rating.severity();
                }
            }
            let _ = entry.record.group();
        }
    }
}
