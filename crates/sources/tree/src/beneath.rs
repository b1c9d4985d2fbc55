//! Opening below a root, part by part, so that no symbolic link on the way is followed, whoever swaps it in and when.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use palisade_model::RepoPath;
use rustix::fs::{CWD, Dir, FileType, Mode, OFlags, Stat, fstat, openat, readlinkat};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Regular files: `NONBLOCK` because opening a fifo would wait for a writer, `NOCTTY` because a terminal would become ours.
const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

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

    /// The folder at the end of a way of folders; none for the root itself.
    fn folder<'p>(&self, parts: impl Iterator<Item = &'p [u8]>) -> io::Result<Option<OwnedFd>> {
        let mut folder: Option<OwnedFd> = None;
        for part in parts {
            folder = Some(open_folder(folder.as_ref().map_or(self.fd(), OwnedFd::as_fd), part)?);
        }
        Ok(folder)
    }
}

/// Opens what lies below a root in the order of paths: the folder of the last one stays open for the next.
pub(crate) struct Below<'r> {
    root: &'r Root,
    /// The path of the open folder, with its final `/`.
    path: Vec<u8>,
    folder: Option<OwnedFd>,
}

impl<'r> Below<'r> {
    pub(crate) const fn new(root: &'r Root) -> Self {
        Self { root, path: Vec::new(), folder: None }
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
        self.folder.as_ref().map_or(self.root.fd(), OwnedFd::as_fd)
    }

    /// Opens the folder of `path`, unless it is open; gives the last part.
    fn enter<'p>(&mut self, path: &'p [u8]) -> io::Result<&'p [u8]> {
        let length = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
        let (parent, name) = path.split_at(length);
        if parent != self.path {
            // What cannot be opened must not leave the last folder behind under a name that is not its own.
            (self.path, self.folder) = (Vec::new(), None);
            self.folder = self.root.folder(split_parent(path).0)?;
            self.path = parent.to_vec();
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
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let name = entry?.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
