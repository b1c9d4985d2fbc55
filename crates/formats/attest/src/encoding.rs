use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use palisade_model::Digest;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const ANY_STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const ANY_URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// RFC 4648 section 4, with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads exactly what [`base64`] writes: one text per value.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Reads standard or URL-safe base64, padded or not, as DSSE v1 asks of readers.
pub(crate) fn from_any_base64(text: &str) -> Option<Vec<u8>> {
    let engine = if text.contains(['-', '_']) { &ANY_URL } else { &ANY_STANDARD };
    engine.decode(text).ok()
}

/// A SHA-256 hash in base64.
pub(crate) fn hash_from_base64(text: &str) -> Option<Digest> {
    Some(Digest::from_bytes(from_base64(text)?.try_into().ok()?))
}

/// A decimal number without sign and leading zeroes.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_alphabets_with_and_without_padding() {
        for text in ["+/8=", "-_8=", "+/8", "-_8"] {
            assert_eq!(from_any_base64(text).unwrap(), [0xfb, 0xff], "{text}");
        }
        for bad in ["+_8=", "+/9=", "+/8= ", "\n+/8=", "+"] {
            assert_eq!(from_any_base64(bad), None, "{bad:?}");
        }
        assert_eq!(from_base64("+/8"), None);
    }

    #[test]
    fn decimals_have_one_spelling() {
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
        for bad in ["", "-1", "+1", "01", "00", " 1", "1 ", "18446744073709551616", "١"] {
            assert_eq!(decimal(bad), None, "{bad:?}");
        }
    }
}
