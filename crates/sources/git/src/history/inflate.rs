//! Reading and inflating parts of packs.
//!
//! Packs are read, not mapped: a file that shrinks under us is an error then and not a SIGBUS, and its pages are not our memory.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use gix::zlib::{Decompress, FlushDecompress, Status};

use super::gap::Flaw;

/// Bytes that are read at least, since what comes next in a pack is often needed next.
const READ_AHEAD_BYTES: usize = 8 << 10;

/// Bytes that are read at most at once.
const MAX_READ_BYTES: usize = 256 << 10;

/// Deflate cannot do better than about 1032 to 1 (zlib, "Technical Details", "Maximum Compression Factor").
const MAX_RATIO: u64 = 1040;

/// Part of a file.
pub(crate) struct Window {
    file: usize,
    start: u64,
    bytes: Vec<u8>,
    filled: usize,
}

impl Window {
    pub(crate) const fn new() -> Self {
        Self { file: usize::MAX, start: 0, bytes: Vec::new(), filled: 0 }
    }

    /// The bytes of `file`, whose number is `number`, from `offset` on: `count` of them, but at most 256 KiB, and fewer at the end of
    /// the file.
    pub(crate) fn at(&mut self, number: usize, file: &File, offset: u64, count: usize) -> io::Result<&[u8]> {
        let count = count.min(MAX_READ_BYTES);
        let inside = offset.checked_sub(self.start).and_then(|skip| usize::try_from(skip).ok());
        let skip = match inside {
            Some(skip) if number == self.file && skip.saturating_add(count) <= self.filled => skip,
            _ => {
                self.fill(number, file, offset, count.max(READ_AHEAD_BYTES))?;
                0
            }
        };
        let rest = self.bytes.get(skip..self.filled).unwrap_or_default();
        Ok(rest.get(..count).unwrap_or(rest))
    }

    fn fill(&mut self, number: usize, file: &File, offset: u64, count: usize) -> io::Result<()> {
        if self.bytes.len() < count {
            self.bytes.resize(count, 0);
        }
        (self.file, self.start, self.filled) = (number, offset, 0);
        while let Some(free @ [_, ..]) = self.bytes.get_mut(self.filled..count) {
            match file.read_at(free, offset.saturating_add(self.filled as u64)) {
                Ok(0) => break,
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Compressed bytes of a pack: from `offset` to at most `end`.
pub(crate) struct Compressed<'a> {
    pub(crate) number: usize,
    pub(crate) file: &'a File,
    pub(crate) offset: u64,
    pub(crate) end: u64,
}

pub(crate) struct Inflater(Decompress);

impl Inflater {
    pub(crate) fn new() -> Self {
        Self(Decompress::new())
    }

    /// Inflates `size` bytes into `out`. zlib's checksum is checked, and that there are neither more nor fewer.
    pub(crate) fn entry(
        &mut self,
        window: &mut Window,
        from: Compressed<'_>,
        size: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Flaw> {
        let Compressed { number, file, mut offset, end } = from;
        check_ratio(size, end.saturating_sub(offset))?;
        out.clear();
        out.resize(size, 0);
        self.0.reset();
        let mut written = 0;
        loop {
            let left = usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX);
            let input = window.at(number, file, offset, left).map_err(|error| Flaw::of(&error))?;
            let (read_before, free) = (self.0.total_in(), out.get_mut(written..).unwrap_or_default());
            let status = self
                .0
                .decompress(input, free, FlushDecompress::Finish)
                .map_err(|_| Flaw::damaged("compressed data is damaged"))?;
            let read = self.0.total_in() - read_before;
            let made = usize::try_from(self.0.total_out()).unwrap_or(usize::MAX);
            if status == Status::StreamEnd {
                return if made == size { Ok(()) } else { Err(Flaw::damaged(WRONG_SIZE)) };
            }
            if read == 0 && made == written {
                return Err(Flaw::damaged(if made == size {
                    WRONG_SIZE
                } else {
                    "compressed data is cut short"
                }));
            }
            offset += read;
            written = made;
        }
    }

    /// Inflates at most `limit` bytes of `input` into `out`: those that there are, and whether that is all.
    pub(crate) fn prefix(&mut self, input: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<bool, Flaw> {
        out.clear();
        out.resize(limit, 0);
        self.0.reset();
        let status = self.0.decompress(input, out, FlushDecompress::Finish);
        let status = status.map_err(|_| Flaw::damaged("compressed data is damaged"))?;
        out.truncate(usize::try_from(self.0.total_out()).unwrap_or(0));
        Ok(status == Status::StreamEnd)
    }
}

const WRONG_SIZE: &str = "not of the size it claims";

/// A size that cannot be true is refused before memory is spent on it.
pub(crate) fn check_ratio(size: usize, compressed: u64) -> Result<(), Flaw> {
    let most = compressed.saturating_mul(MAX_RATIO);
    if size as u64 > most { Err(Flaw::damaged(WRONG_SIZE)) } else { Ok(()) }
}
