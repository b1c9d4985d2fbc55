//! Sums that vendors put into their tokens, for the generators here and for the checks of the engine.

use palisade_model::Digest;

pub(crate) const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub(crate) const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// Most digits of base 58 that are read or written: each costs as much as there are before it.
const MAX_BASE58: usize = 128;
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// Six base-62 digits (`0-9A-Za-z`) of the CRC-32 of `body`: the tail of GitHub's and npm's tokens.
pub fn base62_crc32(body: &[u8]) -> String {
    digits::<6>(crc32fast::hash(body), BASE62)
}

/// Seven base-36 digits (`0-9a-z`) of the CRC-32 of `body`: the tail of GitLab's routable tokens.
pub fn base36_crc32(body: &[u8]) -> String {
    digits::<7>(crc32fast::hash(body), BASE36)
}

/// `LENGTH` digits of `number`, most significant first, in the base of the alphabet's length.
fn digits<const LENGTH: usize>(number: u32, alphabet: &[u8]) -> String {
    let base = u32::try_from(alphabet.len()).unwrap_or(1).max(1);
    let digit = |rest: u32| alphabet.get((rest % base) as usize).copied().unwrap_or(b'0');
    let mut rest = number;
    let mut digits = [b'0'; LENGTH];
    for place in digits.iter_mut().rev() {
        *place = digit(rest);
        rest /= base;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// The Marvin32 sum (US patent 8,255,386; microsoft/SymCrypt, `marvin32.c`) folded to 32 bits. `seed` is the name of a kind of key
/// as Microsoft writes it, such as `Default0`; its bytes are the seed in big-endian order.
pub fn marvin32(bytes: &[u8], seed: [u8; 8]) -> u32 {
    let sum = marvin64(bytes, u64::from_be_bytes(seed));
    (sum >> 32) as u32 ^ (sum & 0xffff_ffff) as u32
}

/// CRC-16/XMODEM (polynomial 0x1021, nothing inverted): the last two bytes of a key of NATS (nats-io/nkeys, `crc16.go`).
pub fn crc16_xmodem(bytes: &[u8]) -> u16 {
    let step = |sum: u16, _| if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 };
    bytes.iter().fold(0, |sum, byte| (0..8).fold(sum ^ u16::from(*byte) << 8, step))
}

/// `bytes` and the first four of their SHA-256 hashed once more, in the digits of Bitcoin (Base58Check). Empty when these would be more than
/// 128.
pub fn base58_check(bytes: &[u8]) -> String {
    let mut left = [bytes, &double_sha256(bytes)].concat();
    let zeros = left.iter().take_while(|byte| **byte == 0).count();
    let mut digits = vec![b'1'; zeros];
    let mut number = Vec::new();
    while left.iter().any(|byte| *byte != 0) && number.len() <= MAX_BASE58 {
        let mut rest = 0;
        for byte in &mut left {
            rest = rest << 8 | u32::from(*byte);
            *byte = (rest / 58) as u8;
            rest %= 58;
        }
        number.extend(BASE58.get(rest as usize));
    }
    digits.extend(number.iter().rev());
    if digits.len() <= MAX_BASE58 { digits.into_iter().map(char::from).collect() } else { String::new() }
}

/// The bytes that [`base58_check`] writes as `text`; none if their sum is another, or that has more than 128 digits.
pub fn from_base58_check(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for byte in Some(text).filter(|text| text.len() <= MAX_BASE58)? {
        let mut carry = BASE58.iter().position(|digit| digit == byte)?;
        for place in &mut bytes {
            carry += usize::from(*place) * 58;
            *place = (carry & 0xff) as u8;
            carry >>= 8;
        }
        bytes.extend((carry > 0).then_some(carry as u8));
    }
    bytes.extend(text.iter().take_while(|byte| **byte == b'1').map(|_| 0));
    bytes.reverse();
    let sum = bytes.split_off(bytes.len().checked_sub(4)?);
    (double_sha256(&bytes) == *sum).then_some(bytes)
}

/// The first bytes of the SHA-256 of a SHA-256.
fn double_sha256(bytes: &[u8]) -> [u8; 4] {
    let sum = Digest::of(Digest::of(bytes).as_bytes());
    sum.as_bytes().first_chunk().copied().unwrap_or_default()
}

fn marvin64(bytes: &[u8], seed: u64) -> u64 {
    let mut state = ((seed & 0xffff_ffff) as u32, (seed >> 32) as u32);
    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        state = mixed(state.0.wrapping_add(u32::from_le_bytes(*word)), state.1);
    }
    // What is left of the last word is ended by a bit, as in other Merkle-Damgard sums.
    let mut last = [0; 4];
    for (place, byte) in last.iter_mut().zip(rest.iter().chain(&[0x80])) {
        *place = *byte;
    }
    let (low, high) = mixed(state.0.wrapping_add(u32::from_le_bytes(last)), state.1);
    let (low, high) = mixed(low, high);
    u64::from(high) << 32 | u64::from(low)
}

const fn mixed(mut low: u32, mut high: u32) -> (u32, u32) {
    high ^= low;
    low = low.rotate_left(20).wrapping_add(high);
    high = high.rotate_left(9) ^ low;
    low = low.rotate_left(27).wrapping_add(high);
    high = high.rotate_left(19);
    (low, high)
}

/// The polynomial of Bech32 (BIP-173) over the human-readable part in lower case and the values of the data, each below 32. It is 1
/// for a whole string. When the data ends with six zeros in the checksum's place, the checksum is the polynomial XOR 1.
pub fn bech32_polymod(prefix: &[u8], values: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let high = prefix.iter().map(|byte| byte >> 5);
    let low = prefix.iter().map(|byte| byte & 31);
    let all = high.chain([0]).chain(low).chain(values.iter().copied());
    all.fold(1_u32, |sum, value| {
        let shifted = (sum & 0x1ff_ffff) << 5 ^ u32::from(value);
        let terms = GENERATOR.iter().enumerate().filter(|(bit, _)| sum >> (25 + bit) & 1 == 1);
        terms.fold(shifted, |sum, (_, term)| sum ^ term)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_as_github_does() {
        // A token printed in public documentation of the format: 30 characters and their sum.
        assert_eq!(base62_crc32(b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"), "0mLq17");
    }

    /// From Python: `zlib.crc32(b"123456789")` is 3421780262, in base 36 `1kl8mjq`.
    #[test]
    fn pads_base_36() {
        assert_eq!(base36_crc32(b"123456789"), "1kl8mjq");
        assert_eq!(digits::<7>(35, BASE36), "000000z");
    }

    /// The vectors of SymCrypt's own test.
    #[test]
    fn sums_as_symcrypt_does() {
        assert_eq!(marvin64(b"abc", 0xd53c_d9ce_cd08_93b7), 0x22c7_4339_4927_69bf);
        let alphabet: Vec<u8> = (b'a'..=b'z').collect();
        assert_eq!(marvin64(&alphabet, 0x0ddd_deee_efff_f000), 0xa128_eb7e_7260_aca2);
    }

    /// The example of the Bitcoin wiki ("Wallet import format"): a key, and how it is written.
    #[test]
    fn spells_keys_as_bitcoin_does() {
        let digits = "800C28FCA386C7A227600B2FE50B7CAE11EC86D3BF1FBE471BE89827E19D72AA1D";
        let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap() as u8;
        let bytes: Vec<_> =
            digits.as_bytes().as_chunks().0.iter().map(|[high, low]| digit(high) << 4 | digit(low)).collect();
        let written = ["5HueCGU8rMjxEXxiPuD5BDku", "4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"].concat();
        assert_eq!(base58_check(&bytes), written);
        assert_eq!(from_base58_check(written.as_bytes()), Some(bytes));
        assert_eq!(from_base58_check(&base58_check(&[0, 0, 7]).into_bytes()), Some(vec![0, 0, 7]));
        assert_eq!(base58_check(&[1; 200]), "");
        for other in
            [written.replacen('H', "J", 1), written + "2", "0OIl".to_owned(), "1".repeat(200), String::new()]
        {
            assert_eq!(from_base58_check(other.as_bytes()), None, "{other}");
        }
    }

    /// The check value of CRC-16/XMODEM in the catalogue of parametrised CRC algorithms.
    #[test]
    fn sums_as_the_catalogue_says() {
        assert_eq!(crc16_xmodem(b"123456789"), 0x31c3);
    }

    /// Valid strings from BIP-173, "Test vectors".
    #[test]
    fn sums_as_bip_173_says() {
        let alphabet = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        let place = |byte| alphabet.iter().position(|known| *known == byte).unwrap() as u8;
        for text in [
            "a12uel5l",
            "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
            "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
        ] {
            let (prefix, data) = text.rsplit_once('1').unwrap();
            let mut values: Vec<u8> = data.bytes().map(place).collect();
            assert_eq!(bech32_polymod(prefix.as_bytes(), &values), 1, "{text}");
            values[0] ^= 1;
            assert_ne!(bech32_polymod(prefix.as_bytes(), &values), 1, "{text}");
        }
    }
}
