//! Escapes of single characters. Each reader takes text that begins with one and gives the character's bytes and the escape's length.

use super::Decoded;

/// Longest reference to a character in HTML that is read.
const MAX_HTML: usize = 12;

/// A character's bytes, and how long its escape is.
pub(super) type Escape = (Bytes, usize);

/// At most four bytes: a character of UTF-8, or a byte. None of them is an escape that only joins lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bytes {
    bytes: [u8; 4],
    count: usize,
}

impl Bytes {
    fn byte(byte: u8) -> Self {
        Self { bytes: [byte, 0, 0, 0], count: 1 }
    }

    fn character(character: char) -> Self {
        let mut bytes = [0; 4];
        let count = character.encode_utf8(&mut bytes).len();
        Self { bytes, count }
    }

    const fn nothing() -> Self {
        Self { bytes: [0; 4], count: 0 }
    }

    fn get(&self) -> &[u8] {
        self.bytes.get(..self.count).unwrap_or_default()
    }
}

/// Replaces every escape that `read` knows. Escapes begin with `opener`.
pub(super) fn decode(bytes: &[u8], opener: u8, read: fn(&[u8]) -> Option<Escape>) -> Option<Decoded> {
    let mut decoded = Decoded::default();
    let mut at = 0;
    let mut found = false;
    let mut literal = 0;
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr::memchr(opener, rest)) {
        let place = at + next;
        let Some((character, length)) = read(bytes.get(place..).unwrap_or_default()) else {
            at = place + 1;
            continue;
        };
        decoded.literal(bytes.get(literal..place).unwrap_or_default(), literal);
        decoded.escape(character.get(), place, length);
        found = true;
        at = place + length;
        literal = at;
    }
    decoded.literal(bytes.get(literal..).unwrap_or_default(), literal);
    found.then_some(decoded)
}

fn hex(digits: &[u8]) -> Option<u32> {
    let all = digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).ok().filter(|_| all && !digits.is_empty())?;
    u32::from_str_radix(text, 16).ok()
}

fn byte(digits: &[u8]) -> Option<Bytes> {
    u8::try_from(hex(digits)?).ok().map(Bytes::byte)
}

/// `%41` (RFC 3986 2.1), or `%u0041` of what old scripts write.
pub(super) fn percent(text: &[u8]) -> Option<Escape> {
    if let [b'%', b'u' | b'U', digits @ ..] = text {
        return Some((Bytes::character(char::from_u32(hex(digits.get(..4)?)?)?), 6));
    }
    let digits = text.strip_prefix(b"%")?.get(..2)?;
    Some((byte(digits)?, 3))
}

/// `\u0041`, a pair of them for one character (RFC 8259 7), `\u{41}`, `\U00000041`, `\x41`, `\x{41}`, or `\101` of what can be printed;
/// the backslash may be escaped itself. Also `\_`, as markup writes an underscore.
pub(super) fn backslash(text: &[u8]) -> Option<Escape> {
    let slashes = text.iter().take(4).take_while(|byte| **byte == b'\\').count();
    let rest = text.get(slashes..)?;
    let (character, length) = match rest {
        _ if slashes == 0 => return None,
        [b'_', ..] if slashes == 1 => (Bytes::byte(b'_'), 1),
        [b'x' | b'u', b'{', digits @ ..] => {
            let length = digits.iter().take(7).position(|byte| *byte == b'}')?;
            (Bytes::character(char::from_u32(hex(digits.get(..length)?)?)?), length + 3)
        }
        [b'x', ..] => (byte(rest.get(1..3)?)?, 3),
        [b'u', ..] => utf16(rest, slashes)?,
        [b'0' | b'1', b'0'..=b'7', b'0'..=b'7', ..] => (octal(rest.get(..3)?)?, 3),
        [b'U', ..] => (Bytes::character(char::from_u32(hex(rest.get(1..9)?)?)?), 9),
        _ => return None,
    };
    Some((character, slashes + length))
}

/// A printable character of ASCII.
fn octal(digits: &[u8]) -> Option<Bytes> {
    let value = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()?;
    matches!(value, 0x20..0x7f).then(|| Bytes::byte(value))
}

/// A character in one or two units of UTF-16, `rest` being `uXXXX` and what follows.
fn utf16(rest: &[u8], slashes: usize) -> Option<(Bytes, usize)> {
    let first = hex(rest.get(1..5)?)?;
    if let Some(character) = char::from_u32(first) {
        return Some((Bytes::character(character), 5));
    }
    let second = rest.get(5..)?.get(slashes..)?.strip_prefix(b"u")?.get(..4)?;
    let units = [u16::try_from(first).ok()?, u16::try_from(hex(second)?).ok()?];
    let character = char::decode_utf16(units).next()?.ok()?;
    Some((Bytes::character(character), 10 + slashes))
}

/// A character reference of HTML: numeric, or one of the five that XML has too. A numeric one may lack its end before the next.
pub(super) fn html(text: &[u8]) -> Option<Escape> {
    if let [b'&', b'#', rest @ ..] = text {
        let marked = usize::from(matches!(rest.first(), Some(b'x' | b'X')));
        let is_digit =
            |byte: &&u8| if marked == 1 { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
        let count = rest.get(marked..)?.iter().take(MAX_HTML).take_while(is_digit).count();
        let number = std::str::from_utf8(rest.get(marked..marked + count)?).ok()?;
        let number = u32::from_str_radix(number, if marked == 1 { 16 } else { 10 }).ok()?;
        let length = 2 + marked + count;
        let end = match text.get(length)? {
            b';' => 1,
            b'&' | b'"' | b'\'' | b'<' => 0,
            _ => return None,
        };
        return Some((Bytes::character(char::from_u32(number)?), length + end));
    }
    let length = text.iter().take(MAX_HTML).position(|byte| *byte == b';')?;
    let name = text.get(1..length)?;
    let character = match name {
        b"amp" => '&',
        b"quot" => '"',
        b"apos" => '\'',
        b"lt" => '<',
        b"gt" => '>',
        _ => return None,
    };
    Some((Bytes::character(character), length + 1))
}

/// `=41`, or `=` at the end of a line, which joins it with the next (RFC 2045 6.7). Before what separates documents of YAML the sign pads base 64.
pub(super) fn quoted_printable(text: &[u8]) -> Option<Escape> {
    match text {
        [b'=', b'\n', b'-', b'-', b'-', b'\n' | b'\r', ..]
        | [b'=', b'\r', b'\n', b'-', b'-', b'-', b'\r', ..] => None,
        [b'=', b'\n', ..] => Some((Bytes::nothing(), 2)),
        [b'=', b'\r', b'\n', ..] => Some((Bytes::nothing(), 3)),
        [b'=', high, low, ..] if !high.is_ascii_lowercase() && !low.is_ascii_lowercase() => {
            Some((byte(&[*high, *low])?, 3))
        }
        _ => None,
    }
}
