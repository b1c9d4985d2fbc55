//! A configuration of gitleaks: parsed, put together with itself, its rules run over its own text.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use palisade_gitleaks::{GitleaksFile, assemble};
use palisade_model::Level;
use palisade_secrets::{ForeignRules, ForeignSet, Standing};

fuzz_target!(|bytes: &[u8]| {
    let (file, problems) = GitleaksFile::parse(bytes);
    let refused = problems.iter().any(|problem| problem.level == Level::Error);
    assert_eq!(file.is_none(), refused, "a file in spite of an error, or none without a reason");
    for problem in &problems {
        assert!(problem.span.start <= problem.span.end && problem.span.end <= bytes.len(), "{problem:?}");
    }
    let Some(file) = file else { return };
    let (configuration, problems) = assemble(&[file.clone(), file], &|id| id.starts_with('g'));
    assert!(problems.iter().all(|found| found.problem.span.end <= bytes.len()));
    let Some(configuration) = configuration else { return };
    let set = ForeignSet {
        name: "fuzz.toml".to_owned(),
        configuration,
        standing: Standing::Found,
        own_paths: BTreeSet::new(),
    };
    let Ok(rules) = ForeignRules::new(vec![set], &BTreeSet::new()) else { return };
    let found = rules.find(Some("a/b.env"), bytes);
    for hit in &found.hits {
        assert!(hit.whole.end <= bytes.len() && hit.secret.start < hit.secret.end, "{hit:?}");
    }
    rules.find_by_path("a/b.env", bytes);
});
