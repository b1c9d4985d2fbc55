//! A file of public keys: what parses is written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_attest::NoteKey;
use palisade_trust::PublicKeys;

fuzz_target!(|text: &str| {
    if let Ok(key) = text.parse::<NoteKey>() {
        assert_eq!(key.to_string(), text, "a log key has one spelling");
    }
    let Ok(keys) = PublicKeys::parse(text) else { return };
    assert!(!keys.statements.is_empty());
    assert_eq!(PublicKeys::parse(&keys.to_string()).expect("what we write we read"), keys);
});
