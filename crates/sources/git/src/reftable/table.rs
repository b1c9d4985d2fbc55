//! One table: its blocks of references and of logs, read from end to end.
//!
//! Blocks that only help to find others (`i` and `o`) are passed over, and so are restart points and what the end of the table says of
//! positions: everything is read, nothing is looked up.

use gix::ObjectId;
use gix::zlib::{Decompress, FlushDecompress, Status};

use super::cursor::Cursor;
use super::stack::Budget;

const MAGIC: &[u8] = b"REFT";

/// Bytes of what comes before the numbers of the footer, by version.
const HEADER_BYTES: [usize; 2] = [24, 28];

/// Bytes of the footer after its copy of the header: five positions and a checksum.
const FOOTER_BYTES: usize = 5 * 8 + 4;

/// Bytes of a block's type and length.
const BLOCK_HEADER_BYTES: usize = 4;

/// Why a table cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// It is no table of version 1 or 2.
    #[error("no table of a known version")]
    Version,
    /// Its objects have names of another kind than those of the repository.
    #[error("its objects have names of another length")]
    Hash,
    /// It is not what was written: header and footer differ, or the checksum is not that of the footer.
    #[error("its end does not agree with its beginning")]
    Footer,
    /// A block or record reaches beyond what holds it.
    #[error("a record is cut short")]
    Short,
    /// What stands in its place is no block of that kind, or no record.
    #[error("a block or record of an unknown kind")]
    Kind,
    /// Records are not in order of their names.
    #[error("records are not in order")]
    Unsorted,
    /// A block of logs cannot be inflated.
    #[error("compressed data is damaged")]
    Compressed,
    /// Its names and messages take more memory than the limit.
    #[error("more work than the limit allows")]
    Budget,
}

/// A table of references and their logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub(super) refs: Vec<RefRecord>,
    pub(super) logs: Vec<LogRecord>,
}

/// What a table says of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RefRecord {
    pub(super) name: Vec<u8>,
    pub(super) target: Target,
}

/// What a reference names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// Nothing: it was deleted.
    Deleted,
    /// An object.
    Object(ObjectId),
    /// Another reference.
    Reference(Vec<u8>),
}

/// What a table says of one change of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogRecord {
    pub(super) name: Vec<u8>,
    pub(super) update: u64,
    /// None when the entry was deleted.
    pub(super) entry: Option<LogEntry>,
}

/// A change of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogEntry {
    pub(crate) old: ObjectId,
    pub(crate) new: ObjectId,
    pub(crate) name: Vec<u8>,
    pub(crate) email: Vec<u8>,
    /// Seconds since 1970.
    pub(crate) time: u64,
    /// Minutes east of Greenwich.
    pub(crate) zone: i16,
    pub(crate) message: Vec<u8>,
}

/// What the footer says.
struct Layout {
    hash_bytes: usize,
    header_bytes: usize,
    /// Bytes to which blocks are filled up with zeros; none when they are not.
    block_bytes: usize,
    /// Where blocks end.
    end: usize,
}

impl Table {
    /// Reads a table of a repository whose objects have names of `hash_bytes` bytes.
    ///
    /// # Errors
    /// When it is damaged, or takes more memory than a fixed limit: names that share their beginnings are written short.
    pub fn read(bytes: &[u8], hash_bytes: usize) -> Result<Self, TableError> {
        Self::read_within(bytes, hash_bytes, &mut Budget::default())
    }

    /// The same with what is left of a limit that several tables share.
    pub(super) fn read_within(
        bytes: &[u8],
        hash_bytes: usize,
        budget: &mut Budget,
    ) -> Result<Self, TableError> {
        let layout = Layout::read(bytes, hash_bytes)?;
        let mut table = Self { refs: Vec::new(), logs: Vec::new() };
        let mut at = layout.header_bytes;
        while at < layout.end {
            at = table.read_block(bytes, at, &layout, budget)?;
        }
        Ok(table)
    }

    /// Number of references and of entries of their logs, those that say that one is gone included.
    pub const fn len(&self) -> usize {
        self.refs.len() + self.logs.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the block at `at`; where the next one begins.
    fn read_block(
        &mut self,
        bytes: &[u8],
        at: usize,
        layout: &Layout,
        budget: &mut Budget,
    ) -> Result<usize, TableError> {
        // What is counted in a first block begins with the file (technical/reftable, "First ref block").
        let start = if at == layout.header_bytes { 0 } else { at };
        let (kind, length) = block_header(bytes, at)?;
        let from = at + BLOCK_HEADER_BYTES;
        if kind == b'g' {
            let compressed = bytes.get(from..layout.end).ok_or(TableError::Short)?;
            let size = start.checked_add(length).and_then(|end| end.checked_sub(from));
            let (block, read) = inflate(compressed, size.ok_or(TableError::Short)?, budget)?;
            self.read_log_block(records(&block)?, layout.hash_bytes, budget)?;
            return Ok(from + read);
        }
        let end = start.checked_add(length).filter(|end| *end <= layout.end).ok_or(TableError::Short)?;
        let block = bytes.get(from..end).ok_or(TableError::Short)?;
        match kind {
            b'r' => self.read_ref_block(records(block)?, layout.hash_bytes, budget)?,
            b'i' | b'o' => {}
            _ => return Err(TableError::Kind),
        }
        Ok(layout.next_block(bytes, start, end))
    }

    fn read_ref_block(
        &mut self,
        mut block: Cursor<'_>,
        hash_bytes: usize,
        budget: &mut Budget,
    ) -> Result<(), TableError> {
        let mut name = Vec::new();
        while !block.0.is_empty() {
            let kind = next_key(&mut block, &mut name, budget)?;
            // When the reference was changed, which logs tell as well.
            block.varint().ok_or(TableError::Short)?;
            budget.spend_ref()?;
            let target = match kind {
                0 => Target::Deleted,
                1 | 2 => {
                    let named = object(&mut block, hash_bytes)?;
                    if kind == 2 {
                        // What a tag leads to is read from the tag.
                        object(&mut block, hash_bytes)?;
                    }
                    Target::Object(named)
                }
                3 => Target::Reference(budget.copy(block.counted().ok_or(TableError::Short)?)?),
                _ => return Err(TableError::Kind),
            };
            if self.refs.last().is_some_and(|before| before.name >= name) {
                return Err(TableError::Unsorted);
            }
            self.refs.push(RefRecord { name: name.clone(), target });
        }
        Ok(())
    }

    fn read_log_block(
        &mut self,
        mut block: Cursor<'_>,
        hash_bytes: usize,
        budget: &mut Budget,
    ) -> Result<(), TableError> {
        let mut key = Vec::new();
        let mut before = self.logs.last().map(|last| (last.name.clone(), !last.update));
        while !block.0.is_empty() {
            let kind = next_key(&mut block, &mut key, budget)?;
            let (name, reversed) = key.split_last_chunk::<8>().ok_or(TableError::Kind)?;
            let reversed = u64::from_be_bytes(*reversed);
            let name = name.strip_suffix(b"\0").ok_or(TableError::Kind)?;
            budget.spend_log()?;
            let entry = match kind {
                0 => None,
                1 => Some(log_entry(&mut block, hash_bytes, budget)?),
                _ => return Err(TableError::Kind),
            };
            let key = (name.to_vec(), reversed);
            if before.is_some_and(|before| before >= key) {
                return Err(TableError::Unsorted);
            }
            self.logs.push(LogRecord { name: key.0.clone(), update: !reversed, entry });
            before = Some(key);
        }
        Ok(())
    }
}

impl Layout {
    /// technical/reftable, "Header (version 1)", "Header (version 2)" and "Footer".
    fn read(bytes: &[u8], hash_bytes: usize) -> Result<Self, TableError> {
        let mut header = Cursor(bytes);
        let is_table = header.take(MAGIC.len()) == Some(MAGIC);
        let version = header.byte().filter(|_| is_table).ok_or(TableError::Version)?;
        let header_bytes = usize::from(version).checked_sub(1).and_then(|at| HEADER_BYTES.get(at));
        let header_bytes = *header_bytes.ok_or(TableError::Version)?;
        let block_bytes = header.number(3).ok_or(TableError::Short)?;
        // From when to when it tells of changes, which is in its records too.
        header.take(16).ok_or(TableError::Short)?;
        let own_hash_bytes = match (version, header.take(header_bytes - HEADER_BYTES[0])) {
            (1, _) | (_, Some(b"sha1")) => 20,
            (_, Some(b"s256")) => 32,
            _ => return Err(TableError::Hash),
        };
        if own_hash_bytes != hash_bytes {
            return Err(TableError::Hash);
        }
        let end = bytes.len().checked_sub(header_bytes + FOOTER_BYTES).filter(|end| *end >= header_bytes);
        let end = end.ok_or(TableError::Short)?;
        let footer = bytes.get(end..).unwrap_or_default();
        let (told, checksum) = footer.split_last_chunk::<4>().ok_or(TableError::Short)?;
        let is_same = told.get(..header_bytes) == bytes.get(..header_bytes);
        if !is_same || crc32fast::hash(told) != u32::from_be_bytes(*checksum) {
            return Err(TableError::Footer);
        }
        Ok(Self { hash_bytes, header_bytes, block_bytes: usize::try_from(block_bytes).unwrap_or(0), end })
    }

    /// Where the block after that from `start` to `end` begins. Whether a block is filled up is seen from what follows it.
    fn next_block(&self, bytes: &[u8], start: usize, end: usize) -> usize {
        let filled = start.saturating_add(self.block_bytes);
        if filled > end && bytes.get(end) == Some(&0) { filled } else { end }
    }
}

/// A block's type and length.
fn block_header(bytes: &[u8], at: usize) -> Result<(u8, usize), TableError> {
    let mut header = Cursor(bytes.get(at..).unwrap_or_default());
    let kind = header.byte().ok_or(TableError::Short)?;
    let length = header.number(3).and_then(|length| usize::try_from(length).ok());
    Ok((kind, length.ok_or(TableError::Short)?))
}

/// What a block holds before its restart points.
fn records(block: &[u8]) -> Result<Cursor<'_>, TableError> {
    let (rest, restarts) = block.split_last_chunk::<2>().ok_or(TableError::Short)?;
    let restarts = 3 * usize::from(u16::from_be_bytes(*restarts));
    let end = rest.len().checked_sub(restarts).ok_or(TableError::Short)?;
    Ok(Cursor(rest.get(..end).unwrap_or_default()))
}

/// Makes the next record's key from that of the one before it; the kind of the record.
fn next_key(block: &mut Cursor<'_>, key: &mut Vec<u8>, budget: &mut Budget) -> Result<u8, TableError> {
    let shared = block.varint().and_then(|shared| usize::try_from(shared).ok());
    let shared = shared.filter(|shared| *shared <= key.len()).ok_or(TableError::Short)?;
    let word = block.varint().ok_or(TableError::Short)?;
    let length = usize::try_from(word >> 3).map_err(|_| TableError::Short)?;
    let rest = block.take(length).ok_or(TableError::Short)?;
    key.truncate(shared);
    key.extend_from_slice(rest);
    budget.spend(key.len())?;
    u8::try_from(word & 7).map_err(|_| TableError::Kind)
}

fn object(block: &mut Cursor<'_>, hash_bytes: usize) -> Result<ObjectId, TableError> {
    let name = block.take(hash_bytes).and_then(|name| ObjectId::try_from(name).ok());
    name.ok_or(TableError::Short)
}

fn log_entry(block: &mut Cursor<'_>, hash_bytes: usize, budget: &mut Budget) -> Result<LogEntry, TableError> {
    let (old, new) = (object(block, hash_bytes)?, object(block, hash_bytes)?);
    let name = budget.copy(block.counted().ok_or(TableError::Short)?)?;
    let email = budget.copy(block.counted().ok_or(TableError::Short)?)?;
    let time = block.varint().ok_or(TableError::Short)?;
    let zone = block.take(2).and_then(|zone| zone.try_into().ok());
    let zone = i16::from_be_bytes(zone.ok_or(TableError::Short)?);
    let message = budget.copy(block.counted().ok_or(TableError::Short)?)?;
    Ok(LogEntry { old, new, name, email, time, zone, message })
}

/// Inflates exactly `size` bytes; those, and how many were read for it.
fn inflate(compressed: &[u8], size: usize, budget: &mut Budget) -> Result<(Vec<u8>, usize), TableError> {
    budget.spend(size)?;
    let mut block = vec![0; size];
    let mut inflater = Decompress::new();
    let status = inflater.decompress(compressed, &mut block, FlushDecompress::Finish);
    let is_all = matches!(status, Ok(Status::StreamEnd)) && inflater.total_out() == size as u64;
    let read = usize::try_from(inflater.total_in()).ok().filter(|_| is_all);
    Ok((block, read.ok_or(TableError::Compressed)?))
}
