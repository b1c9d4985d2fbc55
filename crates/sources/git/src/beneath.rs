//! Reading the work tree part by part, so that no symbolic link on the way is followed.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, fstat, openat, readlinkat, statat};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// `NONBLOCK`, because opening a fifo would wait for a writer.
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

pub(crate) fn open_root(path: &Path) -> io::Result<OwnedFd> {
    Ok(openat(CWD, path, FOLDER, Mode::empty())?)
}

pub(crate) fn open_folder(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<OwnedFd> {
    Ok(openat(folder, name, FOLDER.union(OFlags::NOFOLLOW), Mode::empty())?)
}

/// The regular file `name` in `folder` and its size; anything else is an error of kind `InvalidInput`.
pub(crate) fn open_regular(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<(File, u64)> {
    regular(openat(folder, name, FILE.union(OFlags::NOFOLLOW), Mode::empty())?)
}

/// The regular file at `path`, links followed.
pub(crate) fn open_host_regular(path: &Path) -> io::Result<(File, u64)> {
    regular(openat(CWD, path, FILE, Mode::empty())?)
}

fn regular(fd: OwnedFd) -> io::Result<(File, u64)> {
    let stat = fstat(&fd)?;
    if file_type(&stat) != FileType::RegularFile {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    Ok((File::from(fd), u64::try_from(stat.st_size).unwrap_or(0)))
}

pub(crate) fn stat(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<Stat> {
    Ok(statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?)
}

pub(crate) fn read_link(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<Vec<u8>> {
    Ok(readlinkat(folder, name, Vec::new())?.into_bytes())
}

pub(crate) fn file_type(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

/// Runs `act` on the parent folder of `path` below `root` and the last part of `path`.
pub(crate) fn in_parent<T>(
    root: BorrowedFd<'_>,
    path: &[u8],
    act: impl FnOnce(BorrowedFd<'_>, &[u8]) -> io::Result<T>,
) -> io::Result<T> {
    let mut parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    let name = parts.pop().unwrap_or_default();
    let mut parent: Option<OwnedFd> = None;
    for part in parts {
        parent = Some(open_folder(parent.as_ref().map_or(root, OwnedFd::as_fd), part)?);
    }
    act(parent.as_ref().map_or(root, OwnedFd::as_fd), name)
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
