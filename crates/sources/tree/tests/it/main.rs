//! The walk, the push seam and snapshots on real folders; system git is the oracle for ignore files.

#![expect(clippy::unwrap_used, reason = "fixtures may fail as loudly as tests")]

mod ignores;
mod listing;
mod scan;
mod snapshot;

use std::path::Path;

use palisade_model::RepoPath;

fn path(text: impl AsRef<[u8]>) -> RepoPath {
    RepoPath::from_bytes(text.as_ref()).unwrap()
}

/// Writes `content` to `name` below `root`, with its folders.
fn write(root: &Path, name: &str, content: impl AsRef<[u8]>) {
    let file = root.join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, content).unwrap();
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
