//! A baseline: what parses is written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_config::{parse_baseline, write_baseline};
use palisade_model::Level;

fuzz_target!(|bytes: &[u8]| {
    let parsed = parse_baseline(bytes);
    let refused = parsed.problems.iter().any(|problem| problem.level == Level::Error);
    assert_eq!(parsed.value.is_none(), refused, "a value exactly when nothing is an error");
    for problem in &parsed.problems {
        assert!(problem.span.start <= problem.span.end && problem.span.end <= bytes.len(), "{problem:?}");
    }
    let Some(baseline) = parsed.value else { return };
    assert_eq!(parse_baseline(write_baseline(&baseline).as_bytes()).value, Some(baseline));
});
