use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use palisade_archive::{TarError, TarKind, TarStream, Trouble};
use palisade_sys::beneath::{in_parent, open_regular, open_root};

use crate::names::{joined, normalised, split};

/// Most members of an archive of an image.
const MAX_MEMBERS: usize = 100_000;

/// Links in an archive that are followed one after the other.
const MAX_LINKS: usize = 8;

/// Where the documents and layers of an image lie.
pub(crate) enum Store {
    Folder(OwnedFd),
    Archive { file: Arc<File>, members: BTreeMap<Vec<u8>, Member> },
}

pub(crate) enum Member {
    /// Where its bytes begin, and how many there are.
    Data(u64, u64),
    /// Another member of this name, relative to the root.
    Link(Vec<u8>),
}

impl Store {
    pub(crate) fn folder(path: &Path) -> io::Result<Self> {
        open_root(path).map(Self::Folder)
    }

    /// Lists what lies in the tar archive `file`; its data is not read.
    pub(crate) fn archive(file: File) -> Result<Self, TarError> {
        let len = file.metadata()?.len();
        let file = Arc::new(file);
        let mut stream = TarStream::new(BufReader::with_capacity(
            16 << 10,
            Positioned { file: file.clone(), at: 0, end: len },
        ));
        let mut members = BTreeMap::new();
        while let Some(entry) = stream.next_entry()? {
            let Ok(name) = normalised(&entry.name) else { continue };
            let (at, size) = stream.seek_over()?;
            if at.saturating_add(size) > len {
                return Err(Trouble::Damaged("it ends too early").into());
            }
            let target = match entry.kind {
                TarKind::Symlink if entry.target.starts_with(b"/") => entry.target,
                TarKind::Symlink => joined(split(&name).0, &entry.target),
                TarKind::HardLink => entry.target,
                TarKind::File => Vec::new(),
                TarKind::Folder | TarKind::Other => continue,
            };
            let member =
                if entry.kind == TarKind::File { Member::Data(at, size) } else { Member::Link(target) };
            if members.len() >= MAX_MEMBERS {
                return Err(Trouble::Unsupported("more than 100000 members".into()).into());
            }
            members.insert(name, member);
        }
        Ok(Self::Archive { file, members })
    }

    /// The file `name`, a path from the root of the store, and its size; none if it is not there.
    pub(crate) fn open(&self, name: &[u8]) -> io::Result<Option<(Box<dyn Read + Send>, u64)>> {
        let opened = match self {
            Self::Folder(root) => in_parent(root.as_fd(), name, open_regular)
                .map(|(file, size)| (Box::new(file) as Box<dyn Read + Send>, size)),
            Self::Archive { file, members } => match find(members, name) {
                Some((at, size)) => {
                    let end = at + size;
                    Ok((Box::new(Positioned { file: file.clone(), at, end }) as Box<dyn Read + Send>, size))
                }
                None => return Ok(None),
            },
        };
        match opened {
            Ok(opened) => Ok(Some(opened)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The whole of the file `name`, if it has no more than `max` bytes; none if it is not there.
    pub(crate) fn read(&self, name: &[u8], max: usize) -> io::Result<Option<Vec<u8>>> {
        let Some((reader, _)) = self.open(name)? else { return Ok(None) };
        let mut bytes = Vec::new();
        // One byte more, so that who parses it sees that it is too large.
        reader.take(max as u64 + 1).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }
}

/// Follows links, as `docker save` wrote them for layers that several images share.
fn find(members: &BTreeMap<Vec<u8>, Member>, name: &[u8]) -> Option<(u64, u64)> {
    let mut name = name.to_vec();
    for _ in 0..MAX_LINKS {
        match members.get(&name)? {
            Member::Data(at, size) => return Some((*at, *size)),
            Member::Link(target) => name = resolved(target)?,
        }
    }
    None
}

/// A path with its `..` taken away, as long as they stay below the root.
fn resolved(path: &[u8]) -> Option<Vec<u8>> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join(&b'/'))
}

/// A part of a file, read without moving the file's own position, so that several can be read at once.
struct Positioned {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for Positioned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let wanted = left.min(buffer.len());
        let count = self.file.read_at(buffer.get_mut(..wanted).unwrap_or_default(), self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl io::Seek for Positioned {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let place = match to {
            io::SeekFrom::Start(at) => Some(at),
            io::SeekFrom::End(by) => self.end.checked_add_signed(by),
            io::SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
