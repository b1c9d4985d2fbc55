//! The words of Palisade as types: what travels along the path from change to release.
//!
//! Pure values, no IO: nothing here reads a file, a clock or the environment. Everything above imports this crate, so it knows
//! nothing of any format but its own canonical JSON, and of no engine.
//!
//! The path in types: [`Snapshot`] and [`Plan`] go in, engines yield [`ScanReport`]s (made of [`Finding`] and [`Coverage`]), jobs
//! yield a [`RunRecord`], both become the [`GateInput`] on which a [`Verdict`] is given about each [`Subject`].

#![forbid(unsafe_code)]

mod affected;
pub mod canonical;
mod coverage;
mod digest;
mod finding;
mod keyed;
mod package;
mod path;
mod plan;
mod problem;
mod purl;
mod run;
mod scan;
mod severity;
mod snapshot;
mod subject;
mod text;
mod verdict;
mod waiver;

pub use affected::{AffectedPackage, Exploitation, FixAdvice, KnownExploited, Score};
pub use coverage::{Coverage, Gap, GapKind};
pub use digest::{Digest, DigestError, Hasher};
pub use finding::{
    Asset, CommitRef, Encoding, Excerpt, Form, History, IgnoreEntry, InlineMarker, Listed, Location, Side,
};
pub use finding::{Finding, Fingerprint, FingerprintError, RuleId, RuleInfo, Suppression, SuppressionKind};
pub use jiff::Timestamp;
pub use keyed::FingerprintKey;
pub use package::{
    Displaced, Ecosystem, Inventory, InventoryFile, Layer, Package, PackageEvidence, PackageHash,
    PackageOrigin, Reading, ReadingProblem, Relation, Scope, SourcePackage,
};
pub use path::{PathError, RepoPath, is_unprintable, printable};
pub use plan::{
    Before, Environment, Job, JobId, Limits, Origin, Plan, PolicyRef, ReleaseSpec, ScanStage, Step,
    Suppressions,
};
pub use problem::{Level, Problem};
pub use purl::{Purl, PurlError};
pub use run::{
    Actor, Builder, IsolationGrade, JobRecord, KeyProtection, Outcome, OutputRecord, RunId, RunRecord,
    SandboxRecord, StepRecord,
};
pub use scan::{Engine, EngineReport, Entry, EntryKind, EntryMeta, HistoryWork, ScanReport, Sink};
pub use severity::{Confidence, Severity};
pub use snapshot::{CommitId, Snapshot, SnapshotFile, Source, TrustLevel};
pub use subject::Subject;
pub use text::{LineIndex, Position, Span};
pub use verdict::{
    Decision, EvidenceRef, GATE_INPUT_SCHEMA, GateInput, GateRun, Objection, ObjectionKind, Verdict,
};
pub use waiver::{Baseline, IgnoredPlace, Tolerance, VexNote, Waiver};
