use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where an entry lies below the root of a tree: bytes, because file names need not be UTF-8. Parts are joined by `/`; there is no
/// leading `/`, no empty part, no `.` and no `..`, so joining it to a root stays inside the root as far as names can tell.
///
/// As text (Display, JSON) it is injective and safe to print: `\` is `\\`, control characters and bytes that are not UTF-8 are
/// `\xNN`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(Vec<u8>);

/// Bytes or text that are not a path below a root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Empty, absolute, or with an empty, `.` or `..` part, or a NUL byte.
    #[error("not a relative path without empty, `.` or `..` parts")]
    NotRelative,
    /// A `\` in the text form that starts no escape.
    #[error("bad escape in path: `\\` must be followed by `\\` or `xNN`")]
    BadEscape,
}

impl RepoPath {
    /// Checks and takes over raw bytes.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self, PathError> {
        let bytes = bytes.into();
        let bad = |part: &[u8]| matches!(part, b"" | b"." | b"..") || part.contains(&0);
        if bytes.split(|byte| *byte == b'/').any(bad) {
            return Err(PathError::NotRelative);
        }
        Ok(Self(bytes))
    }

    /// The raw bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The last part.
    pub fn file_name(&self) -> &[u8] {
        self.0.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for character in chunk.valid().chars() {
                match character {
                    '\\' => f.write_str("\\\\")?,
                    c if c.is_ascii_control() => write!(f, "\\x{:02x}", u32::from(c))?,
                    c if is_unprintable(c) => escape_utf8(f, c)?,
                    c => write!(f, "{c}")?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

/// Whether a terminal or an editor could be misled by `c`: control characters and those that change the direction of text
/// (CVE-2021-42574).
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
}

/// The character as it may be shown: U+FFFD in the place of one that [`is_unprintable`].
pub fn printable(c: char) -> char {
    if is_unprintable(c) { char::REPLACEMENT_CHARACTER } else { c }
}

fn escape_utf8(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    c.encode_utf8(&mut [0; 4]).bytes().try_for_each(|byte| write!(f, "\\x{byte:02x}"))
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RepoPath({self})")
    }
}

impl FromStr for RepoPath {
    type Err = PathError;

    /// Reads the text form.
    fn from_str(text: &str) -> Result<Self, PathError> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let Some((byte, tail)) = rest.split_first() {
            rest = match (byte, tail) {
                (b'\\', [b'\\', tail @ ..]) => {
                    bytes.push(b'\\');
                    tail
                }
                (b'\\', [b'x', high, low, tail @ ..]) => {
                    bytes.push(hex_byte(*high, *low).ok_or(PathError::BadEscape)?);
                    tail
                }
                (b'\\', _) => return Err(PathError::BadEscape),
                (byte, tail) => {
                    bytes.push(*byte);
                    tail
                }
            };
        }
        Self::from_bytes(bytes)
    }
}

fn hex_byte(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

impl Serialize for RepoPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RepoPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_what_leaves_the_root() {
        for bad in ["", "/a", "a//b", "a/", "./a", "a/..", "..", "a\0b"] {
            assert_eq!(RepoPath::from_bytes(bad), Err(PathError::NotRelative), "{bad:?}");
        }
    }

    #[test]
    fn text_form_shows_no_control_or_direction_characters() {
        let path = RepoPath::from_bytes(b"a\x1b[31m\\\xff\xe2\x80\xaeb".to_vec()).unwrap();
        assert_eq!(path.to_string(), "a\\x1b[31m\\\\\\xff\\xe2\\x80\\xaeb");
    }

    proptest! {
        #[test]
        fn text_form_round_trips(bytes in proptest::collection::vec(any::<u8>(), 1..40)) {
            if let Ok(path) = RepoPath::from_bytes(bytes) {
                prop_assert_eq!(path.to_string().parse::<RepoPath>(), Ok(path));
            }
        }
    }
}
