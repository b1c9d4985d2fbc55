//! The words against what others say of them.

#![cfg(test)]

mod vectors;

use palisade_model::{Purl, PurlError};
use proptest::prelude::*;

fn purl(text: &str) -> Purl {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn addresses_of_other_tools_are_read() {
    for (text, canonical) in [
        ("PKG:npm/foo@1", "pkg:npm/foo@1"),
        ("pkg:npm/%40babel%2Fcore@7.0.0", "pkg:npm/%40babel/core@7.0.0"),
        ("pkg:npm/@babel/core@7.0.0", "pkg:npm/%40babel/core@7.0.0"),
        ("pkg:golang/github.com%2FBurntSushi%2Ftoml@v1.0.0", "pkg:golang/github.com/BurntSushi/toml@v1.0.0"),
        ("pkg:golang/stdlib@1.22.0", "pkg:golang/stdlib@1.22.0"),
        ("pkg:deb/curl@8.0", "pkg:deb/curl@8.0"),
        ("pkg:generic/x@feature/one?a=b?c", "pkg:generic/x@feature%2Fone?a=b%3Fc"),
        ("pkg:generic//a///b//x@1#./../a//b/", "pkg:generic/a/b/x@1#a/b"),
        ("pkg:pypi/Zope.Interface_x", "pkg:pypi/zope.interface-x"),
        ("pkg:generic/x?a=&B=c", "pkg:generic/x?b=c"),
        ("pkg:generic/%E4%BD%A0", "pkg:generic/%E4%BD%A0"),
        ("pkg:generic/a%00b%2Fc", "pkg:generic/a%00b%2Fc"),
        ("pkg:git/host/a/b/c", "pkg:git/host/a/b/c"),
        ("pkg:git/host/a%2F%2Fb", "pkg:git/host/a/b"),
        ("pkg:npm/%40a%2F%2Fb", "pkg:npm/%40a/b"),
    ] {
        assert_eq!(purl(text).to_string(), canonical, "{text}");
        assert_eq!(purl(canonical), purl(text), "{text}");
    }
}

#[test]
fn broken_addresses_are_refused() {
    for (text, error) in [
        ("", PurlError::Scheme),
        ("npm:foo", PurlError::Scheme),
        ("pkg:npm", PurlError::Type),
        ("pkg:npm/", PurlError::Name),
        ("pkg:n%70m/foo", PurlError::Type),
        ("pkg:npm/%zz", PurlError::Encoding),
        ("pkg:npm/%4", PurlError::Encoding),
        ("pkg:npm/%ff", PurlError::Encoding),
        ("pkg:npm/a?b", PurlError::Qualifiers),
        ("pkg:npm/a?=b", PurlError::Qualifiers),
        ("pkg:npm/a?1=b", PurlError::Qualifiers),
        ("pkg:npm/a?b=1&B=2", PurlError::Qualifiers),
        ("pkg:npm/a#b%2Fc", PurlError::Subpath),
        ("pkg:cargo/a/b", PurlError::NamespaceProhibited),
        ("pkg:composer/b", PurlError::NamespaceMissing),
        ("pkg:swid/a", PurlError::QualifierMissing("tag_id")),
    ] {
        assert_eq!(text.parse::<Purl>(), Err(error), "{text}");
    }
    let long = format!("pkg:npm/{}", "a".repeat(Purl::LONGEST));
    assert_eq!(long.parse::<Purl>(), Err(PurlError::TooLong));
}

#[test]
fn qualifiers_and_versions_change() {
    let one = purl("pkg:npm/a@1").with_qualifier("Arch", "x").with_qualifier("no key", "x");
    assert_eq!(one.to_string(), "pkg:npm/a@1?arch=x");
    assert_eq!(one.clone().with_qualifier("ARCH", "").to_string(), "pkg:npm/a@1");
    assert_eq!(one.with_version(None).unwrap().to_string(), "pkg:npm/a?arch=x");
    assert_eq!(one.with_version(Some("2")).unwrap().to_string(), "pkg:npm/a@2?arch=x");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn what_is_written_reads_back(
        kind in "(npm|pypi|golang|git|oci|maven|deb|pub|generic|cpan|x.y-z)",
        namespace in proptest::option::of("\\PC{0,6}(/\\PC{0,4})?"),
        name in "\\PC{1,8}",
        version in proptest::option::of("\\PC{0,8}"),
        value in "\\PC{0,8}",
        subpath in "\\PC{0,8}",
    ) {
        if let Ok(purl) = Purl::new(&kind, namespace.as_deref(), &name, version.as_deref()) {
            let purl = purl.with_qualifier("arch", &value).with_subpath(&subpath);
            let text = purl.to_string();
            prop_assert!(text.is_ascii());
            prop_assert_eq!(text.parse::<Purl>(), Ok(purl), "{}", text);
        }
    }

    #[test]
    fn no_text_breaks_reading(text in "(pkg:)?[a-z/@?#&=%:.A-Z0-9 é]{0,40}") {
        if let Ok(purl) = text.parse::<Purl>() {
            prop_assert_eq!(purl.to_string().parse::<Purl>(), Ok(purl));
        }
    }
}
