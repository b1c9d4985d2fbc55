use memchr::memmem;

use super::record::{CENTRAL, Record};
use crate::fields;
use crate::member::Trouble;

const END: &[u8] = b"PK\x05\x06";
const END_LEN: usize = 22;
const LONG_END: &[u8] = b"PK\x06\x06";
const LONG_END_LEN: usize = 56;
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCATOR_LEN: usize = 20;

/// Bytes behind the end record at most: a comment of 16 bits.
const COMMENT: usize = 0xffff;

/// The central directory.
pub(super) struct Directory<'a> {
    /// Its entries in the order in which their members lie in the archive.
    pub(super) records: Vec<Record<'a>>,
    pub(super) trouble: Option<Trouble>,
}

/// Where the central directory lies.
struct Extent {
    start: usize,
    count: u64,
    /// Where the archive begins in its file: offsets count from here.
    base: usize,
}

impl<'a> Directory<'a> {
    /// Reads at most `most` entries.
    pub(super) fn read(bytes: &'a [u8], most: usize) -> Self {
        let mut records = Vec::new();
        let Some(extent) = Extent::find(bytes) else {
            return Self { records, trouble: Some(Trouble::Damaged("it has no central directory")) };
        };
        let mut at = extent.start;
        while records.len() < most
            && let Some((record, next)) = Record::parse(bytes, at, extent.base)
        {
            records.push(record);
            at = next;
        }
        let is_short = records.len() < most && (records.len() as u64) < extent.count;
        records.sort_by_key(|record| record.offset);
        let trouble = is_short.then_some(Trouble::Damaged("its central directory ends too early"));
        Self { records, trouble }
    }
}

/// Whether `bytes` end with a zip archive that has no comment: a program or picture may stand before one.
pub(super) fn is_at_end(bytes: &[u8]) -> bool {
    let end_at = bytes.len().checked_sub(END_LEN);
    let ends = end_at.is_some_and(|at| fields::rest(bytes, at).starts_with(END));
    ends && fields::u16_le(bytes, bytes.len() - 2) == Some(0)
        && Extent::find(bytes).is_some_and(|extent| extent.count > 0 && extent.base > 0)
}

impl Extent {
    fn find(bytes: &[u8]) -> Option<Self> {
        let end_at = find_end(bytes)?;
        let end = fields::rest(bytes, end_at);
        let short = Claim {
            count: fields::u16_le(end, 10)?.into(),
            size: fields::u32_le(end, 12)?.into(),
            offset: fields::u32_le(end, 16)?.into(),
            end: end_at,
        };
        let claim = Claim::long(bytes, end_at).unwrap_or(short);
        claim.resolve(bytes)
    }
}

/// What an end record claims of the directory.
struct Claim {
    count: u64,
    size: u64,
    offset: u64,
    /// Where the record lies; the directory ends here.
    end: usize,
}

impl Claim {
    /// The claim of the zip64 end record, if there is one.
    fn long(bytes: &[u8], end_at: usize) -> Option<Self> {
        let locator_at = end_at.checked_sub(LOCATOR_LEN)?;
        let locator = bytes.get(locator_at..).filter(|locator| locator.starts_with(LOCATOR))?;
        let claimed = usize::try_from(fields::u64_le(locator, 8)?).ok();
        let before = locator_at.checked_sub(LONG_END_LEN);
        let is_there = |at: &usize| fields::rest(bytes, *at).starts_with(LONG_END);
        let at = [claimed, before].into_iter().flatten().find(is_there)?;
        let record = fields::rest(bytes, at);
        Some(Self {
            count: fields::u64_le(record, 32)?,
            size: fields::u64_le(record, 40)?,
            offset: fields::u64_le(record, 48)?,
            end: at,
        })
    }

    /// The directory ends where its end record begins. Where that does not hold, the offset is believed.
    fn resolve(&self, bytes: &[u8]) -> Option<Extent> {
        let offset = usize::try_from(self.offset).ok()?;
        let by_size = usize::try_from(self.size).ok().and_then(|size| self.end.checked_sub(size));
        let is_there = |at: &usize| self.count == 0 || fields::rest(bytes, *at).starts_with(CENTRAL);
        let start = [by_size, Some(offset)].into_iter().flatten().find(is_there)?;
        Some(Extent { start, count: self.count, base: start.saturating_sub(offset) })
    }
}

/// The last end record whose comment fits, or else the last one.
fn find_end(bytes: &[u8]) -> Option<usize> {
    let from = bytes.len().saturating_sub(END_LEN + COMMENT);
    let tail = fields::rest(bytes, from);
    let is_fitting = |at: &usize| {
        let comment = fields::u16_le(tail, at + END_LEN - 2);
        comment.is_some_and(|len| at + END_LEN + usize::from(len) <= tail.len())
    };
    let found = || memmem::rfind_iter(tail, END);
    found().find(is_fitting).or_else(|| found().next()).map(|at| from + at)
}
