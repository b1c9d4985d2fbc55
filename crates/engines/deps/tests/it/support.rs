use palisade_advisory::{Builder, Database, FeedSource, read};
use palisade_deps::{Advisories, DepsEngine, DepsSetting, LicenceRules};
use palisade_model::{Engine, Entry, EntryMeta, Finding, Gap, RepoPath, Sink, Timestamp};
use palisade_rulefile::RuleFile;
use serde_json::{Value, json};

pub(crate) fn rules() -> Vec<RuleFile> {
    palisade_rules::deps()
        .map(|(name, text)| {
            let (rule, problems) = RuleFile::parse(name, text);
            rule.unwrap_or_else(|| panic!("{name}: {problems:?}"))
        })
        .collect()
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A record that calls `name` affected from the first version up to, not including, `fixed`.
pub(crate) fn advisory(id: &str, ecosystem: &str, name: &str, fixed: &str) -> Value {
    let events = match fixed {
        "" => json!([{ "introduced": "0" }]),
        fixed => json!([{ "introduced": "0" }, { "fixed": fixed }]),
    };
    json!({
        "schema_version": "1.7.0",
        "id": id,
        "modified": "2026-01-01T00:00:00Z",
        "summary": format!("{name} can be abused"),
        "affected": [{
            "package": { "ecosystem": ecosystem, "name": name },
            "ranges": [{ "type": "SEMVER", "events": events }],
        }],
    })
}

/// A database of `records` that covers `ecosystems`, taken on 2026-01-02.
pub(crate) fn database(records: &[Value], ecosystems: &[&str]) -> Vec<u8> {
    let mut builder = Builder::new();
    builder.feed(FeedSource {
        name: "test".to_owned(),
        source: "test".to_owned(),
        ecosystems: ecosystems.iter().map(|name| (*name).to_owned()).collect(),
        taken: time("2026-01-02T00:00:00Z"),
        unread: 0,
    });
    for (number, record) in records.iter().enumerate() {
        let name = format!("{number}.json");
        read(&name, record.to_string().as_bytes(), &mut |read| builder.add("test", &read.unwrap()).unwrap());
    }
    builder.build(time("2026-01-02T00:00:00Z")).unwrap()
}

pub(crate) struct Said {
    pub(crate) findings: Vec<Finding>,
    pub(crate) gaps: Vec<Gap>,
}

impl Said {
    pub(crate) fn rules(&self) -> Vec<&str> {
        self.findings.iter().map(|finding| finding.rule.as_str()).collect()
    }

    pub(crate) fn blocking(&self) -> Vec<&str> {
        self.gaps.iter().filter(|gap| gap.blocking).map(|gap| gap.detail.as_str()).collect()
    }
}

/// The engine with the database in `bytes`, or without one.
pub(crate) fn engine(bytes: Option<&[u8]>, licences: LicenceRules) -> DepsEngine<'_> {
    let advisories = match bytes {
        Some(bytes) => Advisories::Known {
            database: Database::open(bytes).unwrap(),
            oldest: time("2026-01-01T00:00:00Z"),
        },
        None => Advisories::Missing("there is no database of advisories; make one".to_owned()),
    };
    DepsEngine::new(rules(), DepsSetting { salt: b"salt".to_vec(), advisories, licences }).unwrap()
}

/// What it says of `files`.
pub(crate) fn said(files: &[(&str, &str)], bytes: Option<&[u8]>, licences: LicenceRules) -> Said {
    let engine = engine(bytes, licences);
    let mut sink = Sink::new();
    for (path, text) in files {
        let path = RepoPath::from_bytes(*path).unwrap();
        let meta = EntryMeta::file(&path, text.len() as u64);
        if engine.wants(&meta) {
            engine.entry(&Entry { meta, bytes: text.as_bytes() }, &mut sink);
        }
    }
    engine.finish(&mut sink);
    let (findings, gaps) = sink.into_parts();
    Said { findings, gaps }
}

/// A Cargo.lock with one package of the registry.
pub(crate) fn cargo_lock(name: &str, version: &str) -> String {
    format!(
        "version = 4\n\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\
         source = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"{}\"\n",
        "0".repeat(64)
    )
}
