//! A `.intoto.jsonl` file: what is taken from it is written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_attest::{EvidenceFile, Statement};

fuzz_target!(|bytes: &[u8]| {
    let Ok(file) = EvidenceFile::parse(bytes) else { return };
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
    assert_eq!(file.envelopes.len() + file.ignored.len(), lines, "a line is lost");
    let again = EvidenceFile::parse(&EvidenceFile::write(&file.envelopes)).expect("what we write we read");
    assert_eq!(again.envelopes, file.envelopes);
    assert!(again.ignored.is_empty());
    for envelope in &file.envelopes {
        if let Ok(statement) = Statement::parse(envelope.payload()) {
            let _ = statement.predicate();
        }
    }
});
