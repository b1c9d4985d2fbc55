//! The ledger: an append-only Merkle log in a folder, provable offline.
//!
//! RFC 6962 hashing, the C2SP tlog-tiles layout (`checkpoint`, `tile/L/N`, `tile/entries/N`), checkpoints signed through the
//! [`CheckpointSigner`](palisade_attest::CheckpointSigner) it is handed. An entry is the canonical JSON of a [`LedgerEntry`] and
//! names its body by digest; bodies lie elsewhere. Knows no keys, no clock and nothing of what it records.
//!
//! [`Ledger::append`] writes entries and tiles first and the checkpoint last, so that a crash loses only what was not acknowledged.
//! [`Ledger::verify`] trusts nothing in the folder but what follows from entries, signature and checkpoints known from elsewhere; those
//! catch also who holds the log key and has signed another history. Proofs are checked by pure functions: [`verify_inclusion`],
//! [`verify_consistency`], [`proven_entry`].

#![forbid(unsafe_code)]

mod append;
mod audit;
mod entry;
mod error;
mod ledger;
mod merkle;
mod tiles;

pub use append::Appended;
pub use audit::LedgerReport;
pub use entry::{LedgerEntry, LedgerKind};
pub use error::LedgerError;
pub use ledger::{Entries, Ledger, proven_entry};
pub use merkle::{ProofMismatch, empty_root, leaf_hash, node_hash, verify_consistency, verify_inclusion};
