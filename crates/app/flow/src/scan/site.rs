//! Where a scan takes place.

use std::path::{Path, PathBuf};

use super::ScanTarget;
use crate::FlowError;
use crate::project::Project;
use crate::source::{Folder, prefix};

/// The folders that a scan has to do with.
pub(super) struct Site {
    /// What is scanned.
    pub(super) folder: Folder,
    /// The project around it.
    pub(super) project: Option<Project>,
    /// Where waivers, baseline and ignore files lie: the project, else the folder itself.
    pub(super) ground: Folder,
    /// Where paths start from.
    pub(super) start: PathBuf,
}

impl Site {
    pub(super) fn open(target: &ScanTarget) -> Result<Self, FlowError> {
        let of_history = target.is_of_history();
        let place = target.place();
        let folder = if of_history { Folder::open_history(&place)? } else { Folder::open(&place)? };
        let at = directory(folder.root());
        let project = Project::find_optional(&at)?;
        let ground = project.as_ref().map_or(at.as_path(), |project| project.root.as_path());
        let ground = if of_history { Folder::open_history(ground)? } else { Folder::open_plain(ground)? };
        let start = start(&folder, target);
        Ok(Self { folder, project, ground, start })
    }

    /// The way from the ground down to where paths start, empty or with a final `/`; none when it lies elsewhere.
    pub(super) fn prefix(&self) -> Option<Vec<u8>> {
        prefix(self.ground.root(), &self.start)
    }

    /// Whether all files of the ground are scanned.
    pub(super) fn is_whole(&self, target: &ScanTarget) -> bool {
        matches!(target, ScanTarget::Path(_)) && self.folder.root() == self.ground.root()
    }
}

/// The folder that paths start from: in a history the top of the repository, else the one scanned. A single file is known by its path
/// from where the user stands if it lies below, else by its name.
fn start(folder: &Folder, target: &ScanTarget) -> PathBuf {
    let root = folder.root();
    if let (ScanTarget::History(_) | ScanTarget::Range { .. }, Some(repository)) =
        (target, folder.repository())
    {
        return repository.root().to_owned();
    }
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    match root.parent() {
        Some(_) if !root.is_dir() && root.starts_with(&here) => here,
        Some(parent) if !root.is_dir() => parent.to_owned(),
        _ => root.to_owned(),
    }
}

/// `path` if it is a folder, else the folder it lies in.
pub(super) fn directory(path: &Path) -> PathBuf {
    match (path.is_dir(), path.parent()) {
        (false, Some(parent)) if !parent.as_os_str().is_empty() => parent.to_owned(),
        (false, _) => PathBuf::from("."),
        (true, _) => path.to_owned(),
    }
}
