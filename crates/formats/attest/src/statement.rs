use std::collections::BTreeMap;

use palisade_model::{Digest, Subject, canonical};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    JsonError, PROVENANCE, Provenance, SCAN_RESULT, ScanResult, VERIFICATION_SUMMARY, VerificationSummary,
    json,
};

/// The `_type` of a statement.
pub const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// Largest statement that is read, in bytes.
pub(crate) const MAX_STATEMENT: usize = 16 << 20;

/// Most subjects of a statement that is read.
const MAX_SUBJECTS: usize = 10_000;

/// A claim about subjects: in-toto attestation v1, "Statement". Fields that the standard does not name are ignored, as it asks.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it speaks of; only the digests decide. Never empty.
    pub subjects: Vec<Subject>,
    /// URI of the kind of claim.
    pub predicate_type: String,
    /// The claim.
    pub predicate: Value,
}

/// A claim of a kind that Palisade knows.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// How the subjects were built.
    Provenance(Provenance),
    /// What scanners found.
    Scan(ScanResult),
    /// How the subjects were judged.
    Summary(VerificationSummary),
    /// Any other kind.
    Other {
        /// Its URI.
        predicate_type: String,
        /// The claim.
        value: Value,
    },
}

/// Bytes or values that are no acceptable statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// No JSON to work with.
    #[error("statement is {0}")]
    Json(#[from] JsonError),
    /// JSON of another form.
    #[error("statement does not have the form of in-toto Statement v1: {0}")]
    Form(String),
    /// Another `_type`.
    #[error("statement has type `{found}`, expected `{STATEMENT}`")]
    Type {
        /// What it says.
        found: String,
    },
    /// No subject, or more than 10000.
    #[error("statement has {count} subjects, expected 1 to {MAX_SUBJECTS}")]
    Subjects {
        /// How many.
        count: usize,
    },
    /// A subject without a SHA-256 digest.
    #[error("subject `{name}` has no well-formed sha256 digest")]
    SubjectDigest {
        /// Its name.
        name: String,
    },
    /// A predicate that does not have the form its type promises.
    #[error("predicate is not of type `{predicate_type}`: {detail}")]
    Predicate {
        /// The promised type.
        predicate_type: String,
        /// What is wrong.
        detail: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<WireSubject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    #[serde(default)]
    predicate: Value,
}

#[derive(Serialize, Deserialize)]
struct WireSubject {
    #[serde(default)]
    name: String,
    digest: BTreeMap<String, String>,
}

impl Statement {
    /// Claims `predicate` of `subjects`.
    pub fn new(subjects: Vec<Subject>, predicate: &Predicate) -> Result<Self, StatementError> {
        check_count(subjects.len())?;
        let (predicate_type, value) = match predicate {
            Predicate::Provenance(body) => (PROVENANCE, serde_json::to_value(body)),
            Predicate::Scan(body) => (SCAN_RESULT, serde_json::to_value(body)),
            Predicate::Summary(body) => (VERIFICATION_SUMMARY, serde_json::to_value(body)),
            Predicate::Other { predicate_type, value } => (predicate_type.as_str(), Ok(value.clone())),
        };
        let predicate = value.map_err(|error| bad_predicate(predicate_type, &error))?;
        Ok(Self { subjects, predicate_type: predicate_type.to_owned(), predicate })
    }

    /// Parses at most 16 MiB of JSON.
    pub fn parse(bytes: &[u8]) -> Result<Self, StatementError> {
        let value = json::parse(bytes, MAX_STATEMENT)?;
        let wire: Wire =
            serde_json::from_value(value).map_err(|error| StatementError::Form(error.to_string()))?;
        if wire.kind != STATEMENT {
            return Err(StatementError::Type { found: wire.kind });
        }
        check_count(wire.subject.len())?;
        let subjects = wire.subject.into_iter().map(subject).collect::<Result<_, _>>()?;
        Ok(Self { subjects, predicate_type: wire.predicate_type, predicate: wire.predicate })
    }

    /// Its RFC 8785 canonical JSON: the payload to sign.
    pub fn to_json(&self) -> Result<Vec<u8>, canonical::CanonicalError> {
        let subject = |subject: &Subject| WireSubject {
            name: subject.name.clone(),
            digest: BTreeMap::from([("sha256".to_owned(), subject.digest.hex())]),
        };
        canonical::to_vec(&Wire {
            kind: STATEMENT.to_owned(),
            subject: self.subjects.iter().map(subject).collect(),
            predicate_type: self.predicate_type.clone(),
            predicate: self.predicate.clone(),
        })
    }

    /// The predicate with its type's form checked.
    pub fn predicate(&self) -> Result<Predicate, StatementError> {
        let value = self.predicate.clone();
        let typed = match self.predicate_type.as_str() {
            PROVENANCE => serde_json::from_value(value).map(Predicate::Provenance),
            SCAN_RESULT => serde_json::from_value(value).map(Predicate::Scan),
            VERIFICATION_SUMMARY => serde_json::from_value(value).map(Predicate::Summary),
            _ => Ok(Predicate::Other { predicate_type: self.predicate_type.clone(), value }),
        };
        typed.map_err(|error| bad_predicate(&self.predicate_type, &error))
    }

    /// Whether it speaks of the content with this digest.
    pub fn speaks_of(&self, digest: &Digest) -> bool {
        self.subjects.iter().any(|subject| subject.digest == *digest)
    }
}

fn check_count(count: usize) -> Result<(), StatementError> {
    if (1..=MAX_SUBJECTS).contains(&count) { Ok(()) } else { Err(StatementError::Subjects { count }) }
}

fn subject(wire: WireSubject) -> Result<Subject, StatementError> {
    match wire.digest.get("sha256").map(|hex| Digest::from_hex(hex)) {
        Some(Ok(digest)) => Ok(Subject { name: wire.name, digest }),
        _ => Err(StatementError::SubjectDigest { name: wire.name }),
    }
}

fn bad_predicate(predicate_type: &str, error: &serde_json::Error) -> StatementError {
    StatementError::Predicate { predicate_type: predicate_type.to_owned(), detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of in-toto attestation v1 with a field nobody knows yet.
    const EXAMPLE: &str = r#"{
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "a.tar.gz", "digest": {"sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "sha1": "00"}}],
        "predicateType": "https://example.com/p/v1",
        "predicate": {"x": 1},
        "tomorrow": true
    }"#;

    #[test]
    fn reads_what_the_standard_shows_and_ignores_what_it_does_not_name() {
        let statement = Statement::parse(EXAMPLE.as_bytes()).unwrap();
        assert!(statement.speaks_of(&Digest::of(b"abc")));
        assert!(matches!(statement.predicate(), Ok(Predicate::Other { .. })));
    }

    #[test]
    fn refuses_other_forms_with_a_reason() {
        let twisted = |from: &str, to: &str| {
            let text = EXAMPLE.replace(from, to);
            assert_ne!(text, EXAMPLE, "{from}");
            Statement::parse(text.as_bytes()).unwrap_err()
        };
        assert!(matches!(twisted("Statement/v1", "Statement/v0.1"), StatementError::Type { .. }));
        assert!(matches!(twisted("\"sha256\"", "\"sha512\""), StatementError::SubjectDigest { .. }));
        assert!(matches!(twisted("ba78", "BA78"), StatementError::SubjectDigest { .. }));
        assert!(matches!(twisted("\"tomorrow\"", "\"_type\""), StatementError::Json(_)));
        assert!(matches!(twisted("\"subject\"", "\"subjects\""), StatementError::Form(_)));
        assert_eq!(
            Statement::parse(
                br#"{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"p"}"#
            ),
            Err(StatementError::Subjects { count: 0 })
        );
    }

    #[test]
    fn a_predicate_must_have_the_form_of_its_type() {
        let text = EXAMPLE.replace("https://example.com/p/v1", PROVENANCE);
        let statement = Statement::parse(text.as_bytes()).unwrap();
        assert!(matches!(statement.predicate(), Err(StatementError::Predicate { .. })));
    }

    proptest! {
        #[test]
        fn round_trips(names in proptest::collection::vec(any::<String>(), 1..5), kind in any::<String>(), number in any::<i64>()) {
            let subject = |name: &String| Subject { name: name.clone(), digest: Digest::of(name.as_bytes()) };
            let statement = Statement {
                subjects: names.iter().map(subject).collect(),
                predicate_type: kind.clone(),
                // RFC 8785 numbers are doubles; whole numbers up to 2^53 survive.
                predicate: serde_json::json!({ kind: number % (1 << 53) }),
            };
            prop_assert_eq!(Statement::parse(&statement.to_json().unwrap()), Ok(statement));
        }

        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Statement::parse(&bytes);
        }
    }
}
