//! A rule file: parsed, its examples expanded, its matcher compiled and run over its own examples.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_model::{Engine, Entry, EntryMeta, Level, RepoPath, Sink};
use palisade_rulefile::RuleFile;
use palisade_secrets::SecretsEngine;

/// A rule's id must be the stem of its file's name.
fn stem(text: &str) -> &str {
    let id = text.lines().find_map(|line| line.strip_prefix("id = \"")?.split('"').next());
    id.unwrap_or("a-rule")
}

fuzz_target!(|text: &str| {
    let (rule, problems) = RuleFile::parse(stem(text), text);
    let refused = problems.iter().any(|problem| problem.level == Level::Error);
    assert!(rule.is_none() || !refused, "a rule in spite of an error");
    for problem in &problems {
        assert!(problem.span.start <= problem.span.end && problem.span.end <= text.len(), "{problem:?}");
    }
    let Some(rule) = rule else { return };
    let expanded: Vec<String> = rule.examples.iter().map(|example| example.expand(1).text).collect();
    assert_eq!(expanded, rule.examples.iter().map(|example| example.expand(1).text).collect::<Vec<_>>());
    let Ok(engine) = SecretsEngine::new(vec![rule], b"salt") else { return };
    let path = RepoPath::from_bytes("example.txt").expect("a path");
    for text in &expanded {
        let meta = EntryMeta::file(&path, text.len() as u64);
        engine.entry(&Entry { meta, bytes: text.as_bytes() }, &mut Sink::new());
    }
});
