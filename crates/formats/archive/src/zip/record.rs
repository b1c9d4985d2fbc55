use crate::fields;
use crate::member::MemberKind;

/// The signature of a local file header.
pub(super) const LOCAL: &[u8] = b"PK\x03\x04";

/// The signature of an entry of the central directory.
pub(super) const CENTRAL: &[u8] = b"PK\x01\x02";

const LOCAL_LEN: usize = 30;
const CENTRAL_LEN: usize = 46;

/// The highest version that a reader may be asked for and the highest method, with room for what is to come.
const PLAUSIBLE: u16 = 128;

const ENCRYPTED: u16 = 1;
const MARKER: u16 = 1 << 1;
const DESCRIPTOR: u16 = 1 << 3;

/// The method that stands in for the true one when a member is encrypted with AES.
const AES: u16 = 99;

/// A size or offset of this value is in the zip64 extra field.
const IN_EXTRA: u64 = 0xffff_ffff;

/// The extra field that holds what does not fit 32 bits (APPNOTE 4.5.3).
const ZIP64: u16 = 1;

#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) compressed: u64,
    pub(super) expanded: u64,
}

/// What a header says of a member.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) name: &'a [u8],
    pub(super) method: u16,
    flags: u16,
    /// None where only a data descriptor behind the data tells.
    pub(super) sizes: Option<Sizes>,
    checksum: Option<u32>,
    /// The mode of a Unix file, where the archive was made on such a system.
    mode: Option<u32>,
    /// Where the local header lies in the archive.
    pub(super) offset: usize,
}

impl<'a> Record<'a> {
    /// The entry of the central directory at `at`, and where the next one begins. `base` is where the archive begins in its file.
    pub(super) fn parse(bytes: &'a [u8], at: usize, base: usize) -> Option<(Self, usize)> {
        let entry = bytes.get(at..).filter(|entry| entry.starts_with(CENTRAL))?;
        let name_len = usize::from(fields::u16_le(entry, 28)?);
        let extra_len = usize::from(fields::u16_le(entry, 30)?);
        let comment_len = usize::from(fields::u16_le(entry, 32)?);
        let extra = fields::slice(entry, CENTRAL_LEN + name_len, extra_len);
        let short = |at| fields::u32_le(entry, at).map(u64::from);
        let [expanded, compressed, offset] = long([short(24)?, short(20)?, short(42)?], extra);
        let is_unix = fields::u16_le(entry, 4)? >> 8 == 3;
        let record = Self {
            name: fields::slice(entry, CENTRAL_LEN, name_len),
            method: fields::u16_le(entry, 10)?,
            flags: fields::u16_le(entry, 8)?,
            sizes: Some(Sizes { compressed, expanded }),
            checksum: fields::u32_le(entry, 16),
            mode: fields::u32_le(entry, 38).filter(|_| is_unix).map(|attributes| attributes >> 16),
            offset: usize::try_from(offset).ok()?.checked_add(base)?,
        };
        Some((record, at + CENTRAL_LEN + name_len + extra_len + comment_len))
    }

    pub(super) fn is_folder(&self) -> bool {
        self.name.ends_with(b"/") && self.sizes.is_some_and(|sizes| sizes.expanded == 0)
    }

    pub(super) const fn is_encrypted(&self) -> bool {
        self.flags & ENCRYPTED != 0 || self.method == AES
    }

    /// Whether LZMA data ends with a marker, not by its size.
    pub(super) const fn ends_with_marker(&self) -> bool {
        self.flags & MARKER != 0
    }

    pub(super) fn kind(&self) -> MemberKind {
        if self.mode.is_some_and(|mode| mode & 0o170_000 == 0o120_000) {
            MemberKind::Symlink
        } else {
            MemberKind::File
        }
    }

    pub(super) fn matches(&self, content: &[u8]) -> bool {
        self.checksum.is_none_or(|checksum| crc32fast::hash(content) == checksum)
    }
}

/// A local header and where the data behind it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Local<'a> {
    name: &'a [u8],
    version: u16,
    flags: u16,
    method: u16,
    checksum: u32,
    sizes: Sizes,
    pub(super) data: usize,
}

impl<'a> Local<'a> {
    pub(super) fn parse(bytes: &'a [u8], at: usize) -> Option<Self> {
        let header = bytes.get(at..).filter(|header| header.starts_with(LOCAL))?;
        let name_len = usize::from(fields::u16_le(header, 26)?);
        let extra_len = usize::from(fields::u16_le(header, 28)?);
        let extra = fields::slice(header, LOCAL_LEN + name_len, extra_len);
        let short = |at| fields::u32_le(header, at).map(u64::from);
        let [expanded, compressed] = long([short(22)?, short(18)?], extra);
        let data = at + LOCAL_LEN + name_len + extra_len;
        (data <= bytes.len()).then_some(())?;
        Some(Self {
            name: fields::slice(header, LOCAL_LEN, name_len),
            version: fields::u16_le(header, 4)?,
            flags: fields::u16_le(header, 6)?,
            method: fields::u16_le(header, 8)?,
            checksum: fields::u32_le(header, 14)?,
            sizes: Sizes { compressed, expanded },
            data,
        })
    }

    /// Whether this is a header and not four bytes that happen to look like the beginning of one.
    pub(super) fn is_plausible(&self) -> bool {
        self.version & 0xff < PLAUSIBLE && self.method < PLAUSIBLE && !self.name.is_empty()
    }

    /// Whether another reader would find other content by this header than by the one of the central directory.
    pub(super) fn disagrees_with(&self, record: &Record<'_>) -> bool {
        let others = record.sizes.is_some_and(|sizes| sizes.compressed != self.sizes.compressed);
        self.method != record.method || (others && self.flags & DESCRIPTOR == 0)
    }

    pub(super) fn into_record(self, offset: usize) -> Record<'a> {
        let is_told = self.flags & DESCRIPTOR == 0;
        Record {
            name: self.name,
            method: self.method,
            flags: self.flags,
            sizes: (is_told || self.sizes.compressed > 0).then_some(self.sizes),
            checksum: is_told.then_some(self.checksum),
            mode: None,
            offset,
        }
    }
}

/// The values of a header, with those that do not fit it taken from its zip64 extra field, where they stand in this order.
fn long<const N: usize>(mut values: [u64; N], extra: &[u8]) -> [u64; N] {
    let mut field = zip64(extra);
    for value in values.iter_mut().filter(|value| **value == IN_EXTRA) {
        let Some(long) = fields::u64_le(field, 0) else { break };
        *value = long;
        field = fields::rest(field, 8);
    }
    values
}

fn zip64(mut extra: &[u8]) -> &[u8] {
    while let (Some(id), Some(len)) = (fields::u16_le(extra, 0), fields::u16_le(extra, 2)) {
        let len = usize::from(len);
        if id == ZIP64 {
            return fields::slice(extra, 4, len);
        }
        extra = fields::rest(extra, 4 + len);
    }
    &[]
}
