//! Tokens with a checksum of their own.

use palisade_rulefile::{base36_crc32, base62_crc32, bech32_polymod, crc16_xmodem, from_base58_check};

use super::{SUM_FITS, Verdict, json, packed, possible, valid};

/// The alphabet of Bech32 (BIP-173), in the case that age uses.
const BECH32: &[u8; 32] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

/// GitHub and npm: a prefix up to `_`, 30 characters, and their sum.
pub(super) fn has_base62_sum(token: &[u8]) -> bool {
    let Some((head, sum)) = token.split_last_chunk::<6>() else { return false };
    let body = head.rsplit(|byte| *byte == b'_').next().unwrap_or_default();
    body.len() == 30 && base62_crc32(body).as_bytes() == sum
}

/// Grafana writes the bytes of the sum in little-endian order.
pub(super) fn has_grafana_sum(token: &[u8]) -> bool {
    let Some((head, sum)) = token.split_last_chunk::<8>() else { return false };
    let Some(body) = head.strip_suffix(b"_") else { return false };
    format!("{:08x}", crc32fast::hash(body).swap_bytes()).as_bytes() == sum.to_ascii_lowercase()
}

/// A secret key of age: Bech32 in upper case.
pub(super) fn is_age_key(token: &[u8]) -> bool {
    let Some(at) = memchr::memrchr(b'1', token) else { return false };
    let (prefix, data) = (token.get(..at).unwrap_or_default(), token.get(at + 1..).unwrap_or_default());
    let value =
        |byte: &u8| BECH32.iter().position(|known| known == byte).and_then(|at| u8::try_from(at).ok());
    let values: Option<Vec<u8>> = data.iter().map(value).collect();
    let sum = values.map(|values| bech32_polymod(&prefix.to_ascii_lowercase(), &values));
    data.len() >= 6 && sum == Some(1)
}

/// Tokens of GitLab. Old ones are 20 random characters, those of jobs may be JSON Web Tokens, and routable ones end with `.`, the
/// version, the length of the payload and the sum of all that.
pub(super) fn gitlab_token(token: &[u8]) -> Verdict {
    let Some(at) = memchr::memchr(b'-', token) else { return Verdict::Impossible };
    let body = token.get(at + 1..).unwrap_or_default();
    if body.starts_with(b"eyJ") && body.contains(&b'.') {
        return valid(json::is_jwt(body), "its header and claims decode as JSON");
    }
    if !body.contains(&b'.') {
        let random = body.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        return possible(random && body.len() >= 20);
    }
    let fits = |text: &[u8]| {
        text.split_last_chunk::<7>().is_some_and(|(head, sum)| base36_crc32(head).as_bytes() == sum)
    };
    // The sum covers the prefix, which an instance may leave to another part of it.
    valid(fits(token) || fits(body), SUM_FITS)
}

/// The seed of a key of NATS: two bytes of kind, the key, and the sum of both in little-endian order.
pub(super) fn is_nats_seed(token: &[u8]) -> bool {
    has_sum_of_key(token) == Some(36)
}

/// The secret seed of a Stellar account: a byte of kind, the key, and the sum of both.
pub(super) fn is_stellar_seed(token: &[u8]) -> bool {
    token.starts_with(b"S") && has_sum_of_key(token) == Some(35)
}

/// A private key of Bitcoin's main or test network.
pub(super) fn is_bitcoin_key(token: &[u8]) -> bool {
    matches!(
        from_base58_check(token).as_deref(),
        Some([0x80 | 0xef, key @ ..]) if key.len() == 32 || (key.len() == 33 && key.ends_with(&[1]))
    )
}

/// How many bytes a key has that NATS or Stellar (SEP-23) spell, its kind and sum counted; none if the sum is another.
pub(crate) fn has_sum_of_key(text: &[u8]) -> Option<usize> {
    let bytes = packed::base32(text)?;
    let (body, sum) = bytes.split_last_chunk::<2>()?;
    (crc16_xmodem(body).to_le_bytes() == *sum).then_some(bytes.len())
}

#[cfg(test)]
mod tests {
    use palisade_rulefile::Checksum;

    use super::super::check;
    use super::*;

    fn changed(token: &str, at: usize) -> Vec<u8> {
        let mut bytes = token.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'7' { b'8' } else { b'7' };
        bytes
    }

    /// All but the last are printed in documentation of the formats; they are put together here so that no scanner takes them for
    /// leaks. The last was made by Python: `zlib.crc32` of what stands before, in base 36.
    #[test]
    fn knows_tokens_from_documentation() {
        let github = ["ghp_", "zQWBuTSOoRi4A9spHcVY", "5ncnsDkxkJ0mLq17"].concat();
        let grafana = ["glsa_", "yscW25imSKJIuav8zF37", "RZmnbiDvB05G_fcaaf58a"].concat();
        let age = ["AGE-SECRET-KEY-1", &"GFPYYSJZ".repeat(6), "GFPQ4EGAEX"].concat();
        let gitlab = ["glpat-", "pU3KGCUwux1tEyze1iN7Lm86MQp1OjJhCA", ".01.0y00fwd8g"].concat();
        let nats = ["SUAEL6GG2L2HIF7DUGZJGMRU", "FKXELGGYFMHF76UO2AYBG3K4YLWR3FKC2Q"].concat();
        let stellar = format!("S{}{}", "BU2RRGLXH3E5CQHTD3ODLDF", "2BWDCYUSSBLLZ5GNW7JXHDIYKXZWHOKR");
        let bitcoin = format!("5{}{}", "HueCGU8rMjxEXxiPuD5BDku", "4MkFqeZyd4dZ1jvhTVqvbTLvyTJ");
        let vectors = [
            (Checksum::NatsSeed, nats),
            (Checksum::StellarSeed, stellar),
            (Checksum::BitcoinWif, bitcoin),
            (Checksum::GithubCrc32, github),
            (Checksum::GrafanaCrc32, grafana),
            (Checksum::AgeBech32, age),
            (Checksum::GitlabToken, gitlab),
        ];
        for (checksum, token) in vectors {
            let verdict = check(checksum, token.as_bytes());
            assert_eq!(verdict, Verdict::Valid(SUM_FITS.to_owned()), "{}", checksum.name());
            for at in 18..token.len() {
                let verdict = check(checksum, &changed(&token, at));
                assert_eq!(verdict, Verdict::Impossible, "{} changed at {at}", checksum.name());
            }
        }
    }

    #[test]
    fn tells_kinds_of_gitlab_tokens_apart() {
        assert_eq!(gitlab_token(b"glpat-q7Rt5vKp2mXz9LwBn4Hd"), possible(true));
        assert_eq!(gitlab_token(b"glpat-q7Rt5vKp2mXz9LwBn4H"), Verdict::Impossible);
        assert_eq!(gitlab_token(b"glcbt-eyJhbGciOiJIUzI1NiJ9.e3.c2ln"), Verdict::Impossible);
        let job = ["glcbt-eyJhbGciOiJSUzI1NiJ9", "eyJqb2IiOjd9", "x4Tq9wLmZ2"].join(".");
        assert!(matches!(gitlab_token(job.as_bytes()), Verdict::Valid(_)));
    }
}
