use crate::fields;

/// The encoding of all text in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// A database file: its pages, and which of them were used.
pub(super) struct File<'a> {
    bytes: &'a [u8],
    page_size: usize,
    /// Bytes of a page that hold data; the others are reserved at its end.
    usable: usize,
    encoding: Encoding,
    is_used: Vec<bool>,
    /// Bytes that rows may still have together.
    left: usize,
}

impl<'a> File<'a> {
    /// Reads the header of 100 bytes (section 1.3).
    pub(super) fn open(bytes: &'a [u8]) -> Option<Self> {
        let page_size = match fields::u16_be(bytes, 16)? {
            1 => 65536,
            size => usize::from(size),
        };
        let usable = page_size.checked_sub(usize::from(*bytes.get(20)?))?;
        if !page_size.is_power_of_two() || page_size < 512 || usable < 480 {
            return None;
        }
        let encoding = match fields::u32_be(bytes, 56)? {
            2 => Encoding::Utf16Le,
            3 => Encoding::Utf16Be,
            _ => Encoding::Utf8,
        };
        let is_used = vec![false; bytes.len().div_ceil(page_size)];
        Some(Self { bytes, page_size, usable, encoding, is_used, left: bytes.len() })
    }

    /// A database of which no page is at hand by its number, but `len` bytes of pages are.
    pub(super) const fn without_pages(page_size: usize, len: usize) -> Self {
        let is_used = Vec::new();
        Self { bytes: &[], page_size, usable: page_size, encoding: Encoding::Utf8, is_used, left: len }
    }

    pub(super) const fn usable(&self) -> usize {
        self.usable
    }

    pub(super) const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Whether the file ends before the last page that its header counts.
    pub(super) fn is_cut(&self) -> bool {
        let pages = fields::u32_be(self.bytes, 28).unwrap_or(0);
        // The count is right only if it was written together with the change counter (section 1.3.7).
        let is_current = fields::u32_be(self.bytes, 24) == fields::u32_be(self.bytes, 92);
        is_current && (self.bytes.len() / self.page_size) < pages as usize
    }

    /// Whether a row of `len` bytes is one that the file has room for besides all rows before it. A page may name one row many times.
    pub(super) fn take_row(&mut self, len: usize) -> bool {
        let left = self.left.checked_sub(len.saturating_add(1));
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    /// The usable bytes of page `number`, which counts from 1; none if it is not there or was used before.
    pub(super) fn take_page(&mut self, number: u32) -> Option<&'a [u8]> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        let is_used = self.is_used.get_mut(index)?;
        if std::mem::replace(is_used, true) {
            return None;
        }
        Some(fields::slice(self.bytes, index * self.page_size, self.usable))
    }
}
