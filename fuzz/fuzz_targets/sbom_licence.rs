//! A licence as somebody declares it: what is understood is written as an expression that reads as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_sbom::licence::{Expression, Judgement, judge};

fuzz_target!(|text: &str| {
    let Ok(expression) = Expression::of_declared(text) else {
        assert!(Expression::parse(text).is_err(), "an expression is understood");
        return;
    };
    assert_eq!(Expression::parse(&expression.to_string()).as_ref(), Ok(&expression));
    assert_eq!(judge(&expression, &[], &[]), Judgement::Allowed);
    let denied: Vec<String> = expression.licences().iter().map(|licence| licence.id().to_owned()).collect();
    assert!(matches!(judge(&expression, &[], &denied), Judgement::Denied(_)));
});
