use std::borrow::Cow;

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch};
use palisade_model::Span;

use crate::bits::{BLOCK, Kind, bits_of};

/// Bytes looked at to tell UTF-16 and UTF-32 without a mark at their start.
const SAMPLE: usize = 1024;
/// Shortest run of wide characters inside other bytes that is read as text.
const MIN_WIDE_RUN: usize = 12;
/// Decoded bytes between two noted offsets.
const STEP: usize = 4096;

/// An entry as text: its own bytes, or what they decode to, and the way back.
pub(crate) struct View<'b> {
    pub(crate) text: Cow<'b, [u8]>,
    offsets: Offsets,
}

/// How offsets in a text become offsets in the entry.
enum Offsets {
    Same,
    /// Decoded from units of more than a byte: at each pair of offsets (text, entry) both are at a character.
    Wide {
        wide: Wide,
        marks: Vec<(usize, usize)>,
    },
    /// Runs of wide ASCII characters, one line each: where each starts in the text and in the entry.
    Runs(Vec<(usize, usize)>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

/// Text of units that have more than a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wide {
    Utf16(Order),
    Utf32(Order),
}

/// The readings of an entry. Most have one: their own bytes.
pub(crate) fn views(bytes: &[u8]) -> Vec<View<'_>> {
    let own = || View::of(bytes);
    let has_zero = memchr::memchr(0, bytes).is_some();
    if !has_zero && is_plain_without_zero(bytes) {
        return vec![own()];
    }
    match utf32_order(bytes).or_else(|| utf16_order(bytes)) {
        // A mark is quickly written before other text, and wide text may end in other text.
        Some((wide, start)) => vec![decode(bytes, wide, start), own()],
        None if has_zero => {
            let wide = wide_runs(bytes);
            std::iter::once(own()).chain(wide).collect()
        }
        None => vec![own()],
    }
}

/// Whether `bytes`, among which no zero is, are their own text and nothing else.
pub(crate) fn is_plain_without_zero(bytes: &[u8]) -> bool {
    !matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
}

impl<'b> View<'b> {
    /// Bytes as their own text.
    pub(crate) const fn of(bytes: &'b [u8]) -> Self {
        Self { text: Cow::Borrowed(bytes), offsets: Offsets::Same }
    }

    /// The span of the entry that `span` of the text was read from.
    pub(crate) fn original(&self, entry: &[u8], span: Span) -> Span {
        Span::new(self.offset(entry, span.start), self.offset(entry, span.end))
    }

    /// Whether it is the bytes of the entry themselves.
    pub(crate) const fn is_own(&self) -> bool {
        matches!(self.offsets, Offsets::Same)
    }

    /// Whether lines and columns of the text are those of the entry.
    pub(crate) const fn has_lines_of_entry(&self) -> bool {
        !matches!(self.offsets, Offsets::Runs(_))
    }

    fn offset(&self, entry: &[u8], at: usize) -> usize {
        match &self.offsets {
            Offsets::Same => at,
            Offsets::Runs(marks) => {
                let (text, start) = mark_before(marks, at);
                (start + 2 * (at - text)).min(entry.len())
            }
            Offsets::Wide { wide, marks } => {
                let (mut text, mut offset) = mark_before(marks, at);
                while text < at && offset < entry.len() {
                    let (character, length) = wide.character_at(entry, offset);
                    text += character.len_utf8();
                    offset += length;
                }
                offset.min(entry.len())
            }
        }
    }
}

fn mark_before(marks: &[(usize, usize)], at: usize) -> (usize, usize) {
    let after = marks.partition_point(|(text, _)| *text <= at);
    marks.get(after.saturating_sub(1)).copied().unwrap_or((0, 0))
}

/// The byte order and first character of UTF-32 text, by its mark, or because nearly all of its start are characters of one byte in
/// units of four.
fn utf32_order(bytes: &[u8]) -> Option<(Wide, usize)> {
    let sample = bytes.get(..SAMPLE.min(bytes.len())).unwrap_or_default();
    let units = sample.as_chunks::<4>().0;
    match bytes {
        [0xff, 0xfe, 0, 0, ..]
            if units.iter().all(|unit| char::from_u32(u32::from_le_bytes(*unit)).is_some()) =>
        {
            Some((Wide::Utf32(Order::Little), 4))
        }
        [0, 0, 0xfe, 0xff, ..]
            if units.iter().all(|unit| char::from_u32(u32::from_be_bytes(*unit)).is_some()) =>
        {
            Some((Wide::Utf32(Order::Big), 4))
        }
        _ => {
            let of = |order: Order| {
                let is = |unit: &&[u8; 4]| match (order, *unit) {
                    (Order::Little, [byte, 0, 0, 0]) | (Order::Big, [0, 0, 0, byte]) => is_text(*byte),
                    _ => false,
                };
                let text = units.iter().filter(is).count();
                let enough = units.len() >= MIN_WIDE_RUN && text * 10 >= units.len() * 9;
                enough.then_some((Wide::Utf32(order), 0))
            };
            of(Order::Little).or_else(|| of(Order::Big))
        }
    }
}

/// The same of UTF-16 text.
fn utf16_order(bytes: &[u8]) -> Option<(Wide, usize)> {
    match bytes {
        [0xff, 0xfe, ..] => Some((Wide::Utf16(Order::Little), 2)),
        [0xfe, 0xff, ..] => Some((Wide::Utf16(Order::Big), 2)),
        _ => {
            let sample = bytes.get(..SAMPLE.min(bytes.len())).unwrap_or_default();
            let pairs = sample.chunks_exact(2);
            let count = pairs.len();
            let wide = |low: usize, high: usize| {
                let is = |pair: &[u8]| {
                    pair.get(high) == Some(&0) && pair.get(low).is_some_and(|byte| is_text(*byte))
                };
                count >= MIN_WIDE_RUN && pairs.clone().filter(|pair| is(pair)).count() * 10 >= count * 9
            };
            let little = wide(0, 1).then_some((Wide::Utf16(Order::Little), 0));
            little.or_else(|| wide(1, 0).then_some((Wide::Utf16(Order::Big), 0)))
        }
    }
}

fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')
}

fn unit(bytes: &[u8], order: Order, at: usize) -> Option<u16> {
    let pair = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(match order {
        Order::Little => u16::from_le_bytes(pair),
        Order::Big => u16::from_be_bytes(pair),
    })
}

impl Wide {
    /// The character at byte `at`, and its length in bytes; what is none is a replacement character.
    fn character_at(self, bytes: &[u8], at: usize) -> (char, usize) {
        match self {
            Self::Utf16(order) => {
                let units = [unit(bytes, order, at), unit(bytes, order, at + 2)];
                match char::decode_utf16(units.into_iter().map_while(|unit| unit)).next() {
                    Some(Ok(character)) => (character, 2 * character.len_utf16()),
                    // A lone surrogate, or half a unit.
                    Some(Err(_)) | None => (char::REPLACEMENT_CHARACTER, 2),
                }
            }
            Self::Utf32(order) => {
                let unit = bytes.get(at..at + 4).and_then(|unit| unit.try_into().ok());
                let number = unit.map(|unit| match order {
                    Order::Little => u32::from_le_bytes(unit),
                    Order::Big => u32::from_be_bytes(unit),
                });
                (number.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER), 4)
            }
        }
    }
}

fn decode(bytes: &[u8], wide: Wide, start: usize) -> View<'_> {
    let mut text = Vec::with_capacity(bytes.len() / 2 + bytes.len() / 8);
    let mut marks = vec![(0, start)];
    let mut noted = 0;
    let mut at = start;
    while at < bytes.len() {
        if text.len() - noted >= STEP {
            noted = text.len();
            marks.push((noted, at));
        }
        let (character, length) = wide.character_at(bytes, at);
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        at += length;
    }
    View { text: Cow::Owned(text), offsets: Offsets::Wide { wide, marks } }
}

/// Strings of wide ASCII characters inside a binary, of either byte order: in both, every other byte is zero.
fn wide_runs(bytes: &[u8]) -> Option<View<'_>> {
    let mut text = Vec::new();
    let mut marks = Vec::new();
    let mut at = 0;
    while let Some(zero) = next_zeros(bytes, at) {
        // The byte before it is the character that it belongs to, unless that is a zero too.
        let has_character = zero > at && bytes.get(zero - 1) != Some(&0);
        let start = if has_character { zero - 1 } else { zero };
        let rest = bytes.get(start..).unwrap_or_default();
        let length = wide_length(rest);
        if length >= MIN_WIDE_RUN {
            marks.push((text.len(), start));
            text.extend(rest.iter().step_by(2).take(length));
            text.push(b'\n');
        }
        let zeros = bytes.get(zero..).unwrap_or_default().iter().take_while(|byte| **byte == 0).count();
        at = (start + 2 * length).max(zero + zeros);
    }
    (!text.is_empty()).then_some(View { text: Cow::Owned(text), offsets: Offsets::Runs(marks) })
}

/// The first of three zeros from `at` on that each have one byte between them, as in wide text. Binaries are full of zeros, so places
/// are looked at in blocks.
fn next_zeros(bytes: &[u8], at: usize) -> Option<usize> {
    dispatch!(Level::new(), simd => next_zeros_with(simd, bytes, at))
}

#[inline(always)]
fn next_zeros_with<S: Simd>(simd: S, bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<{ BLOCK + 4 }>) {
        let found = zeros_from(simd, block, 0) & zeros_from(simd, block, 2) & zeros_from(simd, block, 4);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize);
        }
        at += BLOCK;
    }
    let places = bytes.get(at..).unwrap_or_default().windows(5);
    places.zip(at..).find_map(|(place, at)| matches!(place, [0, _, 0, _, 0]).then_some(at))
}

/// Which bytes from one on are zero, the first as the lowest bit.
#[inline(always)]
fn zeros_from<S: Simd>(simd: S, bytes: &[u8; BLOCK + 4], from: usize) -> u64 {
    let block = bytes.get(from..).and_then(<[u8]>::first_chunk);
    block.map_or(0, |block| bits_of::<Zero, _>(simd, block))
}

/// The byte zero.
struct Zero;

impl Kind for Zero {
    #[inline(always)]
    fn of<S: Simd>(bytes: S::u8s) -> S::mask8s {
        bytes.simd_eq(0)
    }
}

/// How many characters `bytes` start with, each followed by a zero but perhaps the last.
fn wide_length(bytes: &[u8]) -> usize {
    let mut length = 0;
    for pair in bytes.chunks(2) {
        match pair {
            [character, 0] if is_text(*character) => length += 1,
            [character, ..] if length > 0 && is_text(*character) => return length + 1,
            _ => break,
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bits::levels;

    const ALL: [Wide; 4] = [
        Wide::Utf16(Order::Little),
        Wide::Utf16(Order::Big),
        Wide::Utf32(Order::Little),
        Wide::Utf32(Order::Big),
    ];

    fn encode(text: &str, wide: Wide) -> Vec<u8> {
        let number = |character| u32::from(character);
        match wide {
            Wide::Utf16(Order::Little) => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Wide::Utf16(Order::Big) => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Wide::Utf32(Order::Little) => text.chars().map(number).flat_map(u32::to_le_bytes).collect(),
            Wide::Utf32(Order::Big) => text.chars().map(number).flat_map(u32::to_be_bytes).collect(),
        }
    }

    #[test]
    fn reads_wide_text_with_and_without_a_mark() {
        let text = "password = one two three";
        for wide in ALL {
            for mark in ["", "\u{feff}"] {
                let bytes = encode(&format!("{mark}{text}"), wide);
                let views = views(&bytes);
                let [view, own] = views.as_slice() else { panic!("two views") };
                assert!(own.is_own());
                assert_eq!(view.text, text.as_bytes());
                let span = view.original(&bytes, Span::new(9, 10));
                assert_eq!(bytes[span.start..span.end], encode("=", wide));
            }
        }
    }

    #[test]
    fn finds_wide_strings_inside_a_binary() {
        for order in [Order::Little, Order::Big] {
            let wide = Wide::Utf16(order);
            let mut bytes = b"MZ\x90\0\x03\0\0\0ascii text".to_vec();
            bytes.push(7);
            bytes.extend(encode("wide string here", wide));
            bytes.extend(b"\xff\xff\0\0\xff");
            let views = views(&bytes);
            let [own, wide] = views.as_slice() else { panic!("two views") };
            assert_eq!(own.text, bytes.as_slice());
            assert_eq!(wide.text.trim_ascii(), b"wide string here", "{order:?}");
        }
    }

    proptest! {
        #[test]
        fn offsets_lead_back(text in "[a-z€𝄞\n]{0,9000}", at in any::<usize>(), kind in 0..4_usize) {
            let bytes = encode(&format!("\u{feff}{text}"), ALL[kind]);
            let views = views(&bytes);
            prop_assume!(!text.is_empty());
            let starts: Vec<_> = text.char_indices().collect();
            let (start, character) = starts[at % starts.len()];
            let span = views[0].original(&bytes, Span::new(start, start + character.len_utf8()));
            prop_assert_eq!(&bytes[span.start..span.end], encode(&character.to_string(), ALL[kind]));
        }

        #[test]
        fn zeros_are_met_as_one_by_one(bytes in proptest::collection::vec(0..3_u8, 0..400), at in 0..300_usize) {
            let is = |at: &usize| [0, 2, 4].iter().all(|more| bytes.get(at + more) == Some(&0));
            for level in levels() {
                let found = dispatch!(level, simd => next_zeros_with(simd, &bytes, at));
                prop_assert_eq!(found, (at..bytes.len()).find(is));
            }
        }

        #[test]
        fn any_bytes_can_be_viewed(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let marked = [b"\xff\xfe\0\0".as_slice(), &bytes].concat();
            for (bytes, view) in views(&bytes).into_iter().map(|view| (&bytes, view)).chain(views(&marked).into_iter().map(|view| (&marked, view))) {
                let span = view.original(bytes, Span::new(0, view.text.len()));
                prop_assert!(span.start <= span.end && span.end <= bytes.len());
            }
        }
    }
}
