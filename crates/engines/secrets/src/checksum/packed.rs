//! Tokens that pack identifiers, text, or bytes in a format: Protocol Buffers, MessagePack, DER.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::{STRICT_BASE64, STRICT_BASE64URL, Verdict, lenient_base64, possible};
use crate::filter;

/// The largest AWS account number: twelve digits.
const MAX_AWS_ACCOUNT: u64 = 999_999_999_999;

/// What the Secret Keys of 1Password are written in.
const ONEPASSWORD: &[u8; 31] = b"23456789ABCDEFGHJKLMNPQRSTVWXYZ";

/// The 16 characters after the prefix are ten bytes in base 32. Bit 0 says that the next 40 are the account number; in keys of the
/// old kind it is clear.
pub(super) fn aws_key_id(token: &[u8]) -> Verdict {
    let body = token.get(4..).unwrap_or_default();
    let Some(bits) = base32_bits(body).filter(|_| body.len() == 16) else { return Verdict::Impossible };
    let account = u64::try_from(bits >> 39 & 0xff_ffff_ffff).unwrap_or(u64::MAX);
    let carries_account = bits >> 79 == 1;
    if !carries_account {
        return Verdict::Unknown("it is a key id of the old kind".to_owned());
    }
    // Nine in ten random ids name a possible account, so this proves little.
    if account > MAX_AWS_ACCOUNT {
        return Verdict::Impossible;
    }
    Verdict::Unknown(format!("the key id names AWS account {account:012}"))
}

/// At most 25 digits of base 32 as a number.
fn base32_bits(text: &[u8]) -> Option<u128> {
    text.iter().take(25).try_fold(0_u128, |bits, byte| Some(bits << 5 | u128::from(base32_digit(*byte)?)))
}

fn base32_digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

/// A version 2 macaroon (libmacaroons, "binary format v2"): version 2, then field 1, the location.
pub(super) fn is_pypi_macaroon(token: &[u8]) -> bool {
    let Some(body) = token.strip_prefix(b"pypi-") else { return false };
    // Padding is optional and the length need not be whole: only the head is looked at.
    let whole = body.len() - body.len() % 4;
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(body.get(..whole).unwrap_or_default()) else { return false };
    let Some([length, rest @ ..]) = bytes.strip_prefix(&[2, 1]) else { return false };
    let location = rest.get(..usize::from(*length)).unwrap_or_default();
    matches!(location, b"pypi.org" | b"test.pypi.org")
}

/// The first part is the decimal id of the bot's user: 17 to 20 digits.
pub(super) fn is_discord_bot(token: &[u8]) -> bool {
    let mut parts = token.split(|byte| *byte == b'.');
    let first = parts.next().unwrap_or_default();
    let id = STANDARD_NO_PAD.decode(first).or_else(|_| URL_SAFE_NO_PAD.decode(first)).unwrap_or_default();
    (17..=20).contains(&id.len()) && id.iter().all(u8::is_ascii_digit) && !parts.any(filter::is_placeholder)
}

/// `A3-` and 31 kinds of characters: all but one in a hundred draws from the 36 contain another.
pub(super) fn is_onepassword_secret_key(token: &[u8]) -> bool {
    let Some(body) = token.strip_prefix(b"A3-") else { return false };
    let drawn = body.iter().filter(|byte| **byte != b'-');
    drawn.clone().count() >= 32
        && drawn.clone().all(|byte| ONEPASSWORD.contains(byte))
        && !filter::is_placeholder(body)
}

/// One or more `fm2_` macaroons between commas.
pub(super) fn is_fly_token(token: &[u8]) -> bool {
    token.split(|byte| *byte == b',').all(|one| {
        one.strip_prefix(b"fm2_")
            .and_then(|body| STRICT_BASE64.decode(body).ok())
            .is_some_and(|pack| is_fly_macaroon(&pack))
    })
}

/// MessagePack: an array of nonce, location, caveats and tail; the nonce is an array of key id, 16 random bytes and, in the second
/// version, a flag; the tail is 32 bytes.
fn is_fly_macaroon(pack: &[u8]) -> bool {
    let (flagged, rest) = match pack {
        [0x94, 0x92, rest @ ..] => (false, rest),
        [0x94, 0x93, rest @ ..] => (true, rest),
        _ => return false,
    };
    let location = binary(rest).and_then(|(_, rest)| binary(rest)).and_then(|(random, rest)| {
        let rest = if flagged { rest.split_first()?.1 } else { rest };
        (random.len() == 16).then_some(rest)
    });
    let named = location.is_some_and(|rest| matches!(rest, [0xa1..=0xbf | 0xd9 | 0xda, ..]));
    let tail = pack.len().checked_sub(34).and_then(|at| pack.get(at..at + 2));
    named && tail == Some(&[0xc4, 32])
}

/// A MessagePack binary of up to 65,535 bytes at the front of `pack`, and what follows it.
fn binary(pack: &[u8]) -> Option<(&[u8], &[u8])> {
    match pack {
        [0xc4, length, rest @ ..] => rest.split_at_checked(usize::from(*length)),
        [0xc5, high, low, rest @ ..] => rest.split_at_checked(usize::from(u16::from_be_bytes([*high, *low]))),
        _ => None,
    }
}

/// `hvs.` and either 24 characters or a message: version 1, an HMAC of 32 bytes, the token inside. What is as long as a message and
/// decodes as none proves nothing: HashiCorp promises the prefix and the length alone.
pub(super) fn vault_service(token: &[u8]) -> Verdict {
    let Some(body) = token.strip_prefix(b"hvs.") else { return Verdict::Impossible };
    if filter::is_placeholder(body) {
        return Verdict::Impossible;
    }
    let message = lenient_base64(body).unwrap_or_default();
    let inner = message.strip_prefix(&[8, 1, 0x12, 32]).and_then(|rest| rest.get(32..));
    match inner {
        Some([0x1a, length, rest @ ..]) if usize::from(*length) == rest.len() => {
            Verdict::Valid("it decodes as a signed token".to_owned())
        }
        _ => possible(body.len() == 24 || body.len() >= 90),
    }
}

/// Text that names itself a reference token.
pub(super) fn is_jfrog_reference(token: &[u8]) -> bool {
    let text = STRICT_BASE64.decode(token).unwrap_or_default();
    let printable = |byte: &u8| byte.is_ascii_graphic();
    text.strip_prefix(b"reftkn:").is_some_and(|rest| rest.len() >= 32 && rest.iter().all(printable))
}

/// RFC 5208 in PEM, line ends escaped or not: a DER sequence as long as it says, which starts with version 0.
pub(super) fn is_pkcs8(pem: &[u8]) -> bool {
    let between = |dashes: &[u8]| memchr::memmem::find(pem, dashes);
    let Some(start) = between(b"KEY-----").map(|at| at + 8) else { return false };
    let Some(end) = between(b"-----END") else { return false };
    let body = pem.get(start..end).unwrap_or_default();
    let mut text = Vec::with_capacity(body.len());
    let mut escaped = false;
    for byte in body {
        // `\n` and `\\n` are line ends; their letter belongs to no base 64.
        if !escaped && (byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')) {
            text.push(*byte);
        }
        escaped = *byte == b'\\';
    }
    let der = lenient_base64(&text).unwrap_or_default();
    match der.as_slice() {
        [0x30, 0x82, high, low, rest @ ..] => {
            rest.len() == usize::from(u16::from_be_bytes([*high, *low])) && rest.starts_with(&[2, 1, 0, 0x30])
        }
        _ => false,
    }
}

/// `tgpak_` and the base 32 of the project's number, `_`, and 130 bits in base 32 of digits and letters up to v.
pub(super) fn tolgee_project(token: &[u8]) -> Verdict {
    let text = token.strip_prefix(b"tgpak_").and_then(|body| base32(&body.to_ascii_uppercase()));
    let text = text.unwrap_or_default();
    let Some(at) = memchr::memchr(b'_', &text) else { return Verdict::Impossible };
    let (project, key) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
    let is_number = !project.is_empty() && project.iter().all(u8::is_ascii_digit);
    if !is_number || key.len() < 16 || !key.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'v')) {
        return Verdict::Impossible;
    }
    Verdict::Valid(format!("it decodes as a key of project {}", String::from_utf8_lossy(project)))
}

/// Base 32 (RFC 4648) in upper case, without padding and with no spare bit set.
pub(super) fn base32(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut bits) = (0_u16, 0);
    for byte in text {
        held = held << 5 | u16::from(base32_digit(*byte)?);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap_or(0));
            held &= (1 << bits) - 1;
        }
    }
    (held == 0).then_some(bytes)
}

/// `perm:` or `perm-`, the user and the token's name in base 64, and the secret, between dots.
pub(super) fn youtrack(token: &[u8]) -> Verdict {
    let body = token.strip_prefix(b"perm").and_then(|body| body.get(1..)).unwrap_or_default();
    let parts: Vec<_> = body.split(|byte| *byte == b'.').collect();
    let [user, label, secret] = parts.as_slice() else { return Verdict::Impossible };
    let text = |part: &[u8]| {
        let text = String::from_utf8(lenient_base64(part)?).ok()?;
        (!text.is_empty() && !text.contains(char::is_control)).then_some(text)
    };
    if text(user).is_none() || text(label).is_none() || filter::is_placeholder(secret) {
        return Verdict::Impossible;
    }
    Verdict::Valid("user and name in it decode as text".to_owned())
}

/// The key behind the colon is 16 bytes.
pub(super) fn is_bitwarden(token: &[u8]) -> bool {
    let key = token.rsplit(|byte| *byte == b':').next().unwrap_or_default();
    STRICT_BASE64.decode(key).is_ok_and(|bytes| bytes.len() == 16)
}

/// What stands behind `sha256~` is 32 bytes.
pub(super) fn is_openshift(token: &[u8]) -> bool {
    let body = token.strip_prefix(b"sha256~").unwrap_or_default();
    STRICT_BASE64URL.decode(body).is_ok_and(|bytes| bytes.len() == 32)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use palisade_rulefile::Checksum;

    use super::super::tests::{holds, message};
    use super::*;

    /// The account number from a public write-up of the format: key ids beginning ASIAY34FZKBOK belong to 609629065308.
    #[test]
    fn reads_the_account_of_an_aws_key() {
        let token = ["ASIAY34FZKBOK", "MUTVV7A"].concat();
        let named = Verdict::Unknown("the key id names AWS account 609629065308".to_owned());
        assert_eq!(aws_key_id(token.as_bytes()), named);
        assert!(!holds(Checksum::AwsKeyId, "AKIA777777777777777A"));
        assert!(!holds(Checksum::AwsKeyId, "AKIA1111111111111111"));
    }

    /// The layouts of libmacaroons' README and of Discord's reference, packed by the plain encoder.
    #[test]
    fn reads_a_macaroon_of_the_index_and_the_id_of_a_bot() {
        let pypi = |bytes: &[u8]| ["pypi-", &URL_SAFE_NO_PAD.encode(bytes)].concat();
        assert!(holds(Checksum::PypiMacaroon, &pypi(b"\x02\x01\x08pypi.org\x02\x04abcd\x00\x00\x06\x20")));
        assert!(!holds(Checksum::PypiMacaroon, &pypi(b"\x01\x01\x08pypi.org\x02\x04abcd\x00\x00\x06\x20")));
        assert!(!holds(Checksum::PypiMacaroon, &pypi(b"\x02\x01\x08pypi.net\x02\x04abcd\x00\x00\x06\x20")));
        let bot =
            |id: &str| [&STANDARD_NO_PAD.encode(id), "Xq7Rt5", "vKp2mXz9LwBn4HdTy8sWc3jF6gE1uA"].join(".");
        assert!(holds(Checksum::DiscordBot, &bot("904215738801463298")));
        for id in ["9042157388014632", "90421573880146329x", "904215738801463298123"] {
            assert!(!holds(Checksum::DiscordBot, &bot(id)), "{id}");
        }
        assert!(!holds(Checksum::DiscordBot, &bot("904215738801463298").replace("9LwBn4Hd", "xxxxxxxx")));
    }

    /// From Python: `base64.b32encode` of `1420_` and 26 digits below 32.
    #[test]
    fn reads_the_project_of_a_tolgee_key() {
        let token = ["tgpak_", "ge2demc7g5udg2zsoy4xc4dngrxdq4zroq2xkntsgbqteyrtmm"].concat();
        let said = message(tolgee_project(token.as_bytes()));
        assert_eq!(said.as_deref(), Some("it decodes as a key of project 1420"));
        for (from, to) in [("ge2", "me2"), ("emc7g", "emcag"), ("rtmm", "rtmn"), ("rtmm", "rtm1")] {
            assert!(!holds(Checksum::TolgeeProject, &token.replace(from, to)), "{to}");
        }
    }

    /// The layout of vault/tokens/token.proto as `protoc` encodes it.
    #[test]
    fn reads_a_signed_token_of_vault() {
        let hmac: Vec<u8> = (60..92).collect();
        let token = |head: &[u8], tail: &[u8]| {
            ["hvs.", &URL_SAFE_NO_PAD.encode([head, &hmac, tail].concat())].concat()
        };
        let inner = [&[0x1a, 30, 0x0a, 28][..], &[b'k'; 28]].concat();
        assert!(message(vault_service(token(&[8, 1, 0x12, 32], &inner).as_bytes())).is_some());
        for other in [token(&[8, 2, 0x12, 32], &inner), token(&[8, 1, 0x12, 32], &inner[..31])] {
            assert_eq!(vault_service(other.as_bytes()), possible(true), "{other}");
        }
        assert_eq!(vault_service(token(&[8, 1, 0x12, 32], &inner[..20]).as_bytes()), Verdict::Impossible);
        assert_eq!(vault_service(b"hvs.q7Rt5vKp2mXz9LwBn4HdTy8s"), possible(true));
    }

    /// The fields of superfly/macaroon in MessagePack's own encoding: fixarray, bin 8, false, fixstr.
    #[test]
    fn reads_a_macaroon_of_fly() {
        let nonce = [&[0x94, 0x93, 0xc4, 3, 1, 2, 3, 0xc4, 16][..], &[9; 16], &[0xc2]].concat();
        let token = |nonce: &[u8], tail: &[u8]| {
            let pack = [nonce, b"\xb5https://api.fly.io/v1", &[0x90], tail].concat();
            ["fm2_", &STANDARD.encode(pack)].concat()
        };
        let tail = [&[0xc4, 32][..], &[7; 32]].concat();
        let whole = token(&nonce, &tail);
        assert!(holds(Checksum::FlyMacaroon, &whole));
        assert!(holds(Checksum::FlyMacaroon, &[whole.as_str(), &whole].join(",")));
        assert!(!holds(Checksum::FlyMacaroon, &token(&nonce, &tail[..33])));
        assert!(!holds(Checksum::FlyMacaroon, &token(&nonce[..25], &tail)));
        assert!(!holds(Checksum::FlyMacaroon, &[whole.as_str(), "fm2_AAAA"].join(",")));
    }

    /// A key that another library makes, and the spellings of its line ends.
    #[test]
    fn reads_a_private_key() {
        use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
        let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let text = STANDARD.encode(der.as_ref());
        let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line)).collect();
        for line_end in ["\n", "\r\n", "\\n", "\\\\n"] {
            let [begin, end] = ["BEGIN", "END"].map(|edge| format!("-----{edge} PRIVATE KEY-----"));
            let pem = [begin.as_str(), &lines.join(line_end), &end].join(line_end);
            assert!(is_pkcs8(pem.as_bytes()), "{line_end:?}");
            assert!(!is_pkcs8(pem.replacen(&*lines[3], "", 1).as_bytes()), "{line_end:?} without a line");
            assert!(!is_pkcs8(pem.replacen("MII", "MIJ", 1).as_bytes()), "{line_end:?} with another length");
        }
    }

    /// The two parts are printed in the documentation of YouTrack.
    #[test]
    fn fixed_lengths_and_texts() {
        let youtrack = ["perm:amFuZS5kb2U=", "UkVTVCBBUEk=", "q7Rt5vKp2mXz9LwBn4HdTy8sWc3jF6"].join(".");
        assert!(holds(Checksum::Youtrack, &youtrack));
        assert!(!holds(Checksum::Youtrack, &youtrack.replace("amFu", "gICA")), "not UTF-8");
        assert!(!holds(Checksum::Youtrack, &youtrack.replace("UkVT", "AAAA")), "control characters");
        let bitwarden = |key: &str| {
            ["0.48c78342-1635-48a6-accd-afbe01336365.C0tMmQqHnAp1h0gL8bngprlPOYutt0", key].join(":")
        };
        assert!(holds(Checksum::Bitwarden, &bitwarden("B3h5D+YgLvFiQhWkIq6Bow==")));
        assert!(!holds(Checksum::Bitwarden, &bitwarden("B3h5D+YgLvFiQhWkIq6Box==")), "a spare bit");
        assert!(!holds(Checksum::Bitwarden, &bitwarden("B3h5D+YgLvFiQhWkIq6B")));
        let openshift = |bytes: &[u8]| ["sha256~", &URL_SAFE_NO_PAD.encode(bytes)].concat();
        assert!(holds(Checksum::OpenshiftToken, &openshift(&[0xb7; 32])));
        assert!(!holds(Checksum::OpenshiftToken, &openshift(&[0xb7; 31])));
        let secret_key = "A3-7KQWZ8-M4RT6X-9CVBN-H2JLP-D5FGS-YW3EA";
        assert!(holds(Checksum::OnepasswordSecretKey, secret_key));
        for other in ["0", "1", "I", "O", "U"] {
            assert!(!holds(Checksum::OnepasswordSecretKey, &secret_key.replace('H', other)), "{other}");
        }
        let jfrog = |text: &str| STANDARD.encode(text);
        assert!(holds(Checksum::JfrogReference, &jfrog("reftkn:01:1767225600:q7Rt5vKp2mXz9LwBn4HdTy8sWc3")));
        assert!(!holds(
            Checksum::JfrogReference,
            &jfrog("reftkn:01:1767225600:q7Rt5vKp2m\u{1}z9LwBn4HdTy8sWc3")
        ));
        assert!(!holds(Checksum::JfrogReference, &jfrog("reftkn-01:1767225600:q7Rt5vKp2mXz9LwBn4HdTy8sWc3")));
    }
}
