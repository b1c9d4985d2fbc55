use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A CVE identifier: a year and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cve {
    year: u16,
    /// Below 2^48.
    number: u64,
}

/// A text is no CVE identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is no CVE identifier")]
pub struct CveError;

impl Cve {
    /// One number that orders as the identifiers do.
    pub(crate) const fn packed(self) -> u64 {
        (self.year as u64) << 48 | self.number
    }

    pub(crate) const fn unpacked(packed: u64) -> Self {
        Self { year: (packed >> 48) as u16, number: packed & ((1 << 48) - 1) }
    }
}

impl FromStr for Cve {
    type Err = CveError;

    fn from_str(text: &str) -> Result<Self, CveError> {
        let (year, number) =
            text.strip_prefix("CVE-").and_then(|rest| rest.split_once('-')).ok_or(CveError)?;
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if year.len() != 4 || number.len() < 4 || !is_number(year) || !is_number(number) {
            return Err(CveError);
        }
        let year = year.parse().map_err(|_| CveError)?;
        let number = number.parse().ok().filter(|number| *number < 1 << 48).ok_or(CveError)?;
        let cve = Self { year, number };
        // Two identifiers must not be one: no zeros beyond the usual four digits.
        if cve.to_string() == text { Ok(cve) } else { Err(CveError) }
    }
}

impl fmt::Display for Cve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CVE-{:04}-{:04}", self.year, self.number)
    }
}

impl TryFrom<String> for Cve {
    type Error = CveError;

    fn try_from(text: String) -> Result<Self, CveError> {
        text.parse()
    }
}

impl From<Cve> for String {
    fn from(cve: Cve) -> Self {
        cve.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Cve;

    #[test]
    fn identifiers_are_read_and_written() {
        for text in ["CVE-1999-0001", "CVE-2021-44228", "CVE-2025-1234567"] {
            let cve: Cve = text.parse().unwrap();
            assert_eq!(cve.to_string(), text);
            assert_eq!(Cve::unpacked(cve.packed()), cve);
        }
        for text in [
            "",
            "CVE-2021-1",
            "CVE-2021-00001",
            "cve-2021-0001",
            "CVE-21-0001",
            "CVE-2021-0001 ",
            "CVE-2021-99999999999999999",
            "CVE-2021-+001",
        ] {
            assert!(text.parse::<Cve>().is_err(), "{text}");
        }
    }
}
