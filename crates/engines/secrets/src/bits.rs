//! Bytes as bits: with a length that is known, all of a block is looked at by few instructions.
//!
//! What takes a [`Simd`] has to become part of its caller (`#[inline(always)]`, and no function is handed on as a value): only the code
//! that `dispatch!` enters has the instructions of the processor at hand.

use fearless_simd::Simd;
use fearless_simd::prelude::*;

/// Bytes that are looked at together.
pub(crate) const BLOCK: usize = 64;

/// The bytes of a text from `at` on, with zeros for what it lacks; none at its end.
#[inline(always)]
pub(crate) fn block_at(text: &[u8], at: usize) -> Option<[u8; BLOCK]> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    // With a length that is known, all of it is done at once.
    Some(rest.first_chunk().copied().unwrap_or_else(|| padded(rest)))
}

/// The first bytes of a text, with zeros for what it lacks.
pub(crate) fn padded<const LENGTH: usize>(text: &[u8]) -> [u8; LENGTH] {
    let mut padded = [0; LENGTH];
    padded.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
    padded
}

/// A kind of bytes. To be marked `#[inline(always)]`.
pub(crate) trait Kind {
    /// Which bytes are of it.
    fn of<S: Simd>(bytes: S::u8s) -> S::mask8s;
}

/// Those from one to another.
pub(crate) struct Within<const FIRST: u8, const LAST: u8>;

impl<const FIRST: u8, const LAST: u8> Kind for Within<FIRST, LAST> {
    #[inline(always)]
    fn of<S: Simd>(bytes: S::u8s) -> S::mask8s {
        within::<S>(bytes, FIRST, LAST)
    }
}

/// Which bytes of a block are of a kind, the first as the lowest bit.
#[inline(always)]
pub(crate) fn bits_of<K: Kind, S: Simd>(simd: S, block: &[u8; BLOCK]) -> u64 {
    let mut bits = 0;
    for from in (0..BLOCK).step_by(S::u8s::LEN) {
        let bytes = block.get(from..from + S::u8s::LEN).unwrap_or_default();
        bits |= K::of::<S>(S::u8s::from_slice(simd, bytes)).to_bitmask() << from;
    }
    bits
}

/// Which bytes lie between `first` and `last`.
#[inline(always)]
pub(crate) fn within<S: Simd>(bytes: S::u8s, first: u8, last: u8) -> S::mask8s {
    (bytes - first).simd_le(last - first)
}

/// All that processors like this one have, for tests.
#[cfg(test)]
pub(crate) fn levels() -> Vec<fearless_simd::Level> {
    use fearless_simd::Level;

    let best = Level::new();
    let mut levels = vec![best, Level::baseline()];
    #[cfg(target_arch = "x86_64")]
    levels
        .extend([best.as_sse4_2().map(Level::Sse4_2), best.as_avx2().map(Level::Avx2)].into_iter().flatten());
    levels
}

#[cfg(test)]
mod tests {
    use fearless_simd::dispatch;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bits_are_those_of_one_byte_after_another(bytes in proptest::collection::vec(any::<u8>(), BLOCK)) {
            let block: &[u8; BLOCK] = bytes.first_chunk().unwrap();
            let bit = |at: usize| u64::from(block[at].is_ascii_digit()) << at;
            let expected = (0..BLOCK).fold(0_u64, |all, at| all | bit(at));
            for level in levels() {
                prop_assert_eq!(dispatch!(level, simd => bits_of::<Within<b'0', b'9'>, _>(simd, block)), expected);
            }
        }
    }
}
