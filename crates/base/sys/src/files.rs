use std::path::{Path, PathBuf};

use rustix::io::Errno;

/// Who may read a file or folder that we create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The owner alone: 0600 for files, 0700 for folders.
    Private,
    /// Everybody may read: 0644 for files, 0755 for folders.
    Shared,
    /// Everybody may read and run: 0755 for files and folders.
    Program,
}

impl Mode {
    /// The permission bits of a file created so.
    pub const fn file_bits(self) -> u32 {
        match self {
            Self::Private => 0o600,
            Self::Shared => 0o644,
            Self::Program => 0o755,
        }
    }
}

/// What went wrong with a file, as far as callers treat it differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileErrorKind {
    /// It is not there.
    Missing,
    /// It is there already.
    Exists,
    /// We may not read it.
    Denied,
    /// It is not a regular file: a folder, a symbolic link, a device.
    NotAFile,
    /// The disk or a quota is full.
    Full,
    /// It may not be written: the file system is mounted read-only, or permissions forbid it.
    ReadOnly,
    /// It is larger than the caller wants to read.
    TooLarge,
    /// Somebody else holds the lock.
    Locked,
    /// Anything else.
    Other,
}

/// A file operation that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot {action} `{}`: {detail}", path.display())]
pub struct FileError {
    /// What was tried, such as `read`.
    pub action: &'static str,
    /// On what.
    pub path: PathBuf,
    /// What kind of failure.
    pub kind: FileErrorKind,
    /// The system's words.
    pub detail: String,
}

impl FileError {
    /// A failure that is not the system's own.
    pub fn new(action: &'static str, path: &Path, kind: FileErrorKind, detail: impl Into<String>) -> Self {
        Self { action, path: path.to_owned(), kind, detail: detail.into() }
    }

    /// Translates the system's error.
    pub fn from_io(action: &'static str, path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        let kind = match error.kind() {
            // With O_NOFOLLOW this is what open(2) says of a symbolic link.
            _ if Errno::from_io_error(error) == Some(Errno::LOOP) => {
                return Self::new(action, path, FileErrorKind::NotAFile, "it is a symbolic link");
            }
            Io::IsADirectory | Io::NotADirectory => FileErrorKind::NotAFile,
            Io::NotFound => FileErrorKind::Missing,
            Io::AlreadyExists => FileErrorKind::Exists,
            Io::PermissionDenied => FileErrorKind::Denied,
            Io::StorageFull | Io::QuotaExceeded | Io::FileTooLarge => FileErrorKind::Full,
            Io::ReadOnlyFilesystem => FileErrorKind::ReadOnly,
            _ => FileErrorKind::Other,
        };
        Self::new(action, path, kind, error.to_string())
    }

    /// Translates the system's error about something that was to be changed.
    pub fn from_write(action: &'static str, path: &Path, error: &std::io::Error) -> Self {
        let mut translated = Self::from_io(action, path, error);
        if translated.kind == FileErrorKind::Denied {
            translated.kind = FileErrorKind::ReadOnly;
        }
        translated
    }
}

/// A lock that is held until it is dropped or the process ends.
pub trait Lock: Send {}

/// Files and folders that belong to Palisade: keys, ledger, runs. Scanned trees are read elsewhere.
///
/// Every path is absolute or relative to the process's working folder. No call follows a symbolic link in the last part of the
/// path.
pub trait Files: Send + Sync {
    /// The whole content of a regular file of at most `limit` bytes.
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError>;

    /// The permission bits of a file, such as 0o600.
    fn mode(&self, path: &Path) -> Result<u32, FileError>;

    /// Replaces or creates a file in one durable step: readers see the old or the new content, never a part.
    fn write(&self, path: &Path, bytes: &[u8], mode: Mode) -> Result<(), FileError>;

    /// Creates a file durably; [`FileErrorKind::Exists`] when it is there.
    fn create(&self, path: &Path, bytes: &[u8], mode: Mode) -> Result<(), FileError>;

    /// Adds to the end of a file durably, creating it if need be. A crash leaves a prefix of `bytes` at worst, a failure nothing.
    fn append(&self, path: &Path, bytes: &[u8], mode: Mode) -> Result<(), FileError>;

    /// Cuts a file to its first `length` bytes durably.
    fn truncate(&self, path: &Path, length: u64) -> Result<(), FileError>;

    /// The names in a folder, sorted.
    fn list(&self, folder: &Path) -> Result<Vec<std::ffi::OsString>, FileError>;

    /// Creates a folder and those above it, each durably; nothing when it is there.
    fn create_folder(&self, folder: &Path, mode: Mode) -> Result<(), FileError>;

    /// Renames within one file system, durably. Replaces a file, never a folder that is not empty.
    fn rename(&self, from: &Path, to: &Path) -> Result<(), FileError>;

    /// Removes a file or a folder with everything in it; nothing when it is not there.
    fn remove(&self, path: &Path) -> Result<(), FileError>;

    /// Takes the lock at `path`, creating the file; [`FileErrorKind::Locked`] at once when another holds it.
    fn try_lock(&self, path: &Path) -> Result<Box<dyn Lock>, FileError>;

    /// Waits for the lock at `path`.
    fn lock(&self, path: &Path) -> Result<Box<dyn Lock>, FileError>;
}
