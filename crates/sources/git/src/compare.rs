//! Whether a file of the work tree is what a commit holds: decided by content, never by times or sizes that an index remembers.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::BorrowedFd;

use gix::ObjectId;
use gix::objs::Kind;
use gix::objs::encode::loose_header;
use palisade_model::{Digest, EntryKind, Hasher, RepoPath};
use palisade_sys::beneath::{in_parent, open_regular, read_link};

use crate::objects::{BlobId, Tracked};
use crate::{Content, GitError, Repository};

const BUFFER_BYTES: usize = 64 << 10;

/// Largest LFS pointer (git-lfs specification, "The Pointer": less than 1024 bytes).
const MAX_POINTER_BYTES: u64 = 1024;

/// A file or symbolic link found in the work tree.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) path: RepoPath,
    pub(crate) kind: EntryKind,
    pub(crate) size: u64,
}

/// What comparing a file with a commit tells.
pub(crate) enum Comparison {
    /// The snapshot gets what the commit holds, `size` bytes of it.
    Same { content: Content, size: u64 },
    /// Another content or kind, or nothing to compare with.
    Differs,
    /// It cannot be read, or changes while it is read.
    Unreadable(String),
}

impl Repository {
    /// Compares `seen` with what a commit has at its path.
    pub(crate) fn compare(
        &self,
        root: BorrowedFd<'_>,
        seen: &Seen,
        target: Option<Tracked>,
    ) -> Result<Comparison, GitError> {
        let target = match target {
            Some(Tracked::File { kind, id }) if kind == seen.kind => Some(id),
            _ => None,
        };
        if seen.kind == EntryKind::Symlink {
            return Ok(self.compare_link(root, seen, target));
        }
        let opened = in_parent(root, seen.path.as_bytes(), open_regular);
        let compared = opened.map(|(file, size)| match (size == seen.size, target) {
            (false, _) => Ok(Comparison::Unreadable("changed while it was being read; try again".to_owned())),
            (true, None) => Ok(Comparison::Differs),
            (true, Some(id)) => self.compare_file(root, seen, file, id),
        });
        compared.unwrap_or_else(|error| Ok(Comparison::Unreadable(format!("cannot be read: {error}"))))
    }

    fn compare_link(&self, root: BorrowedFd<'_>, seen: &Seen, target: Option<ObjectId>) -> Comparison {
        let Ok(name) = in_parent(root, seen.path.as_bytes(), read_link) else {
            return Comparison::Unreadable("link cannot be read".to_owned());
        };
        match blob_id(self.inner.object_hash(), name.len() as u64, &mut name.as_slice()) {
            Ok(id) if id.is_some() && id == target => {
                Comparison::Same { content: Content::FromWorktree, size: name.len() as u64 }
            }
            _ => Comparison::Differs,
        }
    }

    fn compare_file(
        &self,
        root: BorrowedFd<'_>,
        seen: &Seen,
        mut file: File,
        id: ObjectId,
    ) -> Result<Comparison, GitError> {
        let unreadable = |error: io::Error| Ok(Comparison::Unreadable(format!("cannot be read: {error}")));
        match blob_id(self.inner.object_hash(), seen.size, &mut file) {
            Err(error) => return unreadable(error),
            Ok(found) if found == Some(id) => {
                return Ok(Comparison::Same { content: Content::FromWorktree, size: seen.size });
            }
            Ok(_) => {}
        }
        let reopen = || Ok(in_parent(root, seen.path.as_bytes(), open_regular)?.0);
        let size = self.blob_size(id)?;
        if size < seen.size && seen.size / 2 <= size {
            let mut normalised = WithoutCr::new(match reopen() {
                Ok(file) => file,
                Err(error) => return unreadable(error),
            });
            match blob_id(self.inner.object_hash(), size, &mut normalised) {
                Err(error) => return unreadable(error),
                Ok(found) if found == Some(id) => {
                    return Ok(Comparison::Same { content: Content::FromObject(BlobId(id)), size });
                }
                Ok(_) => {}
            }
        }
        let Some(pointer) = self.lfs_pointer(id, size)? else { return Ok(Comparison::Differs) };
        if pointer.size != seen.size {
            return Ok(Comparison::Differs);
        }
        match reopen().and_then(|mut file| sha256(&mut file)) {
            Err(error) => unreadable(error),
            Ok(digest) if digest == pointer.digest => {
                Ok(Comparison::Same { content: Content::FromWorktree, size: seen.size })
            }
            Ok(_) => Ok(Comparison::Differs),
        }
    }

    /// The blob as an LFS pointer: then the work tree has the file it points to, without any filter being run.
    fn lfs_pointer(&self, id: ObjectId, size: u64) -> Result<Option<LfsPointer>, GitError> {
        if size >= MAX_POINTER_BYTES {
            return Ok(None);
        }
        Ok(LfsPointer::parse(&self.object(id, Kind::Blob, MAX_POINTER_BYTES)?))
    }
}

/// What an LFS pointer says of its file (git-lfs specification, "The Pointer").
struct LfsPointer {
    digest: Digest,
    size: u64,
}

impl LfsPointer {
    fn parse(blob: &[u8]) -> Option<Self> {
        let mut lines = str::from_utf8(blob).ok()?.lines();
        lines.next().filter(|line| *line == "version https://git-lfs.github.com/spec/v1")?;
        let mut value = |key: &str| lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
        let digest = value("oid")?.parse().ok()?;
        Some(Self { digest, size: value("size")?.parse().ok()? })
    }
}

/// The name that git gives to a blob of `size` bytes; none when `content` has another size, or is an attempt at a SHA-1 collision.
fn blob_id(hash: gix::hash::Kind, size: u64, content: &mut dyn Read) -> io::Result<Option<ObjectId>> {
    let mut hasher = gix::hash::hasher(hash);
    hasher.update(&loose_header(Kind::Blob, size));
    let read = for_each_chunk(content, |chunk| hasher.update(chunk))?;
    Ok((read == size).then(|| hasher.try_finalize().ok()).flatten())
}

fn sha256(content: &mut dyn Read) -> io::Result<Digest> {
    let mut hasher = Hasher::new();
    for_each_chunk(content, |chunk| hasher.update(chunk))?;
    Ok(hasher.finish())
}

fn for_each_chunk(content: &mut dyn Read, mut act: impl FnMut(&[u8])) -> io::Result<u64> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut total = 0;
    loop {
        match content.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(count) => {
                act(buffer.get(..count).unwrap_or_default());
                total += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Reads `\r\n` as `\n`, what git does to text files on their way in (gitattributes(5), "End-of-line conversion").
struct WithoutCr<R> {
    inner: io::Bytes<io::BufReader<R>>,
    held: Option<u8>,
}

impl<R: Read> WithoutCr<R> {
    fn new(inner: R) -> Self {
        Self { inner: io::BufReader::with_capacity(BUFFER_BYTES, inner).bytes(), held: None }
    }

    fn next(&mut self) -> io::Result<Option<u8>> {
        let byte = match self.held.take() {
            Some(byte) => Some(byte),
            None => self.inner.next().transpose()?,
        };
        if byte != Some(b'\r') {
            return Ok(byte);
        }
        self.held = self.inner.next().transpose()?;
        Ok(if self.held == Some(b'\n') { self.held.take() } else { byte })
    }
}

impl<R: Read> Read for WithoutCr<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut count = 0;
        for slot in buffer {
            let Some(byte) = self.next()? else { break };
            *slot = byte;
            count += 1;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_returns_before_newlines_only() {
        for (text, expected) in [
            ("a\r\nb\r\n", "a\nb\n"),
            ("\r\r\n\r", "\r\n\r"),
            ("\n\r", "\n\r"),
            ("", ""),
            ("\r\n\r\n", "\n\n"),
        ] {
            let mut out = String::new();
            WithoutCr::new(text.as_bytes()).read_to_string(&mut out).unwrap();
            assert_eq!(out, expected, "{text:?}");
        }
    }

    /// `printf hello | git hash-object --stdin`, in a SHA-1 repository.
    #[test]
    fn names_blobs_as_git_does() {
        let name = |size| blob_id(gix::hash::Kind::Sha1, size, &mut b"hello".as_slice()).unwrap();
        assert_eq!(name(5).unwrap().to_string(), "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0");
        assert_eq!(name(4), None);
    }
}
