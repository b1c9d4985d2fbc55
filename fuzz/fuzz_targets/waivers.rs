//! A waiver file: parsed, and one more waiver added to what parses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_config::{WaiverFile, append_waiver};
use palisade_model::{Fingerprint, Level, Waiver};

fuzz_target!(|bytes: &[u8]| {
    let parsed = WaiverFile::parse(bytes);
    let refused = parsed.problems.iter().any(|problem| problem.level == Level::Error);
    assert_eq!(parsed.value.is_none(), refused, "a value exactly when nothing is an error");
    for problem in &parsed.problems {
        assert!(problem.span.start <= problem.span.end && problem.span.end <= bytes.len(), "{problem:?}");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let waiver = Waiver {
        fingerprint: Fingerprint::from_bytes([7; 16]),
        reason: "a \"reason\": with # signs".to_owned(),
        until: "2030-01-31".parse().expect("a date"),
        owner: Some("somebody".to_owned()),
    };
    let Ok(longer) = append_waiver(text, &waiver) else { return };
    let read =
        |text: &str| WaiverFile::parse(text.as_bytes()).value.map(|file| file.waivers).unwrap_or_default();
    let (before, after) = (read(text), read(&longer));
    let values = |waivers: &[palisade_config::Spanned<Waiver>]| {
        waivers.iter().map(|waiver| waiver.value.clone()).collect::<Vec<_>>()
    };
    assert_eq!(values(&after), [values(&before), vec![waiver]].concat(), "{longer}");
});
