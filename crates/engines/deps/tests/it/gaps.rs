use palisade_advisory::{Builder, FeedSource, read};
use palisade_deps::LicenceRules;
use palisade_model::{Engine, Entry, EntryKind, EntryMeta, RepoPath, Sink};
use serde_json::json;

use crate::support::{advisory, cargo_lock, database, engine, said, time};

fn gaps(files: &[(&str, &str)], bytes: Option<&[u8]>) -> Vec<String> {
    said(files, bytes, LicenceRules::default()).blocking().iter().map(|gap| (*gap).to_owned()).collect()
}

#[test]
fn packages_without_advisories_to_judge_them_by_are_gaps() {
    let lock = cargo_lock("one", "1.0.0");
    let files = [("Cargo.lock", lock.as_str())];
    let fresh = database(&[advisory("A-1", "crates.io", "other", "")], &["crates.io"]);
    assert_eq!(gaps(&files, Some(&fresh)), Vec::<String>::new());
    assert_eq!(gaps(&files, None), ["one@1.0.0: there is no database of advisories; make one"]);
    let of_npm = database(&[advisory("A-1", "npm", "other", "")], &["npm"]);
    let uncovered = gaps(&files, Some(&of_npm));
    assert!(
        uncovered[0].contains("has no feed for crates.io") && uncovered[0].contains("db update"),
        "{uncovered:?}"
    );
    // Records that happen to be there cover nothing as a whole.
    let by_chance = database(&[advisory("A-1", "crates.io", "other", "")], &["npm"]);
    assert_eq!(gaps(&files, Some(&by_chance)).len(), 1);
}

#[test]
fn a_project_without_packages_needs_no_database() {
    assert_eq!(gaps(&[("src/main.rs", "fn main() {}")], None), Vec::<String>::new());
    let own = "version = 4\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n";
    assert_eq!(gaps(&[("Cargo.lock", own)], None), Vec::<String>::new());
}

#[test]
fn a_version_that_cannot_be_compared_is_a_gap() {
    let bytes = database(&[advisory("A-1", "crates.io", "one", "2.0.0")], &["crates.io"]);
    let lock = cargo_lock("one", "not-a-version");
    let gaps = gaps(&[("Cargo.lock", lock.as_str())], Some(&bytes));
    assert!(gaps.iter().any(|gap| gap.contains("A-1") && gap.contains("cannot be compared")), "{gaps:?}");
}

#[test]
fn what_is_not_pinned_is_a_gap_when_advisories_name_it() {
    let manifest =
        json!({ "name": "shop", "dependencies": { "named": "^1.0.0", "unknown": "^1.0.0" } }).to_string();
    let files = [("package.json", manifest.as_str())];
    let bytes = database(&[advisory("A-1", "npm", "named", "1.2.0")], &["npm"]);
    let gaps = gaps(&files, Some(&bytes));
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(gaps[0].starts_with("named") && gaps[0].contains("lock it"), "{gaps:?}");
}

#[test]
fn what_cannot_be_read_is_a_gap() {
    let bytes = database(&[advisory("A-1", "npm", "named", "1.2.0")], &["npm", "crates.io"]);
    for (path, text) in [
        ("package-lock.json", "{ \"lockfileVersion\": 3, \"packages\": {"),
        ("Cargo.lock", "[[package]]\nname = \"one\"\n"),
        ("Cargo.lock", "\u{0}\u{1}"),
        ("bun.lockb", "anything"),
    ] {
        assert!(!gaps(&[(path, text)], Some(&bytes)).is_empty(), "{path}: {text:?}");
    }
}

#[test]
fn a_feed_that_lost_records_is_a_gap() {
    let mut builder = Builder::new();
    builder.feed(FeedSource {
        name: "test".to_owned(),
        source: "test".to_owned(),
        ecosystems: vec!["crates.io".to_owned()],
        taken: time("2026-01-02T00:00:00Z"),
        unread: 3,
    });
    let record = advisory("A-1", "crates.io", "other", "").to_string();
    read("one.json", record.as_bytes(), &mut |read| builder.add("test", &read.unwrap()).unwrap());
    let bytes = builder.build(time("2026-01-02T00:00:00Z")).unwrap();
    let lock = cargo_lock("one", "1.0.0");
    let gaps = gaps(&[("Cargo.lock", lock.as_str())], Some(&bytes));
    assert!(gaps.len() == 1 && gaps[0].contains("3 records"), "{gaps:?}");
}

/// An image of programs that nothing tells of is not clean, whatever files of common names lie in it.
#[test]
fn files_that_only_share_a_name_with_records_tell_of_nothing() {
    let engine = engine(None, LicenceRules::default());
    let is_empty = |path: &str, text: &str| {
        let path = RepoPath::from_bytes(path).unwrap();
        engine
            .read(&Entry { meta: EntryMeta::file(&path, text.len() as u64), bytes: text.as_bytes() })
            .is_empty()
    };
    assert!(is_empty("app/.env", "A=1\n"));
    assert!(is_empty("usr/share/x/release", "12\n"));
    assert!(!is_empty("usr/lib/jvm/x/release", "JAVA_VERSION=\"21\"\n"));
    assert!(!is_empty("app/requirements.txt", ""));
}

#[test]
fn a_link_that_hides_a_record_is_a_gap() {
    let of = |path: &str, target: &str| {
        let path = RepoPath::from_bytes(path).unwrap();
        let meta = EntryMeta { kind: EntryKind::Symlink, ..EntryMeta::file(&path, target.len() as u64) };
        let engine = engine(None, LicenceRules::default());
        let mut sink = Sink::new();
        assert!(engine.wants(&meta), "{target}");
        engine.entry(&Entry { meta, bytes: target.as_bytes() }, &mut sink);
        sink.has_blocking_gap()
    };
    for hidden in ["/etc/Cargo.lock", "../../Cargo.lock", "notes.txt", "../x", ""] {
        assert!(of("web/Cargo.lock", hidden), "{hidden}");
    }
    // What helps to read others, and what its place tells.
    let engine = engine(None, LicenceRules::default());
    for path in ["app/.env", "nix/store/5av396z8xa13jg89g9jws145c0k26k2x-glibc-2.34/lib/x"] {
        let path = RepoPath::from_bytes(path).unwrap();
        let link = EntryMeta { kind: EntryKind::Symlink, ..EntryMeta::file(&path, 1) };
        assert!(!engine.wants(&link) && !engine.has_to_read(&EntryMeta::file(&path, 1)), "{path}");
        assert!(engine.wants(&EntryMeta::file(&path, 1)), "{path}");
    }
    for seen in ["../Cargo.lock", "./deep/Cargo.lock", "deep/../Cargo.lock"] {
        assert!(!of("web/Cargo.lock", seen), "{seen}");
    }
}
