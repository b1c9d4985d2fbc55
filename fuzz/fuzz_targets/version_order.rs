//! Three versions of any scheme, which the first word names: orders agree with keys, with each other the other way round, and with a third.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_version::{Scheme, Version, compare, compare_line, sort};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (name, text) = text.split_once(' ').unwrap_or(("", text));
    let scheme = Scheme::from_name(name).unwrap_or(Scheme::ALL[text.len() % Scheme::ALL.len()]);
    let (left, right) = text.split_once('\t').unwrap_or((text, "1.0"));
    let (right, third) = right.split_once('\t').unwrap_or((right, "1.0-1"));
    assert_eq!(compare(scheme, left, right), compare(scheme, right, left).map(std::cmp::Ordering::reverse));
    let sign = compare_line(scheme, &format!("{left}\t{right}"));
    assert_eq!(sign == '=', compare(scheme, left, right) == Some(std::cmp::Ordering::Equal));
    if let (Ok(left), Ok(right)) = (Version::parse(scheme, left), Version::parse(scheme, right)) {
        assert_eq!(left.cmp(&right), left.key().cmp(right.key()));
        assert_eq!(left.same_branch(&right), right.same_branch(&left));
    }
    let (sorted, errors) = sort(scheme, [left, right, third]);
    assert_eq!(sorted.len() + errors.len(), 3);
    assert!(sorted.is_sorted_by_key(Version::key));
    let (again, _) = sort(scheme, [third, right, left]);
    assert!(sorted.iter().map(Version::key).eq(again.iter().map(Version::key)), "the order is one");
});
