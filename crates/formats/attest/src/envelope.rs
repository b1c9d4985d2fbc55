use palisade_model::Digest;
use serde::Deserialize;
use serde_json::json;

use crate::encoding::{base64, from_any_base64};
use crate::statement::MAX_STATEMENT;
use crate::{JsonError, json as strict};

/// The only payload type that is read or written.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// Largest envelope that is read, in bytes: a statement of the largest size in base64, and room for the rest.
pub(crate) const MAX_ENVELOPE: usize = MAX_STATEMENT / 3 * 4 + (64 << 10);

const MAX_KEY_ID: usize = 1024;
const MAX_SIGNATURE: usize = 16 << 10;

/// A signed payload: DSSE v1 with exactly one signature, so that nobody has to ask which of several counts. It may come from anybody:
/// the payload must not be used before the signature is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    payload: Vec<u8>,
    key_id: Option<String>,
    signature: Vec<u8>,
}

/// Bytes that are no acceptable envelope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// No JSON to work with.
    #[error("envelope is {0}")]
    Json(#[from] JsonError),
    /// JSON of another form, or with a field that DSSE does not name.
    #[error("envelope does not have the form of DSSE v1: {0}")]
    Form(String),
    /// A payload that is no in-toto statement.
    #[error("envelope carries `{found}`, expected `{PAYLOAD_TYPE}`")]
    PayloadType {
        /// What it says, or how that begins.
        found: String,
    },
    /// None or several.
    #[error("envelope has {count} signatures, expected exactly one")]
    Signatures {
        /// How many.
        count: usize,
    },
    /// A field that is no base64.
    #[error("{field} of the envelope is not base64")]
    Base64 {
        /// Which one.
        field: &'static str,
    },
    /// A field over its limit.
    #[error("{field} of the envelope is larger than {limit} bytes")]
    TooLarge {
        /// Which one.
        field: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire {
    payload: String,
    payload_type: String,
    signatures: Vec<WireSignature>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSignature {
    #[serde(default)]
    keyid: Option<String>,
    sig: String,
}

impl Envelope {
    /// Puts a payload and the signature over its [`Self::pae`] together.
    pub fn new(payload: Vec<u8>, key_id: Option<String>, signature: Vec<u8>) -> Self {
        Self { payload, key_id, signature }
    }

    /// Parses at most about 21 MiB of JSON. Base64 may be standard or URL-safe, padded or not.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let value = strict::parse(bytes, MAX_ENVELOPE)?;
        let wire: Wire =
            serde_json::from_value(value).map_err(|error| EnvelopeError::Form(strict::excerpt(error)))?;
        if wire.payload_type != PAYLOAD_TYPE {
            return Err(EnvelopeError::PayloadType { found: strict::excerpt(wire.payload_type) });
        }
        let [signature] = wire.signatures.as_slice() else {
            return Err(EnvelopeError::Signatures { count: wire.signatures.len() });
        };
        let key_id = signature.keyid.clone().filter(|id| !id.is_empty());
        within("keyid", key_id.as_ref().map_or(0, String::len), MAX_KEY_ID)?;
        within("sig", signature.sig.len(), MAX_SIGNATURE)?;
        Ok(Self {
            payload: decoded("payload", &wire.payload)?,
            key_id,
            signature: decoded("sig", &signature.sig)?,
        })
    }

    /// One line of canonical JSON, without a line feed.
    pub fn to_json(&self) -> Vec<u8> {
        // Keys stand in canonical order, whether or not serde_json is built to keep the order.
        let sig = base64(&self.signature);
        let signature = match &self.key_id {
            Some(key_id) => json!({ "keyid": key_id, "sig": sig }),
            None => json!({ "sig": sig }),
        };
        let payload = base64(&self.payload);
        json!({ "payload": payload, "payloadType": PAYLOAD_TYPE, "signatures": [signature] })
            .to_string()
            .into_bytes()
    }

    /// The digest of [`Self::to_json`]: the same however the envelope was spelled when it was read.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_json())
    }

    /// The bytes that are signed: the pre-authentication encoding of DSSE v1.
    pub fn pae(&self) -> Vec<u8> {
        Self::pae_of(&self.payload)
    }

    /// The bytes to sign for `payload`.
    pub fn pae_of(payload: &[u8]) -> Vec<u8> {
        let mut bytes =
            format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), payload.len()).into_bytes();
        bytes.extend_from_slice(payload);
        bytes
    }

    /// What is signed. Not to be trusted before the signature is checked.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Which key the signer says it used; a hint, never a proof.
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The signature.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
}

fn within(field: &'static str, length: usize, limit: usize) -> Result<(), EnvelopeError> {
    if length <= limit { Ok(()) } else { Err(EnvelopeError::TooLarge { field, limit }) }
}

fn decoded(field: &'static str, text: &str) -> Result<Vec<u8>, EnvelopeError> {
    from_any_base64(text).ok_or(EnvelopeError::Base64 { field })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = r#"{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"keyid":"k","sig":"-_8"}]}"#;

    fn twisted(from: &str, to: &str) -> EnvelopeError {
        let text = GOOD.replace(from, to);
        assert_ne!(text, GOOD, "{from}");
        Envelope::parse(text.as_bytes()).unwrap_err()
    }

    /// The form of the example in the DSSE v1 protocol text, with our payload type.
    #[test]
    fn pae_counts_bytes() {
        assert_eq!(
            Envelope::pae_of("ß!".as_bytes()),
            "DSSEv1 28 application/vnd.in-toto+json 3 ß!".as_bytes()
        );
    }

    #[test]
    fn exactly_one_signature() {
        let one = r#"{"keyid":"k","sig":"-_8"}"#;
        assert_eq!(twisted(one, ""), EnvelopeError::Signatures { count: 0 });
        assert_eq!(twisted(one, &format!("{one},{one}")), EnvelopeError::Signatures { count: 2 });
    }

    #[test]
    fn unknown_and_double_fields_other_types_and_bad_base64_are_refused() {
        assert!(matches!(twisted("\"payload\"", "\"cert\":1,\"payload\""), EnvelopeError::Form(_)));
        assert!(matches!(twisted("\"sig\"", "\"cert\":\"x\",\"sig\""), EnvelopeError::Form(_)));
        assert!(matches!(twisted("\"sig\"", "\"sig\":\"AA==\",\"sig\""), EnvelopeError::Json(_)));
        assert!(matches!(twisted("in-toto+json", "in-toto"), EnvelopeError::PayloadType { .. }));
        assert_eq!(twisted("e30=", "e30 ="), EnvelopeError::Base64 { field: "payload" });
        assert_eq!(twisted("-_8", "-/8"), EnvelopeError::Base64 { field: "sig" });
        let long = "A".repeat(MAX_SIGNATURE + 4);
        assert!(matches!(twisted("-_8", &long), EnvelopeError::TooLarge { field: "sig", .. }));
    }

    /// Nobody vouches for an envelope that is refused, so it must not fill the screen with what it says.
    #[test]
    fn messages_are_short_whatever_was_written() {
        let long = "A".repeat(1 << 20);
        for (from, to) in [
            ("in-toto+json", long.clone()),
            ("\"payload\"", format!("\"{long}\":1,\"payload\"")),
            ("\"payload\"", format!("\"{long}\":1,\"{long}\":1,\"payload\"")),
        ] {
            let message = twisted(from, &to).to_string();
            assert!(message.len() < 400, "{} bytes", message.len());
        }
    }

    #[test]
    fn one_digest_for_every_spelling() {
        let spaced = GOOD.replace(",", " ,\n ").replace("-_8", "+/8=");
        let (one, two) =
            (Envelope::parse(GOOD.as_bytes()).unwrap(), Envelope::parse(spaced.as_bytes()).unwrap());
        assert_eq!(one.digest(), two.digest());
        assert_eq!(one.signature(), [0xfb, 0xff]);
    }

    proptest! {
        #[test]
        fn round_trips(payload: Vec<u8>, key_id in proptest::option::of("[a-z\"\\\\ß]{1,20}"), signature: Vec<u8>) {
            let envelope = Envelope::new(payload, key_id, signature);
            prop_assert_eq!(Envelope::parse(&envelope.to_json()), Ok(envelope));
        }

        #[test]
        fn never_panics(cut in 0..GOOD.len(), bytes: Vec<u8>) {
            let mut text = GOOD.as_bytes().to_vec();
            text.splice(cut.., bytes);
            let _ = Envelope::parse(&text);
        }
    }
}
