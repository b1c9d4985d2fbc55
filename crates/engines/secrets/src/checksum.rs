use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD};
use base64::engine::{DecodePaddingMode, general_purpose::STANDARD_NO_PAD};
use palisade_rulefile::{Checksum, base62_crc32};

/// The largest AWS account number: twelve digits.
const MAX_AWS_ACCOUNT: u64 = 999_999_999_999;

/// Base 64 as people paste it: with or without padding, spare bits set or not.
pub(crate) const LENIENT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What an offline check says about a token.
pub(crate) enum Outcome {
    /// It cannot be real.
    Fails,
    /// It has the right structure.
    Fits(String),
    /// Chance does not make such a token.
    Proves(String),
}

/// Checks a token without asking anyone.
pub(crate) fn check(checksum: Checksum, token: &[u8]) -> Outcome {
    match checksum {
        Checksum::GithubCrc32 | Checksum::NpmCrc32 => sum(has_base62_sum(token)),
        Checksum::GrafanaCrc32 => sum(has_grafana_sum(token)),
        Checksum::AwsKeyId => aws_key_id(token),
        Checksum::Jwt => fits(is_jwt(token), "header and claims decode as JSON"),
        Checksum::PypiMacaroon => {
            fits(is_pypi_macaroon(token), "it decodes as a macaroon of the package index")
        }
        Checksum::DiscordBot => fits(is_discord_bot(token), "its first part decodes as a user id"),
    }
}

fn sum(valid: bool) -> Outcome {
    let message = "checksum is valid, so this is a real token, not an example";
    if valid { Outcome::Proves(message.to_owned()) } else { Outcome::Fails }
}

fn fits(structured: bool, message: &str) -> Outcome {
    if structured { Outcome::Fits(message.to_owned()) } else { Outcome::Fails }
}

/// GitHub and npm: a prefix up to `_`, 30 characters, and their sum.
fn has_base62_sum(token: &[u8]) -> bool {
    let Some((head, sum)) = token.split_last_chunk::<6>() else { return false };
    let body = head.rsplit(|byte| *byte == b'_').next().unwrap_or_default();
    body.len() == 30 && base62_crc32(body).as_bytes() == sum
}

/// Grafana writes the bytes of the sum in little-endian order.
fn has_grafana_sum(token: &[u8]) -> bool {
    let Some((head, sum)) = token.split_last_chunk::<8>() else { return false };
    let Some(body) = head.strip_suffix(b"_") else { return false };
    format!("{:08x}", crc32fast::hash(body).swap_bytes()).as_bytes() == sum.to_ascii_lowercase()
}

/// The 16 characters after the prefix are ten bytes in base 32. Bit 0 says that the next 40 are the account number; in keys of the
/// old kind it is clear.
fn aws_key_id(token: &[u8]) -> Outcome {
    let mut bits = 0_u128;
    let body = token.get(4..).unwrap_or_default();
    for byte in body {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return Outcome::Fails,
        };
        bits = bits << 5 | u128::from(digit);
    }
    let account = u64::try_from(bits >> 39 & 0xff_ffff_ffff).unwrap_or(u64::MAX);
    let carries_account = bits >> 79 == 1;
    match body.len() {
        16 if !carries_account => Outcome::Fits("it is a key id of the old kind".to_owned()),
        16 if account <= MAX_AWS_ACCOUNT => {
            Outcome::Fits(format!("the key id names AWS account {account:012}"))
        }
        _ => Outcome::Fails,
    }
}

/// RFC 7519: three parts; header and claims are JSON objects, the header names an algorithm. The token that every page about the
/// format shows is none.
fn is_jwt(token: &[u8]) -> bool {
    let object = |part: &[u8]| {
        let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&bytes).ok()
    };
    let parts: Vec<_> = token.split(|byte| *byte == b'.').collect();
    let [header, claims, signature] = parts.as_slice() else { return false };
    !signature.is_empty()
        && object(header).is_some_and(|header| header.get("alg").is_some_and(serde_json::Value::is_string))
        && object(claims).is_some_and(|claims| claims.get("name").is_none_or(|name| name != "John Doe"))
}

/// A version 2 macaroon (libmacaroons, "binary format v2"): version 2, then field 1, the location.
fn is_pypi_macaroon(token: &[u8]) -> bool {
    let Some(body) = token.strip_prefix(b"pypi-") else { return false };
    // Padding is optional and the length need not be whole: only the head is looked at.
    let whole = body.len() - body.len() % 4;
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(body.get(..whole).unwrap_or_default()) else { return false };
    let Some([length, rest @ ..]) = bytes.strip_prefix(&[2, 1]) else { return false };
    let location = rest.get(..usize::from(*length)).unwrap_or_default();
    matches!(location, b"pypi.org" | b"test.pypi.org")
}

/// The first part is the decimal id of the bot's user: 17 to 20 digits.
fn is_discord_bot(token: &[u8]) -> bool {
    let first = token.split(|byte| *byte == b'.').next().unwrap_or_default();
    let id = STANDARD_NO_PAD.decode(first).or_else(|_| URL_SAFE_NO_PAD.decode(first)).unwrap_or_default();
    (17..=20).contains(&id.len()) && id.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(checksum: Checksum, token: &str) -> bool {
        !matches!(check(checksum, token.as_bytes()), Outcome::Fails)
    }

    /// Each vector is printed in public documentation; it is put together here so that no scanner takes it for a leak.
    #[test]
    fn knows_tokens_from_documentation() {
        let github = ["ghp_", "zQWBuTSOoRi4A9spHcVY", "5ncnsDkxkJ0mLq17"].concat();
        let grafana = ["glsa_", "yscW25imSKJIuav8zF37", "RZmnbiDvB05G_fcaaf58a"].concat();
        let jwt = ["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "abc"].join(".");
        let vectors =
            [(Checksum::GithubCrc32, github), (Checksum::GrafanaCrc32, grafana), (Checksum::Jwt, jwt)];
        for (checksum, token) in vectors {
            assert!(holds(checksum, &token), "{}", checksum.name());
            let mut bytes = token.into_bytes();
            // In the body of the first two; in the brace that opens the header of the third.
            bytes[if checksum == Checksum::Jwt { 0 } else { 12 }] ^= 1;
            assert!(
                !holds(checksum, &String::from_utf8(bytes).unwrap()),
                "{} of a changed token",
                checksum.name()
            );
        }
    }

    /// The account number from a public write-up of the format: key ids beginning ASIAY34FZKBOK belong to 609629065308.
    #[test]
    fn reads_the_account_of_an_aws_key() {
        let token = ["ASIAY34FZKBOK", "MUTVV7A"].concat();
        let Outcome::Fits(message) = check(Checksum::AwsKeyId, token.as_bytes()) else { panic!("refused") };
        assert_eq!(message, "the key id names AWS account 609629065308");
        assert!(!holds(Checksum::AwsKeyId, "AKIA777777777777777A"));
        assert!(!holds(Checksum::AwsKeyId, "AKIA1111111111111111"));
    }

    #[test]
    fn refuses_garbage_without_panic() {
        for checksum in Checksum::ALL {
            for text in ["", "_", "ghp_", "a.b.c", "...", "pypi-", "glsa__", "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}"]
            {
                assert!(!holds(*checksum, text), "{} {text}", checksum.name());
            }
        }
    }
}
