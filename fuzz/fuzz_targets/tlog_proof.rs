//! A proof of inclusion; without keys it proves nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_attest::LogProof;
use palisade_ledger::{leaf_hash, proven_entry, verify_consistency, verify_inclusion};
use palisade_trust::{PublicKeys, Verifier};

fuzz_target!(|bytes: &[u8]| {
    let Ok(proof) = LogProof::parse(bytes) else { return };
    assert_eq!(LogProof::parse(proof.to_string().as_bytes()).expect("what we write we read"), proof);
    assert!(proven_entry(&proof, &Verifier::new(PublicKeys::default())).is_err());
    let checkpoint = proof.checkpoint.claimed();
    let leaf = leaf_hash(proof.extra.as_deref().unwrap_or_default());
    let (size, root) = (checkpoint.size, &checkpoint.root);
    let _ = verify_inclusion(&leaf, proof.index, size, &proof.hashes, root);
    let _ = verify_consistency(proof.index, &leaf, size, root, &proof.hashes);
});
