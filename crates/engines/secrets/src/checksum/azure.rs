//! Keys of Azure (microsoft/security-utilities is the reference).

use base64::Engine as _;
use palisade_rulefile::marvin32;

use super::{STRICT_BASE64, SUM_FITS, Verdict, possible, strict_base64, unknown};
use crate::filter;

/// The mark that stands before the sum, and the seeds of the kinds of key that carry it.
const SEEDS: &[(&[u8], &[[u8; 8]])] = &[
    (b"+ASt", &[*b"Default0"]),
    (
        b"ACDb",
        &[*b"MastRW00", *b"MastRO00", *b"SystRW00", *b"SystRO00", *b"SysAll00", *b"Resour00", *b"Encryp00"],
    ),
    (b"+ABa", &[*b"AbAcct00"]),
    (b"+AMC", &[*b"Classic0"]),
    (b"+ACR", &[*b"ACRDflt0"]),
    (b"AzFu", &[*b"Functi00", *b"Master00", *b"System00"]),
    (b"AzSe", &[*b"Query000", *b"PAdmin00"]),
    (b"AzCa", &[*b"Access00"]),
    (b"AIoT", &[*b"IoTHub00", *b"DpsKey00", *b"Device00"]),
    (b"APIM", &[*b"Tenant00", *b"IoTHub00", *b"Gatewy00", *b"GitKey00"]),
    (b"+ASb", MESSAGING),
    (b"+AEh", MESSAGING),
    (b"+ARm", MESSAGING),
];

const MESSAGING: &[[u8; 8]] = &[*b"Send0000", *b"Listen00", *b"Manage00", *b"System00", *b"Unknown0"];

/// The digits in which Entra writes the sum of a client secret.
const ENTRA_DIGITS: &[u8; 66] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";

/// The account keys of the emulators of Storage and Cosmos DB, which their documentation prints.
const EMULATORS: &[&[u8]] =
    &[b"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT", b"C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM"];

/// Whether the last 4 bytes of an identifiable key are the sum of the others.
pub(super) fn has_sum(key: &[u8]) -> bool {
    let Some((_, seeds)) = SEEDS.iter().find(|(mark, _)| mark_of(key) == *mark) else { return false };
    let Some(bytes) = strict_base64(key) else { return false };
    let Some((body, sum)) = bytes.split_last_chunk::<4>() else { return false };
    seeds.iter().any(|seed| marvin32(body, *seed).to_le_bytes() == *sum)
}

/// The four characters before the six of the sum.
fn mark_of(key: &[u8]) -> &[u8] {
    let length = key.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
    length.checked_sub(10).and_then(|start| key.get(start..start + 4)).unwrap_or_default()
}

/// An annotated key: 52 random characters, `JQQJ9` and the kind, year and month, 16 of the platform and the provider, the provider's
/// mark, and the sum. Of the tokens of Azure DevOps Microsoft documents the length and the mark `AZDO` alone, so one of them without the
/// rest is not refused.
pub(super) fn annotated(key: &[u8]) -> Verdict {
    let documented = key.get(76..80) == Some(b"AZDO") && key.len() == 84;
    match key.get(52..60) {
        Some([b'J', b'Q', b'Q', b'J', b'9', kind, year, month])
            if matches!(key.len(), 84 | 88)
                && matches!(kind, b'9' | b'D' | b'H')
                && year.is_ascii_alphanumeric()
                && (b'A'..=b'L').contains(month) =>
        {
            Verdict::Valid("it carries the marks and the date of an annotated key".to_owned())
        }
        _ => possible(documented && !filter::is_placeholder(key)),
    }
}

/// 64 bytes in base 64. Those since 2021 carry a sum; the older ones are random.
pub(super) fn storage_key(key: &[u8]) -> Verdict {
    let whole = STRICT_BASE64.decode(key).is_ok_and(|bytes| bytes.len() == 64);
    let emulated = EMULATORS.iter().any(|known| key.starts_with(known));
    match mark_of(key) {
        _ if !whole || emulated => Verdict::Impossible,
        b"+ASt" | b"ACDb" if has_sum(key) => Verdict::Valid(SUM_FITS.to_owned()),
        b"+ASt" | b"ACDb" => Verdict::Impossible,
        _ => unknown(),
    }
}

/// An HMAC-SHA256 in base 64, of which an address escapes some characters.
pub(super) fn is_signature(signature: &[u8]) -> bool {
    let mut plain = Vec::with_capacity(signature.len());
    let mut rest = signature;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'%', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                let text = std::str::from_utf8(&digits).unwrap_or_default();
                let Ok(value) = u8::from_str_radix(text, 16) else { return false };
                plain.push(value);
                rest = after;
            }
            _ => plain.push(*byte),
        }
    }
    STRICT_BASE64.decode(plain).is_ok_and(|bytes| bytes.len() == 32)
}

/// A client secret of the newer kind ends with half of its sum. Microsoft's own scanner does not ask for it, so one without is not
/// refused.
pub(super) fn entra_secret(secret: &[u8]) -> Verdict {
    let mark = secret.get(3..6).unwrap_or_default();
    let Some((body, written)) = secret.split_last_chunk::<3>() else { return Verdict::Impossible };
    match (mark, secret.len()) {
        (b"8Q~", 40) if entra_sum(body) == *written => Verdict::Valid(SUM_FITS.to_owned()),
        (b"8Q~", 40) | (b"7Q~", 37) => unknown(),
        _ => Verdict::Impossible,
    }
}

/// The first three of six digits.
fn entra_sum(body: &[u8]) -> [u8; 3] {
    let mut rest = marvin32(body, *b"AadPwd00") / 66_u32.pow(3);
    let mut digits = [b'a'; 3];
    for digit in digits.iter_mut().rev() {
        *digit = ENTRA_DIGITS.get((rest % 66) as usize).copied().unwrap_or(b'a');
        rest /= 66;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys from the tests of Microsoft's library, put together here: all but the mark and the sum is one letter.
    #[test]
    fn knows_keys_that_microsoft_sums() {
        let keys = [
            ["d".repeat(44), "AzFu182vhA==".to_owned()].concat(),
            ["d".repeat(42), "+ACRCUDxQE".to_owned()].concat(),
            ["e".repeat(42), "+ACRCTB7t/".to_owned()].concat(),
        ];
        for key in keys {
            assert!(has_sum(key.as_bytes()), "{key}");
            for at in 0..key.trim_end_matches('=').len() {
                let mut bytes = key.clone().into_bytes();
                bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
                assert!(!has_sum(&bytes), "{key} changed at {at}");
            }
        }
    }

    /// From the same tests.
    #[test]
    fn knows_the_sum_of_client_secrets() {
        let secret = ["zzz8Q~", &"z".repeat(31), "blP"].concat();
        assert!(matches!(entra_secret(secret.as_bytes()), Verdict::Valid(_)));
        let other = secret.replace("blP", "blQ");
        assert_eq!(entra_secret(other.as_bytes()), unknown());
        assert_eq!(entra_secret(other.trim_end_matches('Q').as_bytes()), Verdict::Impossible);
        assert_eq!(entra_secret(["yyy7Q~", &"y".repeat(31)].concat().as_bytes()), unknown());
    }

    /// From Python: `base64.b64encode(bytes(range(64)))`, and the same with mark and sum, the sum by another writing of Marvin32 that
    /// passes SymCrypt's vectors.
    #[test]
    fn account_keys_are_64_bytes() {
        let plain =
            ["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v", "MDEyMzQ1Njc4OTo7PD0+Pw=="];
        assert_eq!(storage_key(plain.concat().as_bytes()), unknown());
        assert_eq!(storage_key(plain[1].as_bytes()), Verdict::Impossible);
        assert_eq!(storage_key(plain.concat().replace("w==", "x==").as_bytes()), Verdict::Impossible);
        let summed = [plain[0], "MDEyMzQ1Njc4", "+AStY5ep4A=="].concat();
        assert_eq!(storage_key(summed.as_bytes()), Verdict::Valid(SUM_FITS.to_owned()));
        assert_eq!(storage_key(summed.replace("MDEy", "MDFy").as_bytes()), Verdict::Impossible);
        let emulator = [EMULATORS[0], &b"x".repeat(48), b"A=="].concat();
        assert_eq!(storage_key(&emulator), Verdict::Impossible);
    }

    /// From Python: `base64.b64encode(bytes(range(0xe0, 0x100)))`, once as it is and once through `urllib.parse.quote`.
    #[test]
    fn signatures_are_32_bytes() {
        assert!(is_signature(b"4OHi4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+/z9/v8="));
        assert!(is_signature(b"4OHi4%2BTl5ufo6err7O3u7%2FDx8vP09fb3%2BPn6%2B%2Fz9%2Fv8%3D"));
        assert!(!is_signature(b"4OHi4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+/z9/v9%3D"));
        assert!(!is_signature(b"4OHi4%2GTl5ufo6err7O3u7%2FDx8vP09fb3%2BPn6%2B%2Fz9%2Fv8%3D"));
        assert!(!is_signature(b"4OHi4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+w=="));
    }

    #[test]
    fn annotated_keys_carry_their_date() {
        let key = |marks: &str, mark: &str| [&"kR7t".repeat(13), marks, &"pQ4t".repeat(4), mark].concat();
        let verdict = |marks, mark| annotated(key(marks, mark).as_bytes());
        assert!(matches!(verdict("JQQJ99BF", "AZDOsum1"), Verdict::Valid(_)));
        for marks in ["JQQJ99BM", "JQQJ98BF", "JQQK99BF", "mK3vX9bT"] {
            assert_eq!(verdict(marks, "AZDOsum1"), unknown(), "{marks}");
            assert_eq!(verdict(marks, "AZXXsum1"), Verdict::Impossible, "{marks}");
        }
        assert_eq!(verdict("JQQJ99BF", "AZDOsum"), Verdict::Impossible);
    }
}
