//! VERS by its specification.

use palisade_version::{Vers, VersError};

#[test]
fn the_specifications_examples_answer() {
    // The specification's example and its explanation.
    let range = Vers::parse("vers:npm/1.2.3|>=2.0.0|<5.0.0").unwrap();
    for (version, expected) in
        [("1.2.3", true), ("1.2.4", false), ("2.0.0", true), ("4.9.9", true), ("5.0.0", false)]
    {
        assert_eq!(range.contains(version), Ok(expected), "{version}");
    }
    let range = Vers::parse("vers:pypi/!=1.5").unwrap();
    assert_eq!((range.contains("1.5.0"), range.contains("2")), (Ok(false), Ok(true)));
    assert_eq!(Vers::parse("vers:deb/*").unwrap().contains("1:2-3"), Ok(true));
    // Several beginnings in a row are one.
    let range = Vers::parse("vers:pypi/>1|>=2|<3|<=4|>6").unwrap();
    for (version, expected) in [("1", false), ("1.5", true), ("4", true), ("5", false), ("7", true)] {
        assert_eq!(range.contains(version), Ok(expected), "{version}");
    }
}

#[test]
fn canonical_form_is_sorted_and_encoded() {
    let range = Vers::parse(" vers:PyPI/ <2.0 | >= 1!1.0 | | 1.0+x").unwrap();
    assert_eq!(range.to_string(), "vers:pypi/1.0%2Bx|<2.0|>=1%211.0");
    assert_eq!(Vers::parse_canonical(&range.to_string()), Ok(range));
    let moment = Vers::parse("vers:datetime/>=2026-01-01t00:00:00z").unwrap();
    assert_eq!(moment.to_string(), "vers:datetime/>=2026-01-01T00:00:00Z");
    assert_eq!(Vers::parse_canonical(&moment.to_string()), Ok(moment));
    assert_eq!(Vers::parse_canonical("vers:pypi/2.0|1.0"), Err(VersError::Order));
    assert_eq!(Vers::parse_canonical("vers:pypi/=1.0"), Err(VersError::Spelling));
    assert_eq!(Vers::parse_canonical("vers:pypi/1.0|*"), Err(VersError::Constraint));
    assert_eq!(Vers::parse("vers:pypi/"), Err(VersError::Constraint));
    assert_eq!(Vers::parse("pypi/1.0"), Err(VersError::Prefix));
}

#[test]
fn what_cannot_be_compared_is_no_answer() {
    assert!(matches!(
        Vers::parse("vers:npm/>=1.0.0").unwrap().contains("latest"),
        Err(VersError::Version(_))
    ));
    assert!(matches!(
        Vers::parse("vers:none-such/>=1.0.0").unwrap().contains("1.0.0"),
        Err(VersError::UnknownScheme(_))
    ));
    assert!(Vers::from_native("pypi", "1.0 beta").is_err());
}
