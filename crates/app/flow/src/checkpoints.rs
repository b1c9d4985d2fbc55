//! The newest checkpoint of each project's ledger, remembered in the user's state folder: what was acknowledged here cannot be taken
//! back by who rewrites the project's folder, even with the log key in hand.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use palisade_attest::{Checkpoint, CheckpointVerifier, SignedCheckpoint};
use palisade_ledger::LedgerError;
use palisade_model::Digest;
use palisade_sys::{FileErrorKind, Mode};

use crate::{Context, FlowError};

/// The largest checkpoint that is read, in bytes.
const LIMIT: u64 = 1 << 20;

/// Where the newest checkpoint of the project at `root` is remembered.
fn path(context: &Context, root: &Path) -> PathBuf {
    let project = Digest::of(root.as_os_str().as_bytes()).hex();
    context.folders.state.join("checkpoints").join(project)
}

/// The newest checkpoint seen of the project at `root`, if `verifier` believes it.
pub(crate) fn remembered(
    context: &Context,
    root: &Path,
    verifier: &dyn CheckpointVerifier,
) -> Result<Option<Checkpoint>, FlowError> {
    let path = path(context, root);
    match context.files.read(&path, LIMIT) {
        Ok(bytes) => believed(&path, &bytes, verifier).map(Some),
        Err(error) if error.kind == FileErrorKind::Missing => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// `error` of the ledger of the project at `root`; where the ledger contradicts what is remembered of it, with the place of that.
pub(crate) fn told(context: &Context, root: &Path, error: LedgerError) -> FlowError {
    match error {
        LedgerError::RolledBack { .. } | LedgerError::Rewritten { .. } | LedgerError::OtherLog { .. } => {
            FlowError::Forgotten { error, remembered: path(context, root) }
        }
        error => error.into(),
    }
}

/// The checkpoint in `bytes`, known to the user as `path`, if `verifier` believes it.
pub(crate) fn believed(
    path: &Path,
    bytes: &[u8],
    verifier: &dyn CheckpointVerifier,
) -> Result<Checkpoint, FlowError> {
    let refuse = |reason: String| FlowError::Unavailable {
        message: format!("the checkpoint `{}` cannot be used: {reason}", path.display()),
        hint: Some("it was signed by other keys, or was damaged; keep it and ask who changed it".to_owned()),
    };
    let signed = SignedCheckpoint::parse(bytes).map_err(|error| refuse(error.to_string()))?;
    verifier.verify_checkpoint(&signed).cloned().map_err(|error| refuse(error.to_string()))
}

/// Remembers `checkpoint` as the newest of the project at `root`.
pub(crate) fn remember(
    context: &Context,
    root: &Path,
    checkpoint: &SignedCheckpoint,
) -> Result<(), FlowError> {
    let path = path(context, root);
    if let Some(folder) = path.parent() {
        context.files.create_folder(folder, Mode::Private)?;
    }
    Ok(context.files.write(&path, checkpoint.to_string().as_bytes(), Mode::Private)?)
}
