//! The secrets engine with the shipped rules over arbitrary bytes: bounded, inside the entry, and no secret in what it says.
#![no_main]

mod secrets;

use libfuzzer_sys::fuzz_target;
use secrets::{ENGINE, findings, with_examples};

/// Shorter values stand in too many places by accident.
const SHORTEST: usize = 12;

fuzz_target!(|input: &[u8]| {
    let bytes = with_examples(input);
    for finding in &findings("input", &bytes, &ENGINE.read(&bytes)) {
        let (start, end) = (finding.location.bytes.start, finding.location.bytes.end);
        let Ok(secret) = std::str::from_utf8(&bytes[start..end]) else { continue };
        let is_plain = secret.len() >= SHORTEST && secret.bytes().all(|byte| byte.is_ascii_graphic());
        if is_plain {
            assert!(!finding.excerpt.text.contains(secret), "the secret is in the excerpt: {finding:?}");
            assert!(!finding.message.contains(secret), "the secret is in the message: {finding:?}");
        }
    }
});
