//! Numbers and texts in bytes that may lie.

use super::DatabaseError;

/// Bytes in the making.
#[derive(Debug, Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(super) fn u32(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    pub(super) fn u64(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    /// LEB128.
    pub(super) fn count(&mut self, count: usize) {
        let mut rest = count as u64;
        while rest >= 0x80 {
            self.0.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        self.0.push(rest as u8);
    }

    /// A length and as many bytes.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend(bytes);
    }
}

/// Bytes being read. Each step fails when they end too early.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'d>(pub(super) &'d [u8]);

impl<'d> Cursor<'d> {
    pub(super) fn take(&mut self, count: usize) -> Result<&'d [u8], DatabaseError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(DatabaseError::Damaged("ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, DatabaseError> {
        Ok(self.take(1)?.first().copied().unwrap_or_default())
    }

    pub(super) fn u32(&mut self) -> Result<u32, DatabaseError> {
        let bytes = self.take(4)?;
        Ok(bytes.try_into().map_or(0, u32::from_le_bytes))
    }

    pub(super) fn u64(&mut self) -> Result<u64, DatabaseError> {
        let bytes = self.take(8)?;
        Ok(bytes.try_into().map_or(0, u64::from_le_bytes))
    }

    pub(super) fn count(&mut self) -> Result<usize, DatabaseError> {
        let mut count = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            count |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return usize::try_from(count).map_err(|_| DatabaseError::Damaged("has a number too large"));
            }
        }
        Err(DatabaseError::Damaged("has a number too large"))
    }

    pub(super) fn bytes(&mut self) -> Result<&'d [u8], DatabaseError> {
        let count = self.count()?;
        self.take(count)
    }

    pub(super) fn text(&mut self) -> Result<&'d str, DatabaseError> {
        str::from_utf8(self.bytes()?).map_err(|_| DatabaseError::Damaged("has a text that is not UTF-8"))
    }
}

/// Rows of one width.
#[derive(Clone, Copy)]
pub(super) struct Table<'d> {
    bytes: &'d [u8],
    width: usize,
}

impl<'d> Table<'d> {
    pub(super) const fn new(bytes: &'d [u8], width: usize) -> Self {
        Self { bytes, width }
    }

    pub(super) const fn len(&self) -> usize {
        self.bytes.len() / self.width
    }

    pub(super) fn row(&self, index: usize) -> Result<Cursor<'d>, DatabaseError> {
        let start = index.checked_mul(self.width);
        let row = start.and_then(|start| self.bytes.get(start..)?.get(..self.width));
        row.map(Cursor).ok_or(DatabaseError::Damaged("points at a row that is not there"))
    }

    /// The row that `order` calls equal, in a table sorted by it.
    pub(super) fn search(
        &self,
        mut order: impl FnMut(Cursor<'d>) -> Result<std::cmp::Ordering, DatabaseError>,
    ) -> Result<Option<usize>, DatabaseError> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match order(self.row(middle)?)? {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Ok(Some(middle)),
            }
        }
        Ok(None)
    }
}
