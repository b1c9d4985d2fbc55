//! Taking values off the front of bytes.

/// Bytes of which values are taken, all of them big-endian.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A number of `count` bytes, at most eight.
    pub(super) fn number(&mut self, count: usize) -> Option<u64> {
        Some(self.take(count)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// A number of seven bits a byte, the highest first, of which each further byte adds one (technical/reftable, "Varint encoding").
    pub(super) fn varint(&mut self) -> Option<u64> {
        let mut byte = self.byte()?;
        let mut number = u64::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.byte()?;
            number = number.checked_add(1)?.checked_mul(128)? | u64::from(byte & 0x7f);
        }
        Some(number)
    }

    /// Bytes with their number before them.
    pub(super) fn counted(&mut self) -> Option<&'a [u8]> {
        let count = self.varint()?;
        self.take(usize::try_from(count).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    /// As gitformat-pack(5) says of offsets, whose form it is: what two bytes say begins at 128.
    #[test]
    fn numbers_of_several_bytes() {
        for (bytes, number) in [
            (&[0x00][..], Some(0)),
            (&[0x7f], Some(127)),
            (&[0x80, 0x00], Some(128)),
            (&[0x80, 0x7f], Some(255)),
            (&[0xff, 0x7f], Some(16511)),
            (&[0x80, 0x80, 0x00], Some(16512)),
            (&[0x80], None),
            (&[], None),
            (&[0xff; 11], None),
        ] {
            assert_eq!(Cursor(bytes).varint(), number, "{bytes:?}");
        }
    }
}
