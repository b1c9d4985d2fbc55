//! What the targets for the secrets engine share.

use std::sync::LazyLock;

use palisade_model::{Entry, EntryMeta, Finding, RepoPath, Sink};
use palisade_rulefile::RuleFile;
use palisade_secrets::{MAX_FINDINGS, Reading, SecretsEngine};

/// A byte that stands for the example whose number is in the two bytes after it, so that chance need not find tokens.
const EXAMPLE: u8 = 0x10;

/// The engine with the shipped rules.
pub static ENGINE: LazyLock<SecretsEngine> =
    LazyLock::new(|| SecretsEngine::new(rules().collect(), b"fuzz").expect("shipped rules compile"));

static EXAMPLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let expanded = |rule: RuleFile| {
        let texts = rule.expanded_examples().map(|(_, expanded)| expanded.text);
        texts.collect::<Vec<_>>()
    };
    rules().flat_map(expanded).collect()
});

fn rules() -> impl Iterator<Item = RuleFile> {
    palisade_rules::secrets().map(|(name, text)| RuleFile::parse(name, text).0.expect("shipped rules parse"))
}

/// `bytes` with what stands for examples replaced by them.
pub fn with_examples(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == EXAMPLE) {
        text.extend_from_slice(&rest[..at]);
        let number = rest[at + 1..].iter().take(2).fold(0, |number, byte| number << 8 | usize::from(*byte));
        text.extend_from_slice(EXAMPLES[number % EXAMPLES.len()].as_bytes());
        rest = &rest[rest.len().min(at + 3)..];
    }
    text.extend_from_slice(rest);
    text
}

/// The findings of `reading` of `bytes`, which lie inside them.
pub fn findings(path: &str, bytes: &[u8], reading: &Reading) -> Vec<Finding> {
    let path = RepoPath::from_bytes(path).expect("a path");
    let meta = EntryMeta::file(&path, bytes.len() as u64);
    let mut sink = Sink::new();
    ENGINE.report(&Entry { meta, bytes }, reading, &mut sink);
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
    }
    findings
}
