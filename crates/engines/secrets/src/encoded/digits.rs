//! Base 64 and base 16 (RFC 4648) as far as they hold text.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch};
use palisade_model::Span;

use super::{Decoded, compressed};
use crate::bits::{Kind, bits_of, block_at, within};

/// Digits at the start of a run by which text is told from other bytes, in base 64: 12 bytes.
const HEAD: usize = 16;
/// Digits that tell whether it is worth while to look at more of them.
const FEW: usize = 8;
/// As [`HEAD`] where it is not ASCII alone.
const FOREIGN_HEAD: usize = 48;
/// The same in base 16.
const HEX_HEAD: usize = 24;

/// The bytes EF BB BF in base 64, in both alphabets.
const UTF8_MARKS: [&[u8]; 2] = [b"77u/", b"77u_"];

const fn value(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    } as u32)
}

/// How the bytes of an encoded text lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    /// One byte a character.
    Narrow,
    /// UTF-16, little-endian, all of it ASCII.
    Wide,
    /// The same, big-endian.
    WideBig,
}

/// Whether the head of a run of base 64 in a text says something, read from its first digit or from one of the next three: what stands before
/// it may end in digits too. `mixed` says whether it has letters of both cases and numbers, as names in code rarely do.
#[inline(always)]
pub(super) fn is_text<S: Simd>(simd: S, text: &[u8], run: Span, mixed: bool) -> bool {
    let digits = text.get(run.start..run.end).unwrap_or_default();
    alignment(simd, text, run).is_some()
        || compressed::begins(digits)
        || (mixed && foreign_text(digits).is_some())
}

/// Which digits, as the second (1) or third (2) of a group of four, make a byte that is not ASCII.
const HIGH: [u8; 256] = high();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
const fn high() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        if let Some(value) = value(byte as u8) {
            table[byte] = (value >> 3 & 1) as u8 | (value & 2) as u8;
        }
        byte += 1;
    }
    table
}

/// With which of the four digits from `at` on text may begin, the first as the lowest bit; cheap, and none for most of what is no text.
#[inline(always)]
fn openings<S: Simd>(simd: S, text: &[u8], at: usize) -> u64 {
    let Some(block) = block_at(text, at) else { return 0 };
    let openers = bits_of::<Opener, _>(simd, &block);
    // The fourth byte of wide text is zero.
    let wide = openers & bits_of::<Zero, _>(simd, &block) >> 4;
    (wide | openers & openers >> 4 & openers >> 8 & openers >> 12) & 0xf
}

/// Digits that can be the first of a group of four that begins with a character of text: those of 9, 10, 13 and 32 to 127.
struct Opener;

impl Kind for Opener {
    #[inline(always)]
    fn of<S: Simd>(bytes: S::u8s) -> S::mask8s {
        within::<S>(bytes, b'C', b'D') | within::<S>(bytes, b'I', b'Z') | within::<S>(bytes, b'a', b'f')
    }
}

/// The digit that stands for zero.
struct Zero;

impl Kind for Zero {
    #[inline(always)]
    fn of<S: Simd>(bytes: S::u8s) -> S::mask8s {
        bytes.simd_eq(b'A')
    }
}

/// Whether the bytes that `head` stands for may all be ASCII. Not told where a line ends in it, because groups go on in the next.
fn may_be_ascii(head: &[u8; HEAD]) -> bool {
    let high = |byte: &u8| HIGH.get(usize::from(*byte)).copied().unwrap_or(0);
    let groups = head.as_chunks::<4>().0;
    let ascii = groups.iter().all(|[_, second, third, _]| high(second) & 1 | high(third) & 2 == 0);
    ascii || head.iter().any(|byte| value(*byte).is_none())
}

#[inline(always)]
fn alignment<S: Simd>(simd: S, text: &[u8], run: Span) -> Option<(usize, Width)> {
    let digits = text.get(run.start..run.end)?;
    // Text from Windows begins with the mark of UTF-8.
    let first = UTF8_MARKS.iter().find(|mark| digits.starts_with(mark)).map_or(0, |mark| mark.len());
    let openings = openings(simd, text, run.start + first);
    if openings == 0 {
        return None;
    }
    alignment_of(digits, first, openings)
}

/// The first of the `openings` from `first` on with which text begins.
fn alignment_of(run: &[u8], first: usize, openings: u64) -> Option<(usize, Width)> {
    (0..4).filter(|skip| openings >> skip & 1 == 1).find_map(|skip| {
        let skip = first + skip;
        let head = run.get(skip..)?.first_chunk()?;
        may_be_ascii(head).then_some(())?;
        let mut bytes = [0; HEAD];
        let count = read_digits(head.iter().copied(), &mut bytes.iter_mut());
        width(bytes.get(..count)?).map(|width| (skip, width))
    })
}

/// The first bytes and the width of text whose head is not ASCII alone: UTF-8, or UTF-16 with a mark or in the order of the network.
fn foreign_text(run: &[u8]) -> Option<(usize, Width)> {
    let mut bytes = [0; FOREIGN_HEAD / 4 * 3];
    let head = run.get(..run.len().min(FOREIGN_HEAD))?;
    let few = read_digits(head.iter().copied().take(FEW), &mut bytes.iter_mut());
    may_be_foreign(bytes.get(..few)?).then_some(())?;
    let count = read_digits(digits(head).map(|(_, digit)| digit), &mut bytes.iter_mut());
    let bytes = bytes.get(..count)?;
    let all_wide = |bytes: &[u8], of: fn(&[u8]) -> Option<u8>| {
        bytes.chunks_exact(2).all(|pair| of(pair).is_some_and(|byte| is_text_byte(&byte)))
    };
    let low = |pair: &[u8]| pair.first().copied().filter(|_| pair.get(1) == Some(&0));
    let high = |pair: &[u8]| pair.get(1).copied().filter(|_| pair.first() == Some(&0));
    match bytes {
        [0xff, 0xfe, rest @ ..] if all_wide(rest, low) => Some((2, Width::Wide)),
        [0xfe, 0xff, rest @ ..] if all_wide(rest, high) => Some((2, Width::WideBig)),
        [0, ..] if bytes.len() >= 8 && all_wide(bytes, high) => Some((0, Width::WideBig)),
        [0, ..] => None,
        _ => is_utf8_head(bytes).then_some((0, Width::Narrow)),
    }
}

/// Whether text that is not ASCII alone may begin so; false for most of what is no text.
fn may_be_foreign(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, ..]) || utf8_head(bytes).is_some_and(is_printed)
}

/// Whether `bytes` begin a text of UTF-8 without control characters; its last character may go on behind them.
fn is_utf8_head(bytes: &[u8]) -> bool {
    bytes.len() >= HEAD / 2 && utf8_head(bytes).is_some_and(|text| !text.is_empty() && is_printed(text))
}

/// The whole characters of UTF-8 that `bytes` begin with, if no other bytes are in them.
fn utf8_head(bytes: &[u8]) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()
        }
        Err(_) => None,
    }
}

fn is_printed(text: &str) -> bool {
    !text.chars().any(|one| one.is_control() && !one.is_ascii_whitespace())
}

const fn is_text_byte(byte: &u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')
}

/// The digits of a run and where they stand, without what parts its lines: their ends, or escapes of these in a string.
fn digits(run: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    let mut escaped = false;
    run.iter().copied().enumerate().filter(move |(_, byte)| {
        let is_digit = !escaped && value(*byte).is_some();
        escaped = *byte == b'\\';
        is_digit
    })
}

/// Decodes whole groups of digits into `bytes`; says how many bytes there are.
fn read_digits<'b>(run: impl Iterator<Item = u8>, bytes: &mut impl Iterator<Item = &'b mut u8>) -> usize {
    let (mut buffer, mut bits, mut count) = (0_u32, 0, 0);
    for digit in run.filter_map(value) {
        buffer = buffer << 6 | digit;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            if let (Some(byte), [.., low]) = (bytes.next(), (buffer >> bits).to_be_bytes()) {
                *byte = low;
                count += 1;
            }
        }
    }
    count
}

fn width(head: &[u8]) -> Option<Width> {
    if head.iter().all(is_text_byte) {
        return Some(Width::Narrow);
    }
    let wide = |pair: &[u8]| matches!(pair, [low, 0] if is_text_byte(low));
    (head.len() >= 8 && head.chunks_exact(2).all(wide)).then_some(Width::Wide)
}

/// The text in a run of base 64, wrapped or not, in either alphabet.
pub(super) fn decode(run: &[u8], budget: usize) -> Option<Decoded> {
    let whole = Span::new(0, run.len());
    if let Some((skip, width)) = dispatch!(Level::new(), simd => alignment(simd, run, whole)) {
        return Some(decode_from(run, skip, width));
    }
    if compressed::begins(run) {
        return Some(compressed::decode(&all_bytes(run, 0), run.len(), budget));
    }
    let (skip, width) = foreign_text(run)?;
    if width == Width::Narrow {
        return Some(decode_from(run, 0, width));
    }
    let bytes = all_bytes(run, 0).split_off(skip);
    let mut decoded = Decoded::default();
    decoded.escape(&narrowed(bytes, width), 0, run.len());
    Some(decoded)
}

fn decode_from(run: &[u8], skip: usize, width: Width) -> Decoded {
    let mut decoded = Decoded::default();
    let mut last = None;
    for (count, (at, _)) in digits(run).skip_while(|(at, _)| *at < skip).enumerate() {
        if at.checked_sub(1) != last || last.is_none() {
            // The byte of text that the first digit of a line belongs to.
            decoded.at_rate(text_of(count * 6 / 8, width), at, rate(width));
        }
        last = Some(at);
    }
    decoded.with_text(narrowed(all_bytes(run, skip), width), run.len())
}

/// What the digits of a run from the byte `skip` on stand for.
fn all_bytes(run: &[u8], skip: usize) -> Vec<u8> {
    let digits = || digits(run).skip_while(move |(at, _)| *at < skip).map(|(_, digit)| digit);
    let mut bytes = vec![0; digits().count() * 6 / 8];
    let whole = read_digits(digits(), &mut bytes.iter_mut());
    bytes.truncate(whole);
    bytes
}

fn narrowed(bytes: Vec<u8>, width: Width) -> Vec<u8> {
    match width {
        Width::Narrow => bytes,
        Width::Wide => bytes.into_iter().step_by(2).collect(),
        Width::WideBig => bytes.into_iter().skip(1).step_by(2).collect(),
    }
}

const fn text_of(bytes: usize, width: Width) -> usize {
    match width {
        Width::Narrow => bytes,
        Width::Wide | Width::WideBig => bytes / 2,
    }
}

const fn rate(width: Width) -> (u8, u8) {
    match width {
        Width::Narrow => (4, 3),
        Width::Wide | Width::WideBig => (8, 3),
    }
}

/// Whether the head of a run of hexadecimal digits says something; between two of them may be separators.
pub(super) fn is_hex_text(run: &[u8]) -> bool {
    let head: Vec<u8> = run.iter().copied().filter(u8::is_ascii_hexdigit).take(HEX_HEAD).collect();
    let is_text = head.len() == HEX_HEAD && pairs(&head).is_some_and(|head| width(&head).is_some());
    is_text || compressed::begins_hex(run)
}

fn pairs(run: &[u8]) -> Option<Vec<u8>> {
    let nibble = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(nibble(high)? << 4 | nibble(low)?),
        _ => None,
    };
    run.chunks_exact(2).map(pair).collect()
}

/// The text in a run of hexadecimal digits, in one line or several.
pub(super) fn decode_hex(run: &[u8], budget: usize) -> Option<Decoded> {
    let all: Vec<u8> = run.iter().copied().filter(u8::is_ascii_hexdigit).collect();
    let bytes = pairs(&all)?;
    let width = match bytes.get(..HEX_HEAD / 2).and_then(width) {
        Some(width) => width,
        None if compressed::begins_hex(run) => return Some(compressed::decode(&bytes, run.len(), budget)),
        None => return None,
    };
    let rate = if width == Width::Narrow { (2, 1) } else { (4, 1) };
    let text = narrowed(bytes, width);
    let mut decoded = Decoded::default();
    let mut count = 0;
    let mut last = b'\n';
    for (at, byte) in run.iter().enumerate() {
        if byte.is_ascii_hexdigit() {
            // The second byte of a character of UTF-16 has no text of its own.
            let is_first = width == Width::Narrow || count % 4 == 0;
            if last == b'\n' && is_first {
                decoded.at_rate(text_of(count / 2, width), at, rate);
            }
            count += 1;
        }
        last = if byte.is_ascii_hexdigit() { *byte } else { b'\n' };
    }
    Some(decoded.with_text(text, run.len()))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;
    use crate::bits::levels;

    proptest! {
        #[test]
        fn what_is_kept_off_by_its_digits_is_no_text(bytes in proptest::collection::vec(any::<u8>(), HEAD / 4 * 3)) {
            let head = STANDARD.encode(&bytes);
            let head = head.as_bytes().first_chunk().unwrap();
            let high = bytes.chunks(3).any(|group| !group[1].is_ascii() || !group[2].is_ascii());
            prop_assert_eq!(may_be_ascii(head), !high);
        }

        #[test]
        fn text_is_never_kept_off(text in "[ -~\t\r\n]{12}") {
            let head = STANDARD.encode(text);
            let head = head.as_bytes();
            prop_assert!(may_be_ascii(head.first_chunk().unwrap()));
            for level in levels() {
                prop_assert_eq!(dispatch!(level, simd => openings(simd, head, 0)) & 1, 1);
            }
        }
    }
}
