use std::collections::BTreeSet;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::{SHORTEST, SHORTEST_PART};

/// Every byte sequence under which `secret` may show up.
pub(crate) fn needles(secret: &[u8]) -> BTreeSet<Vec<u8>> {
    let mut needles = BTreeSet::new();
    let whole = secret.trim_ascii();
    if whole.len() < SHORTEST {
        return needles;
    }
    needles.insert(whole.to_vec());
    needles.extend(parts(whole).map(<[u8]>::to_vec));
    let encoded = [hex(whole), percent(whole), json(whole)];
    needles.extend(encoded.into_iter().map(String::into_bytes).filter(|form| form.len() >= SHORTEST_PART));
    needles.extend(base64_cores(whole).filter(|form| form.len() >= SHORTEST_PART));
    needles
}

/// The lines of a secret of several lines: programs print them one by one, with prefixes of their own.
fn parts(secret: &[u8]) -> impl Iterator<Item = &[u8]> {
    secret
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .map(<[u8]>::trim_ascii)
        .filter(|line| line.len() >= SHORTEST_PART)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// RFC 3986 percent-encoding of everything but unreserved characters.
fn percent(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// The inside of a JSON string (RFC 8259, section 7).
fn json(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().fold(String::new(), |mut text, character| {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            other => text.push(other),
        }
        text
    })
}

/// What base64 makes of the secret wherever it stands in a longer text: for each of the three alignments the digits that depend
/// on the secret alone, in both alphabets.
fn base64_cores(secret: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..3).flat_map(move |before| {
        let mut shifted = vec![0; before];
        shifted.extend_from_slice(secret);
        let first = (before * 8).div_ceil(6);
        let last = shifted.len() * 8 / 6;
        [STANDARD_NO_PAD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)]
            .into_iter()
            .filter_map(move |text| text.as_bytes().get(first..last).map(<[u8]>::to_vec))
    })
}
