//! Pack indexes (gitformat-pack(5), "Original (version 1) pack-*.idx files" and "Version 2").
//!
//! Only what the names and offsets themselves say is believed: the fan-out table gives their number and nothing else.

use std::cmp::Ordering;
use std::io::{self, Read};

const MAGIC: [u8; 4] = [0xff, b't', b'O', b'c'];

/// Bytes of the fan-out table.
const FAN_OUT_BYTES: u64 = 1024;

/// Names are put into at most 2^16 drawers by their first bytes.
const MAX_DRAWER_BITS: u32 = 16;

/// Why an index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// It is neither of version 1 nor of version 2.
    #[error("index is of an unknown version")]
    Version,
    /// Its size is not that of the number of objects it claims.
    #[error("index claims more objects than it holds")]
    Size,
    /// Its names are not in order.
    #[error("names in the index are not in order")]
    Unsorted,
    /// It names an offset that it does not hold.
    #[error("index refers to an offset that it does not hold")]
    Offset,
    /// The system refused.
    #[error("index cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// The names of a pack's objects, in order, and where each lies.
#[derive(Debug)]
pub struct PackIndex {
    pub(crate) names: Names,
    /// By position of the name.
    pub(crate) offsets: Vec<u64>,
}

impl PackIndex {
    /// Reads an index of `size` bytes with names of `hash_bytes` bytes. Allocates no more than a few times `size`.
    ///
    /// # Errors
    /// When it is cut short, of an unknown version, or contradicts itself.
    pub fn read(reader: &mut dyn Read, size: u64, hash_bytes: usize) -> Result<Self, IndexError> {
        let mut start = [0; 4];
        reader.read_exact(&mut start)?;
        if start == MAGIC {
            let version = word(reader)?;
            if version != 2 {
                return Err(IndexError::Version);
            }
            let first = word(reader)?;
            return Self::read_version_2(reader, size, first, hash_bytes);
        }
        Self::read_version_1(reader, size, u32::from_be_bytes(start), hash_bytes)
    }

    /// Number of objects.
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// Where the object of that name begins in the pack.
    pub fn offset_of(&self, name: &[u8]) -> Option<u64> {
        self.offsets.get(self.names.find(name)?).copied()
    }

    fn read_version_2(reader: &mut dyn Read, size: u64, first: u32, hash: usize) -> Result<Self, IndexError> {
        let count = number_of_objects(reader, first)?;
        let fixed = 8 + FAN_OUT_BYTES + 2 * hash as u64;
        let each = hash as u64 + 8;
        let wide_bytes = size.checked_sub(fixed + u64::from(count) * each).ok_or(IndexError::Size)?;
        let count = count as usize;
        let names = Names::new(read_bytes(reader, count.saturating_mul(hash))?, hash)?;
        io::copy(&mut reader.take(4 * count as u64), &mut io::sink())?;
        let narrow = read_bytes(reader, count.saturating_mul(4))?;
        let wide = read_bytes(reader, usize::try_from(wide_bytes).map_err(|_| IndexError::Size)?)?;
        let offset = |narrow: &[u8; 4]| match u32::from_be_bytes(*narrow) {
            narrow if narrow & 0x8000_0000 == 0 => Ok(u64::from(narrow)),
            narrow => wide
                .as_chunks::<8>()
                .0
                .get((narrow & 0x7fff_ffff) as usize)
                .map(|wide| u64::from_be_bytes(*wide))
                .ok_or(IndexError::Offset),
        };
        let offsets = narrow.as_chunks::<4>().0.iter().map(offset).collect::<Result<_, _>>()?;
        Ok(Self { names, offsets })
    }

    fn read_version_1(reader: &mut dyn Read, size: u64, first: u32, hash: usize) -> Result<Self, IndexError> {
        let count = number_of_objects(reader, first)?;
        if size != FAN_OUT_BYTES + u64::from(count) * (hash as u64 + 4) + 2 * hash as u64 {
            return Err(IndexError::Size);
        }
        let count = count as usize;
        let rows = read_bytes(reader, count.saturating_mul(hash + 4))?;
        let (mut names, mut offsets) =
            (Vec::with_capacity(count.saturating_mul(hash)), Vec::with_capacity(count));
        for row in rows.chunks_exact(hash + 4) {
            let (offset, name) = row.split_first_chunk::<4>().ok_or(IndexError::Size)?;
            offsets.push(u64::from(u32::from_be_bytes(*offset)));
            names.extend_from_slice(name);
        }
        Ok(Self { names: Names::new(names, hash)?, offsets })
    }
}

/// The last word of the fan-out table, of which `first` was read.
fn number_of_objects(reader: &mut dyn Read, first: u32) -> io::Result<u32> {
    (1..256).try_fold(first, |_, _| word(reader))
}

fn word(reader: &mut dyn Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    reader.read_exact(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes))
}

/// Exactly `count` bytes. Grows as they come, so that a size that lies costs nothing.
fn read_bytes(reader: &mut dyn Read, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut left = count;
    while left > 0 {
        let step = left.min(bytes.len().max(1 << 20));
        bytes.reserve_exact(step);
        let before = bytes.len();
        reader.take(step as u64).read_to_end(&mut bytes)?;
        if bytes.len() - before != step {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        left -= step;
    }
    Ok(bytes)
}

/// Object names in order.
#[derive(Debug)]
pub(crate) struct Names {
    bytes: Vec<u8>,
    hash_bytes: usize,
    drawers: Drawers,
}

impl Names {
    /// # Errors
    /// When they are not in order. Two may be the same.
    pub(crate) fn new(bytes: Vec<u8>, hash_bytes: usize) -> Result<Self, IndexError> {
        let mut rows = bytes.chunks_exact(hash_bytes);
        let sorted = rows.next().is_none_or(|first| {
            rows.try_fold(first, |last, next| compare(last, next).is_le().then_some(next)).is_some()
        });
        if !sorted {
            return Err(IndexError::Unsorted);
        }
        Ok(Self::in_order(bytes, hash_bytes))
    }

    /// Of names that are known to be in order.
    pub(crate) fn in_order(bytes: Vec<u8>, hash_bytes: usize) -> Self {
        let drawers = Drawers::new(bytes.len() / hash_bytes, bytes.chunks_exact(hash_bytes));
        Self { bytes, hash_bytes, drawers }
    }

    pub(crate) const fn hash_bytes(&self) -> usize {
        self.hash_bytes
    }

    pub(crate) fn get(&self, position: usize) -> &[u8] {
        let start = position.saturating_mul(self.hash_bytes);
        self.bytes.get(start..start.saturating_add(self.hash_bytes)).unwrap_or_default()
    }

    /// The first position of `name`.
    pub(crate) fn find(&self, name: &[u8]) -> Option<usize> {
        self.drawers.find(name, |position| self.get(position))
    }
}

/// Where in a sorted list names begin that share their first bits.
#[derive(Debug)]
pub(crate) struct Drawers {
    bits: u32,
    starts: Vec<u32>,
}

impl Drawers {
    pub(crate) fn new<'a>(count: usize, sorted: impl Iterator<Item = &'a [u8]>) -> Self {
        let bits = count.max(1).ilog2().saturating_sub(2).min(MAX_DRAWER_BITS);
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        for (name, position) in sorted.zip(0u32..) {
            let drawer = drawer_of(name, bits);
            while starts.len() <= drawer {
                starts.push(position);
            }
        }
        starts.resize((1 << bits) + 1, u32::try_from(count).unwrap_or(u32::MAX));
        Self { bits, starts }
    }

    /// The first position of `name` in the list whose names `get` gives.
    pub(crate) fn find<'a>(&self, name: &[u8], get: impl Fn(usize) -> &'a [u8]) -> Option<usize> {
        let drawer = drawer_of(name, self.bits);
        let (mut low, end) = (*self.starts.get(drawer)? as usize, *self.starts.get(drawer + 1)? as usize);
        let mut high = end;
        while low < high {
            let middle = low.midpoint(high);
            if compare(get(middle), name).is_lt() {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low < end && get(low) == name).then_some(low)
    }
}

/// Compares names: their first eight bytes almost always tell.
#[inline]
pub(crate) fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let prefix = |name: &[u8]| name.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    prefix(a).cmp(&prefix(b)).then_with(|| a.cmp(b))
}

fn drawer_of(name: &[u8], bits: u32) -> usize {
    let first = name.first_chunk::<4>().map_or(0, |first| u32::from_be_bytes(*first));
    first.checked_shr(32 - bits).unwrap_or(0) as usize
}
