use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use palisade_attest::{
    Checkpoint, CheckpointRefused, CheckpointSigner, CheckpointVerifier, Envelope, KeyName, NoteKey,
    NoteSignature, SignedCheckpoint, Statement,
};
use palisade_model::{KeyProtection, canonical::CanonicalError};
use pkcs8::SecretDocument;

use crate::{PrivateKeyError, PublicKeys, StatementKey, Verifier, private};

/// A statement that could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// It has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// The library refused.
    #[error("signing failed")]
    Library,
}

/// Both private keys, ready to sign.
pub struct Signer {
    statement: EcdsaKeyPair,
    log: Ed25519KeyPair,
    statement_key: StatementKey,
    log_key: NoteKey,
    protection: KeyProtection,
    verifier: Verifier,
}

impl Signer {
    /// From PKCS#8 DER of both keys.
    pub(crate) fn new(
        statement: &SecretDocument,
        log: &SecretDocument,
        origin: &KeyName,
        protection: KeyProtection,
    ) -> Result<Self, PrivateKeyError> {
        let (statement, log) = (private::p256(statement)?, private::ed25519(log)?);
        let statement_key = StatementKey::from_point(statement.public_key().as_ref())
            .ok_or(PrivateKeyError::Kind("ECDSA P-256"))?;
        let ed25519 = log.public_key().as_ref().try_into().map_err(|_| PrivateKeyError::Kind("Ed25519"))?;
        let log_key = NoteKey { name: origin.clone(), ed25519 };
        let public = PublicKeys { statements: vec![statement_key.clone()], logs: vec![log_key.clone()] };
        Ok(Self { statement, log, statement_key, log_key, protection, verifier: Verifier::new(public) })
    }

    /// Signs with the statement key: ECDSA P-256 over SHA-256 of the envelope's PAE, in DER.
    pub fn sign_statement(&self, statement: &Statement) -> Result<Envelope, SignError> {
        let payload = statement.to_json()?;
        let pae = Envelope::pae_of(&payload);
        let signature = self.statement.sign(&SystemRandom::new(), &pae).map_err(|_| SignError::Library)?;
        Ok(Envelope::new(payload, Some(self.statement_key.id()), signature.as_ref().to_owned()))
    }

    /// The public halves.
    pub fn public(&self) -> &PublicKeys {
        self.verifier.keys()
    }

    /// How the private halves are kept.
    pub fn protection(&self) -> KeyProtection {
        self.protection
    }
}

impl CheckpointVerifier for Signer {
    fn verify_checkpoint<'a>(
        &self,
        signed: &'a SignedCheckpoint,
    ) -> Result<&'a Checkpoint, CheckpointRefused> {
        self.verifier.verify_checkpoint(signed)
    }
}

impl CheckpointSigner for Signer {
    fn key_name(&self) -> &KeyName {
        &self.log_key.name
    }

    fn sign_checkpoint(&self, checkpoint: &Checkpoint) -> Result<SignedCheckpoint, CheckpointRefused> {
        let name = self.log_key.name.clone();
        if !name.speaks_for(&checkpoint.origin) {
            let message = format!("the log key is for `{name}`, not for `{}`", checkpoint.origin);
            return Err(CheckpointRefused(message));
        }
        let bytes = self
            .log
            .try_sign(checkpoint.to_string().as_bytes())
            .map_err(|_| CheckpointRefused("signing failed".to_owned()))?;
        let signature = NoteSignature { name, key_id: self.log_key.id(), bytes: bytes.as_ref().to_owned() };
        SignedCheckpoint::new(checkpoint, vec![signature])
            .map_err(|error| CheckpointRefused(error.to_string()))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("public", self.public()).finish_non_exhaustive()
    }
}
