//! Values that open nothing, whatever they are given to.

use palisade_rulefile::Checksum;

use crate::checksum::{self, Verdict};
use crate::documented::is_documented;
use crate::filter;
use crate::rules::credential;
use crate::rules::forms::base64_text;
use crate::rules::generic_assignment::unended;

/// What GitHub's documentation prints behind the prefix of each of its tokens.
const GITHUB_EXAMPLE: &[u8] = b"16C7e42F292c6912E7710c838347Ae178B4a";

/// Least length of the claims of a JSON Web Token, in base 64.
const LEAST_CLAIMS: usize = 8;

/// Whether what a value looks like settles that it opens nothing.
pub(super) fn opens_nothing(value: &[u8]) -> bool {
    is_sealed(value)
        || is_documented(value)
        || value.ends_with(GITHUB_EXAMPLE)
        || says_nothing(value)
        || is_printed_jwt(value)
        || is_injected(value)
        || is_count(value)
        || is_public_key(value)
        || is_object_of_stripe(value)
        || is_regex(value)
        || is_type(value)
        || is_resource(value)
        || is_of_installer(value)
        || is_place(value)
        || is_element(value)
        || is_expanded(value)
}

/// Whether a value is a JSON Web Token that its own rule knows for one that pages about the format print.
fn is_printed_jwt(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| *byte == b'.').skip(1);
    match (value.starts_with(b"eyJ"), parts.next(), parts.next(), parts.next()) {
        // A head, and a word.
        (true, Some(word), None, None) => word.len() < LEAST_CLAIMS,
        (true, Some(_), Some(_), None) => {
            matches!(checksum::check(Checksum::Jwt, value), Verdict::Impossible)
        }
        // What is encrypted has five parts (RFC 7516 3.1).
        _ => false,
    }
}

/// Whether a value is the public half of a pair, as OpenSSH, minisign, NATS and Stellar (SEP-23) write it, or an identifier of whom it
/// belongs to (DID Core 3.1).
fn is_public_key(value: &[u8]) -> bool {
    value.starts_with(b"ssh-")
        || value.starts_with(b"did:")
        || is_point(value)
        || is_point_in_hex(value)
        || (value.len() == 56
            && (value.starts_with(b"RWQ")
                || (!value.starts_with(b"S") && checksum::has_sum_of_key(value) == Some(35))))
}

/// Whether a value is the number of an object at Stripe (`pi_1MHYf...`), which opens nothing.
fn is_object_of_stripe(value: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'_', value) else { return false };
    let (kind, number) = value.split_at(at);
    (2..=10).contains(&kind.len())
        && kind.iter().all(u8::is_ascii_lowercase)
        && number.len() == 25
        && number.starts_with(b"_1")
        && number.iter().skip(1).all(u8::is_ascii_alphanumeric)
}

/// Whether a value is a regular expression, from its first character to its last.
fn is_regex(value: &[u8]) -> bool {
    matches!(value, [b'^', b'[' | b'(' | b'\\' | b'.', ..] | [b'^', .., b'$'])
}

/// Whether a value says how many there are of something, as reports of tests do: `changed=0`.
fn is_count(value: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'=', value) else { return false };
    let (name, count) = value.split_at(at);
    let of_name = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_';
    count.len() > 1 && count.iter().skip(1).all(u8::is_ascii_digit) && name.iter().all(of_name)
}

/// Whether a value is what somebody types to break out of a query: `' or 1=1 --`.
fn is_injected(value: &[u8]) -> bool {
    const WORDS: [&[u8]; 5] = [b"' or ", b"+or+", b"union select", b"union+select", b"' --"];
    let lower = value.to_ascii_lowercase();
    let has = |word: &[u8]| memchr::memmem::find(&lower, word).is_some();
    (has(b"'") || has(b"%27")) && WORDS.iter().any(|word| has(word))
}

/// Whether a value is the base 64 of a text that only stands where a secret would: `dummy_value`, `username:password`.
fn says_nothing(value: &[u8]) -> bool {
    // After the scheme, as in a header (RFC 7617).
    let encoded = unended(value).rsplit(|byte| *byte == b' ').next().unwrap_or_default();
    if !(8..=128).contains(&encoded.len()) {
        return false;
    }
    let Some(said) = base64_text(encoded) else { return false };
    let last = said.rsplit(|byte| *byte == b':').next().unwrap_or_default();
    // A user without a password, or with one that is too short for one.
    last.len() < 4 || is_documented(last) || filter::is_placeholder(&said) || credential::is_dummy(last)
}

/// Whether a value stands in braces, as Maven, Jenkins and Spring write what they encrypted, begins as what Jenkins encrypts does
/// (jenkinsci/jenkins, `Secret.java`) or with `Salted__` in base 64, as what `openssl enc` and CryptoJS encrypt, or holds what Fernet
/// encrypted, once more in base 64.
fn is_sealed(value: &[u8]) -> bool {
    matches!(value, [b'{', .., b'}'])
        || value.starts_with(b"U2FsdGVkX1")
        || value.starts_with(b"AQAAABAAAA")
        || is_of_fernet(value)
        || is_of_sealed_secret(value)
        || is_of_capi(value)
}

/// Whether a value, or what stands behind its last dollar sign, is what Fernet encrypted, once more in base 64.
fn is_of_fernet(value: &[u8]) -> bool {
    value.rsplit(|byte| *byte == b'$').next().is_some_and(|last| last.starts_with(b"Z0FBQUFB"))
}

/// Whether a value begins as those of a SealedSecret of Kubernetes do: with the length of a key that RSA of 4096 bits encrypted.
fn is_of_sealed_secret(value: &[u8]) -> bool {
    const LEAST: usize = 100;
    value.len() >= LEAST && matches!(value, [b'A', b'g', b'A'..=b'D', ..])
}

/// Whether a value is a key that a key of RSA encrypted, as CryptoAPI of Windows writes it (`SIMPLEBLOB`: type 1, version 2, any cipher,
/// `CALG_RSA_KEYX`), for instance in every configuration of IIS.
fn is_of_capi(value: &[u8]) -> bool {
    value.starts_with(b"AQIAA") && value.get(10..16) == Some(b"AApAAA")
}

/// Whether a value is an element of a page that code puts where a value could be: `<Lock className=...`.
fn is_element(value: &[u8]) -> bool {
    let Some([b'A'..=b'Z', rest @ ..]) = value.strip_prefix(b"<") else { return false };
    rest.split(|byte| *byte == b' ').next().is_some_and(|name| name.iter().all(u8::is_ascii_alphabetic))
        && !value.contains(&b'>')
}

/// Whether a value is variables of a shell, one after another: `$HEAD$TAIL`.
fn is_expanded(value: &[u8]) -> bool {
    let is_name =
        |name: &[u8]| name.len() > 1 && name.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_');
    let mut parts = value.split(|byte| *byte == b'$');
    parts.next() == Some(b"") && parts.clone().count() > 1 && parts.all(is_name)
}

/// Whether a value is a point on the curve P-256 in base 64 for URLs, as browsers are told who may push messages to them (RFC 8292 3.2).
fn is_point(value: &[u8]) -> bool {
    let digits = value.strip_suffix(b"=").unwrap_or(value);
    digits.len() == 87 && matches!(digits, [b'B', b'A'..=b'P', ..])
}

/// Whether a value is a point on a curve of 256 bits in hexadecimal digits (SEC 1 2.3.3): one coordinate and the sign of the other, or both.
fn is_point_in_hex(value: &[u8]) -> bool {
    let head = value.get(..2).unwrap_or_default();
    let is_head = match value.len() {
        66 => matches!(head, b"02" | b"03"),
        130 => head == b"04",
        _ => false,
    };
    is_head && value.iter().all(u8::is_ascii_hexdigit)
}

/// Whether a value is the number of a place on Google's maps.
fn is_place(value: &[u8]) -> bool {
    value.len() == 27 && value.starts_with(b"ChIJ")
}

/// Whether a value is the type of a column: `Varchar(160)`, `DECIMAL(10,2)`.
fn is_type(value: &[u8]) -> bool {
    let Some(numbers) = value.strip_suffix(b")") else { return false };
    let Some(at) = memchr::memchr(b'(', numbers) else { return false };
    let (name, numbers) = numbers.split_at(at);
    name.len() > 2
        && name.iter().all(u8::is_ascii_alphabetic)
        && (2..8).contains(&numbers.len())
        && numbers.iter().skip(1).all(|byte| matches!(byte, b'0'..=b'9' | b',' | b' '))
}

/// Whether a value names a type of resources of Azure, with its version: `Microsoft.KeyVault/vaults/secrets@2023-07-01`.
fn is_resource(value: &[u8]) -> bool {
    let version = value.rsplit(|byte| *byte == b'@').next().unwrap_or_default();
    value.starts_with(b"Microsoft.") && value.contains(&b'/') && version.starts_with(b"20")
}

/// Whether a value is an identifier of a setup project of Visual Studio, behind the number of its type: `8:_01B12DAA...`.
fn is_of_installer(value: &[u8]) -> bool {
    value.strip_prefix(b"8:").is_some_and(|text| {
        text.strip_prefix(b"_").is_some_and(|id| id.len() == 32 && id.iter().all(u8::is_ascii_hexdigit))
    })
}
