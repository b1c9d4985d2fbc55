//! Keeps what runs leave behind: journals, documents, evidence, releases.
//!
//! Everything lies in the project's `.palisade` folder, which no job, snapshot or commit ever contains. Knows nothing of why
//! something is kept or what it means; decides only where it lies and that it survives a crash.
//!
//! Start at [`Store`]; a [`Journal`] is the append-only account of one run.

#![forbid(unsafe_code)]

mod journal;
mod release;
mod store;

pub use journal::{Journal, JournalEntry};
pub use release::{
    ArtifactEvidence, EVIDENCE_SUFFIXES, MANIFEST_FILE, PLAN_FILE, Release, ReleaseManifest,
    ReleasedArtifact, StagedRelease,
};
pub use store::{Store, StoreError, StoredRun};
