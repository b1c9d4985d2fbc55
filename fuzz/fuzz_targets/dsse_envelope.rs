//! A DSSE envelope and the statement in it; without keys nothing is ever believed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_attest::{Envelope, Statement};
use palisade_trust::{PublicKeys, Verifier};

fuzz_target!(|bytes: &[u8]| {
    // The same bytes as a bare statement, so that the fuzzer need not find its way through base64.
    read(bytes);
    let Ok(envelope) = Envelope::parse(bytes) else { return };
    let again = Envelope::parse(&envelope.to_json()).expect("what we write we read");
    assert_eq!(again, envelope);
    assert_eq!(again.digest(), envelope.digest());
    assert!(Verifier::new(PublicKeys::default()).verify_envelope(&envelope).is_err());
    read(envelope.payload());
});

fn read(bytes: &[u8]) {
    let Ok(statement) = Statement::parse(bytes) else { return };
    let written = statement.to_json().expect("parsed JSON has a canonical form");
    let again = Statement::parse(&written).expect("what we write we read");
    assert_eq!(again.subjects, statement.subjects);
    assert_eq!(again.to_json().expect("a canonical form"), written);
    if let Ok(predicate) = statement.predicate() {
        Statement::new(statement.subjects.clone(), &predicate).expect("as many subjects as before");
    }
}
