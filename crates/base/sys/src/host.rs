use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::{FlockOperation, OFlags, flock};

use crate::{FileError, FileErrorKind, Files, Lock, Mode};

/// The machine's file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct HostFiles;

/// Distinguishes temporary files of one process; the process id does it between processes.
static TEMPORARY: AtomicU32 = AtomicU32::new(0);
const TEMPORARY_PREFIX: &str = ".palisade-";
const TEMPORARY_SUFFIX: &str = ".tmp";

impl Files for HostFiles {
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        let fail = |error: io::Error| FileError::from_io("read", path, &error);
        let file = options().read(true).open(path).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        if !metadata.is_file() {
            return Err(FileError::new("read", path, FileErrorKind::NotAFile, "not a regular file"));
        }
        let mut bytes = Vec::new();
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(fail)?;
        if bytes.len() as u64 > limit {
            let detail = format!("larger than {limit} bytes");
            return Err(FileError::new("read", path, FileErrorKind::TooLarge, detail));
        }
        Ok(bytes)
    }

    fn mode(&self, path: &Path) -> Result<u32, FileError> {
        let metadata = fs::symlink_metadata(path)
            .map_err(|error| FileError::from_io("read the mode of", path, &error))?;
        Ok(metadata.permissions().mode() & 0o7777)
    }

    fn write(&self, path: &Path, bytes: &[u8], mode: Mode) -> Result<(), FileError> {
        let temporary = temporary_beside(path);
        let result = write_new(&temporary, bytes, mode)
            .and_then(|()| fs::rename(&temporary, path))
            .and_then(|()| sync_parent(path));
        if result.is_err() {
            // Nothing can be done about a temporary file that cannot be removed either.
            let _ = fs::remove_file(&temporary);
        }
        result.map_err(|error| FileError::from_write("write", path, &error))
    }

    fn create(&self, path: &Path, bytes: &[u8], mode: Mode) -> Result<(), FileError> {
        let temporary = temporary_beside(path);
        let result = write_new(&temporary, bytes, mode)
            .and_then(|()| fs::hard_link(&temporary, path))
            .and_then(|()| sync_parent(path));
        let _ = fs::remove_file(&temporary);
        result.map_err(|error| FileError::from_write("create", path, &error))
    }

    fn append(&self, path: &Path, bytes: &[u8], mode: Mode) -> Result<(), FileError> {
        let run = || {
            let (mut file, is_new) = open_to_append(path, mode)?;
            let before = file.metadata()?.len();
            file.write_all(bytes).and_then(|()| file.sync_data()).inspect_err(|_| {
                // What a full disk took of it must not stand before what comes next. If this fails too, the first error counts.
                let _ = file.set_len(before);
            })?;
            if is_new { sync_parent(path) } else { Ok(()) }
        };
        run().map_err(|error| FileError::from_write("append to", path, &error))
    }

    fn truncate(&self, path: &Path, length: u64) -> Result<(), FileError> {
        let run = || {
            let file = options().write(true).open(path)?;
            file.set_len(length)?;
            file.sync_all()
        };
        run().map_err(|error| FileError::from_write("truncate", path, &error))
    }

    fn list(&self, folder: &Path) -> Result<Vec<OsString>, FileError> {
        let run =
            || fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>();
        let mut names = run().map_err(|error| FileError::from_io("list", folder, &error))?;
        names.sort();
        Ok(names)
    }

    fn create_folder(&self, folder: &Path, mode: Mode) -> Result<(), FileError> {
        let mut builder = DirBuilder::new();
        builder.mode(match mode {
            Mode::Private => 0o700,
            Mode::Shared | Mode::Program => 0o755,
        });
        create_folders(&builder, folder)
            .map_err(|error| FileError::from_write("create folder", folder, &error))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), FileError> {
        fs::rename(from, to)
            .and_then(|()| sync_parent(to))
            .map_err(|error| FileError::from_write("rename", from, &error))
    }

    fn remove(&self, path: &Path) -> Result<(), FileError> {
        let removed = match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
            Ok(_) => fs::remove_file(path),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(FileError::from_write("remove", path, &error))
            }
            _ => Ok(()),
        }
    }

    fn try_lock(&self, path: &Path) -> Result<Box<dyn Lock>, FileError> {
        take_lock(path, FlockOperation::NonBlockingLockExclusive)
    }

    fn lock(&self, path: &Path) -> Result<Box<dyn Lock>, FileError> {
        take_lock(path, FlockOperation::LockExclusive)
    }
}

/// The kernel drops the lock with the last descriptor, also when the process is killed.
struct HostLock(#[expect(dead_code, reason = "held for its drop")] File);

impl Lock for HostLock {}

fn take_lock(path: &Path, operation: FlockOperation) -> Result<Box<dyn Lock>, FileError> {
    let fail = |error: io::Error| match error.kind() {
        io::ErrorKind::WouldBlock => {
            FileError::new("lock", path, FileErrorKind::Locked, "another process holds it")
        }
        _ => FileError::from_write("lock", path, &error),
    };
    let file = options().write(true).create(true).mode(0o600).open(path).map_err(fail)?;
    flock(&file, operation).map_err(|error| fail(error.into()))?;
    Ok(Box::new(HostLock(file)))
}

/// Options that neither follow a symbolic link nor hang on a fifo.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    options
}

/// Opens a file to add to it; says whether it was created.
fn open_to_append(path: &Path, mode: Mode) -> io::Result<(File, bool)> {
    match options().append(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        opened => return Ok((opened?, false)),
    }
    let created = options().append(true).create(true).mode(mode.file_bits()).open(path)?;
    Ok((created, true))
}

/// Creates `folder` and what is missing above it. A folder that somebody else creates at the same time is as good.
fn create_folders(builder: &DirBuilder, folder: &Path) -> io::Result<()> {
    let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.is_dir();
    let missing: Vec<&Path> = folder.ancestors().take_while(is_missing).collect();
    for path in missing.into_iter().rev() {
        match builder.create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
            other => other?,
        }
        sync_parent(path)?;
    }
    Ok(())
}

fn write_new(path: &Path, bytes: &[u8], mode: Mode) -> io::Result<()> {
    let mut file = options().write(true).create_new(true).mode(mode.file_bits()).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn temporary_beside(path: &Path) -> PathBuf {
    let number = TEMPORARY.fetch_add(1, Ordering::Relaxed);
    let name = format!("{TEMPORARY_PREFIX}{}-{number}{TEMPORARY_SUFFIX}", std::process::id());
    path.with_file_name(name)
}

/// Whether a file of this name is what a killed [`Files::write`] or [`Files::create`] left.
pub fn is_temporary(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(TEMPORARY_PREFIX) && name.ends_with(TEMPORARY_SUFFIX))
}

fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_files_are_0600_whatever_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "old").unwrap();
        HostFiles.write(&path, b"new", Mode::Private).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(HostFiles.mode(&path).unwrap(), 0o600);
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(HostFiles.list(folder.path()).unwrap(), ["key"]);
    }

    #[test]
    fn links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "secret").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(HostFiles.read(&link, 100).is_err());
        assert!(HostFiles.append(&link, b"x", Mode::Private).is_err());
        HostFiles.write(&link, b"own", Mode::Private).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"secret");
    }

    #[test]
    fn a_lock_is_exclusive_and_ends_with_its_value() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = HostFiles.try_lock(&path).unwrap();
        assert_eq!(HostFiles.try_lock(&path).err().unwrap().kind, FileErrorKind::Locked);
        drop(held);
        assert!(HostFiles.try_lock(&path).is_ok());
    }

    #[test]
    fn folders_are_created_with_those_above_them() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b/c");
        HostFiles.create_folder(&deep, Mode::Private).unwrap();
        HostFiles.create_folder(&deep, Mode::Private).unwrap();
        for path in [&deep, deep.parent().unwrap()] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
        }
        fs::write(folder.path().join("file"), "").unwrap();
        let error = HostFiles.create_folder(&folder.path().join("file/below"), Mode::Private).unwrap_err();
        assert_eq!(error.kind, FileErrorKind::Exists, "{error}");
    }

    #[test]
    fn what_is_no_regular_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        for path in [&link, folder.path()] {
            assert_eq!(HostFiles.read(path, 100).unwrap_err().kind, FileErrorKind::NotAFile);
        }
    }

    #[test]
    fn a_full_disk_is_named() {
        let error = HostFiles.append(Path::new("/dev/full"), b"x", Mode::Private).unwrap_err();
        assert_eq!(error.kind, FileErrorKind::Full);
    }
}
