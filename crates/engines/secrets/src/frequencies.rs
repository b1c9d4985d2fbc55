//! How often bytes stand beside each other in source code, learned by `bench/throughput/frequencies.py`, which describes the layout.

static TABLE: &[u8] = include_bytes!("frequencies.bin");
const GRAM_BITS: u32 = 14;
const SLOT_BITS: u32 = 13;

/// A number of so many bits for another one.
pub(crate) const fn hash(key: u32, bits: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b1) >> (u32::BITS - bits)) as usize
}

/// How often four bytes are met, or others that have the same hash, in 2^-32 of all places. They are the bytes of `key`, the first as the
/// lowest, each with the bit of lower case.
pub(crate) fn of_gram(key: u32) -> u64 {
    at(hash(key, GRAM_BITS))
}

/// The same of three classes of bytes, of six bits each.
pub(crate) fn of_slot(key: u32) -> u64 {
    at((1 << GRAM_BITS) + hash(key, SLOT_BITS))
}

/// The same of one class.
pub(crate) fn of_class(class: u8) -> u64 {
    at((1 << GRAM_BITS) + (1 << SLOT_BITS) + usize::from(class))
}

fn at(place: usize) -> u64 {
    /// 2^32 divided by the powers of the eighth root of 2.
    const EIGHTHS: [u64; 8] = [
        4_294_967_296,
        3_938_502_376,
        3_611_622_603,
        3_311_872_529,
        3_037_000_500,
        2_784_941_738,
        2_553_802_834,
        2_341_847_524,
    ];
    let cost = TABLE.get(place).copied().unwrap_or(u8::MAX);
    EIGHTHS.get(usize::from(cost % 8)).copied().unwrap_or(0) >> (cost / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gram(text: &[u8; 4]) -> u64 {
        of_gram(u32::from_le_bytes(*text) | 0x2020_2020)
    }

    #[test]
    fn words_of_code_are_frequent() {
        for (often, seldom) in
            [(b"type", b"akia"), (b"    ", b"xai-"), (b"retu", b"ghp_"), (b"user", b"dapi")]
        {
            assert!(gram(often) > 4 * gram(seldom), "{} {}", gram(often), gram(seldom));
        }
        assert_eq!(TABLE.len(), (1 << GRAM_BITS) + (1 << SLOT_BITS) + 64);
    }
}
