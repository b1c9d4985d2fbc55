//! Opening below a root, part by part, so that no symbolic link on the way is followed, whoever swaps it in and when.
//!
//! Names and paths are bytes as the file system has them, their parts parted by `/`. Where a regular file is asked for, anything else
//! is an error of kind `InvalidInput`, and opening never waits: a fifo has no writer.

use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use palisade_model::RepoPath;
use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, RawDir, SeekFrom, Stat, fstat, openat, readlinkat, seek, statat,
};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Regular files: `NONBLOCK` because opening a fifo would wait for a writer, `NOCTTY` because a terminal would become ours.
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// Bytes in which a folder's entries are read; the longest takes less than 300.
const FOLDER_BUFFER: usize = 16 * 1024;

/// Opens the folder at `path`, following links: the root is the user's word.
pub fn open_root(path: &Path) -> io::Result<OwnedFd> {
    Ok(openat(CWD, path, FOLDER, Mode::empty())?)
}

/// Opens the folder `name` in `folder`, unless it is a link.
pub fn open_folder(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<OwnedFd> {
    Ok(openat(folder, name, FOLDER.union(OFlags::NOFOLLOW), Mode::empty())?)
}

/// Opens the folder at `path` below `root`, and `root` itself when `path` is empty; none of its parts may be a link.
pub fn open_folder_below(root: BorrowedFd<'_>, path: &[u8]) -> io::Result<OwnedFd> {
    let mut folder = openat(root, c".", FOLDER, Mode::empty())?;
    for part in parts(path) {
        folder = open_folder(folder.as_fd(), part)?;
    }
    Ok(folder)
}

/// Opens the regular file `name` in `folder`, unless it is a link; gives its size in bytes too.
pub fn open_regular(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<(File, u64)> {
    regular(openat(folder, name, FILE.union(OFlags::NOFOLLOW), Mode::empty())?)
}

/// The same for the file at `path` outside any root; its last part must not be a link.
pub fn open_host_regular(path: &Path) -> io::Result<(File, u64)> {
    regular(openat(CWD, path, FILE.union(OFlags::NOFOLLOW), Mode::empty())?)
}

/// The same, links followed.
pub fn open_host_regular_followed(path: &Path) -> io::Result<(File, u64)> {
    regular(openat(CWD, path, FILE, Mode::empty())?)
}

fn regular(fd: OwnedFd) -> io::Result<(File, u64)> {
    let stat = fstat(&fd)?;
    if file_type(&stat) != FileType::RegularFile {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    Ok((File::from(fd), size(&stat)))
}

/// What `name` in `folder` is; of a link, the link itself.
pub fn stat(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<Stat> {
    Ok(statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?)
}

/// The target of the symbolic link `name` in `folder`.
pub fn read_link(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<Vec<u8>> {
    Ok(readlinkat(folder, name, Vec::new())?.into_bytes())
}

/// What kind of thing it is.
pub const fn file_type(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

/// Its size in bytes.
pub fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

/// Runs `act` on the folder of `path` below `root` and the last part of `path`.
pub fn in_parent<T>(
    root: BorrowedFd<'_>,
    path: &[u8],
    act: impl FnOnce(BorrowedFd<'_>, &[u8]) -> io::Result<T>,
) -> io::Result<T> {
    let (folders, name) = split_parent(path);
    let mut parent: Option<OwnedFd> = None;
    for part in folders {
        parent = Some(open_folder(parent.as_ref().map_or(root, OwnedFd::as_fd), part)?);
    }
    act(parent.as_ref().map_or(root, OwnedFd::as_fd), name)
}

/// A folder below which entries are opened.
#[derive(Debug)]
pub struct Root(OwnedFd);

impl Root {
    /// Opens the folder at `path`, or the folder of the file at `path`.
    pub fn of(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        if path.is_dir() {
            return Ok(Self(open_root(&path)?));
        }
        Ok(Self(open_root(path.parent().unwrap_or(&path))?))
    }

    /// The folder itself.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Folders that [`Below`] keeps open at most: a way may be longer than the number of files that a process may open.
const MAX_OPEN: usize = 8;

/// Opens what lies below a root in the order of paths: the last folders on the way to one stay open for the next.
#[derive(Debug)]
pub struct Below<'r> {
    root: &'r Root,
    /// The path of the last of the open folders, with its final `/`.
    path: Vec<u8>,
    /// Each in the one before it, with the length of its path.
    open: Vec<(usize, OwnedFd)>,
}

impl<'r> Below<'r> {
    /// Nothing is opened yet.
    pub const fn new(root: &'r Root) -> Self {
        Self { root, path: Vec::new(), open: Vec::new() }
    }

    /// Opens the regular file at `path`; gives its size in bytes too.
    pub fn open(&mut self, path: &RepoPath) -> io::Result<(File, u64)> {
        let name = self.enter(path.as_bytes())?;
        open_regular(self.folder(), name)
    }

    /// The target of the symbolic link at `path`.
    pub fn read_link(&mut self, path: &RepoPath) -> io::Result<Vec<u8>> {
        let name = self.enter(path.as_bytes())?;
        read_link(self.folder(), name)
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
        for part in parts(parent.get(self.path.len()..).unwrap_or_default()) {
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
pub fn split_parent(path: &[u8]) -> (impl Iterator<Item = &[u8]>, &[u8]) {
    let (parent, name) = match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => path.split_at(slash),
        None => ([].as_slice(), path),
    };
    (parts(parent), name.strip_prefix(b"/").unwrap_or(name))
}

fn parts(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|part| !part.is_empty())
}

/// The names in `folder`, sorted, without `.` and `..`.
pub fn names(folder: BorrowedFd<'_>) -> io::Result<Vec<Vec<u8>>> {
    Ok(inside(folder)?.into_iter().map(|(name, _)| name).collect())
}

/// The same, each with what the folder says it is, which some file systems do not tell.
pub fn inside(folder: BorrowedFd<'_>) -> io::Result<Vec<(Vec<u8>, FileType)>> {
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use rustix::fs::mknodat;

    use super::*;

    /// `deep/file`, `link` that leads to `deep`, and `pipe`.
    fn laid() -> (tempfile::TempDir, OwnedFd) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::create_dir(path.join("deep")).unwrap();
        fs::write(path.join("deep/file"), "four").unwrap();
        symlink("deep", path.join("link")).unwrap();
        symlink("file", path.join("deep/to-file")).unwrap();
        mknodat(CWD, path.join("pipe"), FileType::Fifo, Mode::RUSR, 0).unwrap();
        let root = open_root(path).unwrap();
        (folder, root)
    }

    #[test]
    fn no_link_on_the_way_is_followed() {
        let (folder, root) = laid();
        let root = root.as_fd();
        let size = |path: &[u8]| in_parent(root, path, open_regular).map(|(_, size)| size);
        assert_eq!(size(b"deep/file").unwrap(), 4);
        assert!(size(b"link/file").is_err());
        assert!(size(b"deep/to-file").is_err());
        assert!(open_folder_below(root, b"link").is_err());
        assert_eq!(
            names(open_folder_below(root, b"deep").unwrap().as_fd()).unwrap(),
            [&b"file"[..], b"to-file"]
        );
        assert_eq!(names(open_folder_below(root, b"").unwrap().as_fd()).unwrap().len(), 3);
        assert_eq!(in_parent(root, b"deep/to-file", read_link).unwrap(), b"file");
        let link = folder.path().join("deep/to-file");
        assert!(open_host_regular(&link).is_err());
        assert_eq!(open_host_regular_followed(&link).unwrap().1, 4);
    }

    #[test]
    fn only_regular_files_are_opened_and_nothing_waits() {
        let (_folder, root) = laid();
        for name in [&b"pipe"[..], b"deep"] {
            assert_eq!(open_regular(root.as_fd(), name).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
        assert_eq!(file_type(&stat(root.as_fd(), b"link").unwrap()), FileType::Symlink);
    }

    #[test]
    fn a_way_longer_than_the_open_folders_is_walked_back() {
        let folder = tempfile::tempdir().unwrap();
        let deep = ["d"; MAX_OPEN + 3].join("/");
        fs::create_dir_all(folder.path().join(&deep)).unwrap();
        for path in [format!("{deep}/file"), "d/d/file".to_owned(), "file".to_owned()] {
            fs::write(folder.path().join(path), "four").unwrap();
        }
        let root = Root::of(folder.path()).unwrap();
        let mut below = Below::new(&root);
        for path in [format!("{deep}/file"), "d/d/file".to_owned(), "file".to_owned(), format!("{deep}/file")]
        {
            assert_eq!(below.open(&path.parse().unwrap()).unwrap().1, 4);
        }
    }
}
