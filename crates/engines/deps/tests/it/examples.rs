use palisade_deps::LicenceRules;
use palisade_model::LineIndex;
use palisade_rulefile::{Example, ExampleKind, Expanded, RuleFile};
use serde_json::{Value, json};

use crate::support::{Said, advisory, database, rules, said};

/// Images are looked at as a whole: the rule's example is one for readers.
const OF_IMAGES: &str = "end-of-life-distribution";

/// The advisories that the examples of the rules speak of.
fn records() -> Vec<Value> {
    let mut informational = Vec::new();
    for (id, name, kind) in [
        ("RUSTSEC-2026-0001", "made-up-orphan", "unmaintained"),
        ("RUSTSEC-2026-0002", "made-up-notice", "notice"),
        ("RUSTSEC-2026-0003", "made-up-unsound", "unsound"),
    ] {
        let fixed = if kind == "unsound" { "0.3.2" } else { "" };
        let mut record = advisory(id, "crates.io", name, fixed);
        record["affected"][0]["database_specific"] = json!({ "informational": kind });
        informational.push(record);
    }
    let mut all = vec![
        advisory("GHSA-aaaa-bbbb-cccc", "crates.io", "made-up-parser", "1.0.4"),
        advisory("MAL-2026-1", "npm", "made-up-stealer", ""),
    ];
    all.append(&mut informational);
    all
}

fn said_of(rule: &RuleFile, example: &Example, expanded: &Expanded, database: &[u8]) -> Said {
    let licences = match rule.info.id.as_str().starts_with("licence-") {
        true => LicenceRules { allow: vec!["MIT".to_owned()], deny: Vec::new() },
        false => LicenceRules::default(),
    };
    said(&[(example.path.as_str(), expanded.text.as_str())], Some(database), licences)
}

#[test]
fn the_rules_examples_hold() {
    let bytes = database(&records(), &["crates.io", "npm"]);
    for rule in rules().iter().filter(|rule| rule.info.id.as_str() != OF_IMAGES) {
        for (example, expanded) in rule.expanded_examples() {
            let said = said_of(rule, example, &expanded, &bytes);
            let own: Vec<_> = said.findings.iter().filter(|finding| finding.rule == rule.info.id).collect();
            let lines = LineIndex::new(expanded.text.as_bytes());
            let marked: Vec<u32> = expanded
                .marks
                .iter()
                .map(|mark| lines.position(expanded.text.as_bytes(), mark.span.start).line)
                .collect();
            let found: Vec<u32> = own.iter().map(|finding| finding.location.start.line).collect();
            assert_eq!(found, marked, "{} {:?}: {:?}", rule.info.id, example.kind, said.rules());
            assert_eq!(own.is_empty(), example.kind == ExampleKind::Good, "{}", rule.info.id);
            assert_eq!(said.blocking(), Vec::<&str>::new(), "{}", rule.info.id);
        }
    }
}
