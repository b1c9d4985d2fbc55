use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use palisade_sys::beneath::{file_type, names, open_folder};
use rustix::fs::{AtFlags, CWD, FileType, Mode, chmodat, fchmod, renameat, statat, unlinkat};
use rustix::io::Errno;

/// Removes the snapshot or workspace `dest`, however far it got and whatever its modes are. Links are removed, not followed. A
/// `dest` that does not exist is fine.
///
/// Folders found in `dest` are first moved to its top, so neither their depth nor the length of their paths matters, and a
/// removal that was killed is simply started again.
///
/// # Errors
/// What the system said, for the first entry that cannot be removed.
pub fn remove_snapshot(dest: &Path) -> io::Result<()> {
    let name = dest.as_os_str().as_bytes();
    make_writable(CWD, name)?;
    let root = match open_folder(CWD, name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    let mut moved = 0;
    while empty_once(root.as_fd(), root.as_fd(), &mut moved)? {}
    drop(root);
    std::fs::remove_dir(dest)
}

/// Removes what is in `folder`; what is in its subfolders is moved up to `root`. Whether there was a subfolder.
fn empty_once(root: BorrowedFd<'_>, folder: BorrowedFd<'_>, moved: &mut u64) -> io::Result<bool> {
    let mut had_folder = false;
    for name in names(folder)? {
        match unlinkat(folder, name.as_slice(), AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => continue,
            // EPERM is what POSIX asks for, EISDIR what Linux says.
            Err(Errno::ISDIR | Errno::PERM) => {}
            Err(error) => return Err(error.into()),
        }
        had_folder = true;
        let below = open_writable(folder, &name)?;
        for inner in names(below.as_fd())? {
            empty_into(root, below.as_fd(), &inner, moved)?;
        }
        drop(below);
        unlinkat(folder, name.as_slice(), AtFlags::REMOVEDIR)?;
    }
    Ok(had_folder)
}

/// Removes the file `name` of `folder`, or moves the folder of that name up to `root`.
fn empty_into(root: BorrowedFd<'_>, folder: BorrowedFd<'_>, name: &[u8], moved: &mut u64) -> io::Result<()> {
    match unlinkat(folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        Err(Errno::ISDIR | Errno::PERM) => make_writable(folder, name)?,
        Err(error) => return Err(error.into()),
    }
    loop {
        let aside = format!(".removed-{moved}");
        *moved += 1;
        match renameat(folder, name, root, aside) {
            Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) => {}
            done => return Ok(done?),
        }
    }
}

fn open_writable(parent: BorrowedFd<'_>, name: &[u8]) -> io::Result<OwnedFd> {
    make_writable(parent, name)?;
    let fd = open_folder(parent, name)?;
    fchmod(&fd, Mode::RWXU)?;
    Ok(fd)
}

/// Gives the owner all rights on the folder `name`, before it is opened: it may not even be readable.
fn make_writable(parent: BorrowedFd<'_>, name: &[u8]) -> io::Result<()> {
    match statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if file_type(&stat) == FileType::Directory => {
            Ok(chmodat(parent, name, Mode::RWXU, AtFlags::empty())?)
        }
        Ok(_) => Err(Errno::NOTDIR.into()),
        Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
