//! What hooks need to know of a repository: where git looks for them, and which index a commit is made from.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use gix::config::{File, Source};

use crate::open::open_with_index;
use crate::{GitError, Repository};

impl Repository {
    /// The folder of this work tree's own HEAD and index: `.git`, or one below the common folder for a linked work tree. Absolute,
    /// without symbolic links.
    ///
    /// # Errors
    /// When it cannot be resolved.
    pub fn git_dir(&self) -> Result<PathBuf, GitError> {
        canonical(self.inner.git_dir())
    }

    /// The git folder that all work trees share, where hooks lie. Absolute, without symbolic links.
    ///
    /// # Errors
    /// When it cannot be resolved.
    pub fn common_dir(&self) -> Result<PathBuf, GitError> {
        canonical(self.inner.common_dir())
    }

    /// What the repository's own configuration says of `core.hooksPath`, as it is written there: a relative path starts at the top of
    /// the work tree (git-config(1)).
    pub fn hooks_path(&self) -> Option<PathBuf> {
        let value = self.inner.config_snapshot().string("core.hooksPath")?;
        Some(PathBuf::from(OsStr::from_bytes(&value)))
    }

    /// The same repository with another index than its own: git makes one for `git commit -a` and `git commit PATH`, and names it to
    /// hooks in `GIT_INDEX_FILE` (githooks(5), git(1)).
    ///
    /// # Errors
    /// When `index` is no regular file. One that is missing is an empty one only where the repository's own is missing too: a wrong
    /// path must not look like a commit of nothing.
    pub fn with_index(&self, index: &Path) -> Result<Self, GitError> {
        match index.metadata() {
            Ok(meta) if !meta.is_file() => {
                let what = format!("`{}`", index.display());
                return Err(GitError::Damaged { what, detail: "not a regular file".to_owned() });
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.inner.index_path().exists() => {}
            Err(error) => return Err(GitError::io(index, error)),
        }
        open_with_index(self, index)
    }
}

/// What a configuration file of the user or the system says of `core.hooksPath`. Files that it includes are not looked at. None when
/// it says nothing or cannot be read.
pub fn hooks_path_in(config: &Path) -> Option<PathBuf> {
    if !config.metadata().is_ok_and(|meta| meta.is_file()) {
        return None;
    }
    let file = File::from_path_no_includes(config.to_owned(), Source::User).ok()?;
    let value = file.string("core.hooksPath")?;
    Some(PathBuf::from(OsStr::from_bytes(&value)))
}

fn canonical(path: &Path) -> Result<PathBuf, GitError> {
    path.canonicalize().map_err(|error| GitError::io(path, error))
}
