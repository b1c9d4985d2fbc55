//! The secrets engine with the shipped rules over arbitrary bytes: bounded, inside the entry, and no secret in what it says.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use palisade_model::{Engine, Entry, EntryMeta, RepoPath, Sink};
use palisade_rulefile::RuleFile;
use palisade_secrets::{MAX_FINDINGS, SecretsEngine};

/// Shorter values stand in too many places by accident.
const SHORTEST: usize = 12;

static ENGINE: LazyLock<SecretsEngine> = LazyLock::new(|| {
    let rules = palisade_rules::secrets();
    let rules = rules.map(|(name, text)| RuleFile::parse(name, text).0.expect("shipped rules parse"));
    SecretsEngine::new(rules.collect(), b"fuzz").expect("shipped rules compile")
});

fuzz_target!(|bytes: &[u8]| {
    let path = RepoPath::from_bytes("input").expect("a path");
    let meta = EntryMeta::file(&path, bytes.len() as u64);
    let mut sink = Sink::new();
    ENGINE.entry(&Entry { meta, bytes }, &mut sink);
    let (findings, gaps) = sink.into_parts();
    assert!(findings.len() <= 3 * MAX_FINDINGS);
    assert!(gaps.iter().all(|gap| gap.path.as_ref() == Some(&path)));
    for finding in &findings {
        let (start, end) = (finding.location.bytes.start, finding.location.bytes.end);
        assert!(start < end && end <= bytes.len(), "{finding:?}");
        assert!(finding.location.start <= finding.location.end, "{finding:?}");
        let excerpt = &finding.excerpt;
        assert!(excerpt.mark_start <= excerpt.mark_end, "{finding:?}");
        assert!(excerpt.mark_end as usize <= excerpt.text.chars().count(), "{finding:?}");
        let Ok(secret) = std::str::from_utf8(&bytes[start..end]) else { continue };
        let is_plain = secret.len() >= SHORTEST && secret.bytes().all(|byte| byte.is_ascii_graphic());
        if is_plain {
            assert!(!excerpt.text.contains(secret), "the secret is in the excerpt: {finding:?}");
            assert!(!finding.message.contains(secret), "the secret is in the message: {finding:?}");
        }
    }
});
