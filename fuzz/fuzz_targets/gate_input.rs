//! A stored gate input: what is read is what was written, and the default policy comes to a decision about it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use palisade_model::Decision;
use palisade_policy::{GatePolicy, Organisation, read_input};

static GATE: LazyLock<GatePolicy> =
    LazyLock::new(|| GatePolicy::compile("fuzz", Organisation::Silent, None).expect("the default policy"));

fuzz_target!(|bytes: &[u8]| {
    let Ok(input) = read_input(bytes) else { return };
    let written: serde_json::Value = serde_json::from_slice(bytes).expect("read a moment ago");
    assert_eq!(serde_json::to_value(&input).expect("a form"), written, "a field is lost");
    let verdict = GATE.decide(&input);
    assert_eq!(verdict.decision == Decision::Allowed, verdict.denials.is_empty());
    assert_eq!(GATE.decide(&input), verdict, "a decision has one outcome");
});
