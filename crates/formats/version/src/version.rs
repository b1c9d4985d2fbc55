use std::cmp::Ordering;

use crate::Scheme;
use crate::key::Key;
use crate::order;
use crate::scan::{is_number, take, take_digits, take_dotted};

/// The most bytes that a version may have.
pub const MAX_LENGTH: usize = 1024;

/// Why a text has no place in the order of its scheme. To a caller that means: not known, never "not affected".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// There is nothing.
    #[error("the version is empty")]
    Empty,
    /// It is longer than [`MAX_LENGTH`].
    #[error("the version has {length} bytes, the most is {MAX_LENGTH}")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// The scheme knows no such version.
    #[error("`{}` is no {scheme} version: {detail}", text.escape_debug())]
    Malformed {
        /// The scheme it was read by.
        scheme: Scheme,
        /// The text.
        text: String,
        /// What is wrong, after a colon.
        detail: &'static str,
    },
}

/// A version that has a place in the order of its scheme.
///
/// Two versions are equal when the order says so, whatever their texts: `1.0` and `1.0.0` of Python are.
#[derive(Debug, Clone)]
pub struct Version {
    scheme: Scheme,
    text: String,
    key: Vec<u8>,
    conforms: bool,
}

impl Version {
    /// Reads a version.
    ///
    /// # Errors
    /// It is empty, too long, or its ecosystem gives it no place among the others.
    pub fn parse(scheme: Scheme, text: &str) -> Result<Self, VersionError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(VersionError::Empty);
        }
        if text.len() > MAX_LENGTH {
            return Err(VersionError::TooLong { length: text.len() });
        }
        let mut key = Key::default();
        let conforms = order::encode(scheme, text, &mut key).map_err(|detail| VersionError::Malformed {
            scheme,
            text: text.to_owned(),
            detail,
        })?;
        Ok(Self { scheme, text: text.to_owned(), key: key.into_bytes(), conforms })
    }

    /// The scheme it was read by.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The text without blanks around it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Bytes whose order is the order of the scheme's versions; nothing can be said of keys of different schemes. Stable as long as
    /// [`KEY_FORMAT`] is.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// The key alone, taken out.
    pub fn into_key(self) -> Vec<u8> {
        self.key
    }

    /// Whether the ecosystem's own tool of today takes the version as it is written. If not, its place is a convention: older tools
    /// or other scanners gave it.
    pub const fn conforms(&self) -> bool {
        self.conforms
    }

    /// How many leading numbers of the release both versions share; none when their epochs differ. With `2.1.4`, `2.1.9` shares two
    /// and `2.7` shares one. More is closer: the smallest change is to a version that shares the most.
    pub fn same_branch(&self, other: &Self) -> u8 {
        let ((own_epoch, own), (epoch, numbers)) = (self.release(), other.release());
        if own_epoch != epoch {
            return 0;
        }
        let shared = own.iter().zip(&numbers).take_while(|(own, other)| own == other).count();
        u8::try_from(shared).unwrap_or(u8::MAX)
    }

    /// The epoch and the leading numbers, without leading zeros.
    fn release(&self) -> (&str, Vec<&str>) {
        let mut rest = self.text.as_str();
        let _ = take(&mut rest, "go") || take(&mut rest, "v") || take(&mut rest, "V");
        let mut after = rest;
        let digits = take_digits(&mut after);
        let epoch = if is_number(digits) && (take(&mut after, ":") || take(&mut after, "!")) {
            rest = after;
            digits
        } else {
            ""
        };
        let numbers =
            take_dotted(&mut rest).into_iter().map(|number| number.trim_start_matches('0')).collect();
        (epoch.trim_start_matches('0'), numbers)
    }
}

/// The format of keys. It is raised with every change after which a version may have another key.
pub const KEY_FORMAT: u32 = 2;

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    /// The order of the scheme; versions of different schemes are ordered by their schemes, which means nothing.
    fn cmp(&self, other: &Self) -> Ordering {
        self.scheme.cmp(&other.scheme).then_with(|| self.key.cmp(&other.key))
    }
}

/// How two versions stand to each other, by the order that public data sets expect; none when nothing can be said.
///
/// It is the order of [`Version`] but where that would differ from what the ecosystem's tool says of two texts as they are and no order
/// of all versions would allow it: Alpine's malformed versions, pacman's versions without release, PHP's `version_compare` (1.0 < 1.0.0),
/// Conan's words beside numbers, Maven's documented order, and nothing at all where the tool takes that for a version. The same text is equal to itself.
pub fn compare(scheme: Scheme, left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (left.trim(), right.trim());
    let good = |text: &str| text.len() <= MAX_LENGTH && !text.chars().any(char::is_control);
    if !good(left) || !good(right) {
        return None;
    }
    if left.is_empty() || right.is_empty() {
        return order::compare_with_nothing(scheme, left, right);
    }
    if left == right {
        return Some(Ordering::Equal);
    }
    order::compare_pair(scheme, left, right)
        .or_else(|| Some(Version::parse(scheme, left).ok()?.cmp(&Version::parse(scheme, right).ok()?)))
}

/// Compares the two versions of a line, with a tab between them: `<`, `=`, `>`, or `?` when nothing can be said.
pub fn compare_line(scheme: Scheme, line: &str) -> char {
    let order = line.trim_end_matches(['\r', '\n']).split_once('\t');
    match order.and_then(|(left, right)| compare(scheme, left, right)) {
        Some(Ordering::Less) => '<',
        Some(Ordering::Equal) => '=',
        Some(Ordering::Greater) => '>',
        None => '?',
    }
}

/// Versions sorted, equal ones in the order they came in, and the texts that are none.
pub fn sort<'a>(
    scheme: Scheme,
    texts: impl IntoIterator<Item = &'a str>,
) -> (Vec<Version>, Vec<VersionError>) {
    let (mut versions, mut errors) = (Vec::new(), Vec::new());
    for text in texts {
        match Version::parse(scheme, text) {
            Ok(version) => versions.push(version),
            Err(error) => errors.push(error),
        }
    }
    versions.sort();
    (versions, errors)
}
