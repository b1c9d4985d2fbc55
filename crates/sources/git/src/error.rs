use std::error::Error;
use std::io;
use std::path::PathBuf;

use palisade_model::RepoPath;

/// Why a repository could not be read.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no work tree to take files from.
    #[error("`{}` is a bare repository", path.display())]
    Bare {
        /// The repository.
        path: PathBuf,
    },
    /// There is no repository at a path or above it.
    #[error("no git repository at `{}` or above it", path.display())]
    NoRepository {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// `core.worktree` names another folder than the one that holds `.git`.
    #[error("the repository in `{}` claims the work tree `{}`", root.display(), claimed.display())]
    OtherWorktree {
        /// The folder that holds `.git`.
        root: PathBuf,
        /// The folder that the repository names.
        claimed: PathBuf,
    },
    /// `.git` belongs to somebody who is neither the folder's owner, nor the user, nor root (compare CVE-2022-24765).
    #[error("`.git` in `{}` belongs to another user than the folder", root.display())]
    ForeignOwner {
        /// The folder that holds `.git`.
        root: PathBuf,
    },
    /// Something in the repository is missing, broken or of a kind that is not supported.
    #[error("cannot read {what}: {detail}")]
    Damaged {
        /// What was being read, such as ``the index of `/src` ``.
        what: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A revision that names nothing, several things, or no tree.
    #[error("`{rev}` is no revision here: {detail}")]
    Revision {
        /// What the user wrote.
        rev: String,
        /// Why it does not resolve.
        detail: String,
    },
    /// An object, or a tree of objects, over the limit.
    #[error("{what} is over the limit of {limit}")]
    TooLarge {
        /// What was being read, with its size.
        what: String,
        /// The limit and its unit.
        limit: String,
    },
    /// The index holds an unresolved merge conflict.
    #[error("`{path}` is in conflict")]
    Unmerged {
        /// The file.
        path: RepoPath,
    },
    /// The system refused.
    #[error("cannot read `{}`: {source}", path.display())]
    Io {
        /// What was being read.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl GitError {
    /// What the user can do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Bare { .. } => {
                "scan its history with `--history`, or check it out first: `git worktree add DIR` or `git clone`"
            }
            Self::NoRepository { .. } => "give the path of a repository, or make one with `git init`",
            Self::OtherWorktree { .. } => "unset `core.worktree`, or use `git worktree add`",
            Self::ForeignOwner { .. } => "make both belong to the same user, or remove the foreign `.git`",
            Self::Damaged { .. } => "check the repository with `git fsck`, or clone it again",
            Self::Revision { .. } => {
                "`git rev-parse REV` shows what git makes of it; a shallow clone may lack it"
            }
            Self::TooLarge { .. } => "raise the limit, or keep such files outside the repository",
            Self::Unmerged { .. } => "resolve the conflict and `git add` the file",
            Self::Io { .. } => "check that the file exists and may be read",
        }
    }

    pub(crate) fn damaged(what: impl Into<String>, error: &(dyn Error + 'static)) -> Self {
        Self::Damaged { what: what.into(), detail: chain(error) }
    }

    pub(crate) fn io(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }
}

/// The messages of `error` and its causes in one line.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    let mut messages: Vec<String> = causes.take(8).map(|error| first_line(&error.to_string())).collect();
    messages.dedup();
    messages.join(": ")
}

fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    line.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
