//! Public keys in base 64, which stand beside names that promise private ones.

/// Longest head that is looked at, in characters.
const HEAD: usize = 64;
/// Tags of ASN.1 in DER (ITU-T X.690 8.1.2).
const SEQUENCE: u8 = 0x30;
const OBJECT: u8 = 0x06;
const BIT_STRING: u8 = 0x03;

/// Whether a value is the base 64 of a `SubjectPublicKeyInfo` (RFC 5280 4.1): a sequence of an algorithm, which is a sequence that
/// begins with its name, and of a string of bits.
pub(super) fn is_public_key(value: &[u8]) -> bool {
    if value.first() != Some(&b'M') || value.len() < 40 {
        return false;
    }
    let bytes = decoded(value.get(..HEAD.min(value.len())).unwrap_or_default());
    let inside = |bytes: &[u8], tag: u8| Some(contents(bytes, tag)?.1);
    let after = || {
        let algorithm = inside(&bytes, SEQUENCE)?;
        let (length, named) = contents(&algorithm, SEQUENCE)?;
        let head = algorithm.len() - named.len();
        (named.first() == Some(&OBJECT)).then(|| algorithm.get(head + length).copied()).flatten()
    };
    after() == Some(BIT_STRING)
}

/// The length that a value of this tag says it has, and what there is of its contents.
fn contents(bytes: &[u8], tag: u8) -> Option<(usize, Vec<u8>)> {
    let (first, length, rest) = match bytes {
        [first, length, rest @ ..] => (*first, *length, rest),
        _ => return None,
    };
    let more = usize::from(length & 0x7f);
    let (length, rest) = match length {
        0..=0x7f => (more, rest),
        _ if more <= 3 => {
            let digits = rest.get(..more)?;
            let length = digits.iter().fold(0_usize, |sum, digit| sum * 256 + usize::from(*digit));
            (length, rest.get(more..)?)
        }
        _ => return None,
    };
    (first == tag).then(|| (length, rest.to_vec()))
}

/// What whole groups of four characters of base 64 say, as far as they are of it.
fn decoded(text: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let group = |four: &[u8]| four.iter().try_fold(0_u32, |sum, byte| Some(sum << 6 | digit(*byte)?));
    text.chunks_exact(4).map_while(group).flat_map(|bits| bits.to_be_bytes().into_iter().skip(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_public_keys_from_private_ones() {
        // Heads that openssl writes for RSA, P-256 and Ed25519, with made-up ends.
        let rest = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZn";
        for head in [
            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA",
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
            "MCowBQYDK2VwAyEA",
        ] {
            assert!(is_public_key(format!("{head}{rest}").as_bytes()), "{head}");
        }
        for head in ["MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0w", "MC4CAQAwBQYDK2VwBCIEIA", "Mabc"] {
            assert!(!is_public_key(format!("{head}{rest}").as_bytes()), "{head}");
        }
    }
}
