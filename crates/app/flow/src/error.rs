use std::path::PathBuf;

use palisade_ledger::LedgerError;
use palisade_model::{Problem, canonical};
use palisade_policy::PolicyError;
use palisade_registry::RegistryError;
use palisade_runner::RunnerError;
use palisade_sandbox::SandboxError;
use palisade_store::StoreError;
use palisade_sys::{FileError, FileErrorKind};
use palisade_tree::{SnapshotError, TreeError};
use palisade_trust::KeyError;

use crate::Exit;

/// A document that a person wrote and that cannot be used.
#[derive(Debug, Clone)]
pub struct BadDocument {
    /// How the user knows it.
    pub name: String,
    /// Its content; bytes that are not UTF-8 replaced.
    pub text: String,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// Why a use case could not do its work. A denial is a result, not an error.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// A document is wrong.
    #[error("`{}` cannot be used", .0.name)]
    Document(Box<BadDocument>),
    /// There is no pipeline file.
    #[error("there is no palisade.yaml in `{}` or above it", .0.display())]
    NoProject(PathBuf),
    /// The user asked for something that does not exist or does not fit.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Something in the run must not pass.
    #[error("{message}")]
    Denied {
        /// What.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Something needed is not to be had now.
    #[error("{message}")]
    Unavailable {
        /// What.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// An image could not be pulled.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// git's data could not be read.
    #[error(transparent)]
    Git(#[from] palisade_git::GitError),
    /// A folder could not be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The snapshot could not be made.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A file of ours could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The project's store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys could not be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The ledger could not be used, or is not what it was.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The ledger contradicts what this machine remembers of it.
    #[error("{error}")]
    Forgotten {
        /// How it does.
        error: LedgerError,
        /// The checkpoint that is remembered.
        remembered: PathBuf,
    },
    /// The policy cannot be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A sandbox could not be made.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A job could not be run.
    #[error(transparent)]
    Runner(#[from] RunnerError),
    /// Stopped by the user.
    #[error("cancelled")]
    Cancelled,
    /// Cannot happen; if it does, it is our bug.
    #[error("internal error: {0}")]
    Bug(String),
}

impl FlowError {
    /// A wrong request.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: None }
    }

    /// A wrong request, with advice.
    pub(crate) fn usage_with_hint(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: Some(hint.into()) }
    }

    /// Something that is our fault.
    pub(crate) fn bug(what: impl ToString) -> Self {
        Self::Bug(what.to_string())
    }

    /// The file operation at the bottom of it, if that is what failed.
    fn file(&self) -> Option<&FileError> {
        match self {
            Self::File(error)
            | Self::Store(StoreError::File(error))
            | Self::Key(KeyError::File(error))
            | Self::Ledger(LedgerError::File(error)) => Some(error),
            _ => None,
        }
    }

    fn is_disk_full(&self) -> bool {
        match self {
            Self::Snapshot(SnapshotError::StorageFull { .. }) => true,
            Self::Runner(error) => error.is_disk_full(),
            error => error.file().is_some_and(|error| error.kind == FileErrorKind::Full),
        }
    }

    /// The exit code.
    pub fn exit(&self) -> Exit {
        if let Some(error) = self.file() {
            return file_exit(error);
        }
        match self {
            Self::Document(_) | Self::NoProject(_) | Self::Usage { .. } | Self::Policy(_) => Exit::Usage,
            Self::Denied { .. } | Self::Store(StoreError::Changed { .. }) => Exit::Denied,
            Self::Ledger(LedgerError::OutOfRange { .. }) => Exit::Usage,
            Self::Unavailable { .. } | Self::Snapshot(_) | Self::Ledger(_) | Self::Forgotten { .. } => {
                Exit::Unavailable
            }
            Self::Registry(RegistryError::Denied { .. }) => Exit::NotAllowed,
            Self::Registry(_) => Exit::Unavailable,
            Self::Git(_) | Self::Tree(_) => Exit::Usage,
            Self::File(_) | Self::Store(_) => Exit::Unavailable,
            Self::Key(
                KeyError::WrongPassphrase { .. } | KeyError::NoPassphrase { .. } | KeyError::Exposed { .. },
            ) => Exit::NotAllowed,
            Self::Key(_) => Exit::Usage,
            Self::Sandbox(SandboxError::Unavailable { .. }) => Exit::Unavailable,
            Self::Runner(error) if error.is_unavailable() => Exit::Unavailable,
            Self::Runner(RunnerError::Io { .. } | RunnerError::Workspace(_)) => Exit::Unavailable,
            Self::Cancelled => Exit::Interrupted,
            Self::Sandbox(_) | Self::Runner(_) | Self::Bug(_) => Exit::Bug,
        }
    }

    /// The fine grain below the exit code, for machines.
    pub fn reason(&self) -> &'static str {
        if self.is_disk_full() {
            return "disk-full";
        }
        if let Some(error) = self.file() {
            return file_reason(error);
        }
        match self {
            Self::Document(_) => "bad-document",
            Self::NoProject(_) => "no-project",
            Self::Usage { .. } => "usage",
            Self::Denied { .. } => "denied",
            Self::Unavailable { .. } => "unavailable",
            Self::Registry(RegistryError::Denied { .. }) => "registry-access",
            Self::Registry(_) => "registry",
            Self::Git(_) => "git",
            Self::Tree(_) => "source",
            Self::Snapshot(_) => "snapshot",
            Self::File(_) => "file",
            Self::Store(StoreError::Busy) => "busy",
            Self::Store(StoreError::Changed { .. }) => "changed-output",
            Self::Store(_) => "store",
            Self::Key(KeyError::WrongPassphrase { .. }) => "wrong-passphrase",
            Self::Key(_) => "key",
            Self::Ledger(_) | Self::Forgotten { .. } => "ledger",
            Self::Policy(_) => "policy",
            Self::Sandbox(SandboxError::Unavailable { .. }) => "no-isolation",
            Self::Sandbox(_) => "sandbox",
            Self::Runner(RunnerError::Sandbox(SandboxError::Unavailable { .. })) => "no-isolation",
            Self::Runner(_) => "runner",
            Self::Cancelled => "cancelled",
            Self::Bug(_) => "bug",
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        if self.is_disk_full() {
            return Some(DISK_HINT.to_owned());
        }
        if self.file().is_some_and(|error| error.kind == FileErrorKind::ReadOnly) {
            return Some("whoever runs palisade must be allowed to write there".to_owned());
        }
        match self {
            Self::NoProject(_) => Some("`palisade init` writes one".to_owned()),
            Self::Usage { hint, .. } | Self::Denied { hint, .. } | Self::Unavailable { hint, .. } => {
                hint.clone()
            }
            Self::Key(error) => error.hint(),
            Self::Git(error) => Some(error.hint().to_owned()),
            Self::Store(StoreError::Busy) => Some("wait for it to end, or work in another clone".to_owned()),
            Self::Ledger(LedgerError::File(_) | LedgerError::OutOfRange { .. }) => None,
            Self::Ledger(_) => Some(LEDGER_HINT.to_owned()),
            Self::Forgotten { remembered, .. } => Some(format!(
                "{LEDGER_HINT}; if it is gone for good, as with a clone made anew, remove `{}`, which is what this machine \
                 remembers of it",
                remembered.display()
            )),
            Self::Sandbox(_) | Self::Runner(_) => {
                Some("`palisade doctor` lists what this host can isolate".to_owned())
            }
            Self::Bug(_) => Some("please report it with the command line and this text".to_owned()),
            _ => None,
        }
    }
}

const LEDGER_HINT: &str = "restore .palisade/ledger from a backup";

const DISK_HINT: &str = "free some space and call again: nothing was released or replaced";

fn file_exit(error: &FileError) -> Exit {
    match error.kind {
        FileErrorKind::Denied => Exit::NotAllowed,
        FileErrorKind::Missing
        | FileErrorKind::Exists
        | FileErrorKind::NotAFile
        | FileErrorKind::TooLarge => Exit::Usage,
        FileErrorKind::Full | FileErrorKind::ReadOnly | FileErrorKind::Locked | FileErrorKind::Other => {
            Exit::Unavailable
        }
    }
}

const fn file_reason(error: &FileError) -> &'static str {
    match error.kind {
        FileErrorKind::ReadOnly => "read-only",
        FileErrorKind::Denied => "permission",
        _ => "file",
    }
}

impl From<canonical::CanonicalError> for FlowError {
    fn from(error: canonical::CanonicalError) -> Self {
        Self::bug(error)
    }
}

impl From<serde_json::Error> for FlowError {
    fn from(error: serde_json::Error) -> Self {
        Self::bug(error)
    }
}
