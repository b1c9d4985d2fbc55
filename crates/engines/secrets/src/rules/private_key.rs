use memchr::memmem;
use palisade_model::{Severity, Span};

use super::Scene;
use crate::candidate::{Hit, Identity, InExamples, Scope, Shown};
use crate::checksum::LENIENT_BASE64;
use crate::filter;
use crate::profile::Profile;

const BEGIN: &[u8] = b"-----BEGIN ";
const DASHES: &[u8] = b"-----";
/// Longest label of RFC 7468 and RFC 4880 that is a private key's, with room.
const MAX_LABEL: usize = 40;
/// Longest body that is read; an RSA key of 16384 bits has 13 KiB.
const MAX_BODY: usize = 64 * 1024;
/// Characters of base 64 in the shortest key there is: Ed25519 in PKCS#8 has 64.
const MIN_BODY: usize = 60;
/// The same when the end line is missing.
const MIN_OPEN_BODY: usize = 120;
/// Characters of base 64 at most in a key of which documentation shows the first lines: those of an RSA key of 2048 bits are public,
/// and from half of what comes behind them all of it can be told.
const MAX_SAMPLE: usize = 320;
/// Bytes that a line of PEM holds at most (RFC 1421 has 48, RFC 7468 the same, OpenSSH and GnuPG a few more).
const MAX_LINE: usize = 57;
/// Longest beginning that all lines of a block may have in common, such as the time in a log, in bytes.
const MAX_PREFIX: usize = 256;
const OPENSSH_MAGIC: &[u8] = b"openssh-key-v1\0";

/// PEM blocks of private keys (RFC 7468, RFC 4880 6.2, OpenSSH PROTOCOL.key), as lines or as one line with escaped line feeds.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let starts = memmem::find_iter(scene.get(window), BEGIN).map(|at| window.start + at);
    starts.filter_map(|start| block(scene, start)).collect()
}

fn block(scene: &Scene<'_>, start: usize) -> Option<Hit> {
    let after = scene.get(Span::new(start + BEGIN.len(), start + BEGIN.len() + MAX_LABEL + DASHES.len()));
    let label = after.get(..memmem::find(after, DASHES)?)?;
    let key = label.ends_with(b"PRIVATE KEY") || label == b"PGP PRIVATE KEY BLOCK";
    if !key || !label.iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b' ' | b'0'..=b'9')) {
        return None;
    }
    let head = BEGIN.len() + label.len() + DASHES.len();
    let before = scene.get(Span::new(start.saturating_sub(MAX_PREFIX), start));
    let prefix = before.rsplit(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let body = Body::read(scene.get(Span::new(start + head, start + head + MAX_BODY)), label, prefix);
    if body.elided {
        return None;
    }
    let least = if body.closed { MIN_BODY } else { MIN_OPEN_BODY };
    if body.base64.len() < least || filter::entropy(&body.base64) < 3.5 {
        return None;
    }
    let encrypted = state(label, &body)?;
    let (severity, message) = match encrypted {
        true => (Some(Severity::Medium), "it is encrypted; its passphrase can be guessed offline"),
        false => (None, "it is not encrypted"),
    };
    Some(Hit {
        secret: Span::new(start, start + head + body.length),
        identity: Identity::Normalised(body.base64),
        shown: Shown::Head(head),
        severity,
        confidence: None,
        // Nobody gets in with the key alone.
        profile: encrypted.then_some(Profile::Balanced),
        scope: Scope::Anywhere,
        in_examples: InExamples::Mild,
        asset: None,
        message,
    })
}

/// Whether a body is the first line of a longer one, as documentation shows a key: its head (X.690, 8.1.3) tells of many times as many
/// bytes as there are.
fn is_excerpt(bytes: &[u8]) -> bool {
    let told = match bytes {
        [0x30, 0x82, high, low, ..] => usize::from(u16::from_be_bytes([*high, *low])),
        _ => return false,
    };
    bytes.len() <= MAX_LINE && told > 4 * MAX_LINE
}

/// Whether the key is encrypted; none when the body is no key.
fn state(label: &[u8], body: &Body) -> Option<bool> {
    use base64::Engine as _;

    // What is cut off or wrapped wrongly need not be whole: the head tells.
    let whole = body.base64.len() - body.base64.len() % 4;
    let bytes = LENIENT_BASE64.decode(body.base64.get(..whole)?).ok()?;
    if is_excerpt(&bytes) {
        return None;
    }
    match (label, bytes.as_slice()) {
        (b"OPENSSH PRIVATE KEY", bytes) => {
            let cipher = bytes.strip_prefix(OPENSSH_MAGIC)?;
            Some(!cipher.starts_with(b"\0\0\0\x04none"))
        }
        // Secret-Key packets have tag 5, in the old or the new format (RFC 4880 4.2).
        (b"PGP PRIVATE KEY BLOCK", [first, ..]) => {
            (first >> 2 == 0b10_0101 || *first == 0b1100_0101).then_some(false)
        }
        (b"ENCRYPTED PRIVATE KEY", [0x30, ..]) => Some(true),
        _ if body.encrypted => Some(true),
        (_, [0x30, ..]) => Some(false),
        _ => None,
    }
}

/// What stands between the begin and end lines.
struct Body {
    base64: Vec<u8>,
    /// Whether a header says so (RFC 1421 `Proc-Type`).
    encrypted: bool,
    /// Whether the end line was there.
    closed: bool,
    /// Whether dots stand for the rest of it, as documentation shows a key.
    elided: bool,
    /// Bytes from the begin line to the end of the block.
    length: usize,
}

impl Body {
    /// Reads lines up to the end line or the first that is neither base 64 nor a header. `prefix` stands before the begin line, and may
    /// before the others.
    fn read(text: &[u8], label: &[u8], prefix: &[u8]) -> Self {
        let end = [b"-----END ", label, DASHES].concat();
        let mut body = Self { base64: Vec::new(), encrypted: false, closed: false, elided: false, length: 0 };
        let mut at = 0;
        while at < text.len() {
            let rest = text.get(at..).unwrap_or_default();
            let (length, gap) = line_end(rest);
            let whole = rest.get(..length).unwrap_or_default();
            let line = without_prefix(whole, prefix);
            if let Some(found) = memmem::find(line, &end) {
                body.take(line.get(..found).unwrap_or_default());
                body.closed = true;
                body.length = at + (length - line.len()) + found + end.len();
                break;
            }
            if !body.take(line) {
                let rest = undecorated(line);
                let dots = rest.starts_with(b"...") || rest.starts_with("…".as_bytes());
                body.elided = dots && body.base64.len() <= MAX_SAMPLE;
                break;
            }
            at += length + gap;
            if !undecorated(line).is_empty() {
                body.length = at - gap;
            }
        }
        body
    }

    /// Adds a line; false when it does not belong to a block.
    fn take(&mut self, line: &[u8]) -> bool {
        let line = undecorated(line);
        if line.contains(&b':') {
            self.encrypted |= memmem::find(line, b"ENCRYPTED").is_some();
            return self.base64.is_empty();
        }
        // The checksum of an OpenPGP block is a line of its own (RFC 4880 6.1).
        if line == b"+" || (line.first() == Some(&b'=') && line.len() == 5) {
            return true;
        }
        let mut characters = line.iter().copied().filter(|byte| *byte != b' ').peekable();
        let base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        if !characters.clone().all(|byte| base64(&byte)) || is_prose(line) {
            return false;
        }
        self.base64.extend(characters.by_ref());
        true
    }
}

/// Whether a line is words: most of its parts are letters of one case, but for the first.
fn is_prose(line: &[u8]) -> bool {
    let is_word = |part: &[u8]| match part {
        [first, rest @ ..] => first.is_ascii_alphabetic() && rest.iter().all(u8::is_ascii_lowercase),
        [] => false,
    };
    let parts = || line.split(|byte| *byte == b' ').filter(|part| !part.is_empty());
    let words = parts().filter(|part| is_word(part)).count();
    words > 1 && words * 2 > parts().count()
}

/// A line without the beginning that it has in common with the begin line, but for numbers that count up or tell the time.
fn without_prefix<'l>(line: &'l [u8], prefix: &[u8]) -> &'l [u8] {
    let same = |(one, other): (&u8, &u8)| one == other || (one.is_ascii_digit() && other.is_ascii_digit());
    match line.split_at_checked(prefix.len()) {
        Some((head, rest)) if head.iter().zip(prefix).all(same) => rest,
        _ => line,
    }
}

/// The length of the first line and of what ends it: a line feed, a carriage return, both, or one escaped any number of times.
fn line_end(text: &[u8]) -> (usize, usize) {
    let mut from = 0;
    while let Some(at) =
        text.get(from..).and_then(|rest| memchr::memchr3(b'\n', b'\r', b'\\', rest)).map(|at| from + at)
    {
        let rest = text.get(at..).unwrap_or_default();
        let slashes = rest.iter().take_while(|byte| **byte == b'\\').count();
        match rest.get(slashes) {
            Some(b'\n') if slashes == 0 => return (at, 1),
            Some(b'\r') if slashes == 0 => return (at, 1 + usize::from(rest.get(1) == Some(&b'\n'))),
            Some(b'n' | b'r') => return (at, slashes + 1),
            _ => from = at + slashes.max(1),
        }
    }
    (text.len(), 0)
}

/// A line without quotes, indentation, comment signs and what source code puts between pieces of a string.
fn undecorated(line: &[u8]) -> &[u8] {
    let edge = |byte: &u8| {
        matches!(byte, b' ' | b'\t' | b'\r' | b'"' | b'\'' | b',' | b';' | b'\\' | b'`' | b'|' | b'(' | b')')
    };
    let start = line.iter().position(|byte| !edge(byte)).unwrap_or(line.len());
    let end = line.iter().rposition(|byte| !edge(byte)).map_or(start, |last| last + 1);
    let line = line.get(start..end).unwrap_or_default();
    // A slash is a digit of base 64, the other signs are none.
    let openers: [&[u8]; 4] = [b"// ", b"#", b"*", b">"];
    let line =
        openers.iter().find_map(|opener| line.strip_prefix(*opener)).unwrap_or(line).trim_ascii_start();
    line.strip_suffix(b"\" +").or_else(|| line.strip_suffix(b"' +")).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_block_begin_and_end_as_its_first_one() {
        let cases = [
            ("\nMC4C\nAQAw\n", ""),
            ("\rMC4C\rAQAw\r", ""),
            ("\r\nMC4C\r\nAQAw\r\n", ""),
            ("\\r\\nMC4C\\r\\nAQAw\\r\\n", "key = \""),
            ("\n+MC4C\n+AQAw\n+", "+"),
            ("\n> | MC4C\n> | AQAw\n> | ", "> | "),
            ("\n12:01 app: MC4C\n12:02 app: AQAw\n12:02 app: ", "11:59 app: "),
        ];
        for (lines, prefix) in cases {
            let text = [lines, "-----END ", "PRIVATE KEY-----"].concat();
            let body = Body::read(text.as_bytes(), b"PRIVATE KEY", prefix.as_bytes());
            assert_eq!((body.base64.as_slice(), body.closed), (b"MC4CAQAw".as_slice(), true), "{lines:?}");
            assert_eq!(body.length, text.len());
        }
    }
}
