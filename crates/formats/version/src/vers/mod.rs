//! VERS, the notation of version ranges that goes with package addresses: `vers:npm/>=1.0.0|<2.0.0`.

mod native;

use std::fmt;

use crate::version::MAX_LENGTH;
use crate::{Comparator, RequirementError, Scheme, Version, VersionError};

/// The most constraints of one range.
const MAX_CONSTRAINTS: usize = 4096;

/// Why a text is no range, or a range cannot answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersError {
    /// It does not begin with `vers:`, a scheme and a slash.
    #[error("a range begins with `vers:`, a scheme in lower case and a slash")]
    Prefix,
    /// It has more constraints than anyone needs.
    #[error("the range has too many constraints")]
    TooLong,
    /// There are blanks.
    #[error("whitespace is not permitted")]
    Whitespace,
    /// A pipe at the beginning, at the end or beside another one.
    #[error("a pipe stands between two constraints only")]
    Pipe,
    /// A constraint without a version, or `*` beside others.
    #[error("a constraint has no version, or `*` is not alone")]
    Constraint,
    /// A percent sign without two hexadecimal digits, or bytes that are no UTF-8.
    #[error("the percent-encoding of a version is broken")]
    Encoding,
    /// A version is written otherwise than its canonical form.
    #[error("a version is not written in canonical form")]
    Spelling,
    /// Constraints are not in the order of their versions.
    #[error("constraints are not sorted by version")]
    Order,
    /// Versions of the scheme have no order here.
    #[error("the scheme `{}` is unknown", .0.escape_debug())]
    UnknownScheme(String),
    /// A version has no place in the order.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// A native range cannot be read.
    #[error(transparent)]
    Native(#[from] RequirementError),
}

/// One constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// How a version has to stand to the one here.
    pub comparator: Comparator,
    /// The version, decoded.
    pub version: String,
}

/// A range of versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vers {
    scheme: String,
    /// None for `*`.
    constraints: Option<Vec<Constraint>>,
}

impl Vers {
    /// Reads a range and brings it into canonical form: blanks and spare pipes are left out, constraints sorted by version.
    ///
    /// # Errors
    /// It is no range, or versions cannot be sorted.
    pub fn parse(text: &str) -> Result<Self, VersError> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (scheme, rest) = split(&text)?;
        let scheme = scheme.to_ascii_lowercase();
        if rest == "*" {
            return Ok(Self { scheme, constraints: None });
        }
        let parts: Vec<&str> = rest.split('|').filter(|part| !part.is_empty()).collect();
        if parts.is_empty() {
            return Err(VersError::Constraint);
        }
        let mut constraints = constraints(&parts)?;
        if scheme == "datetime" {
            constraints.iter_mut().for_each(|constraint| constraint.version.make_ascii_uppercase());
        }
        Self { scheme, constraints: Some(constraints) }.sorted()
    }

    /// Reads a range that has to be in canonical form already.
    ///
    /// # Errors
    /// It is no range or not in canonical form. Versions that the scheme gives no place are taken as they are.
    pub fn parse_canonical(text: &str) -> Result<Self, VersError> {
        if text.contains(char::is_whitespace) {
            return Err(VersError::Whitespace);
        }
        let (scheme, rest) = split(text)?;
        if scheme.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(VersError::Prefix);
        }
        if rest == "*" {
            return Ok(Self { scheme: scheme.to_owned(), constraints: None });
        }
        let parts: Vec<&str> = rest.split('|').collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err(if rest.is_empty() { VersError::Constraint } else { VersError::Pipe });
        }
        let range = Self { scheme: scheme.to_owned(), constraints: Some(constraints(&parts)?) };
        if scheme == "datetime" && rest.contains(['t', 'z']) {
            return Err(VersError::Spelling);
        }
        match range.clone().sorted() {
            Ok(sorted) if sorted != range => return Err(VersError::Order),
            _ => {}
        }
        if range.to_string() != text { Err(VersError::Spelling) } else { Ok(range) }
    }

    /// The same range in this notation; the scheme is named as VERS names it.
    ///
    /// Versions that a wildcard or a missing number leaves open are filled with zeros. The result can be wider than the native range
    /// where only that knows of pre-releases; whoever asks which versions a dependent accepts uses [`crate::Requirement`].
    ///
    /// # Errors
    /// The range is none of the scheme's, or a version in it is none.
    pub fn from_native(scheme: &str, text: &str) -> Result<Self, VersError> {
        let known =
            Scheme::of_purl_type(scheme).ok_or_else(|| VersError::UnknownScheme(scheme.to_owned()))?;
        if text.len() > 4 * MAX_LENGTH {
            return Err(VersError::TooLong);
        }
        let constraints = native::constraints(known, text)?;
        let bare = |constraint: &Constraint| matches!(constraint.version.as_str(), "" | "*");
        if constraints.iter().flatten().any(bare) {
            return Err(VersError::Constraint);
        }
        Self { scheme: scheme.to_owned(), constraints }.sorted()
    }

    /// The name of the scheme.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The constraints in order; none for `*`.
    pub fn constraints(&self) -> Option<&[Constraint]> {
        self.constraints.as_deref()
    }

    /// Whether a version is in the range.
    ///
    /// # Errors
    /// The scheme has no order here, or a version has no place in it: that is no "no".
    pub fn contains(&self, version: &str) -> Result<bool, VersError> {
        let scheme = Scheme::of_purl_type(&self.scheme)
            .ok_or_else(|| VersError::UnknownScheme(self.scheme.clone()))?;
        let version = Version::parse(scheme, version)?;
        let Some(constraints) = &self.constraints else { return Ok(true) };
        let mut bounds: Vec<(Comparator, Version)> = Vec::new();
        for constraint in constraints {
            let bound = Version::parse(scheme, &constraint.version)?;
            let equal = version == bound;
            match constraint.comparator {
                Comparator::Equal if equal => return Ok(true),
                Comparator::NotEqual if equal => return Ok(false),
                Comparator::Equal | Comparator::NotEqual => {}
                comparator => bounds.push((comparator, bound)),
            }
        }
        if bounds.is_empty() {
            return Ok(constraints.iter().all(|constraint| constraint.comparator == Comparator::NotEqual));
        }
        Ok(within(&bounds, &version))
    }

    fn sorted(mut self) -> Result<Self, VersError> {
        if let (Some(constraints), Some(scheme)) = (&mut self.constraints, Scheme::of_purl_type(&self.scheme))
        {
            let mut keyed = Vec::with_capacity(constraints.len());
            for constraint in constraints.drain(..) {
                keyed.push((Version::parse(scheme, &constraint.version)?, constraint));
            }
            // What ends at a version stands before what begins there.
            let begins = |constraint: &Constraint| is_lower(constraint.comparator);
            keyed.sort_by(|left, right| {
                left.0.cmp(&right.0).then_with(|| begins(&left.1).cmp(&begins(&right.1)))
            });
            constraints.extend(keyed.into_iter().map(|(_, constraint)| constraint));
        }
        Ok(self)
    }
}

/// Whether sorted bounds, read from the lowest as beginnings and ends of intervals, hold a version. Of several beginnings in a row the
/// first counts, of several ends the last.
fn within(bounds: &[(Comparator, Version)], version: &Version) -> bool {
    let is_lower =
        |comparator: Comparator| matches!(comparator, Comparator::Greater | Comparator::GreaterOrEqual);
    let mut lower: Option<&(Comparator, Version)> = None;
    let mut place = 0;
    while let Some(bound) = bounds.get(place) {
        place += 1;
        if is_lower(bound.0) {
            lower = lower.or(Some(bound));
            continue;
        }
        let ends_here = bounds.get(place).is_none_or(|next| is_lower(next.0));
        if ends_here {
            let above = lower.take().is_none_or(|(comparator, lower)| comparator.holds(version.cmp(lower)));
            if above && bound.0.holds(version.cmp(&bound.1)) {
                return true;
            }
        }
    }
    lower.is_some_and(|(comparator, lower)| comparator.holds(version.cmp(lower)))
}

const fn is_lower(comparator: Comparator) -> bool {
    matches!(comparator, Comparator::Greater | Comparator::GreaterOrEqual)
}

fn split(text: &str) -> Result<(&str, &str), VersError> {
    let (scheme, rest) =
        text.strip_prefix("vers:").and_then(|rest| rest.split_once('/')).ok_or(VersError::Prefix)?;
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b".-+".contains(&byte);
    if scheme.is_empty() || !scheme.bytes().all(good) {
        return Err(VersError::Prefix);
    }
    Ok((scheme, rest))
}

fn constraints(parts: &[&str]) -> Result<Vec<Constraint>, VersError> {
    if parts.len() > MAX_CONSTRAINTS {
        return Err(VersError::TooLong);
    }
    parts.iter().map(|part| constraint(part)).collect()
}

fn constraint(part: &str) -> Result<Constraint, VersError> {
    const SIGNS: [Comparator; 6] = [
        Comparator::GreaterOrEqual,
        Comparator::LessOrEqual,
        Comparator::NotEqual,
        Comparator::Less,
        Comparator::Greater,
        Comparator::Equal,
    ];
    let signed =
        SIGNS.iter().find_map(|comparator| Some((*comparator, part.strip_prefix(comparator.sign())?)));
    let (comparator, version) = signed.unwrap_or((Comparator::Equal, part));
    let version = decoded(version)?;
    if version.is_empty() || version == "*" {
        return Err(VersError::Constraint);
    }
    Ok(Constraint { comparator, version })
}

fn decoded(text: &str) -> Result<String, VersError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit =
            || rest.next().and_then(|byte| char::from(byte).to_digit(16)).ok_or(VersError::Encoding);
        let value = digit()? * 16 + digit()?;
        bytes.push(u8::try_from(value).map_err(|_| VersError::Encoding)?);
    }
    String::from_utf8(bytes).map_err(|_| VersError::Encoding)
}

impl fmt::Display for Vers {
    /// The canonical form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vers:{}/", self.scheme)?;
        let Some(constraints) = &self.constraints else { return f.write_str("*") };
        for (place, constraint) in constraints.iter().enumerate() {
            if place > 0 {
                f.write_str("|")?;
            }
            if constraint.comparator != Comparator::Equal {
                f.write_str(constraint.comparator.sign())?;
            }
            for byte in constraint.version.bytes() {
                if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
                    write!(f, "{}", char::from(byte))?;
                } else {
                    write!(f, "%{byte:02X}")?;
                }
            }
        }
        Ok(())
    }
}
