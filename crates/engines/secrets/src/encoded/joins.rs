//! Strings that source code puts together from pieces, and lines that go on in the next.

use super::Decoded;

/// Longest white space around an operator, in bytes.
const MAX_SPACE: usize = 64;
/// What joins two strings, besides nothing at all.
const OPERATORS: &[&[u8]] = &[b"+", b".", b"&", b"..", b"++", b"||", b"<>", b"~", b"\\"];

/// The length of the join that `text` begins with. A join is a closing quote, an operator and an
/// opening quote, or a backslash at the end of a line.
pub(super) fn join(text: &[u8]) -> Option<usize> {
    match text {
        [b'\\', b'\n', rest @ ..] => Some(2 + indentation(rest)),
        [b'\\', b'\r', b'\n', rest @ ..] => Some(3 + indentation(rest)),
        [b'"' | b'\'', rest @ ..] => {
            let gap = gap(rest);
            // Two quotes in a row are an empty string, or a quote that is written twice.
            (rest.get(gap).is_some_and(is_quote) && gap > 0).then_some(gap + 2)
        }
        _ => None,
    }
}

/// Whether a join can begin where `text` begins, whatever follows it.
pub(super) fn may_join(text: &[u8]) -> bool {
    match text {
        [b'"' | b'\'', rest @ ..] => rest.get(gap(rest)).is_none_or(is_quote),
        _ => true,
    }
}

const fn is_quote(byte: &u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

/// The length of the operator that `text` begins with, and of the white space on either side of it.
fn gap(text: &[u8]) -> usize {
    let before = spaces(text);
    let operator = text.get(before..).unwrap_or_default();
    let longest = OPERATORS.iter().filter(|sign| operator.starts_with(sign)).map(|sign| sign.len()).max();
    let after = before + longest.unwrap_or(0);
    after + spaces(text.get(after..).unwrap_or_default())
}

fn spaces(text: &[u8]) -> usize {
    text.iter().take(MAX_SPACE).take_while(|byte| byte.is_ascii_whitespace()).count()
}

fn indentation(text: &[u8]) -> usize {
    text.iter().take(MAX_SPACE).take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// The text without its joins.
pub(super) fn decode(bytes: &[u8]) -> Option<Decoded> {
    let mut decoded = Decoded::default();
    let (mut at, mut literal) = (0, 0);
    let mut found = false;
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr::memchr3(b'"', b'\'', b'\\', rest)) {
        let place = at + next;
        let Some(length) = join(bytes.get(place..).unwrap_or_default()) else {
            at = place + 1;
            continue;
        };
        decoded.literal(bytes.get(literal..place).unwrap_or_default(), literal);
        found = true;
        at = place + length;
        literal = at;
    }
    decoded.literal(bytes.get(literal..).unwrap_or_default(), literal);
    found.then_some(decoded)
}
