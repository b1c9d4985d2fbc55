use palisade_advisory::{
    Advisory, Affected, AffectedBy, Builder, Database, FeedSource, Judgement, RecordProblem, read,
};
use palisade_model::{Ecosystem, Timestamp};
use serde_json::{Value, json};

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn feed(name: &str, ecosystems: &[&str]) -> FeedSource {
    FeedSource {
        name: name.to_owned(),
        source: format!("https://feeds.example/{name}"),
        ecosystems: ecosystems.iter().map(|&name| name.to_owned()).collect(),
        taken: time("2026-01-10T00:00:00Z"),
        unread: 0,
    }
}

pub(crate) fn records(file: &str, bytes: &[u8]) -> (Vec<Advisory>, Vec<RecordProblem>) {
    let (mut advisories, mut problems) = (Vec::new(), Vec::new());
    assert!(read(file, bytes, &mut |record| match record {
        Ok(advisory) => advisories.push(advisory),
        Err(problem) => problems.push(problem),
    }));
    (advisories, problems)
}

/// The one record, without problems.
pub(crate) fn osv(record: &Value) -> Advisory {
    let (mut advisories, problems) = records("record.json", record.to_string().as_bytes());
    assert_eq!(problems, []);
    assert_eq!(advisories.len(), 1);
    advisories.remove(0)
}

/// A record of one package.
pub(crate) fn record(id: &str, ecosystem: &str, name: &str, affected: Value) -> Advisory {
    let mut affected = affected;
    affected["package"] = json!({"ecosystem": ecosystem, "name": name});
    osv(&json!({"id": id, "modified": "2026-01-01T00:00:00Z", "affected": [affected]}))
}

pub(crate) fn builder(advisories: &[Advisory]) -> Builder {
    let mut builder = Builder::new();
    let bases = ["npm", "PyPI", "Debian", "Ubuntu", "Alpine", "Maven", "crates.io", "Go", "Red Hat", "GIT"];
    builder.feed(feed("test", &bases));
    for advisory in advisories {
        builder.add("test", advisory).unwrap();
    }
    builder
}

pub(crate) fn database(advisories: &[Advisory]) -> Vec<u8> {
    builder(advisories).build(time("2026-01-11T00:00:00Z")).unwrap()
}

/// What the only entry says.
pub(crate) fn judged(advisories: &[Advisory], ecosystem: &str, name: &str, version: &str) -> Judgement {
    let file = database(advisories);
    let database = Database::open(&file).unwrap();
    let entries = database.lookup(&Ecosystem::new(ecosystem), name).unwrap();
    assert_eq!(entries.len(), 1, "{ecosystem} {name}");
    entries[0].judge(version)
}

/// `!` affected, `.` not affected, `?` incomparable.
pub(crate) fn sign(judgement: &Judgement) -> char {
    match judgement {
        Judgement::Affected(_) => '!',
        Judgement::NotAffected => '.',
        Judgement::Incomparable(_) => '?',
    }
}

/// The signs of several versions.
pub(crate) fn signs(advisory: &Advisory, ecosystem: &str, name: &str, versions: &[&str]) -> String {
    let one = std::slice::from_ref(advisory);
    versions.iter().map(|version| sign(&judged(one, ecosystem, name, version))).collect()
}

pub(crate) fn in_range(
    introduced: &str,
    fixed: Option<&str>,
    later: &[&str],
    last: Option<&str>,
) -> Judgement {
    Judgement::Affected(Affected {
        by: AffectedBy::Range { introduced: introduced.to_owned(), fixed: fixed.map(str::to_owned) },
        fixed: later.iter().map(|&version| version.to_owned()).collect(),
        last_affected: last.map(str::to_owned),
    })
}

pub(crate) fn range(kind: &str, events: &[(&str, &str)]) -> Value {
    let events: Vec<_> = events.iter().map(|&(what, version)| json!({what: version})).collect();
    json!({"type": kind, "events": events})
}
