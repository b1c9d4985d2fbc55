//! Ranges as packages of an ecosystem write them: which versions a dependent accepts.

mod composer;
mod conan;
mod interval;
mod operator;
mod partial;
mod pypi;

use crate::order::prerelease;
use crate::version::MAX_LENGTH;
use crate::{Comparator, Scheme, Version, VersionError};

pub(crate) use conan::bounds as conan_bounds;
pub(crate) use interval::bounds as interval_bounds;
pub(crate) use operator::{Sign, pessimistic_upper, take_sign};
pub(crate) use partial::{Partial, npm_parts};

/// The most alternatives, and the most conditions of one.
const MAX_PARTS: usize = 256;

/// Why a text is no range of its scheme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequirementError {
    /// It is longer than a version may be, four times over, or has too many parts.
    #[error("the range is too long")]
    TooLong,
    /// A version in it is none.
    #[error("a version of the range cannot be read: {0}")]
    Version(#[from] VersionError),
    /// The scheme knows no such range.
    #[error("`{}` is no {scheme} range: {detail}", text.escape_debug())]
    Malformed {
        /// The scheme.
        scheme: Scheme,
        /// The text.
        text: String,
        /// What is wrong, after a colon.
        detail: &'static str,
    },
}

/// Whether versions before a release are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prereleases {
    /// As their order says.
    Ordered,
    /// Only when a condition beside names one of the same release (npm, Cargo).
    OfNamedRelease,
    /// Only when the range names one somewhere (Python, Hex, Conan).
    Named,
}

/// One condition of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    Bound(Comparator, Version),
    /// A bound that the range does not write but means.
    Implied(Comparator, Version),
    /// Outside of what satisfies all of these.
    Outside(Vec<Self>),
    /// The very text.
    Text(String),
    /// Not the release that this is of: nothing before it for `<` of PEP 440, nothing after it and no build for `>`.
    NotOfRelease(Comparator, Version),
}

/// A range: alternatives of conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    scheme: Scheme,
    alternatives: Vec<Vec<Condition>>,
    prereleases: Prereleases,
}

/// What the grammars give: alternatives of conditions, or what is wrong.
type Parsed = Result<Vec<Vec<Condition>>, Flaw>;

/// A range that cannot be read, before it is known which.
enum Flaw {
    Detail(&'static str),
    Version(VersionError),
}

impl From<&'static str> for Flaw {
    fn from(detail: &'static str) -> Self {
        Self::Detail(detail)
    }
}

impl From<VersionError> for Flaw {
    fn from(error: VersionError) -> Self {
        Self::Version(error)
    }
}

impl Requirement {
    /// Reads a range in the grammar of the scheme's ecosystem; schemes without one of their own have signs with commas or blanks between
    /// them.
    ///
    /// # Errors
    /// It is too long or not in the grammar, or a version in it is none.
    pub fn parse(scheme: Scheme, text: &str) -> Result<Self, RequirementError> {
        if text.len() > 4 * MAX_LENGTH {
            return Err(RequirementError::TooLong);
        }
        let mut prereleases = Prereleases::Ordered;
        let parsed = match scheme {
            Scheme::Npm | Scheme::Cargo => {
                prereleases = Prereleases::OfNamedRelease;
                partial::parse(scheme, text)
            }
            Scheme::Hex => {
                prereleases = Prereleases::Named;
                partial::parse_hex(text)
            }
            Scheme::Pub => partial::parse_pub(text),
            Scheme::Pypi => {
                prereleases = Prereleases::Named;
                pypi::parse(text)
            }
            Scheme::Conan => {
                if !text.contains("include_prerelease") {
                    prereleases = Prereleases::Named;
                }
                conan::parse(text)
            }
            Scheme::Maven | Scheme::Nuget => interval::parse(scheme, text),
            Scheme::Composer => composer::parse(text),
            _ => operator::parse(scheme, text),
        };
        let alternatives = parsed.map_err(|flaw| match flaw {
            Flaw::Detail(detail) => RequirementError::Malformed { scheme, text: text.to_owned(), detail },
            Flaw::Version(error) => RequirementError::Version(error),
        })?;
        if alternatives.len() > MAX_PARTS || alternatives.iter().any(|all| all.len() > MAX_PARTS) {
            return Err(RequirementError::TooLong);
        }
        Ok(Self { scheme, alternatives, prereleases })
    }

    /// Whether a version satisfies it; never one of another scheme.
    pub fn matches(&self, version: &Version) -> bool {
        version.scheme() == self.scheme
            && self.alternatives.iter().any(|all| {
                all.iter().all(|condition| condition.holds(version)) && self.accepts_stage(version, all)
            })
    }

    fn accepts_stage(&self, version: &Version, all: &[Condition]) -> bool {
        let named = |condition: &Condition| match condition {
            Condition::Bound(_, bound) => prerelease(self.scheme, bound.as_str()).map(|(release, _)| release),
            _ => None,
        };
        let Some((release, _)) = prerelease(self.scheme, version.as_str()) else { return true };
        match self.prereleases {
            Prereleases::Ordered => true,
            Prereleases::OfNamedRelease => all.iter().filter_map(named).any(|named| named == release),
            Prereleases::Named => self.alternatives.iter().flatten().any(|condition| match condition {
                Condition::Text(text) => text == version.as_str(),
                _ => named(condition).is_some(),
            }),
        }
    }
}

impl Condition {
    fn holds(&self, version: &Version) -> bool {
        match self {
            Self::Bound(comparator, bound) | Self::Implied(comparator, bound) => {
                comparator.holds(version.cmp(bound))
            }
            Self::Outside(all) => !all.iter().all(|condition| condition.holds(version)),
            Self::Text(text) => version.as_str().eq_ignore_ascii_case(text),
            Self::NotOfRelease(comparator, bound) => {
                !pypi::is_excluded(*comparator, version.as_str(), bound.as_str())
            }
        }
    }
}

fn bound(scheme: Scheme, comparator: Comparator, text: &str) -> Result<Condition, Flaw> {
    Ok(Condition::Bound(comparator, Version::parse(scheme, text)?))
}

fn implied(scheme: Scheme, comparator: Comparator, text: &str) -> Result<Condition, Flaw> {
    Ok(Condition::Implied(comparator, Version::parse(scheme, text)?))
}
