//! Programs that tell what they are made of.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_lockfile::{read_binary, recognise_binary};
use palisade_model::RepoPath;

fuzz_target!(|bytes: &[u8]| {
    let path = RepoPath::from_bytes(*b"a").expect("a path");
    let records = read_binary(&path, &[], bytes);
    assert!(records.is_empty() || recognise_binary(bytes), "what is read is recognised");
    for record in records {
        assert!(record.reading().packages.iter().all(|package| package.line == 0));
    }
});
