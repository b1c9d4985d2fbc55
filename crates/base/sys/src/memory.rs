use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{FileError, FileErrorKind, Files, Lock, Mode};

/// A file system in memory, for tests. Folders spring up with their files. Clones share one content.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<PathBuf, Vec<u8>>,
    /// What each was created as.
    modes: BTreeMap<PathBuf, Mode>,
    folders: BTreeSet<PathBuf>,
    locks: BTreeSet<PathBuf>,
}

impl MemoryFiles {
    /// An empty file system.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn missing(action: &'static str, path: &Path) -> FileError {
    FileError::new(action, path, FileErrorKind::Missing, "no such file")
}

impl Files for MemoryFiles {
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        let bytes = self.state().files.get(path).cloned().ok_or_else(|| missing("read", path))?;
        if bytes.len() as u64 > limit {
            return Err(FileError::new("read", path, FileErrorKind::TooLarge, "too large"));
        }
        Ok(bytes)
    }

    fn mode(&self, path: &Path) -> Result<u32, FileError> {
        let state = self.state();
        state.files.get(path).ok_or_else(|| missing("read the mode of", path))?;
        Ok(state.modes.get(path).map_or(Mode::Private.file_bits(), |mode| mode.file_bits()))
    }

    fn write(&self, path: &Path, bytes: &[u8], mode: Mode) -> Result<(), FileError> {
        let mut state = self.state();
        state.files.insert(path.to_owned(), bytes.to_owned());
        state.modes.insert(path.to_owned(), mode);
        Ok(())
    }

    fn create(&self, path: &Path, bytes: &[u8], mode: Mode) -> Result<(), FileError> {
        if self.state().files.contains_key(path) {
            return Err(FileError::new("create", path, FileErrorKind::Exists, "file exists"));
        }
        self.write(path, bytes, mode)
    }

    fn append(&self, path: &Path, bytes: &[u8], mode: Mode) -> Result<(), FileError> {
        if !self.state().files.contains_key(path) {
            self.write(path, b"", mode)?;
        }
        self.state().files.entry(path.to_owned()).or_default().extend_from_slice(bytes);
        Ok(())
    }

    fn truncate(&self, path: &Path, length: u64) -> Result<(), FileError> {
        let mut state = self.state();
        let file = state.files.get_mut(path).ok_or_else(|| missing("truncate", path))?;
        file.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Ok(())
    }

    fn list(&self, folder: &Path) -> Result<Vec<OsString>, FileError> {
        let state = self.state();
        let below = |path: &PathBuf| {
            path.strip_prefix(folder).ok()?.components().next().map(|part| part.as_os_str().to_owned())
        };
        let names: BTreeSet<OsString> = state.files.keys().chain(&state.folders).filter_map(below).collect();
        if names.is_empty() && !state.folders.contains(folder) {
            return Err(missing("list", folder));
        }
        Ok(names.into_iter().collect())
    }

    fn create_folder(&self, folder: &Path, _mode: Mode) -> Result<(), FileError> {
        self.state().folders.insert(folder.to_owned());
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), FileError> {
        let mut state = self.state();
        let moved: Vec<PathBuf> = state.files.keys().filter(|path| path.starts_with(from)).cloned().collect();
        if moved.is_empty() && !state.folders.remove(from) {
            return Err(missing("rename", from));
        }
        for path in moved {
            let target = match path.strip_prefix(from) {
                Ok(rest) if !rest.as_os_str().is_empty() => to.join(rest),
                _ => to.to_owned(),
            };
            if let Some(bytes) = state.files.remove(&path) {
                if let Some(mode) = state.modes.remove(&path) {
                    state.modes.insert(target.clone(), mode);
                }
                state.files.insert(target, bytes);
            }
        }
        Ok(())
    }

    fn remove(&self, path: &Path) -> Result<(), FileError> {
        let mut state = self.state();
        state.files.retain(|file, _| !file.starts_with(path));
        state.modes.retain(|file, _| !file.starts_with(path));
        state.folders.retain(|folder| !folder.starts_with(path));
        Ok(())
    }

    fn try_lock(&self, path: &Path) -> Result<Box<dyn Lock>, FileError> {
        if !self.state().locks.insert(path.to_owned()) {
            return Err(FileError::new("lock", path, FileErrorKind::Locked, "another holds it"));
        }
        Ok(Box::new(MemoryLock { files: self.clone(), path: path.to_owned() }))
    }

    /// Waits by yielding; tests hold locks only briefly.
    fn lock(&self, path: &Path) -> Result<Box<dyn Lock>, FileError> {
        loop {
            match self.try_lock(path) {
                Err(error) if error.kind == FileErrorKind::Locked => std::thread::yield_now(),
                other => return other,
            }
        }
    }
}

struct MemoryLock {
    files: MemoryFiles,
    path: PathBuf,
}

impl Lock for MemoryLock {}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        self.files.state().locks.remove(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renaming_a_folder_moves_what_is_in_it() {
        let files = MemoryFiles::new();
        files.write(Path::new("/a/x/1"), b"1", Mode::Shared).unwrap();
        files.rename(Path::new("/a"), Path::new("/b")).unwrap();
        assert_eq!(files.mode(Path::new("/b/x/1")).unwrap(), 0o644);
        assert_eq!(files.read(Path::new("/b/x/1"), 9).unwrap(), b"1");
        assert_eq!(files.list(Path::new("/b")).unwrap(), ["x"]);
        assert_eq!(files.list(Path::new("/a")).unwrap_err().kind, FileErrorKind::Missing);
    }
}
