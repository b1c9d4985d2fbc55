//! A package address: what is read is written in one form, which reads as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_model::Purl;

fuzz_target!(|text: &str| {
    let Ok(purl) = text.parse::<Purl>() else {
        assert!(Purl::parse_strict(text).is_err(), "the strict reading takes less");
        return;
    };
    let canonical = purl.to_string();
    // Encoding makes three characters of one, and what is too long is not read.
    if canonical.len() <= Purl::LONGEST {
        assert_eq!(canonical.parse(), Ok(purl));
    }
});
