//! Ignore files of other tools: a value exactly when nothing is an error, and entries on lines of the file.
#![no_main]

mod parts;

use libfuzzer_sys::fuzz_target;
use palisade_config::{DETECT_SECRETS_BASELINE, GITLEAKS_IGNORE, Parsed, SECRETS_IGNORE};
use palisade_config::{parse_detect_secrets_baseline, parse_gitleaks_ignore, parse_secrets_ignore};
use palisade_model::Level;

const NAMES: &[&str] = &[GITLEAKS_IGNORE, DETECT_SECRETS_BASELINE, SECRETS_IGNORE];

fuzz_target!(|bytes: &[u8]| {
    for (name, bytes) in parts::named(NAMES, bytes, 1) {
        let entries = match name {
            GITLEAKS_IGNORE => value(bytes, parse_gitleaks_ignore(bytes))
                .map(|places| places.into_iter().map(|place| place.entry).collect::<Vec<_>>()),
            DETECT_SECRETS_BASELINE => value(bytes, parse_detect_secrets_baseline(bytes))
                .map(|secrets| secrets.into_iter().map(|secret| secret.entry).collect()),
            _ => value(bytes, parse_secrets_ignore(bytes)).map(|file| {
                let patterns = file.patterns.into_iter().map(|(entry, _)| entry);
                patterns.chain(file.secrets.into_iter().map(|(entry, _)| entry)).collect()
            }),
        };
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
        for entry in entries.unwrap_or_default() {
            assert!(
                entry.file == name && (1..=lines).contains(&(entry.line as usize)),
                "{entry:?} of {lines}"
            );
        }
    }
});

fn value<T>(bytes: &[u8], parsed: Parsed<T>) -> Option<T> {
    let refused = parsed.problems.iter().any(|problem| problem.level == Level::Error);
    assert_eq!(parsed.value.is_none(), refused, "a value exactly when nothing is an error");
    for problem in &parsed.problems {
        assert!(problem.span.start <= problem.span.end && problem.span.end <= bytes.len(), "{problem:?}");
    }
    parsed.value
}
