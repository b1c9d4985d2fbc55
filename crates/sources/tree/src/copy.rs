use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use palisade_model::EntryKind;
use palisade_sys::beneath::split_parent;
use rayon::prelude::*;

use crate::listing::{Listed, list_everything};
use crate::snapshot::SnapshotError;

/// Copies the snapshot `from` to the new folder `to` as a job's workspace: files 0644 or 0755, folders 0755, owned by `owner`
/// (user, group) when told. Blocks are shared where the file system can.
///
/// # Errors
/// The first entry that cannot be copied; what was copied stays, for [`remove_snapshot`](crate::remove_snapshot).
pub fn copy_tree(from: &Path, to: &Path, owner: Option<(u32, u32)>) -> Result<(), SnapshotError> {
    let unreadable = |source| SnapshotError::Read { path: from.to_owned(), source };
    let listing = list_everything(from).map_err(|error| unreadable(io::Error::other(error)))?;
    if let Some(gap) = listing.gaps.first() {
        return Err(unreadable(io::Error::other(gap.detail.clone())));
    }
    let copy = TreeCopy { from, to, owner };
    let folders = folders_of(&listing.files);
    // Closed to others until all is in place.
    make_folder(to, 0o700)?;
    folders.iter().try_for_each(|folder| make_folder(&host_path(to, folder), 0o755))?;
    listing.files.par_iter().try_for_each(|file| copy.entry(file))?;
    folders.iter().rev().try_for_each(|folder| copy.release(&host_path(to, folder)))?;
    copy.release(to)
}

struct TreeCopy<'a> {
    from: &'a Path,
    to: &'a Path,
    owner: Option<(u32, u32)>,
}

impl TreeCopy<'_> {
    fn entry(&self, file: &Listed) -> Result<(), SnapshotError> {
        let source = host_path(self.from, file.path.as_bytes());
        let dest = host_path(self.to, file.path.as_bytes());
        let done = match file.kind {
            EntryKind::Symlink => fs::read_link(&source).and_then(|target| symlink(target, &dest)),
            EntryKind::File => copy_file(&source, &dest, 0o644),
            EntryKind::Executable => copy_file(&source, &dest, 0o755),
        };
        done.and_then(|()| self.hand_over(&dest)).map_err(|error| SnapshotError::write(&dest, error))
    }

    fn release(&self, folder: &Path) -> Result<(), SnapshotError> {
        fs::set_permissions(folder, Permissions::from_mode(0o755))
            .and_then(|()| self.hand_over(folder))
            .map_err(|error| SnapshotError::write(folder, error))
    }

    fn hand_over(&self, path: &Path) -> io::Result<()> {
        match self.owner {
            Some((user, group)) => lchown(path, Some(user), Some(group)),
            None => Ok(()),
        }
    }
}

fn copy_file(from: &Path, to: &Path, mode: u32) -> io::Result<()> {
    fs::copy(from, to)?;
    fs::set_permissions(to, Permissions::from_mode(mode))
}

/// Every folder above a file; parents sort before what lies in them.
fn folders_of(files: &[Listed]) -> BTreeSet<Vec<u8>> {
    let mut folders = BTreeSet::new();
    for file in files {
        let mut folder = Vec::new();
        for part in split_parent(file.path.as_bytes()).0 {
            if !folder.is_empty() {
                folder.push(b'/');
            }
            folder.extend_from_slice(part);
            folders.insert(folder.clone());
        }
    }
    folders
}

fn make_folder(path: &Path, mode: u32) -> Result<(), SnapshotError> {
    DirBuilder::new().mode(mode).create(path).map_err(|error| SnapshotError::write(path, error))
}

fn host_path(root: &Path, path: &[u8]) -> PathBuf {
    root.join(OsStr::from_bytes(path))
}
