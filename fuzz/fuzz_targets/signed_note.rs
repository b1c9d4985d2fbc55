//! A signed note and the checkpoint in it; without keys nothing is ever believed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_attest::{Checkpoint, CheckpointVerifier, Note, SignedCheckpoint};
use palisade_trust::{PublicKeys, Verifier};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(checkpoint) = Checkpoint::parse(text) {
            assert_eq!(checkpoint.to_string(), text, "a checkpoint has one spelling");
        }
    }
    let Ok(note) = Note::parse(bytes) else { return };
    assert_eq!(note.to_string().as_bytes(), bytes, "a note has one spelling");
    let Ok(signed) = SignedCheckpoint::parse(bytes) else { return };
    assert_eq!(signed.to_string().as_bytes(), bytes);
    assert!(Verifier::new(PublicKeys::default()).verify_checkpoint(&signed).is_err());
});
