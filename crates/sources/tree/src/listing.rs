use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use palisade_model::{EntryKind, Gap, GapKind, RepoPath, SnapshotFile};
use palisade_sys::beneath::{Root, file_type, inside, open_folder, size, stat};
use rustix::fs::{FileType, Mode, Stat};
use serde::{Deserialize, Serialize};

use crate::ignores::{IGNORE_FILE, Ignores};

/// Parts of a path; deeper folders are not entered.
pub(crate) const MAX_DEPTH: usize = 256;

/// Entries of one listing.
const MAX_ENTRIES: usize = 5_000_000;

/// What is said of a `.git`.
const REPOSITORY: &str =
    "a git repository's own folder is not looked at; scan it with `palisade scan --history`";

/// How a folder is listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListOptions {
    /// Whether `.gitignore` files in the tree are honoured; none from parent folders or the user's configuration.
    pub respect_ignores: bool,
}

/// One file or symbolic link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Where it lies below the root.
    pub path: RepoPath,
    /// What it is.
    pub kind: EntryKind,
    /// Its size in bytes.
    pub size: u64,
}

/// What lies in a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Files and symbolic links, sorted by the bytes of their paths.
    pub files: Vec<Listed>,
    /// What could not or should not be listed, sorted.
    pub gaps: Vec<Gap>,
}

impl Listing {
    /// The listing of a snapshot: exactly its files, whatever their names.
    pub fn of_snapshot(files: &[SnapshotFile], gaps: Vec<Gap>) -> Self {
        let listed =
            |file: &SnapshotFile| Listed { path: file.path.clone(), kind: file.kind, size: file.size };
        Self { files: files.iter().map(listed).collect(), gaps }
    }
}

/// Why a folder could not be listed at all.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The root does not exist or cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Root {
        /// The root.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Lists the folder `root`, or the file `root` as the only entry. Symbolic links below the root are entries, never followed.
///
/// `.git` in any folder and `.palisade` in the root are left out: the first is git's and noted, the second is Palisade's own state.
///
/// # Errors
/// When the root itself does not exist or cannot be read; everything below becomes a gap.
pub fn list(root: &Path, options: ListOptions) -> Result<Listing, TreeError> {
    Walk { leave_out: true, ..Walk::new(options) }.run(root)
}

/// Lists all of `root`, `.git` and `.palisade` too.
pub(crate) fn list_everything(root: &Path) -> Result<Listing, TreeError> {
    Walk::new(ListOptions { respect_ignores: false }).run(root)
}

struct Walk {
    options: ListOptions,
    leave_out: bool,
    max_entries: usize,
    entries: usize,
    ignores: Ignores,
    listing: Listing,
}

/// The listing is full.
struct Full;

impl Walk {
    fn new(options: ListOptions) -> Self {
        Self {
            options,
            leave_out: false,
            max_entries: MAX_ENTRIES,
            entries: 0,
            ignores: Ignores::default(),
            listing: Listing::default(),
        }
    }

    fn run(mut self, root: &Path) -> Result<Listing, TreeError> {
        let failed = |source| TreeError::Root { path: root.to_owned(), source };
        let real = root.canonicalize().map_err(failed)?;
        let folder = Root::of(&real).map_err(failed)?;
        let done = if real.is_dir() {
            let inside = inside(folder.fd()).map_err(failed)?;
            self.folder(folder.fd(), inside, &mut Vec::new(), 0)
        } else {
            let name = real.file_name().unwrap_or(OsStr::new(""));
            self.entry(folder.fd(), name.as_bytes(), FileType::Unknown, &mut Vec::new(), 0)
        };
        if done.is_err() {
            let detail = format!("more than {} entries; scan a smaller folder", self.max_entries);
            self.listing.gaps.push(Gap::new(None, GapKind::BudgetHit, detail));
        }
        self.listing.files.sort_by(|a, b| a.path.cmp(&b.path));
        self.listing.gaps.sort();
        Ok(self.listing)
    }

    /// Walks `folder`, whose path with its final `/` is in `path` and restored on return.
    fn folder(
        &mut self,
        folder: BorrowedFd<'_>,
        inside: Vec<(Vec<u8>, FileType)>,
        path: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), Full> {
        if self.options.respect_ignores {
            // The names are sorted; most folders have none.
            let present = inside.binary_search_by(|(name, _)| name.as_slice().cmp(IGNORE_FILE)).is_ok();
            self.ignores.enter(present.then_some(folder), path.len());
        }
        for (name, kind) in inside {
            let length = path.len();
            if self.leave_out && name == b".git" {
                path.extend_from_slice(&name);
                self.gap(path, GapKind::Noted, REPOSITORY.to_owned());
                path.truncate(length);
                continue;
            }
            if self.leave_out && depth == 0 && name == b".palisade" {
                continue;
            }
            self.entry(folder, &name, kind, path, depth)?;
            path.truncate(length);
        }
        self.ignores.leave();
        Ok(())
    }

    fn entry(
        &mut self,
        folder: BorrowedFd<'_>,
        name: &[u8],
        kind: FileType,
        path: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), Full> {
        path.extend_from_slice(name);
        // Of a folder nothing else is asked.
        let stat = (kind != FileType::Directory).then(|| stat(folder, name));
        let is_folder = match &stat {
            None => true,
            Some(stat) => stat.as_ref().is_ok_and(|stat| file_type(stat) == FileType::Directory),
        };
        if self.ignores.excludes(path, is_folder) {
            return Ok(());
        }
        if self.entries >= self.max_entries {
            return Err(Full);
        }
        self.entries += 1;
        let Some(stat) = stat.filter(|_| !is_folder) else {
            return self.subfolder(folder, name, path, depth + 1);
        };
        match stat {
            Err(error) => self.gap(path, GapKind::Unreadable, format!("cannot be read: {error}")),
            Ok(stat) => self.file(path, &stat),
        }
        Ok(())
    }

    fn subfolder(
        &mut self,
        parent: BorrowedFd<'_>,
        name: &[u8],
        path: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), Full> {
        if depth >= MAX_DEPTH {
            self.gap(path, GapKind::BudgetHit, format!("folder is nested deeper than {MAX_DEPTH} levels"));
            return Ok(());
        }
        let opened = open_folder(parent, name).and_then(|fd| Ok((inside(fd.as_fd())?, fd)));
        match opened {
            Err(error) => self.gap(path, GapKind::Unreadable, format!("folder cannot be read: {error}")),
            Ok((inside, fd)) => {
                path.push(b'/');
                self.folder(fd.as_fd(), inside, path, depth)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &[u8], stat: &Stat) {
        let kind = match file_type(stat) {
            FileType::RegularFile if stat.st_mode & Mode::XUSR.bits() != 0 => EntryKind::Executable,
            FileType::RegularFile => EntryKind::File,
            FileType::Symlink => EntryKind::Symlink,
            other => return self.gap(path, GapKind::Noted, format!("{} is not opened", describe(other))),
        };
        if let Ok(path) = RepoPath::from_bytes(path) {
            self.listing.files.push(Listed { path, kind, size: size(stat) });
        }
    }

    fn gap(&mut self, path: &[u8], kind: GapKind, detail: String) {
        self.listing.gaps.push(Gap::new(RepoPath::from_bytes(path).ok(), kind, detail));
    }
}

fn describe(kind: FileType) -> &'static str {
    match kind {
        FileType::Socket => "socket",
        FileType::Fifo => "fifo",
        FileType::BlockDevice => "block device",
        FileType::CharacterDevice => "character device",
        _ => "special file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_entries_are_a_blocking_gap() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let walk = |max_entries| Walk { max_entries, ..Walk::new(ListOptions::default()) };
        assert_eq!(walk(3).run(folder.path()).unwrap().gaps, []);
        let listing = walk(2).run(folder.path()).unwrap();
        assert_eq!(listing.files.len(), 2);
        assert!(matches!(listing.gaps.as_slice(), [gap] if gap.kind == GapKind::BudgetHit && gap.blocking));
    }
}
