//! The documents of evidence: bytes to values and back, nothing more.
//!
//! in-toto [`Statement`]s with their predicates, the DSSE [`Envelope`] that carries one, [`EvidenceFile`]s of many, and the texts of
//! transparency logs: signed [`Note`]s, [`Checkpoint`]s and offline [`LogProof`]s. Knows no keys: a parsed envelope or note is a claim
//! until `palisade-trust` has checked its signature, and nothing here does IO.
//!
//! Input is hostile. Every parser bounds size and count before it works, refuses duplicate JSON keys, and returns a typed error.
//!
//! Start at [`Statement`] and [`Envelope`]. [`CheckpointSigner`] and [`CheckpointVerifier`] are the seam by which the ledger uses
//! keys that it never sees.

#![forbid(unsafe_code)]

mod bundle;
mod checkpoint;
mod descriptor;
mod encoding;
mod envelope;
mod json;
mod note;
mod proof;
mod provenance;
mod scan;
mod statement;
mod summary;

pub use bundle::{BundleError, EvidenceFile, IgnoredLine};
pub use checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
pub use checkpoint::{CheckpointRefused, CheckpointSigner, CheckpointVerifier};
pub use descriptor::ResourceDescriptor;
pub use envelope::{Envelope, EnvelopeError, PAYLOAD_TYPE};
pub use json::JsonError;
pub use note::{KeyName, Note, NoteError, NoteKey, NoteSignature};
pub use proof::{LogProof, ProofError};
pub use provenance::{BuildDefinition, BuildMetadata, BuilderInfo, PROVENANCE, Provenance, RunDetails};
pub use scan::{EngineCoverage, FindingCounts, MAX_LISTED_GAPS, SCAN_RESULT, ScanResult, ScanTool};
pub use statement::{Predicate, STATEMENT, Statement, StatementError};
pub use summary::{SummaryVerifier, VERIFICATION_SUMMARY, VerificationResult, VerificationSummary};
