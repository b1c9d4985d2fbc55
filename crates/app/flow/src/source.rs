//! What there is to look at: a git work tree or a plain folder, seen from one folder in it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use palisade_git::{Change, GitError, History, Repository, WorktreeFile};
use palisade_model::{Gap, RepoPath, Source};
use palisade_tree::{ListOptions, Listed, Listing, list};

use crate::FlowError;

/// A folder, and the repository around it if there is one.
pub(crate) struct Folder {
    root: PathBuf,
    repository: Option<Repository>,
    /// The folder's path in the repository, empty or with a final `/`.
    prefix: Vec<u8>,
}

/// What lies in a [`Folder`]: everything but ignored files.
pub(crate) struct Contents {
    pub(crate) listing: Listing,
    /// The same files as git sees them, in the same order; empty without git.
    pub(crate) tracked: Vec<WorktreeFile>,
    pub(crate) dirty: bool,
    /// Whether files of the commit are not there any more.
    pub(crate) misses_files: bool,
}

impl Folder {
    /// Opens `root`, which exists.
    pub(crate) fn open(root: &Path) -> Result<Self, FlowError> {
        let missing = |error| FlowError::usage(format!("cannot open `{}`: {error}", root.display()));
        let root = root.canonicalize().map_err(missing)?;
        let repository = Repository::discover(&root)?;
        let prefix = repository.as_ref().and_then(|repository| prefix(repository.root(), &root));
        Ok(Self { root, repository, prefix: prefix.unwrap_or_default() })
    }

    /// The same for a folder of which the repository matters only, which may be bare.
    pub(crate) fn open_plain(root: &Path) -> Result<Self, FlowError> {
        match Self::open(root) {
            Err(FlowError::Git(GitError::Bare { path })) => {
                Ok(Self { root: path, repository: None, prefix: Vec::new() })
            }
            opened => opened,
        }
    }

    /// The same for a folder of which the object database matters only: what is checked out may be damaged or missing.
    pub(crate) fn open_history(root: &Path) -> Result<Self, FlowError> {
        match Self::open_plain(root) {
            Err(FlowError::Git(GitError::Damaged { .. })) => {
                let root = History::folders(root)?.remove(0);
                Ok(Self { root, repository: None, prefix: Vec::new() })
            }
            opened => opened,
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The repository; an error that says what for when there is none.
    pub(crate) fn require_repository(&self, purpose: &str) -> Result<&Repository, FlowError> {
        self.repository.as_ref().ok_or_else(|| {
            FlowError::usage(format!(
                "{purpose} needs a git repository, `{}` is in none",
                self.root.display()
            ))
        })
    }

    pub(crate) fn repository(&self) -> Option<&Repository> {
        self.repository.as_ref()
    }

    /// Where the content comes from.
    pub(crate) fn source(&self) -> Source {
        match &self.repository {
            None => Source::Folder,
            Some(repository) => Source::Git {
                commit: repository.head_commit(),
                branch: repository.branch(),
                remote: repository.remote(),
            },
        }
    }

    /// Lists what lies in the folder.
    pub(crate) fn contents(&self) -> Result<Contents, FlowError> {
        match &self.repository {
            Some(repository) if self.root.is_dir() => {
                if self.prefix.split(|byte| *byte == b'/').any(|part| part.eq_ignore_ascii_case(b".git")) {
                    return Err(FlowError::usage_with_hint(
                        format!(
                            "`{}` is git's own folder and holds no files of the project",
                            self.root.display()
                        ),
                        "scan what git keeps with `palisade scan --history`",
                    ));
                }
                self.tracked_contents(repository)
            }
            _ => {
                let listing = list(&self.root, ListOptions { respect_ignores: false })?;
                Ok(Contents { listing, tracked: Vec::new(), dirty: false, misses_files: false })
            }
        }
    }

    /// The path of `path` in the folder, from the top of the repository.
    pub(crate) fn in_repository(&self, path: &RepoPath) -> Result<RepoPath, FlowError> {
        let bytes = [self.prefix.as_slice(), path.as_bytes()].concat();
        RepoPath::from_bytes(bytes).map_err(FlowError::bug)
    }

    /// The path in the folder of what lies at `path` from the top of the repository; none when it lies elsewhere.
    pub(crate) fn below(&self, path: &RepoPath) -> Option<RepoPath> {
        RepoPath::from_bytes(path.as_bytes().strip_prefix(self.prefix.as_slice())?).ok()
    }

    /// A file's place on disk.
    pub(crate) fn host_path(&self, path: &RepoPath) -> PathBuf {
        self.root.join(OsStr::from_bytes(path.as_bytes()))
    }

    fn tracked_contents(&self, repository: &Repository) -> Result<Contents, FlowError> {
        let all = repository.worktree_files()?;
        let mut tracked = Vec::new();
        for file in all.files {
            let Some(path) = self.below(&file.path) else { continue };
            tracked.push(WorktreeFile { path, ..file });
        }
        tracked.sort_by(|a, b| a.path.cmp(&b.path));
        let misses_files = all.deleted.iter().any(|path| self.below(path).is_some());
        let dirty = tracked.iter().any(|file| file.change != Change::Unchanged) || misses_files;
        let gaps = all.gaps.into_iter().filter_map(|gap| self.gap_below(gap)).collect();
        let files =
            tracked.iter().map(|file| Listed { path: file.path.clone(), kind: file.kind, size: file.size });
        Ok(Contents { listing: Listing { files: files.collect(), gaps }, tracked, dirty, misses_files })
    }

    fn gap_below(&self, gap: Gap) -> Option<Gap> {
        match &gap.path {
            None => Some(gap),
            Some(path) => Some(Gap { path: Some(self.below(path)?), ..gap }),
        }
    }
}

/// The way from `top` down to `folder`, empty or with a final `/`; none when it lies elsewhere.
pub(crate) fn prefix(top: &Path, folder: &Path) -> Option<Vec<u8>> {
    let mut prefix = folder.strip_prefix(top).ok()?.as_os_str().as_bytes().to_vec();
    if !prefix.is_empty() {
        prefix.push(b'/');
    }
    Some(prefix)
}
