use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use palisade_model::canonical::{self, CanonicalError};
use palisade_model::{Digest, EntryKind, Hasher, RepoPath, SnapshotFile};
use palisade_sys::beneath::{open_folder, open_host_regular, open_root, split_parent};
use rustix::fs::{CWD, Mode, OFlags, fchmod, mkdirat, openat, readlinkat, symlinkat};
use rustix::io::Errno;

use crate::listing::MAX_DEPTH;

const BUFFER_BYTES: usize = 256 << 10;

/// Where the content of a snapshot file comes from.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// These bytes; for a symbolic link its target.
    Bytes(&'a [u8]),
    /// The regular file (never through a link in its last part) or the symbolic link at this path on the host.
    HostFile(&'a Path),
}

/// Why a snapshot could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// No space left, or over quota.
    #[error("no space left on the disk for `{}`", path.display())]
    StorageFull {
        /// What was being written.
        path: PathBuf,
    },
    /// Something that is not a folder lies where the path needs one, such as a symbolic link added earlier.
    #[error("`{path}` would be written through something that is not a folder")]
    Obstructed {
        /// The path.
        path: RepoPath,
    },
    /// The path was added before.
    #[error("`{path}` is there twice")]
    Duplicate {
        /// The path.
        path: RepoPath,
    },
    /// The path has more than 256 parts.
    #[error("`{path}` has more than {MAX_DEPTH} parts")]
    TooDeep {
        /// The path.
        path: RepoPath,
    },
    /// The host's file could not be read: gone, not permitted, or not a regular file.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The host's file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something could not be written.
    #[error("cannot write `{}`: {source}", path.display())]
    Write {
        /// What was being written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The list of files has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

impl SnapshotError {
    pub(crate) fn write(path: &Path, source: impl Into<io::Error>) -> Self {
        let source = source.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::StorageFull { path: path.to_owned() }
            }
            _ => Self::Write { path: path.to_owned(), source },
        }
    }
}

/// A finished snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its files, sorted by path.
    pub files: Vec<SnapshotFile>,
    /// The digest of their canonical JSON.
    pub tree: Digest,
    /// Their size in bytes.
    pub bytes: u64,
}

/// Writes a snapshot into a new folder, and nothing outside it: folders are opened part by part without following links, files
/// are created where nothing was.
///
/// Files end as 0444 or 0555 and folders as 0555, whatever the umask. A writer that is dropped before [`finish`](Self::finish)
/// leaves a folder for [`remove_snapshot`](crate::remove_snapshot).
#[derive(Debug)]
pub struct SnapshotWriter {
    dest: PathBuf,
    root: OwnedFd,
    /// The parent of the path added last: files mostly come folder by folder.
    parent: Option<(Vec<u8>, OwnedFd)>,
    folders: BTreeSet<Vec<u8>>,
    files: Vec<SnapshotFile>,
    buffer: Vec<u8>,
}

impl SnapshotWriter {
    /// Creates the folder `dest`; its parent exists, it does not.
    pub fn create(dest: &Path) -> Result<Self, SnapshotError> {
        let failed = |error| SnapshotError::write(dest, error);
        DirBuilder::new().mode(0o700).create(dest).map_err(failed)?;
        let root = open_root(dest).map_err(failed)?;
        Ok(Self {
            dest: dest.to_owned(),
            root,
            parent: None,
            folders: BTreeSet::new(),
            files: Vec::new(),
            buffer: vec![0; BUFFER_BYTES],
        })
    }

    /// Adds one file or symbolic link. The digest is of what was written, so a file that changes meanwhile cannot make the
    /// snapshot disagree with itself.
    ///
    /// # Errors
    /// After an error the snapshot is unusable and is to be removed, except after [`SnapshotError::Read`] from opening the host's
    /// file: then nothing was written and the path may be left out.
    pub fn add_file(
        &mut self,
        path: &RepoPath,
        kind: EntryKind,
        from: Content<'_>,
    ) -> Result<(), SnapshotError> {
        if path.as_bytes().split(|byte| *byte == b'/').count() > MAX_DEPTH {
            return Err(SnapshotError::TooDeep { path: path.clone() });
        }
        let (size, digest) = match kind {
            EntryKind::Symlink => self.add_link(path, from)?,
            EntryKind::File => self.add_regular(path, from, Mode::from(0o444))?,
            EntryKind::Executable => self.add_regular(path, from, Mode::from(0o555))?,
        };
        self.files.push(SnapshotFile { path: path.clone(), kind, size, digest });
        Ok(())
    }

    /// Seals the folders and digests the list of files.
    pub fn finish(mut self) -> Result<Written, SnapshotError> {
        // Deepest first: a folder sorts before what lies in it.
        for folder in std::mem::take(&mut self.folders).iter().rev() {
            let path = self.host_path(folder);
            let fd = self.open_parent(&[folder.as_slice(), b"/."].concat(), &path)?;
            fchmod(fd, Mode::from(0o555)).map_err(|error| SnapshotError::write(&path, error))?;
        }
        fchmod(&self.root, Mode::from(0o555)).map_err(|error| SnapshotError::write(&self.dest, error))?;
        self.files.sort();
        let tree = canonical::digest(&self.files)?;
        let bytes = self.files.iter().map(|file| file.size).sum();
        Ok(Written { files: self.files, tree, bytes })
    }

    fn add_link(&mut self, path: &RepoPath, from: Content<'_>) -> Result<(u64, Digest), SnapshotError> {
        let target = match from {
            Content::Bytes(bytes) => bytes.to_vec(),
            Content::HostFile(host) => readlinkat(CWD, host, Vec::new())
                .map_err(|error| SnapshotError::Read { path: host.to_owned(), source: error.into() })?
                .into_bytes(),
        };
        let host_path = self.host_path(path.as_bytes());
        let (_, name) = split_parent(path.as_bytes());
        let parent = self.make_parent(path)?;
        symlinkat(target.as_slice(), parent, name).map_err(|error| create_error(error, path, &host_path))?;
        Ok((target.len() as u64, Digest::of(&target)))
    }

    fn add_regular(
        &mut self,
        path: &RepoPath,
        from: Content<'_>,
        mode: Mode,
    ) -> Result<(u64, Digest), SnapshotError> {
        // Opened before anything is created, so that an unreadable file leaves no trace.
        let mut source: Box<dyn Read + '_> = match from {
            Content::Bytes(bytes) => Box::new(bytes),
            Content::HostFile(host) => Box::new(open_bounded(host)?),
        };
        let read_from = match from {
            Content::Bytes(_) => Path::new(""),
            Content::HostFile(host) => host,
        };
        let host_path = self.host_path(path.as_bytes());
        let (_, name) = split_parent(path.as_bytes());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(self.make_parent(path)?, name, flags, Mode::from(0o600))
            .map_err(|error| create_error(error, path, &host_path))?;
        let mut file = File::from(file);
        let copied = copy(&mut source, &mut file, &mut self.buffer).map_err(|failure| match failure {
            CopyFailure::Read(source) => SnapshotError::Read { path: read_from.to_owned(), source },
            CopyFailure::Write(source) => SnapshotError::write(&host_path, source),
        })?;
        fchmod(&file, mode).map_err(|error| SnapshotError::write(&host_path, error))?;
        Ok(copied)
    }

    /// Opens the parent of `path`, creating it where it is missing.
    fn make_parent(&mut self, path: &RepoPath) -> Result<BorrowedFd<'_>, SnapshotError> {
        let (parts, _) = split_parent(path.as_bytes());
        let mut folder = Vec::new();
        for part in parts {
            if !folder.is_empty() {
                folder.push(b'/');
            }
            folder.extend_from_slice(part);
            if !self.folders.contains(&folder) {
                self.make_folder(&folder, path)?;
                self.folders.insert(folder.clone());
            }
        }
        let host_path = self.host_path(path.as_bytes());
        self.open_parent(path.as_bytes(), &host_path)
    }

    fn make_folder(&mut self, folder: &[u8], for_path: &RepoPath) -> Result<(), SnapshotError> {
        let host_path = self.host_path(folder);
        let (_, name) = split_parent(folder);
        let parent = self.open_parent(folder, &host_path)?;
        match mkdirat(parent, name, Mode::from(0o700)) {
            // Not one of our folders, so it is a file or link of the snapshot.
            Err(Errno::EXIST) => Err(SnapshotError::Obstructed { path: for_path.clone() }),
            done => done.map_err(|error| SnapshotError::write(&host_path, error)),
        }
    }

    /// Opens the parent folder of `path`, all of whose parts this writer created.
    fn open_parent(&mut self, path: &[u8], host_path: &Path) -> Result<BorrowedFd<'_>, SnapshotError> {
        let (parts, name) = split_parent(path);
        let parent = path.strip_suffix(name).unwrap_or(path);
        if self.parent.as_ref().is_none_or(|(known, _)| known != parent) {
            self.parent = None;
            let mut opened: Option<OwnedFd> = None;
            for part in parts {
                let above = opened.as_ref().map_or(self.root.as_fd(), OwnedFd::as_fd);
                opened =
                    Some(open_folder(above, part).map_err(|error| SnapshotError::write(host_path, error))?);
            }
            self.parent = opened.map(|fd| (parent.to_vec(), fd));
        }
        Ok(self.parent.as_ref().map_or(self.root.as_fd(), |(_, fd)| fd.as_fd()))
    }

    fn host_path(&self, path: &[u8]) -> PathBuf {
        self.dest.join(OsStr::from_bytes(path))
    }
}

fn create_error(error: Errno, path: &RepoPath, host_path: &Path) -> SnapshotError {
    match error {
        Errno::EXIST => SnapshotError::Duplicate { path: path.clone() },
        error => SnapshotError::write(host_path, error),
    }
}

/// The host's file, no further than its present size: a log that keeps growing must not fill the disk.
fn open_bounded(host: &Path) -> Result<io::Take<File>, SnapshotError> {
    let (file, size) =
        open_host_regular(host).map_err(|source| SnapshotError::Read { path: host.to_owned(), source })?;
    Ok(file.take(size))
}

#[derive(Debug)]
enum CopyFailure {
    Read(io::Error),
    Write(io::Error),
}

/// Copies and digests in one pass.
fn copy(from: &mut dyn Read, to: &mut dyn Write, buffer: &mut [u8]) -> Result<(u64, Digest), CopyFailure> {
    let mut hasher = Hasher::new();
    let mut size = 0;
    loop {
        let count = match from.read(buffer) {
            Ok(0) => return Ok((size, hasher.finish())),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(CopyFailure::Read(error)),
        };
        let chunk = buffer.get(..count).unwrap_or_default();
        hasher.update(chunk);
        to.write_all(chunk).map_err(CopyFailure::Write)?;
        size += count as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_disk_is_told_apart() {
        let mut full = File::options().write(true).open("/dev/full").unwrap();
        let failure = copy(&mut b"x".as_slice(), &mut full, &mut [0; 16]).unwrap_err();
        let CopyFailure::Write(source) = failure else { panic!("{failure:?}") };
        let error = SnapshotError::write(Path::new("dest/a"), source);
        assert!(matches!(error, SnapshotError::StorageFull { .. }), "{error:?}");
    }
}
