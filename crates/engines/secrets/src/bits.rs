//! Bytes as bits: with a length that is known, all of a block is looked at by few instructions.

/// Bytes that are looked at together.
pub(crate) const BLOCK: usize = 64;

/// The lowest bits of bytes that are 0 or 1, the first as the lowest.
pub(crate) fn bits(bytes: &[u8; BLOCK]) -> u64 {
    // In each product the eight bits lie side by side in the last byte.
    let eight = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    let eights = bytes.as_chunks::<8>().0.iter().map(eight);
    eights.zip(0..).fold(0, |all, (bits, index)| all | bits << (8 * index))
}
