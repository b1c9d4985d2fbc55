//! The one place outside the sandbox where memory is touched by hand: files as memory.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;

/// A file as memory, read-only: pages are read when they are first looked at.
#[derive(Debug)]
pub struct MappedFile(Mmap);

impl MappedFile {
    /// Maps a regular file that nobody changes in place: files of ours are replaced by renaming, never written again. A file that
    /// shrinks while it is mapped ends the process with `SIGBUS`.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        #[expect(unsafe_code, reason = "a map of a file that nobody changes in place, see above")]
        // SAFETY: the map is private and read-only, and the caller answers for the file not being written while it lives.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self(map))
    }
}

impl Deref for MappedFile {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_the_files_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"some bytes").unwrap();
        assert_eq!(&*MappedFile::open(&path).unwrap(), b"some bytes");
        std::fs::write(folder.path().join("empty"), b"").unwrap();
        assert_eq!(&*MappedFile::open(&folder.path().join("empty")).unwrap(), b"");
        assert!(MappedFile::open(folder.path()).is_err());
        assert!(MappedFile::open(&folder.path().join("missing")).is_err());
    }
}
