//! A database whose sections are damaged: three bytes of input are one change, a place and what stands there then.
#![no_main]

#[expect(dead_code, reason = "shared with the targets that read records")]
mod advisory;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use palisade_advisory::{Builder, Database, FeedSource, read};
use palisade_model::Timestamp;

const RECORDS: &[u8] = br#"[
    {"id": "X-1", "modified": "2026-01-01T00:00:00Z", "aliases": ["CVE-2026-90001"], "details": "text",
     "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["3.0.0"],
         "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.3"}, {"introduced": "2.0.0"}]}]}]},
    {"id": "X-2", "modified": "2026-01-01T00:00:00Z", "aliases": ["CVE-2026-90001"],
     "affected": [{"package": {"ecosystem": "Debian:12", "name": "b"},
         "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": "1:2.0-1"}]},
             {"type": "GIT", "repo": "https://example.org/r", "events": [{"introduced": "a"}]}]}]}]"#;

/// The header is sealed: only what follows it can be damaged unseen.
const HEADER: usize = 8 + 4 + 4 + 8 + 8 + 14 * 48 + 32;

static GOOD: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut builder = Builder::new();
    builder.feed(FeedSource {
        name: "fuzz".to_owned(),
        source: String::new(),
        ecosystems: vec!["npm".to_owned()],
        taken: Timestamp::UNIX_EPOCH,
        unread: 0,
    });
    read("records.json", RECORDS, &mut |record| builder.add("fuzz", &record.expect("good")).expect("known"));
    builder.build(Timestamp::UNIX_EPOCH).expect("small")
});

fuzz_target!(|bytes: &[u8]| {
    let _ = Database::open(bytes);
    let mut damaged = GOOD.clone();
    let room = damaged.len() - HEADER;
    for change in bytes.chunks_exact(3) {
        let place = usize::from(u16::from_le_bytes([change[0], change[1]])) % room;
        damaged[HEADER + place] = change[2];
    }
    if let Ok(database) = Database::open(&damaged) {
        let _ = database.verify();
        advisory::ask(&database);
    }
});
