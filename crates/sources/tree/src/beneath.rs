//! Opening below a root, part by part, so that no symbolic link on the way is followed, whoever swaps it in and when.

use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use palisade_model::RepoPath;
use rustix::fs::{CWD, FileType, Mode, OFlags, RawDir, SeekFrom, Stat, fstat, openat, readlinkat, seek};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Regular files: `NONBLOCK` because opening a fifo would wait for a writer, `NOCTTY` because a terminal would become ours.
const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// Bytes in which a folder's entries are read; the longest takes less than 300.
const FOLDER_BUFFER: usize = 16 * 1024;

/// Opens the folder at `path`, following links: the root is the user's word.
pub(crate) fn open_root(path: &Path) -> io::Result<OwnedFd> {
    Ok(openat(CWD, path, FOLDER, Mode::empty())?)
}

/// Opens the folder `name` in `folder`, unless it is a link.
pub(crate) fn open_folder(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<OwnedFd> {
    Ok(openat(folder, name, FOLDER.union(OFlags::NOFOLLOW), Mode::empty())?)
}

/// Opens the regular file `name` in `folder`; anything else is an error of kind `InvalidInput`.
pub(crate) fn open_regular(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<(File, Stat)> {
    regular(openat(folder, name, FILE, Mode::empty())?)
}

/// Opens the regular file at `path` outside any root; its last part must not be a link.
pub(crate) fn open_host_regular(path: &Path) -> io::Result<(File, Stat)> {
    regular(openat(CWD, path, FILE, Mode::empty())?)
}

fn regular(fd: OwnedFd) -> io::Result<(File, Stat)> {
    let stat = fstat(&fd)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    Ok((File::from(fd), stat))
}

/// A folder below which entries are opened.
pub(crate) struct Root(OwnedFd);

impl Root {
    /// Opens the folder at `path`, or the folder of the file at `path`.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        if path.is_dir() {
            return Ok(Self(open_root(&path)?));
        }
        Ok(Self(open_root(path.parent().unwrap_or(&path))?))
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Folders that [`Below`] keeps open at most: a way may be longer than the number of files that a process may open.
const MAX_OPEN: usize = 8;

/// Opens what lies below a root in the order of paths: the last folders on the way to one stay open for the next.
pub(crate) struct Below<'r> {
    root: &'r Root,
    /// The path of the last of the open folders, with its final `/`.
    path: Vec<u8>,
    /// Each in the one before it, with the length of its path.
    open: Vec<(usize, OwnedFd)>,
}

impl<'r> Below<'r> {
    pub(crate) const fn new(root: &'r Root) -> Self {
        Self { root, path: Vec::new(), open: Vec::new() }
    }

    /// Opens the regular file at `path`.
    pub(crate) fn open(&mut self, path: &RepoPath) -> io::Result<(File, Stat)> {
        let name = self.enter(path.as_bytes())?;
        open_regular(self.folder(), name)
    }

    /// The target of the symbolic link at `path`.
    pub(crate) fn read_link(&mut self, path: &RepoPath) -> io::Result<Vec<u8>> {
        let name = self.enter(path.as_bytes())?;
        Ok(readlinkat(self.folder(), name, Vec::new())?.into_bytes())
    }

    fn folder(&self) -> BorrowedFd<'_> {
        self.open.last().map_or(self.root.fd(), |(_, folder)| folder.as_fd())
    }

    /// Opens the folder of `path`, from the nearest one above it that is open; gives the last part.
    fn enter<'p>(&mut self, path: &'p [u8]) -> io::Result<&'p [u8]> {
        let length = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
        let (parent, name) = path.split_at(length);
        while !parent.starts_with(&self.path) {
            self.open.pop();
            self.path.truncate(self.open.last().map_or(0, |(length, _)| *length));
        }
        let way = parent.get(self.path.len()..).unwrap_or_default().split(|byte| *byte == b'/');
        for part in way.filter(|part| !part.is_empty()) {
            let folder = open_folder(self.folder(), part)?;
            self.path.extend_from_slice(part);
            self.path.push(b'/');
            self.open.push((self.path.len(), folder));
            if self.open.len() > MAX_OPEN {
                self.open.remove(0);
            }
        }
        Ok(name)
    }
}

/// The parts of the parent of `path`, and its last part.
pub(crate) fn split_parent(path: &[u8]) -> (impl Iterator<Item = &[u8]>, &[u8]) {
    let (parent, name) = match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => path.split_at(slash),
        None => ([].as_slice(), path),
    };
    let parts = parent.split(|byte| *byte == b'/').filter(|part| !part.is_empty());
    (parts, name.strip_prefix(b"/").unwrap_or(name))
}

/// The names in `folder`, sorted, without `.` and `..`.
pub(crate) fn names(folder: BorrowedFd<'_>) -> io::Result<Vec<Vec<u8>>> {
    Ok(inside(folder)?.into_iter().map(|(name, _)| name).collect())
}

/// The same, each with what the folder says it is, which some file systems do not tell.
pub(crate) fn inside(folder: BorrowedFd<'_>) -> io::Result<Vec<(Vec<u8>, FileType)>> {
    let mut inside = Vec::new();
    let mut buffer = [MaybeUninit::uninit(); FOLDER_BUFFER];
    seek(folder, SeekFrom::Start(0))?;
    let mut entries = RawDir::new(folder, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            inside.push((name.to_vec(), entry.file_type()));
        }
    }
    inside.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    Ok(inside)
}
