//! Laws of order, for every scheme and for texts of every kind.

use std::cmp::Ordering;

use palisade_version::{MAX_LENGTH, Requirement, Scheme, Vers, Version, compare, compare_line};
use proptest::prelude::*;

fn scheme() -> impl Strategy<Value = Scheme> {
    proptest::sample::select(Scheme::ALL.to_vec())
}

/// Texts made of what versions are made of.
fn version_like() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "0",
        "1",
        "2",
        "10",
        "01",
        "00",
        "9",
        "007",
        "123456789012345678901",
        ".",
        ".",
        ".",
        "-",
        "-",
        "_",
        "+",
        "~",
        "^",
        ":",
        "!",
        "v",
        "go",
        "a",
        "b",
        "rc",
        "alpha",
        "beta",
        "pre",
        "p",
        "post",
        "dev",
        "final",
        "sp",
        "SNAPSHOT",
        "RC1",
        "-r1",
        "_p2",
        "x",
        "é",
        "2024-01-01T00:00:00Z",
        "-1",
        "1.2.3",
        "1.0",
    ]);
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn orders_are_reflexive_antisymmetric_and_those_of_keys(scheme in scheme(), left in version_like(), right in version_like()) {
        let (Ok(a), Ok(b)) = (Version::parse(scheme, &left), Version::parse(scheme, &right)) else { return Ok(()) };
        prop_assert_eq!(a.cmp(&a), Ordering::Equal);
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.key().cmp(b.key()), a.cmp(&b));
        let again = Version::parse(scheme, a.as_str()).unwrap();
        prop_assert_eq!(again.key(), a.key());
    }

    #[test]
    fn pairs_are_antisymmetric(scheme in scheme(), left in version_like(), right in version_like()) {
        prop_assert_eq!(compare(scheme, &left, &right), compare(scheme, &right, &left).map(Ordering::reverse));
    }

    #[test]
    fn no_key_begins_another_of_the_same_length_of_numbers(scheme in scheme(), text in version_like(), more in "[0-9]{1,3}") {
        // A longer number never hides behind a shorter one: 1.2 and 1.20 differ however the text goes on.
        let (Ok(short), Ok(long)) = (Version::parse(scheme, &format!("1.2{text}")), Version::parse(scheme, &format!("1.2{more}{text}")))
            else { return Ok(()) };
        if scheme != Scheme::Lexicographic && !more.bytes().all(|digit| digit == b'0') && !more.is_empty() {
            prop_assert!(short.key() != long.key(), "{} {}", short.as_str(), long.as_str());
        }
    }

    #[test]
    fn nothing_panics(scheme in scheme(), text in any::<String>(), other in version_like()) {
        let _ = compare_line(scheme, &format!("{text}\t{other}"));
        let range = Requirement::parse(scheme, &text);
        if let (Ok(range), Ok(version)) = (range, Version::parse(scheme, &other)) {
            range.matches(&version);
        }
        if let (Ok(range), Ok(version)) = (Requirement::parse(scheme, &format!(">={other}")), Version::parse(scheme, &other)) {
            range.matches(&version);
        }
        let _ = Vers::from_native(scheme.name(), &text);
        if let Ok(range) = Vers::parse(&text) {
            prop_assert_eq!(Vers::parse(&range.to_string()).unwrap(), range);
        }
    }

    #[test]
    fn ranges_in_common_notation_come_back(scheme in scheme(), versions in proptest::collection::vec(version_like(), 1..5)) {
        let text = format!("vers:{}/>={}", scheme.name(), versions.join("|<"));
        if let Ok(range) = Vers::parse(&text) {
            prop_assert_eq!(&Vers::parse(&range.to_string()).unwrap(), &range);
            if let Ok(canonical) = Vers::parse_canonical(&range.to_string()) {
                prop_assert_eq!(canonical, range);
            }
        }
    }
}

#[test]
fn orders_of_three_are_transitive_for_many_texts() {
    // All texts of three pieces at once: sorting would lie if the order did.
    let pieces = ["", "0", "1", "10", ".", "-", "~", "a", "rc1", "+1", "_p", "final", "sp", "x"];
    for scheme in Scheme::ALL {
        let mut versions: Vec<Version> = Vec::new();
        for first in pieces {
            for second in pieces {
                for third in pieces {
                    versions.extend(Version::parse(scheme, &format!("1{first}{second}{third}")));
                }
            }
        }
        assert!(scheme == Scheme::Datetime || versions.len() > 20, "{scheme}: {}", versions.len());
        versions.sort();
        assert!(versions.windows(2).all(|pair| pair[0].key() <= pair[1].key()), "{scheme}");
    }
}

#[test]
fn length_is_bounded_and_what_cannot_be_compared_is_no_order() {
    let long = "1".repeat(MAX_LENGTH + 1);
    for scheme in Scheme::ALL {
        assert!(Version::parse(scheme, &long).is_err(), "{scheme}");
        assert!(Version::parse(scheme, "").is_err(), "{scheme}");
        assert_eq!(compare_line(scheme, &format!("{long}\t1")), '?', "{scheme}");
        assert_eq!(compare_line(scheme, "1.0"), '?', "{scheme}");
        let nothing = if matches!(scheme, Scheme::Gem | Scheme::Rpm) { '=' } else { '?' };
        assert_eq!(compare_line(scheme, "\t"), nothing, "{scheme}");
    }
    let refused = [
        (Scheme::Npm, "latest"),
        (Scheme::Npm, "1.2.3.4"),
        (Scheme::Cargo, "1..2"),
        (Scheme::Go, "devel go1.22"),
        (Scheme::Pypi, "1.0 beta"),
        (Scheme::Debian, "a:1"),
        (Scheme::Debian, "1.0-"),
        (Scheme::Alpine, "1.0_foo1"),
        (Scheme::Gem, "1.0_1"),
        (Scheme::Cran, "1.0a"),
        (Scheme::Composer, "dev-main"),
        (Scheme::Hackage, "1.0-rc1"),
        (Scheme::Datetime, "2024-02-30T00:00:00Z"),
        (Scheme::Freebsd, "1.*"),
        (Scheme::Conda, "1!2!3"),
        (Scheme::Generic, "unknown"),
    ];
    for (scheme, text) in refused {
        assert!(Version::parse(scheme, text).is_err(), "{scheme} {text}");
        assert!(Version::parse(scheme, "1.0.0").is_ok() || scheme == Scheme::Datetime, "{scheme}");
    }
    assert_eq!(compare_line(Scheme::Npm, "latest\t1.0.0"), '?');
}

#[test]
fn long_numbers_keep_their_order() {
    for scheme in
        Scheme::ALL.into_iter().filter(|scheme| !matches!(scheme, Scheme::Datetime | Scheme::Lexicographic))
    {
        let texts = [
            "9".repeat(191),
            format!("1{}", "0".repeat(191)),
            format!("1{}", "0".repeat(192)),
            format!("2{}", "0".repeat(192)),
            "9".repeat(900),
        ];
        let versions: Vec<Version> =
            texts.iter().map(|text| Version::parse(scheme, &format!("{text}.1")).unwrap()).collect();
        assert!(versions.windows(2).all(|pair| pair[0] < pair[1]), "{scheme}");
    }
}
