//! The whole object database of a repository, read fast: what git stored as a difference is given as a difference.
//!
//! An object is inflated, and made from its base, exactly once. Its name is not recomputed (that would cost several times as much):
//! checked are zlib's checksum, every size, and that a delta stays within its base. What a hostile repository gains by lying about
//! names is that a finding is shown under another name; it hides nothing by it.

mod catalogue;
mod commit;
mod delta;
mod entry;
mod files;
mod forest;
mod gap;
mod graph;
mod index;
mod inflate;
mod load;
mod names;
mod own_files;
mod places;
mod range;
mod refs;
mod stores;
mod trace;
mod trees;
mod walk;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use gix::ObjectId;

pub use commit::CommitInfo;
pub use delta::{Copy, Delta, DeltaError, parse_delta};
pub use entry::ObjectKind;
pub(crate) use gap::Flaw;
pub use gap::{HistoryGap, HistoryGapKind, HistoryGaps, HistorySubject};
pub use index::{IndexError, PackIndex};
pub use names::Asked;
pub use range::{RangeBlob, RangeObjects, RangePath, RangePlace};
pub use trace::{FileTrace, Reach, Trace, TreeSurvey};
pub use walk::{HistoryLimits, Object, Reader, Tally};

use palisade_model::RepoPath;

use crate::GitError;
use crate::open::open_anywhere;
use crate::references::References;
use catalogue::Catalogue;
use load::Decoder;

/// The name of an object in the object database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName(pub(crate) ObjectId);

impl ObjectName {
    /// A name of 20 or 32 bytes; the null name for anything else.
    pub(crate) fn from_raw(bytes: &[u8]) -> Self {
        Self(ObjectId::try_from(bytes).unwrap_or(ObjectId::null(gix::hash::Kind::Sha1)))
    }

    /// Its 20 or 32 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for ObjectName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = ObjectId::from_hex(text.as_bytes());
        parsed.map(Self).map_err(|_| "not an object name: expected 40 or 64 hexadecimal digits")
    }
}

/// The whole object database of a repository.
pub struct History {
    git: gix::ThreadSafeRepository,
    root: PathBuf,
    references: References,
    /// The commit checked out.
    head: Option<ObjectId>,
    catalogue: Catalogue,
    /// The folders of objects: its own, then those that it borrows from.
    folders: Vec<PathBuf>,
    shallow: bool,
    promisor: bool,
}

/// What reading a whole history gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// Sums.
    pub tally: Tally,
    /// Whether history was cut off when the repository was cloned: what came before is not there.
    pub shallow: bool,
    /// Whether the repository was cloned without some objects, to be fetched when needed.
    pub promisor: bool,
    /// What could not be read.
    pub gaps: HistoryGaps,
}

impl History {
    /// Opens the repository at `path` or at the nearest folder upwards that is one: with a work tree, a linked work tree, a submodule,
    /// or bare. It is trusted no more than [`Repository::discover`](crate::Repository::discover) trusts one. Lists all objects, but
    /// reads none.
    ///
    /// # Errors
    /// When there is none, or its configuration or HEAD cannot be read. What is wrong with the objects is told when they are read.
    pub fn open(path: &Path) -> Result<Self, GitError> {
        let (git, root) = open_anywhere(path)?;
        let objects = git.common_dir().join("objects");
        let (catalogue, folders) = stores::find(&objects, git.object_hash().len_in_bytes());
        let shallow = git.common_dir().join("shallow").metadata().is_ok_and(|meta| meta.len() > 0);
        let promisor = folders.iter().any(|folder| stores::has_promisor(folder))
            || git.config_snapshot().string("extensions.partialClone").is_some();
        let references = References::read(&git);
        let head = references.head(&git).unwrap_or_default().commit;
        Ok(Self { git: git.into_sync(), root, references, head, catalogue, folders, shallow, promisor })
    }

    /// The folders that opening and reading the repository at or above `path` takes: the first is what to give to [`Self::open`], then
    /// its git folder if that is elsewhere, and the object databases that it borrows from.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn folders(path: &Path) -> Result<Vec<PathBuf>, GitError> {
        let (git, root) = open_anywhere(path)?;
        let own = [git.git_dir().to_owned(), git.common_dir().to_owned()];
        let own = own.into_iter().filter_map(|folder| folder.canonicalize().ok());
        // A list of alternates is the repository's word; only what is called as such a folder always is counts.
        let borrowed = stores::object_folders(&git.common_dir().join("objects"));
        let borrowed = borrowed.into_iter().filter(|folder| folder.ends_with("objects"));
        let outside: BTreeSet<_> = own.chain(borrowed).filter(|folder| !folder.starts_with(&root)).collect();
        Ok(std::iter::once(root).chain(outside).collect())
    }

    /// The folder that was opened: the top of the work tree, or the bare repository.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Number of objects of all kinds; what is in several packs is counted several times.
    pub fn object_count(&self) -> u64 {
        u64::from(self.catalogue.len())
    }

    /// Gives every blob, commit and annotated tag to `reader`, each once, whether something refers to it or not, on all threads of
    /// the pool at hand. An object that is stored as a delta comes right after what it is made from, on the same thread.
    pub fn read<R: Reader>(&self, reader: &R, limits: &HistoryLimits) -> Survey {
        let kinds = [ObjectKind::Commit, ObjectKind::Blob, ObjectKind::Tag];
        let (tally, gaps) = walk::walk(self, reader, &kinds, limits);
        let gaps = HistoryGaps::new(self.catalogue.gaps.iter().cloned().chain(gaps));
        Survey { tally, shallow: self.shallow, promisor: self.promisor, gaps }
    }

    /// The object of that name; none when there is none.
    ///
    /// # Errors
    /// When it is damaged or has more than `max_bytes`, or something that it is made from has.
    pub fn object(
        &self,
        name: ObjectName,
        max_bytes: u64,
    ) -> Result<Option<(ObjectKind, Vec<u8>)>, GitError> {
        let Some(number) = self.catalogue.find_id(&name.0) else { return Ok(None) };
        let mut decoder = Decoder::new(self, usize::try_from(max_bytes).unwrap_or(usize::MAX));
        decoder.load(number).map(Some).map_err(|flaw| flaw.into_error(name))
    }

    /// Whether the commit checked out has the object of that name at `path`.
    pub fn is_in_head(&self, path: &RepoPath, name: ObjectName) -> bool {
        let git = self.git.to_thread_local();
        let head = self.head.and_then(|head| git.find_commit(head).ok());
        let Some(tree) = head.and_then(|head| head.tree().ok()) else { return false };
        let parts = path.as_bytes().split(|byte| *byte == b'/');
        tree.lookup_entry(parts).is_ok_and(|entry| entry.is_some_and(|entry| entry.object_id() == name.0))
    }

    /// What a commit says of itself; none when there is no commit of that name.
    ///
    /// # Errors
    /// When it is damaged or has more than 16 MiB.
    pub fn commit_info(&self, name: ObjectName) -> Result<Option<CommitInfo>, GitError> {
        Ok(match self.object(name, commit::MAX_COMMIT_BYTES)? {
            Some((ObjectKind::Commit, bytes)) => Some(CommitInfo::parse(&bytes)),
            _ => None,
        })
    }

    /// Whether an object may stand in several places.
    pub(crate) fn has_several_sources(&self) -> bool {
        self.catalogue.packs.len() + usize::from(self.catalogue.loose_count() > 0) > 1
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").field("root", &self.root).finish_non_exhaustive()
    }
}
