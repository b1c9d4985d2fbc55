//! A range in the common notation: what is read is written and read again, the strict reading takes less, and answers agree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_version::Vers;

fuzz_target!(|text: &str| {
    let (range, version) = text.split_once('\t').unwrap_or((text, "1.0"));
    let strict = Vers::parse_canonical(range);
    if let Ok(strict) = &strict {
        assert_eq!(strict.to_string(), range, "the canonical form is one");
    }
    let Ok(vers) = Vers::parse(range) else { return };
    let written = vers.to_string();
    assert_eq!(Vers::parse(&written).as_ref(), Ok(&vers), "{written}");
    assert_eq!(Vers::parse_canonical(&written).as_ref(), Ok(&vers), "{written}");
    if let Ok(strict) = strict {
        assert_eq!(strict, vers);
    }
    if let Ok(is_in) = vers.contains(version) {
        assert_eq!(Vers::parse(&written).expect("read before").contains(version), Ok(is_in));
    }
});
