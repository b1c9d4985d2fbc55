use palisade_model::{Digest, RunId, Timestamp, canonical};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::LedgerError;

/// What an entry records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LedgerKind {
    /// A run began or ended; the body is its record.
    Run,
    /// A signed statement; the body is the DSSE envelope.
    Statement,
    /// The gate decided; the body is the verdict.
    Verdict,
    /// Artifacts were released; the body is the release manifest.
    Release,
}

impl LedgerKind {
    /// The lower-case name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Statement => "statement",
            Self::Verdict => "verdict",
            Self::Release => "release",
        }
    }
}

/// One thing that happened: version 1, at most 65535 bytes of canonical JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerEntry {
    version: Version,
    /// What it records.
    pub kind: LedgerKind,
    /// When it was recorded.
    pub time: Timestamp,
    /// In which run.
    pub run: RunId,
    /// The digests it speaks of, sorted.
    pub subjects: Vec<Digest>,
    /// The digest of what is recorded; the bytes lie elsewhere.
    pub body: Digest,
}

/// The number 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version;

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(1)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            1 => Ok(Self),
            other => Err(serde::de::Error::custom(format_args!("unknown entry version {other}"))),
        }
    }
}

impl LedgerEntry {
    /// An entry of version 1; sorts the subjects.
    pub fn new(
        kind: LedgerKind,
        time: Timestamp,
        run: RunId,
        mut subjects: Vec<Digest>,
        body: Digest,
    ) -> Self {
        subjects.sort();
        subjects.dedup();
        Self { version: Version, kind, time, run, subjects, body }
    }

    /// Its canonical JSON: what is hashed, and one line of an export.
    pub fn to_json(&self) -> Result<Vec<u8>, LedgerError> {
        // Strings, numbers and lists always have a canonical form; were it otherwise, an empty entry would be refused on reading.
        let bytes = canonical::to_vec(self).unwrap_or_default();
        if bytes.len() > usize::from(u16::MAX) {
            return Err(LedgerError::TooLarge { bytes: bytes.len() });
        }
        Ok(bytes)
    }

    /// Reads exactly what [`Self::to_json`] writes; any other spelling is refused, with the reason.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let entry: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if entry.to_json().is_ok_and(|canonical| canonical == bytes) {
            Ok(entry)
        } else {
            Err("not canonical JSON".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"body":"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","kind":"release","run":"20260102-030405-ffffffff","subjects":[],"time":"2026-01-02T03:04:05Z","version":1}"#;

    #[test]
    fn has_one_spelling() {
        let entry = LedgerEntry::parse(LINE.as_bytes()).unwrap();
        assert_eq!(entry.body, Digest::of(b"abc"));
        assert_eq!(entry.to_json().unwrap(), LINE.as_bytes());
        for (from, to) in [
            ("\"version\":1", "\"version\":2"),
            ("\"version\":1", "\"version\":1,\"x\":1"),
            ("release", "releases"),
            ("[]", "[ ]"),
            ("05Z", "05.0Z"),
            ("05Z", "05+00:00"),
        ] {
            let bad = LINE.replace(from, to);
            assert_ne!(bad, LINE);
            assert!(LedgerEntry::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
