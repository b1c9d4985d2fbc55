//! One module for each way of ordering: text in, key out. Each `encode` tells whether the ecosystem's own tool takes such a version as
//! it is written, or why it has no place in the order.

mod alpine;
mod alpm;
mod composer;
mod conan;
mod conda;
mod datetime;
mod debian;
mod dotted;
mod freebsd;
mod gem;
mod generic;
mod gentoo;
mod maven;
mod openssl;
mod pep440;
mod php;
mod rpm;
mod semver;

use std::cmp::Ordering;

use crate::Scheme;
use crate::key::Key;

pub(crate) use pep440::parse as pep440_parts;

/// Whether the ecosystem's own tool takes the version as written, or what is wrong with it.
pub(crate) type Encoded = Result<bool, &'static str>;

pub(crate) fn encode(scheme: Scheme, text: &str, key: &mut Key) -> Encoded {
    match scheme {
        Scheme::Semver
        | Scheme::Npm
        | Scheme::Cargo
        | Scheme::Go
        | Scheme::Hex
        | Scheme::Pub
        | Scheme::Swift
        | Scheme::Julia
        | Scheme::Bitnami
        | Scheme::Nuget => semver::encode(scheme, text, key),
        Scheme::Pypi => pep440::encode(text, key),
        Scheme::Maven => maven::encode(text, key),
        Scheme::Gem => gem::encode(text, key),
        Scheme::Composer => composer::encode(text, key),
        Scheme::Debian => debian::encode(text, key),
        Scheme::Opam => debian::encode_opam(text, key),
        Scheme::Rpm => rpm::encode(text, key),
        Scheme::Alpine => alpine::encode(text, key),
        Scheme::Alpm => alpm::encode(text, key),
        Scheme::Gentoo => gentoo::encode(text, key),
        Scheme::Conan => conan::encode(text, key),
        Scheme::Conda => conda::encode(text, key),
        Scheme::Cran => dotted::encode_cran(text, key),
        Scheme::Hackage => dotted::encode_hackage(text, key),
        Scheme::Nginx | Scheme::Intdot => dotted::encode_padded(text, key),
        Scheme::Freebsd => freebsd::encode(text, key),
        Scheme::Openssl => openssl::encode(text, key),
        Scheme::Datetime => datetime::encode(text, key),
        Scheme::Lexicographic => {
            key.text(text);
            Ok(true)
        }
        Scheme::Generic => generic::encode(text, key),
    }
}

/// How a scheme answers about two texts where that is no order of all versions; none where it is.
pub(crate) fn compare_pair(scheme: Scheme, left: &str, right: &str) -> Option<Ordering> {
    match scheme {
        Scheme::Alpine => alpine::compare_malformed(left, right),
        Scheme::Alpm => alpm::compare(left, right),
        Scheme::Conan => conan::compare(left, right),
        Scheme::Composer => Some(php::compare(left, right)),
        Scheme::Maven => Some(maven::compare_documented(left, right)),
        _ => None,
    }
}

/// How a scheme answers where one text or both are empty: rpm puts nothing below all that has a segment, to RubyGems nothing is zero. No
/// other tool has an answer.
pub(crate) fn compare_with_nothing(scheme: Scheme, left: &str, right: &str) -> Option<Ordering> {
    let nothing = match scheme {
        Scheme::Rpm => ".",
        Scheme::Gem => "0",
        _ => return None,
    };
    let key_of = |text: &str| {
        let mut key = Key::default();
        encode(scheme, if text.is_empty() { nothing } else { text }, &mut key).ok()?;
        Some(key.into_bytes())
    };
    Some(key_of(left)?.cmp(&key_of(right)?))
}

/// The release that a version comes before, and the version's label; none for what is no pre-release.
pub(crate) fn prerelease(scheme: Scheme, text: &str) -> Option<(String, String)> {
    match scheme {
        Scheme::Pypi => {
            let lower = text.to_ascii_lowercase();
            let parts = pep440::parse(&lower)?;
            (parts.pre.is_some() || parts.dev.is_some()).then(|| (parts.release.join("."), lower.clone()))
        }
        Scheme::Conan => text.split_once('-').map(|(release, label)| (release.to_owned(), label.to_owned())),
        _ => semver::prerelease(text),
    }
}
