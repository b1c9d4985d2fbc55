use std::path::PathBuf;

use palisade_attest::CheckpointRefused;
use palisade_sys::FileError;

/// What is wrong with a ledger, or was wrong with a request to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// There is no ledger.
    #[error("there is no ledger: `{}` does not exist", path.display())]
    Missing {
        /// Where its checkpoint would be.
        path: PathBuf,
    },
    /// The checkpoint cannot be read or believed.
    #[error("the checkpoint `{}` is not to be believed: {reason}", path.display())]
    Checkpoint {
        /// Where it lies.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A file is not what the layout asks for.
    #[error("`{}` is damaged: {reason}", path.display())]
    Corrupt {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// An entry was changed after it was hashed.
    #[error("entry {index} in `{}` is not the one that was hashed into the log", path.display())]
    EntryChanged {
        /// Its index, from 0.
        index: u64,
        /// The bundle it lies in.
        path: PathBuf,
    },
    /// Entries and tiles agree with each other, not with the checkpoint.
    #[error("the {size} entries do not have the root hash that the checkpoint states")]
    Root {
        /// How many entries.
        size: u64,
    },
    /// The ledger is older than a checkpoint known from elsewhere: entries were cut off, or an old copy was put back.
    #[error("the ledger was rolled back: it has {stored} entries, and a known checkpoint has {known}")]
    RolledBack {
        /// Entries now.
        stored: u64,
        /// Entries it once had.
        known: u64,
    },
    /// The ledger tells another history than a checkpoint known from elsewhere, even if its key signed both.
    #[error("the ledger was rewritten: one of its entries {from} to {last} is not the one that a known checkpoint of size {to} covers", last = to.saturating_sub(1))]
    Rewritten {
        /// Entries before this index agree.
        from: u64,
        /// Size of the known checkpoint.
        to: u64,
    },
    /// A known checkpoint is of another log: the ledger was begun anew, or is that of another project.
    #[error("the ledger is `{found}`, and the known checkpoint is of `{expected}`")]
    OtherLog {
        /// The known checkpoint's origin.
        expected: String,
        /// The ledger's.
        found: String,
    },
    /// An entry over 65535 bytes of JSON.
    #[error("an entry of {bytes} bytes is too large; the limit is 65535")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// An entry or size that the ledger does not have.
    #[error("the ledger has {size} entries; there is nothing at {asked}")]
    OutOfRange {
        /// What was asked for.
        asked: u64,
        /// How many it has.
        size: u64,
    },
    /// The signer refused.
    #[error("the new checkpoint was not signed: {0}")]
    NotSigned(#[from] CheckpointRefused),
    /// A new ledger could not be named.
    #[error("a new ledger cannot be named: the system's random number generator failed")]
    Random,
    /// The file system refused.
    #[error(transparent)]
    File(#[from] FileError),
}
