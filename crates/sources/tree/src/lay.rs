use std::fs::{File, Permissions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{PermissionsExt, fchown};
use std::path::Path;

use palisade_model::{OutputRecord, RepoPath};
use palisade_sys::beneath::{open_folder, open_host_regular, open_root, split_parent};
use rustix::fs::{AtFlags, Mode, OFlags, mkdirat, openat, unlinkat};
use rustix::io::Errno;

use crate::snapshot::SnapshotError;

/// Lays `outputs`, collected below `from`, over the workspace `to`. Files of the same name are replaced, missing folders made;
/// nothing is written through a symbolic link, so a snapshot that holds `out -> /etc` cannot send an output there.
///
/// # Errors
/// [`SnapshotError::Obstructed`] when a link or a file stands where a folder is needed, or a folder where a file is.
pub fn lay(
    to: &Path,
    from: &Path,
    outputs: &[OutputRecord],
    owner: Option<(u32, u32)>,
) -> Result<(), SnapshotError> {
    let root = open_root(to).map_err(|error| SnapshotError::write(to, error))?;
    for output in outputs {
        let path = RepoPath::from_bytes(output.subject.name.as_bytes())
            .map_err(|error| SnapshotError::write(to, io::Error::other(error)))?;
        let source = from.join(&output.subject.name);
        let (content, _) = open_host_regular(&source)
            .map_err(|error| SnapshotError::Read { path: source.clone(), source: error })?;
        place(root.as_fd(), &path, content, output.executable, owner)
            .map_err(|error| refused(error, &path, &to.join(&output.subject.name)))?;
    }
    Ok(())
}

fn place(
    root: BorrowedFd<'_>,
    path: &RepoPath,
    mut content: File,
    executable: bool,
    owner: Option<(u32, u32)>,
) -> io::Result<()> {
    let (folders, name) = split_parent(path.as_bytes());
    let mut parent: Option<OwnedFd> = None;
    for part in folders {
        let above = parent.as_ref().map_or(root, OwnedFd::as_fd);
        parent = Some(enter(above, part, owner)?);
    }
    let parent = parent.as_ref().map_or(root, OwnedFd::as_fd);
    match unlinkat(parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => {}
        Err(error) => return Err(error.into()),
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(openat(parent, name, flags, Mode::from(0o600))?);
    io::copy(&mut content, &mut file)?;
    file.set_permissions(Permissions::from_mode(if executable { 0o755 } else { 0o644 }))?;
    hand_over(&file, owner)
}

/// Opens the folder `name`, making it if it is missing.
fn enter(above: BorrowedFd<'_>, name: &[u8], owner: Option<(u32, u32)>) -> io::Result<OwnedFd> {
    match mkdirat(above, name, Mode::from(0o755)) {
        Ok(()) => {
            let folder = open_folder(above, name)?;
            hand_over(&folder, owner)?;
            Ok(folder)
        }
        Err(Errno::EXIST) => open_folder(above, name),
        Err(error) => Err(error.into()),
    }
}

fn hand_over(file: impl AsFd, owner: Option<(u32, u32)>) -> io::Result<()> {
    match owner {
        Some((user, group)) => fchown(file, Some(user), Some(group)),
        None => Ok(()),
    }
}

fn refused(error: io::Error, path: &RepoPath, host: &Path) -> SnapshotError {
    let obstacle = [Errno::NOTDIR, Errno::ISDIR, Errno::LOOP].map(Errno::raw_os_error);
    match error.raw_os_error() {
        Some(code) if obstacle.contains(&code) => SnapshotError::Obstructed { path: path.clone() },
        _ => SnapshotError::write(host, error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use palisade_model::{Digest, Subject};

    use super::*;

    fn output(name: &str) -> OutputRecord {
        let subject = Subject { name: name.to_owned(), digest: Digest::of(b"") };
        OutputRecord { subject, bytes: 0, executable: true }
    }

    #[test]
    fn outputs_replace_files_and_never_follow_links() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to, outside) =
            (folder.path().join("from"), folder.path().join("to"), folder.path().join("outside"));
        for path in [&from.join("deep"), &to, &outside] {
            fs::create_dir_all(path).unwrap();
        }
        fs::write(from.join("app"), "new").unwrap();
        fs::write(from.join("deep/app"), "deep").unwrap();
        fs::write(outside.join("app"), "mine").unwrap();
        symlink(outside.join("app"), to.join("app")).unwrap();

        lay(&to, &from, &[output("app"), output("deep/app")], None).unwrap();
        assert_eq!(fs::read(to.join("app")).unwrap(), b"new");
        assert_eq!(fs::read(to.join("deep/app")).unwrap(), b"deep");
        assert_eq!(fs::read(outside.join("app")).unwrap(), b"mine", "the link was replaced, not followed");

        fs::remove_dir_all(to.join("deep")).unwrap();
        symlink(&outside, to.join("deep")).unwrap();
        let refused = lay(&to, &from, &[output("deep/app")], None).unwrap_err();
        assert!(matches!(refused, SnapshotError::Obstructed { .. }), "{refused}");
        assert_eq!(fs::read(outside.join("app")).unwrap(), b"mine");
    }
}
