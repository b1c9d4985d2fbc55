use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use gix::ObjectId;
use gix::index::entry::{Flags, Stage};
use palisade_model::{EntryKind, Gap, GapKind, RepoPath};
use palisade_sys::beneath::{file_type, in_parent, open_root, size, stat};
use rayon::prelude::*;
use rustix::fs::{FileType, Mode, Stat};
use rustix::io::Errno;

use crate::compare::{Comparison, Seen};
use crate::objects::{BlobId, MAX_TREE_ENTRIES, Tracked, Tree, checked_path, too_large};
use crate::{GitError, Repository, untracked};

/// Where the content of a file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// The file or link in the work tree.
    FromWorktree,
    /// The blob: the work tree has the same text with other line ends.
    FromObject(BlobId),
}

/// How a file differs from the commit checked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Its content and kind are the commit's. For an LFS pointer: the file it points to.
    Unchanged,
    /// In the commit, with another content or kind.
    Edited,
    /// In the index, not in the commit.
    Added,
    /// Not in the index, and not ignored.
    Untracked,
}

/// One file or symbolic link of the work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorktreeFile {
    /// Where it lies.
    pub path: RepoPath,
    /// What it is.
    pub kind: EntryKind,
    /// Size of its content in bytes.
    pub size: u64,
    /// Where its content comes from.
    pub content: Content,
    /// How it differs from the commit.
    pub change: Change,
}

/// What lies in the work tree: tracked files, and untracked ones that are not ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorktreeListing {
    /// The files, sorted by path.
    pub files: Vec<WorktreeFile>,
    /// Files of the commit or the index that are not in the work tree, sorted.
    pub deleted: Vec<RepoPath>,
    /// What could not be read, and submodules; sorted.
    pub gaps: Vec<Gap>,
    /// Whether the files differ from the commit in anything.
    pub dirty: bool,
}

/// What the index holds.
#[derive(Default)]
pub(crate) struct Index {
    pub(crate) files: Tree,
    /// A path with an unresolved conflict.
    pub(crate) unmerged: Option<RepoPath>,
    /// `git add --intent-to-add`: known, but without content.
    pub(crate) intended: BTreeSet<RepoPath>,
}

/// What lies in the work tree, before it is compared with anything.
struct Inspection {
    root: OwnedFd,
    index: Index,
    files: Vec<Seen>,
    gaps: Vec<Gap>,
}

/// What one look at a path tells.
enum Look {
    Seen(Seen),
    Gap(Gap),
    Folder,
    Missing,
}

impl Repository {
    /// Every tracked file, and every untracked one that neither a `.gitignore` in the tree nor `info/exclude` excludes: what
    /// `git ls-files --cached --others --exclude-standard` lists, compared with HEAD by content.
    ///
    /// Files that differ from the commit's blob only in line ends count as unchanged and come from the blob, whatever
    /// `core.autocrlf` says here or elsewhere. Submodules and nested repositories are noted gaps. `.palisade` in the root is left
    /// out unless it is tracked.
    ///
    /// # Errors
    /// When the index, HEAD or an object is missing or damaged. An unreadable file is a gap.
    pub fn worktree_files(&self) -> Result<WorktreeListing, GitError> {
        let head = self.head_tree()?;
        let Inspection { root, index, files, mut gaps } = self.inspect()?;
        let mut listed = Vec::with_capacity(files.len());
        for (seen, comparison) in self.compare_all(root.as_fd(), files, &head)? {
            let (content, size, same) = match comparison {
                Comparison::Same { content, size } => (content, size, true),
                Comparison::Differs => (Content::FromWorktree, seen.size, false),
                Comparison::Unreadable(detail) => {
                    gaps.push(Gap::new(Some(seen.path), GapKind::Unreadable, detail));
                    continue;
                }
            };
            let change = match (index.files.contains_key(&seen.path), same) {
                (false, _) => Change::Untracked,
                (true, true) => Change::Unchanged,
                (true, false) if head.contains_key(&seen.path) => Change::Edited,
                (true, false) => Change::Added,
            };
            listed.push(WorktreeFile { path: seen.path, kind: seen.kind, size, content, change });
        }
        gaps.sort();
        let deleted = deleted(&head, &index.files, &listed, &gaps);
        let dirty = differs(&head, &index.files, &listed);
        Ok(WorktreeListing { files: listed, deleted, gaps, dirty })
    }

    /// The paths whose content or kind in the work tree is not that of `rev`, files only in one of them included. What cannot
    /// be read counts as changed.
    pub fn changed_since(&self, rev: &str) -> Result<BTreeSet<RepoPath>, GitError> {
        let tree = self.flatten(self.tree_of(rev)?)?;
        let Inspection { root, files, gaps, .. } = self.inspect()?;
        let mut changed: BTreeSet<RepoPath> = tree
            .iter()
            .filter(|(_, tracked)| matches!(tracked, Tracked::File { .. }))
            .map(|(path, _)| path.clone())
            .collect();
        for (seen, comparison) in self.compare_all(root.as_fd(), files, &tree)? {
            match comparison {
                Comparison::Same { .. } => changed.remove(&seen.path),
                _ => changed.insert(seen.path),
            };
        }
        changed.extend(gaps.into_iter().filter(|gap| gap.blocking).filter_map(|gap| gap.path));
        Ok(changed)
    }

    /// Compares all files with a tree, on all threads; sorted by path.
    fn compare_all(
        &self,
        root: BorrowedFd<'_>,
        files: Vec<Seen>,
        tree: &Tree,
    ) -> Result<Vec<(Seen, Comparison)>, GitError> {
        let compare = |repository: &mut Self, seen: Seen| {
            let comparison = repository.compare(root, &seen, tree.get(&seen.path).copied())?;
            Ok((seen, comparison))
        };
        files.into_par_iter().map_init(self.for_threads(), compare).collect()
    }

    fn inspect(&self) -> Result<Inspection, GitError> {
        let root = open_root(&self.root).map_err(|error| GitError::io(&self.root, error))?;
        let index = self.read_index()?;
        let executable_bit = self.inner.config_snapshot().boolean("core.fileMode") != Some(false);
        let found = untracked::find(&self.root, root.as_fd(), self.inner.common_dir(), &index.files);
        let (mut files, mut gaps) = (found.files, found.gaps);
        if !executable_bit {
            files.iter_mut().for_each(|seen| seen.kind = without_executable_bit(seen.kind, EntryKind::File));
        }
        let looks: Vec<_> =
            index.files.par_iter().map(|(path, tracked)| (look(root.as_fd(), path), tracked)).collect();
        for ((look, tracked), path) in looks.into_iter().zip(index.files.keys()) {
            match (look, *tracked) {
                (Look::Seen(seen), Tracked::File { kind, .. }) if !executable_bit => {
                    files.push(Seen { kind: without_executable_bit(seen.kind, kind), ..seen });
                }
                (Look::Seen(seen), _) => files.push(seen),
                (Look::Gap(gap), _) => gaps.push(gap),
                (Look::Folder | Look::Missing, Tracked::Submodule { .. }) => {
                    let detail = "a submodule, which is a repository of its own";
                    gaps.push(Gap::new(Some(path.clone()), GapKind::Noted, detail));
                }
                (Look::Folder | Look::Missing, Tracked::File { .. }) => {}
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Inspection { root, index, files, gaps })
    }

    /// Reads the index from disk; empty when there is none.
    pub(crate) fn read_index(&self) -> Result<Index, GitError> {
        let what = || format!("the index of `{}`", self.root.display());
        if matches!(self.inner.index_path().symlink_metadata(), Err(error) if error.kind() == io::ErrorKind::NotFound)
        {
            return Ok(Index::default());
        }
        let file = self.inner.open_index().map_err(|error| GitError::damaged(what(), error.error()))?;
        let mut index = Index::default();
        for entry in file.entries() {
            if entry.mode.is_sparse() {
                self.add_folder(&mut index, entry.path(&file), entry.id)?;
                continue;
            }
            let path = checked_path(entry.path(&file).to_vec(), false)?;
            let Some(mode) = entry.mode.to_tree_entry_mode() else {
                return Err(GitError::Damaged { what: what(), detail: format!("bad mode of `{path}`") });
            };
            if entry.stage() != Stage::Unconflicted {
                index.unmerged = Some(path.clone());
            }
            if entry.flags.contains(Flags::INTENT_TO_ADD) {
                index.intended.insert(path.clone());
            }
            if let Some(tracked) = Tracked::new(mode, entry.id) {
                index.files.insert(path, tracked);
            }
        }
        Ok(index)
    }

    /// Adds what is in `tree`, which a sparse index has in place of the files of a folder that a sparse checkout leaves out
    /// (gitformat-index(5), "Sparse Directory Entries").
    fn add_folder(&self, index: &mut Index, folder: &[u8], tree: ObjectId) -> Result<(), GitError> {
        for (path, tracked) in self.flatten(tree)? {
            index.files.insert(checked_path([folder, path.as_bytes()].concat(), false)?, tracked);
        }
        match index.files.len() > MAX_TREE_ENTRIES {
            true => Err(too_large("the index".to_owned(), "5 million entries")),
            false => Ok(()),
        }
    }
}

fn look(root: BorrowedFd<'_>, path: &RepoPath) -> Look {
    match in_parent(root, path.as_bytes(), stat) {
        Ok(stat) if file_type(&stat) == FileType::Directory => Look::Folder,
        Ok(stat) => seen_as(path.clone(), &stat).map_or_else(Look::Gap, Look::Seen),
        // A parent that is a file or a link now: what the index knows below it is gone.
        Err(error)
            if matches!(Errno::from_io_error(&error), Some(Errno::NOENT | Errno::NOTDIR | Errno::LOOP)) =>
        {
            Look::Missing
        }
        Err(error) => {
            let detail = format!("cannot be read: {error}");
            Look::Gap(Gap::new(Some(path.clone()), GapKind::Unreadable, detail))
        }
    }
}

/// The file or link at `path`; a gap for what is never opened.
pub(crate) fn seen_as(path: RepoPath, stat: &Stat) -> Result<Seen, Gap> {
    let kind = match file_type(stat) {
        FileType::RegularFile if stat.st_mode & Mode::XUSR.bits() != 0 => EntryKind::Executable,
        FileType::RegularFile => EntryKind::File,
        FileType::Symlink => EntryKind::Symlink,
        other => {
            let name = match other {
                FileType::Socket => "socket",
                FileType::Fifo => "fifo",
                FileType::BlockDevice | FileType::CharacterDevice => "device",
                _ => "special file",
            };
            return Err(Gap::new(Some(path), GapKind::Noted, format!("{name} is not opened")));
        }
    };
    Ok(Seen { path, kind, size: size(stat) })
}

/// On a file system without execute bits the index remembers them (git-config(1), `core.fileMode`).
fn without_executable_bit(seen: EntryKind, tracked: EntryKind) -> EntryKind {
    match (seen, tracked) {
        (EntryKind::Symlink, _) | (_, EntryKind::Symlink) => seen,
        _ => tracked,
    }
}

fn deleted(head: &Tree, index: &Tree, listed: &[WorktreeFile], gaps: &[Gap]) -> Vec<RepoPath> {
    let is_file = |(path, tracked): (&RepoPath, &Tracked)| {
        matches!(tracked, Tracked::File { .. }).then(|| path.clone())
    };
    let mut known: BTreeSet<RepoPath> = head.iter().chain(index).filter_map(is_file).collect();
    listed.iter().for_each(|file| {
        known.remove(&file.path);
    });
    gaps.iter().filter_map(|gap| gap.path.as_ref()).for_each(|path| {
        known.remove(path);
    });
    known.into_iter().collect()
}

/// Whether the files are not exactly those of HEAD: then each is unchanged, none is missing, and all submodules are the same.
fn differs(head: &Tree, index: &Tree, listed: &[WorktreeFile]) -> bool {
    let submodules = |tree: &Tree| -> Vec<_> {
        let all = tree.iter().filter(|(_, tracked)| matches!(tracked, Tracked::Submodule { .. }));
        all.map(|(path, tracked)| (path.clone(), *tracked)).collect()
    };
    let files = head.values().filter(|tracked| matches!(tracked, Tracked::File { .. })).count();
    listed.iter().any(|file| file.change != Change::Unchanged)
        || listed.len() != files
        || submodules(head) != submodules(index)
}
