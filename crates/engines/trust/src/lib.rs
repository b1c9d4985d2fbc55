//! Keys: makes and keeps them, signs with them, and believes only them.
//!
//! Two keys from the first day. The statement key (ECDSA P-256) signs DSSE envelopes, the log key (Ed25519) signs checkpoints.
//! [`KeyStore`] keeps the private halves in the user's configuration folder and yields a [`Signer`]; [`PublicKeys`] is what others
//! get; a [`Verifier`] over them is the only place where an envelope becomes a statement that counts. Knows nothing of what the
//! statements say, and of no ledger.
//!
//! A key found inside evidence is never trusted, and a key id is only a hint. All cryptography is aws-lc-rs; PKCS#8, PBES2 and scrypt
//! are RustCrypto's. Private material is wiped from memory when dropped and has no `Debug` form.

#![forbid(unsafe_code)]

mod passphrase;
mod private;
mod public;
mod signer;
mod store;
mod verify;

pub use passphrase::{Passphrase, PassphraseUnavailable};
pub use private::PrivateKeyError;
pub use public::{PublicKeyError, PublicKeys, StatementKey};
pub use signer::{SignError, Signer};
pub use store::{KeyError, KeyStore, Protection};
pub use verify::{Verifier, VerifyError, is_noted};
