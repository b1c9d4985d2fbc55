//! The project's ledger: checked, shown, proven, exported.

use std::path::{Path, PathBuf};

use palisade_attest::{Checkpoint, LogProof};
use palisade_ledger::{Ledger, LedgerEntry, LedgerReport};
use palisade_store::{Store, StoreError};
use palisade_sys::FileErrorKind;
use palisade_trust::Verifier;

use crate::checkpoints::{believed, remembered};
use crate::project::Project;
use crate::{Context, Exit, FlowError};

/// The largest checkpoint file that is read, in bytes.
const CHECKPOINT_LIMIT: u64 = 2 << 20;

/// What came of checking a ledger.
#[derive(Debug, Clone)]
pub enum LedgerCheck {
    /// It stood up to every check.
    Sound(LedgerReport),
    /// It did not, and why.
    Broken(String),
}

impl LedgerCheck {
    /// The exit code.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Sound(_) => Exit::Done,
            Self::Broken(_) => Exit::Denied,
        }
    }
}

/// Checks the ledger of the project that `folder` lies in, against itself and against every checkpoint that is known: the newest
/// one in the user's state folder, those of the project's releases, and the files named.
pub fn verify_ledger(
    context: &Context,
    folder: &Path,
    checkpoints: &[PathBuf],
) -> Result<LedgerCheck, FlowError> {
    let project = Project::find(folder)?;
    let verifier = verifier(context)?;
    let known = match known(context, &project, &verifier, checkpoints) {
        Ok(known) => known,
        Err(FlowError::Unavailable { message, .. }) => return Ok(LedgerCheck::Broken(message)),
        // A release without its proof, or with another manifest than it was made with.
        Err(error @ FlowError::Store(StoreError::Corrupt { .. })) => {
            return Ok(LedgerCheck::Broken(error.to_string()));
        }
        Err(FlowError::File(error)) if error.kind == FileErrorKind::Missing && checkpoints.is_empty() => {
            return Ok(LedgerCheck::Broken(error.to_string()));
        }
        Err(error) => return Err(error),
    };
    let store = Store::new(context.files.clone(), &project.root);
    match Ledger::open(&*context.files, store.ledger_folder()).verify(&verifier, &known) {
        Ok(report) => Ok(LedgerCheck::Sound(report)),
        Err(palisade_ledger::LedgerError::File(error)) => Err(error.into()),
        Err(error) => Ok(LedgerCheck::Broken(error.to_string())),
    }
}

/// The entries from index `from` up to, not including, `to`, with their indexes.
pub fn ledger_entries(
    context: &Context,
    folder: &Path,
    from: u64,
    to: u64,
) -> Result<Vec<(u64, LedgerEntry)>, FlowError> {
    let store = store(context, folder)?;
    let ledger = Ledger::open(&*context.files, store.ledger_folder());
    Ok(ledger.entries(from..to)?.collect::<Result<_, _>>()?)
}

/// A proof for the entry at `index` that can be checked offline.
pub fn prove_entry(context: &Context, folder: &Path, index: u64) -> Result<LogProof, FlowError> {
    let store = store(context, folder)?;
    Ok(Ledger::open(&*context.files, store.ledger_folder()).prove(index)?)
}

fn store(context: &Context, folder: &Path) -> Result<Store, FlowError> {
    Ok(Store::new(context.files.clone(), &Project::find(folder)?.root))
}

fn verifier(context: &Context) -> Result<Verifier, FlowError> {
    Ok(Verifier::new(context.keys().public()?))
}

fn known(
    context: &Context,
    project: &Project,
    verifier: &Verifier,
    files: &[PathBuf],
) -> Result<Vec<Checkpoint>, FlowError> {
    let mut known: Vec<Checkpoint> = remembered(context, &project.root, verifier)?.into_iter().collect();
    let store = Store::new(context.files.clone(), &project.root);
    for release in store.releases()? {
        for artifact in &release.manifest.artifacts {
            let path = release.folder.join(format!("{}.tlog-proof", artifact.subject.name));
            known.push(checkpoint_in(context, &path, verifier)?);
        }
    }
    for path in files {
        known.push(checkpoint_in(context, path, verifier)?);
    }
    Ok(known)
}

/// The checkpoint in a file: a bare one, or a log proof's.
fn checkpoint_in(context: &Context, path: &Path, verifier: &Verifier) -> Result<Checkpoint, FlowError> {
    let bytes = context.files.read(path, CHECKPOINT_LIMIT)?;
    match LogProof::parse(&bytes) {
        Ok(proof) => believed(path, proof.checkpoint.to_string().as_bytes(), verifier),
        Err(_) => believed(path, &bytes, verifier),
    }
}
