use palisade_model::{CommitId, Digest, RunId, Subject, canonical};
use serde::{Deserialize, Serialize};

/// The manifest's name in a release folder.
pub const MANIFEST_FILE: &str = "manifest.json";

/// The plan's name in a release folder.
pub const PLAN_FILE: &str = "plan.json";

/// What the names of the evidence beside an artifact end in: its statements, and the proof that they are in the ledger.
pub const EVIDENCE_SUFFIXES: [&str; 2] = [STATEMENTS_SUFFIX, PROOF_SUFFIX];
pub(crate) const STATEMENTS_SUFFIX: &str = ".intoto.jsonl";
pub(crate) const PROOF_SUFFIX: &str = ".tlog-proof";

/// One file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasedArtifact {
    /// Path below the release folder, and digest.
    pub subject: Subject,
    /// Size in bytes.
    pub bytes: u64,
    /// Whether it is executable.
    pub executable: bool,
}

/// What a release is. Its digest names the release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseManifest {
    /// `palisade/release/v1`.
    pub schema: String,
    /// The project's name.
    pub project: String,
    /// The run that made it.
    pub run: RunId,
    /// The commit, if the tree was under git.
    pub commit: Option<CommitId>,
    /// The snapshot's tree digest.
    pub tree: Digest,
    /// The plan's digest.
    pub plan: Digest,
    /// Its files, sorted by name.
    pub artifacts: Vec<ReleasedArtifact>,
}

impl ReleaseManifest {
    /// Value of `schema`.
    pub const SCHEMA: &str = "palisade/release/v1";

    /// The digest that names the release.
    pub fn digest(&self) -> Result<Digest, canonical::CanonicalError> {
        canonical::digest(self)
    }
}

/// The evidence that goes beside an artifact.
#[derive(Debug, Clone)]
pub struct ArtifactEvidence {
    /// The content of `NAME.intoto.jsonl`.
    pub statements: Vec<u8>,
    /// The content of `NAME.tlog-proof`.
    pub proof: Vec<u8>,
}

/// A release that is laid out and not in its place yet.
#[derive(Debug)]
pub struct StagedRelease {
    pub(crate) digest: Digest,
    pub(crate) folder: std::path::PathBuf,
    pub(crate) manifest: ReleaseManifest,
}

/// A release in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The digest of the manifest.
    pub digest: Digest,
    /// Its folder.
    pub folder: std::path::PathBuf,
    /// What is in it.
    pub manifest: ReleaseManifest,
}
