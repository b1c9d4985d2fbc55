use palisade_model::{Encoding, Span};

use super::Region;
use super::digits;

/// Shortest run of base 64 that is looked at, in characters: 18 bytes.
const MIN_BASE64: usize = 24;
/// Shortest run of hexadecimal digits: 16 bytes.
const MIN_HEX: usize = 32;
/// Shortest line that goes on in the next one.
const MIN_LINE: usize = 40;
/// Deepest indentation of a line that continues a run.
const MAX_INDENTATION: usize = 32;

/// Which bytes are digits of base 64, in either alphabet.
const DIGITS: [bool; 256] = digits();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
const fn digits() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let character = byte as u8;
        table[byte] = character.is_ascii_alphanumeric() || matches!(character, b'+' | b'/' | b'-' | b'_');
        byte += 1;
    }
    table
}

fn is_digit(byte: u8) -> bool {
    DIGITS.get(usize::from(byte)).copied().unwrap_or(false)
}

/// Every run of base 64 or hexadecimal digits that touches `within` and says something, whole even where it reaches beyond, in order.
pub(crate) fn runs(text: &[u8], within: Span) -> Vec<Region> {
    let mut found = Vec::new();
    let mut at = first_line(text, within.start);
    while at <= within.end.min(text.len()) {
        let Some(start) = next_run(text, at) else { break };
        if start > within.end {
            break;
        }
        let end = run_end(text, start);
        note(text, Span::new(start, end), &mut found);
        at = end.max(start + 1);
    }
    found.retain(|region| region.end as usize >= within.start);
    found.sort_unstable();
    found.dedup();
    found
}

/// The first place from `at` on where [`MIN_BASE64`] digits follow each other and no digit comes before. Two blocks of eight digits
/// in a row lie in every such run; they are looked for in blocks of 64 bytes at once.
fn next_run(text: &[u8], mut at: usize) -> Option<usize> {
    let mut floor = at;
    let mut last = 0;
    while let Some(block) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let eights = whole_eights(block);
        // The second of each two in a row, the first of which may end the block before.
        let mut pairs = eights & (eights << 1 | last >> 7);
        while pairs != 0 {
            let inside = at + 8 * pairs.trailing_zeros() as usize;
            pairs &= pairs - 1;
            if inside < floor {
                continue;
            }
            let digits = text.get(floor..inside).unwrap_or_default().iter().rev();
            let start = inside - digits.take_while(|byte| is_digit(**byte)).count();
            let length = digits_from(text, start);
            if length >= MIN_BASE64 {
                return Some(start);
            }
            floor = start + length;
        }
        last = eights;
        at += 64;
    }
    None
}

/// Which of the eight blocks of eight bytes at the start of `text` are all digits, as bits; what `text` lacks is none.
fn whole_eights(text: &[u8]) -> u8 {
    let mut kinds = [0_u8; 64];
    for (kind, byte) in kinds.iter_mut().zip(text) {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        // The slash comes right before the decimal digits.
        let number = byte.wrapping_sub(b'/') < 11;
        let sign = (*byte == b'+') | (*byte == b'-') | (*byte == b'_');
        *kind = u8::from(letter | number | sign);
    }
    let mut bits = 0;
    for (index, eight) in kinds.as_chunks::<8>().0.iter().enumerate() {
        bits |= u8::from(u64::from_ne_bytes(*eight) == 0x0101_0101_0101_0101) << index;
    }
    bits
}

/// Digits from `at` on.
fn digits_from(text: &[u8], at: usize) -> usize {
    text.get(at..).unwrap_or_default().iter().take_while(|byte| is_digit(**byte)).count()
}

/// Where the run ends that begins at `start`: with its padding, and with the lines that go on with it.
fn run_end(text: &[u8], start: usize) -> usize {
    let (mut end, mut length) = (start, digits_from(text, start));
    loop {
        end += length;
        let next = if length >= MIN_LINE { continuation(text, end) } else { None };
        match next {
            Some(line) => (end, length) = (line, digits_from(text, line)),
            None => break,
        }
    }
    end + text.get(end..).unwrap_or_default().iter().take(2).take_while(|byte| **byte == b'=').count()
}

/// Where the next line's digits begin, if a run goes on there that stops at `end` with the line.
fn continuation(text: &[u8], end: usize) -> Option<usize> {
    let rest = text.get(end..)?;
    let rest = rest.strip_prefix(b"\r").unwrap_or(rest).strip_prefix(b"\n")?;
    let indentation =
        rest.iter().take(MAX_INDENTATION).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let rest = rest.get(indentation..)?;
    is_digit(*rest.first()?).then(|| text.len() - rest.len())
}

/// Where the run begins that `at` may lie in, or `at`.
fn first_line(text: &[u8], at: usize) -> usize {
    let mut start = at.min(text.len());
    let padding = text.get(..start).unwrap_or_default().iter().rev().take(2);
    start -= padding.take_while(|byte| **byte == b'=').count();
    loop {
        let before = text.get(..start).unwrap_or_default();
        start -= before.iter().rev().take_while(|byte| is_digit(**byte)).count();
        match previous_line(text.get(..start).unwrap_or_default()) {
            Some(end) => start = end,
            None => return start,
        }
    }
}

/// Where the line before ends, if its digits go on where `before` ends.
fn previous_line(before: &[u8]) -> Option<usize> {
    let spaces =
        before.iter().rev().take(MAX_INDENTATION).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let line = before.get(..before.len() - spaces)?.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let digits = line.iter().rev().take(MIN_LINE).take_while(|byte| is_digit(**byte)).count();
    (digits == MIN_LINE).then_some(line.len())
}

/// Adds what a run may be. One with signs of both alphabets is none of base 64; its parts may be.
fn note(text: &[u8], run: Span, found: &mut Vec<Region>) {
    let bytes = text.get(run.start..run.end).unwrap_or_default();
    let plain = bytes.iter().any(|byte| matches!(byte, b'+' | b'/'));
    let safe = bytes.iter().any(|byte| matches!(byte, b'-' | b'_'));
    if plain && safe {
        parts(bytes, |byte| matches!(byte, b'-' | b'_')).for_each(|part| note_part(text, run, part, found));
        parts(bytes, |byte| matches!(byte, b'+' | b'/')).for_each(|part| note_part(text, run, part, found));
    } else {
        note_part(text, run, Span::new(0, bytes.len()), found);
    }
}

fn parts(bytes: &[u8], separates: impl Fn(&u8) -> bool) -> impl Iterator<Item = Span> {
    let mut at = 0;
    bytes.split(move |byte| separates(byte)).map(move |part| {
        let span = Span::new(at, at + part.len());
        at = span.end + 1;
        span
    })
}

fn note_part(text: &[u8], run: Span, part: Span, found: &mut Vec<Region>) {
    let span = Span::new(run.start + part.start, run.start + part.end);
    let bytes = text.get(span.start..span.end).unwrap_or_default();
    if bytes.len() >= MIN_HEX && digits::is_hex(bytes) {
        found.push(Region::new(Encoding::Hex, span));
    } else if bytes.len() >= MIN_BASE64 && digits::is_text(bytes) {
        found.push(Region::new(Encoding::Base64, span));
    }
}
