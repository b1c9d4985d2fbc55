//! A tar archive that arrives piece by piece, such as a layer of an image, and is never held whole.

use std::io::{self, Read, Seek};

use thiserror::Error;

use super::header::{BLOCK, Header, Pax, number, until_nul};
use super::sparse::Sparse;
use crate::fields;
use crate::member::Trouble;

/// Bytes of a header that goes before another: a long name, or pax records.
const MAX_EXTENSION: usize = 1 << 20;

/// Blocks of an old GNU map of holes, 21 pieces each.
const MAX_MAP_BLOCKS: usize = 4096;

const ENDS_EARLY: Trouble = Trouble::Damaged("it ends too early");

/// Why a stream cannot be read on.
#[derive(Debug, Error)]
pub enum TarError {
    /// The bytes do not come.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// They are not those of an archive, or over a limit.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// What an entry of an archive is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TarKind {
    /// A regular file.
    File,
    /// Another name of an entry before it, maybe in another archive.
    HardLink,
    /// A symbolic link.
    Symlink,
    /// A folder.
    Folder,
    /// A device, a fifo, or what else has no content.
    Other,
}

/// What the headers of an entry say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TarEntry {
    /// The name as it stands there: any bytes, absolute, with `..`.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: TarKind,
    /// Permission bits, with those for set-user-ID, set-group-ID and sticky.
    pub mode: u32,
    /// The owner.
    pub uid: u64,
    /// Bytes of its content, holes included.
    pub size: u64,
    /// What a link points to, as it stands there.
    pub target: Vec<u8>,
}

/// Reads one entry after the other.
#[derive(Debug)]
pub struct TarStream<R> {
    reader: R,
    /// Bytes of the current entry's data that were not read, and of the filling behind it.
    data: u64,
    filling: u64,
    holes: Holes,
}

/// How the current entry's data is spread.
#[derive(Debug, Default)]
enum Holes {
    #[default]
    None,
    /// The header block and the blocks of the map behind it.
    Gnu(Vec<u8>, Vec<u8>),
    /// The pax records.
    Pax(Vec<u8>),
}

/// What headers before an entry say of it.
#[derive(Default)]
struct Ahead {
    pax: Vec<u8>,
    name: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
}

impl<R: Read> TarStream<R> {
    /// Reads the archive that `reader` gives.
    pub const fn new(reader: R) -> Self {
        Self { reader, data: 0, filling: 0, holes: Holes::None }
    }

    /// The next entry; none behind the last one. What was not read of the one before is skipped. Labels and the like are no entries.
    pub fn next_entry(&mut self) -> Result<Option<TarEntry>, TarError> {
        let mut ahead = Ahead::default();
        loop {
            self.skip()?;
            let Some(block) = self.block()? else { return Ok(None) };
            if block.iter().all(|byte| *byte == 0) {
                return Ok(None);
            }
            let header = Header::parse(&block).ok_or(Trouble::Damaged("one of its headers is not whole"))?;
            let pax = Pax::parse(&ahead.pax);
            self.data = header.size(&pax) as u64;
            self.filling =
                self.data.checked_next_multiple_of(BLOCK as u64).map_or(0, |whole| whole - self.data);
            match header.kind {
                b'x' | b'X' => ahead.pax = self.extension()?,
                b'L' => ahead.name = Some(until_nul(&self.extension()?).to_vec()),
                b'K' => ahead.target = Some(until_nul(&self.extension()?).to_vec()),
                b'g' | b'V' | b'M' => {}
                _ => return self.entry(&header, &pax, &ahead).map(Some),
            }
        }
    }

    fn entry(&mut self, header: &Header<'_>, pax: &Pax<'_>, ahead: &Ahead) -> Result<TarEntry, TarError> {
        let name = pax.name.or(ahead.name.as_deref()).map_or_else(|| header.name(), <[u8]>::to_vec);
        let target = pax.target.or(ahead.target.as_deref()).unwrap_or_else(|| header.target()).to_vec();
        let field = |at, len| number(fields::slice(header.block, at, len)).unwrap_or(0);
        let mut size = self.data;
        if header.kind == b'S' {
            size = field(483, 12);
            self.holes = Holes::Gnu(header.block.to_vec(), self.map_blocks(header.block)?);
        } else if let Some(real) = pax.real_size {
            size = real;
            self.holes = Holes::Pax(ahead.pax.clone());
        }
        let kind = match header.kind {
            b'1' => TarKind::HardLink,
            b'2' => TarKind::Symlink,
            b'3' | b'4' | b'6' => TarKind::Other,
            b'5' | b'D' => TarKind::Folder,
            b'0' | 0 if name.ends_with(b"/") => TarKind::Folder,
            _ => TarKind::File,
        };
        let mode = u32::try_from(field(100, 8) & 0o7777).unwrap_or(0);
        Ok(TarEntry { name, kind, mode, uid: field(108, 8), size, target })
    }

    /// The content of the current entry. Nothing is read when it has more than `max` bytes.
    pub fn content(&mut self, max: u64) -> Result<Option<Vec<u8>>, TarError> {
        let stored = self.data;
        if stored > max {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.reader.by_ref().take(stored).read_to_end(&mut bytes)?;
        if (bytes.len() as u64) < stored {
            return Err(ENDS_EARLY.into());
        }
        self.data = 0;
        match std::mem::take(&mut self.holes) {
            Holes::None => Ok(Some(bytes)),
            Holes::Gnu(block, map) => {
                let header = Header::parse(&block).ok_or(ENDS_EARLY)?;
                Ok(Sparse::of_gnu(&header, &map).0.spread(&bytes, max)?)
            }
            Holes::Pax(records) => match Sparse::of_pax(&Pax::parse(&records), &bytes) {
                Some((map, stored)) => Ok(map.spread(stored, max)?),
                None => Ok(Some(bytes)),
            },
        }
    }

    /// The reader, behind what was read of the archive.
    pub fn into_inner(self) -> R {
        self.reader
    }

    fn skip(&mut self) -> Result<(), TarError> {
        self.holes = Holes::None;
        let whole = self.data.saturating_add(self.filling);
        let skipped = io::copy(&mut self.reader.by_ref().take(whole), &mut io::sink())?;
        // The filling behind the last entry may be missing.
        if skipped < self.data {
            return Err(ENDS_EARLY.into());
        }
        (self.data, self.filling) = (0, 0);
        Ok(())
    }

    /// A whole block, or none at the end of the bytes.
    fn block(&mut self) -> Result<Option<[u8; BLOCK]>, TarError> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while let Some(room) = block.get_mut(filled..).filter(|room| !room.is_empty()) {
            match self.reader.read(room) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => return Err(ENDS_EARLY.into()),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(block))
    }

    fn extension(&mut self) -> Result<Vec<u8>, TarError> {
        let bytes = self.content(MAX_EXTENSION as u64)?;
        Ok(bytes.ok_or(Trouble::Unsupported("a name or a pax header of more than 1 MiB".into()))?)
    }

    /// The blocks of an old GNU map that lie behind its header and are not counted in its size.
    fn map_blocks(&mut self, header: &[u8]) -> Result<Vec<u8>, TarError> {
        let mut blocks = Vec::new();
        let mut is_extended = header.get(482).is_some_and(|flag| *flag != 0);
        while is_extended {
            let block = self.block()?.ok_or(ENDS_EARLY)?;
            is_extended = block.get(504).is_some_and(|flag| *flag != 0);
            blocks.extend_from_slice(&block);
            if blocks.len() > MAX_MAP_BLOCKS * BLOCK {
                return Err(Trouble::Unsupported("a map of more than 86016 holes".into()).into());
            }
        }
        Ok(blocks)
    }
}

impl<R: Read + Seek> TarStream<R> {
    /// Where the stored data of the current entry begins, and how many bytes it has; the reader goes behind it without reading. The data
    /// of a sparse file is not its content.
    pub fn seek_over(&mut self) -> Result<(u64, u64), TarError> {
        let place = (self.reader.stream_position()?, self.data);
        let whole = i64::try_from(self.data.saturating_add(self.filling)).map_err(|_| ENDS_EARLY)?;
        self.reader.seek_relative(whole)?;
        (self.data, self.filling) = (0, 0);
        Ok(place)
    }
}
