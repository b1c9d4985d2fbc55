//! Berkeley DB: `Packages`, a table of packages by number as a hash (`db_page.h` of libdb says how its pages are laid out).
//!
//! Pages of one size, numbers in the order of bytes of the machine that wrote them. Pages of the hash hold keys and values in turn; a
//! value that is large lies on a chain of overflow pages.

use std::borrow::Cow;

use super::Blobs;

/// What stands at byte 12 of a hash.
const MAGIC: u32 = 0x0006_1561;

/// Bytes before the content of a page.
const HEADER: usize = 26;

const INVALID: u8 = 0;
const HASH_UNSORTED: u8 = 2;
const OVERFLOW: u8 = 7;
const HASH_META: u8 = 8;
const HASH: u8 = 13;

/// A value that lies in the page, and one that lies on others.
const INSIDE: u8 = 1;
const OUTSIDE: u8 = 3;

pub(super) fn blobs(bytes: &[u8]) -> Blobs<'_> {
    let mut blobs = Blobs::default();
    let mut file = match File::open(bytes) {
        Ok(file) => file,
        Err(detail) => return blobs.broken(detail),
    };
    if u32::try_from(file.pages()).ok().and_then(|pages| pages.checked_sub(1)) != Some(file.last) {
        blobs = blobs.broken("has not as many pages as its header says");
    }
    // The header names the last page, but packages may lie behind that too.
    for page in bytes.chunks_exact(file.page_size).skip(1) {
        match page.get(25).copied() {
            Some(HASH | HASH_UNSORTED) => blobs = file.values(page, blobs),
            // Overflow pages are read where a value names them, and free ones and those of the hash's own use hold nothing.
            Some(INVALID | OVERFLOW | HASH_META) => {}
            _ => blobs = blobs.broken("has a page of a kind that no hash has"),
        }
    }
    blobs
}

struct File<'b> {
    bytes: &'b [u8],
    page_size: usize,
    /// The number of the last page, as the header has it.
    last: u32,
    is_big_endian: bool,
    /// Overflow pages that were read: each belongs to one value.
    is_used: Vec<bool>,
}

impl<'b> File<'b> {
    fn open(bytes: &'b [u8]) -> Result<Self, &'static str> {
        let is_big_endian = match bytes.get(12..).and_then(|rest| rest.first_chunk()) {
            Some(magic) if u32::from_le_bytes(*magic) == MAGIC => false,
            Some(magic) if u32::from_be_bytes(*magic) == MAGIC => true,
            _ => return Err("has not the header of a hash of Berkeley DB"),
        };
        let mut file = Self { bytes, page_size: 0, last: 0, is_big_endian, is_used: Vec::new() };
        if bytes.get(24) != Some(&0) || bytes.get(26).is_none_or(|flags| flags & 1 != 0) {
            return Err("is encrypted or has checksums, which is not read");
        }
        let size = file.u32(bytes, 20).and_then(|size| usize::try_from(size).ok());
        file.page_size = size
            .filter(|size| size.is_power_of_two() && (512..=65536).contains(size))
            .ok_or("has pages of an impossible size")?;
        file.last = file.u32(bytes, 32).unwrap_or(0);
        file.is_used = vec![false; file.pages()];
        Ok(file)
    }

    /// How many whole pages there are.
    fn pages(&self) -> usize {
        self.bytes.len() / self.page_size
    }

    fn u16(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(usize::from(if self.is_big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        }))
    }

    fn u32(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(if self.is_big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn page(&self, number: u32) -> Option<&'b [u8]> {
        let from = usize::try_from(number).ok()?.checked_mul(self.page_size)?;
        self.bytes.get(from..)?.get(..self.page_size)
    }

    /// Adds the values of a page of the hash. Under the number 0 stands which number comes next.
    fn values(&mut self, page: &'b [u8], mut blobs: Blobs<'b>) -> Blobs<'b> {
        let count = self.u16(page, 20).unwrap_or(0);
        if !count.is_multiple_of(2) || HEADER + 2 * count > page.len() {
            return blobs.broken("has a page with a count of entries that cannot be");
        }
        // Entries lie from the end of the page towards its begin.
        let mut end = page.len();
        for pair in 0..count / 2 {
            let at = |index| self.u16(page, HEADER + 2 * index).unwrap_or(0);
            let (key, value) = (at(2 * pair), at(2 * pair + 1));
            let (Some(key_item), Some(value_item)) = (page.get(key..end), page.get(value..key)) else {
                return blobs.broken("has a page whose entries lie over each other");
            };
            end = value;
            if key_item.iter().skip(1).all(|byte| *byte == 0) {
                continue;
            }
            match self.value(value_item) {
                Ok(blob) => blobs.found.push(blob),
                Err(detail) => blobs = blobs.broken(detail),
            }
        }
        blobs
    }

    fn value(&mut self, item: &'b [u8]) -> Result<Cow<'b, [u8]>, &'static str> {
        match item.split_first() {
            Some((&INSIDE, blob)) => Ok(Cow::Borrowed(blob)),
            Some((&OUTSIDE, _)) => self.chained(item).map(Cow::Owned),
            _ => Err("has a value of a kind that rpm does not write"),
        }
    }

    /// The value on the overflow pages that `item` names.
    fn chained(&mut self, item: &[u8]) -> Result<Vec<u8>, &'static str> {
        let broken = "holds a package that is not whole";
        let (mut next, len) = self.u32(item, 4).zip(self.u32(item, 8)).ok_or(broken)?;
        let mut whole = Vec::new();
        while next != 0 {
            let page = self.page(next).filter(|page| page.get(25) == Some(&OVERFLOW)).ok_or(broken)?;
            let is_used =
                usize::try_from(next).ok().and_then(|index| self.is_used.get_mut(index)).ok_or(broken)?;
            if std::mem::replace(is_used, true) {
                return Err("has packages that lie over each other");
            }
            let part = page.get(HEADER..).zip(self.u16(page, 22)).and_then(|(rest, len)| rest.get(..len));
            whole.extend_from_slice(part.ok_or(broken)?);
            next = self.u32(page, 16).ok_or(broken)?;
        }
        if u32::try_from(whole.len()) == Ok(len) { Ok(whole) } else { Err(broken) }
    }
}
