use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ED25519, UnparsedPublicKey};
use palisade_attest::{
    Checkpoint, CheckpointRefused, CheckpointVerifier, Envelope, NoteKey, SignedCheckpoint, Statement,
    StatementError,
};

use crate::{PublicKeys, StatementKey};

/// Why an envelope does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Tampered with, or signed by somebody else.
    #[error("no trusted key made the signature{}", hint(.key_id.as_deref()))]
    Untrusted {
        /// Which key the envelope says it is signed with.
        key_id: Option<String>,
    },
    /// Signed by a trusted key, but no statement.
    #[error(transparent)]
    Statement(#[from] StatementError),
}

fn hint(key_id: Option<&str>) -> String {
    let shown = |id: &str| id.chars().filter(char::is_ascii_graphic).take(16).collect::<String>();
    key_id.map_or_else(String::new, |id| format!(" (it names key {}…)", shown(id)))
}

/// Believes what trusted keys signed, and nothing else.
#[derive(Debug, Clone)]
pub struct Verifier(PublicKeys);

impl Verifier {
    /// Trusts `keys`.
    pub fn new(keys: PublicKeys) -> Self {
        Self(keys)
    }

    /// The trusted keys.
    pub fn keys(&self) -> &PublicKeys {
        &self.0
    }

    /// The statement in `envelope`, if a trusted key signed it. The key id only decides which key is tried first.
    pub fn verify_envelope(&self, envelope: &Envelope) -> Result<Statement, VerifyError> {
        let pae = envelope.pae();
        let hinted = |key: &&StatementKey| envelope.key_id() == Some(key.id().as_str());
        let (first, rest): (Vec<_>, Vec<_>) = self.0.statements.iter().partition(hinted);
        let signed = first.into_iter().chain(rest).any(|key| key.verifies(&pae, envelope.signature()));
        if !signed {
            return Err(VerifyError::Untrusted { key_id: envelope.key_id().map(str::to_owned) });
        }
        Ok(Statement::parse(envelope.payload())?)
    }
}

impl StatementKey {
    /// Whether `signature` is this key's ECDSA signature over SHA-256 of `message`: strict DER as of SEC 1 appendix C.8. As ECDSA has it, whoever
    /// has seen one signature can make a second one that is valid too, so a signature must never serve as a name.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, self.point()).verify(message, signature).is_ok()
    }
}

/// Whether `signature` is `key`'s Ed25519 signature over the text of a note: RFC 8032 section 5.1.7, 64 bytes. Says nothing of the names that the
/// note's signature line gives.
pub fn is_noted(key: &NoteKey, text: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, key.ed25519).verify(text, signature).is_ok()
}

impl CheckpointVerifier for Verifier {
    fn verify_checkpoint<'a>(
        &self,
        signed: &'a SignedCheckpoint,
    ) -> Result<&'a Checkpoint, CheckpointRefused> {
        let (note, claimed) = (signed.note(), signed.claimed());
        let mut valid = 0;
        // A key speaks only for origins that begin with its name; otherwise one log could pose as another.
        for key in self.0.logs.iter().filter(|key| key.name.speaks_for(&claimed.origin)) {
            for signature in note.signatures_by(key) {
                if !is_noted(key, note.text().as_bytes(), &signature.bytes) {
                    return Err(CheckpointRefused("the checkpoint's signature is wrong".to_owned()));
                }
                valid += 1;
            }
        }
        if valid == 0 {
            let message = format!("no trusted log key signed the checkpoint of `{}`", claimed.origin);
            return Err(CheckpointRefused(message));
        }
        Ok(claimed)
    }
}
