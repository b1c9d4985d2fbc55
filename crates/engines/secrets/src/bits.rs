//! Bytes as bits: with a length that is known, all of a block is looked at by few instructions.

use wide::u8x16;

/// Bytes that are looked at together.
pub(crate) const BLOCK: usize = 64;

/// Bytes that one instruction looks at.
pub(crate) type Lanes = u8x16;

/// The bytes of a text from `at` on, with zeros for what it lacks; none at its end.
#[inline]
pub(crate) fn block_at(text: &[u8], at: usize) -> Option<[u8; BLOCK]> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    // With a length that is known, all of it is done at once.
    Some(rest.first_chunk().copied().unwrap_or_else(|| {
        let mut block = [0; BLOCK];
        block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        block
    }))
}

/// Of which bytes `is` sets the highest bit, the first as the lowest.
#[inline]
pub(crate) fn bits_where(bytes: &[u8; BLOCK], is: impl Fn(Lanes) -> Lanes) -> u64 {
    let [one, two, three, four] = [0, 16, 32, 48].map(|from| {
        let sixteen = bytes.get(from..).and_then(<[u8]>::first_chunk::<16>).copied().unwrap_or_default();
        u64::from(is(Lanes::new(sixteen)).to_bitmask())
    });
    one | two << 16 | three << 32 | four << 48
}

/// All bits of the bytes from `first` to `last`, none of the others.
#[inline]
pub(crate) fn within(bytes: Lanes, first: u8, last: u8) -> Lanes {
    let above = bytes - Lanes::splat(first);
    above.min(Lanes::splat(last - first)).simd_eq(above)
}

/// All bits of the bytes that are `byte`.
#[inline]
pub(crate) fn equal(bytes: Lanes, byte: u8) -> Lanes {
    bytes.simd_eq(Lanes::splat(byte))
}

/// The lowest bits of bytes that are 0 or 1, the first as the lowest.
pub(crate) fn bits(bytes: &[u8; BLOCK]) -> u64 {
    bits_where(bytes, |bytes| equal(bytes, 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bits_are_those_of_one_byte_after_another(bytes in proptest::collection::vec(0..2_u8, BLOCK)) {
            let block: &[u8; BLOCK] = bytes.first_chunk().unwrap();
            let expected = (0..BLOCK).fold(0_u64, |all, at| all | u64::from(block[at]) << at);
            prop_assert_eq!(bits(block), expected);
        }
    }
}
