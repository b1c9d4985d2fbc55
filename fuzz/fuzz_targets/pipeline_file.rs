//! A pipeline file: parsed, and what parses is compiled under the embedded policy.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_config::{Parsed, PipelineFile};
use palisade_model::{Digest, Level};
use palisade_pipeline::{Policy, compile};

fuzz_target!(|bytes: &[u8]| {
    let Parsed { value, problems } = PipelineFile::parse(bytes);
    let refused = problems.iter().any(|problem| problem.level == Level::Error);
    assert_eq!(value.is_none(), refused, "a value exactly when nothing is an error");
    for problem in &problems {
        assert!(problem.span.start <= problem.span.end && problem.span.end <= bytes.len(), "{problem:?}");
    }
    let Some(file) = value else { return };
    let plan = compile(&file, Digest::of(bytes), &Policy::default());
    if let Some(plan) = plan.value {
        assert!(plan.mandatory.contains("scan:secrets"), "the mandatory scan is lost");
        let digest = plan.digest().expect("a plan has a canonical form");
        let again =
            compile(&file, Digest::of(bytes), &Policy::default()).value.expect("compiled a moment ago");
        assert_eq!(digest, again.digest().expect("a plan has a canonical form"));
    }
});
