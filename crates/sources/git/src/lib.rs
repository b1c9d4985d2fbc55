//! Git repositories, read only and trusted in nothing.
//!
//! The only user of gix. The git program is never called, and nothing that a repository configures is run: no hook, filter,
//! credential helper, file system monitor or include is even looked at. Every repository is opened as if it belonged to somebody
//! else. What an object is called is checked against what is in it, so a commit that is called clean has the content it names.
//!
//! Knows nothing of snapshots, scans or runs: it says which files there are and how their content is obtained.
//!
//! Start at [`Repository::discover`], then [`Repository::worktree_files`]; for everything that was ever committed at
//! [`History::open`], then [`History::read`].

#![forbid(unsafe_code)]

mod compare;
mod error;
mod history;
mod hooks;
mod objects;
mod open;
mod references;
mod reftable;
mod remote;
mod revision;
mod staged;
mod untracked;
mod worktree;

pub use error::GitError;
pub use history::{
    Asked, CommitInfo, Copy, Delta, DeltaError, FileTrace, History, HistoryGap, HistoryGapKind, HistoryGaps,
    HistoryLimits, HistorySubject, IndexError, Object, ObjectKind, ObjectName, PackIndex, RangeBlob,
    RangeObjects, RangePath, RangePlace, Reach, Reader, Survey, Tally, Trace, TreeSurvey, parse_delta,
};
pub use hooks::hooks_path_in;
pub use objects::BlobId;
pub use open::Repository;
pub use reftable::{Table, TableError};
pub use staged::StagedFile;
pub use worktree::{Change, Content, WorktreeFile, WorktreeListing};
