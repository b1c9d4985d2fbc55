//! Two versions and a range of any scheme: orders agree with keys and with each other the other way round, ranges read back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_version::{Requirement, Scheme, Vers, Version, compare};

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let Some(scheme) = Scheme::ALL.get(usize::from(*first) % Scheme::ALL.len()).copied() else { return };
    let (left, right) = text.split_once('\t').unwrap_or((text, "1.0"));
    assert_eq!(compare(scheme, left, right), compare(scheme, right, left).map(std::cmp::Ordering::reverse));
    if let (Ok(left), Ok(right)) = (Version::parse(scheme, left), Version::parse(scheme, right)) {
        assert_eq!(left.cmp(&right), left.key().cmp(right.key()));
        assert_eq!(left.same_branch(&right), right.same_branch(&left));
        if let Ok(range) = Requirement::parse(scheme, right.as_str()) {
            range.matches(&left);
        }
    }
    for range in [Vers::parse(left), Vers::from_native(scheme.name(), left)].into_iter().flatten() {
        if range.constraints().is_none_or(|constraints| !constraints.is_empty()) {
            assert_eq!(Vers::parse(&range.to_string()).as_ref(), Ok(&range));
        }
        let _ = range.contains(right);
    }
});
