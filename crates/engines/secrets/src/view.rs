use std::borrow::Cow;

use palisade_model::Span;

/// Bytes looked at to tell UTF-16 without a mark at its start.
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
    /// Decoded from UTF-16: at each pair of offsets (text, entry) both are at a character.
    Utf16 {
        order: Order,
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

/// The readings of an entry. Most have one: their own bytes.
pub(crate) fn views(bytes: &[u8]) -> Vec<View<'_>> {
    let own = || View::of(bytes);
    match utf16_order(bytes) {
        Some((order, start)) => vec![decode(bytes, order, start)],
        None if memchr::memchr(0, bytes).is_some() => {
            let wide = wide_runs(bytes);
            std::iter::once(own()).chain(wide).collect()
        }
        None => vec![own()],
    }
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
            Offsets::Utf16 { order, marks } => {
                let (mut text, mut offset) = mark_before(marks, at);
                while text < at && offset < entry.len() {
                    let (character, units) = character_at(entry, *order, offset);
                    text += character.len_utf8();
                    offset += 2 * units;
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

/// The byte order and first character of UTF-16 text, by its mark, or because nearly every other byte of its start is zero.
fn utf16_order(bytes: &[u8]) -> Option<(Order, usize)> {
    match bytes {
        // FF FE 00 00 is the mark of UTF-32.
        [0xff, 0xfe, 0, 0, ..] => None,
        [0xff, 0xfe, ..] => Some((Order::Little, 2)),
        [0xfe, 0xff, ..] => Some((Order::Big, 2)),
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
            let little = wide(0, 1).then_some((Order::Little, 0));
            little.or_else(|| wide(1, 0).then_some((Order::Big, 0)))
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

/// The character at byte `at`, and its code units; a lone surrogate or half a unit is a replacement character.
fn character_at(bytes: &[u8], order: Order, at: usize) -> (char, usize) {
    let units = [unit(bytes, order, at), unit(bytes, order, at + 2)];
    let decoded = char::decode_utf16(units.into_iter().map_while(|unit| unit)).next();
    match decoded {
        Some(Ok(character)) => (character, character.len_utf16()),
        Some(Err(_)) | None => (char::REPLACEMENT_CHARACTER, 1),
    }
}

fn decode(bytes: &[u8], order: Order, start: usize) -> View<'_> {
    let mut text = Vec::with_capacity(bytes.len() / 2 + bytes.len() / 8);
    let mut marks = vec![(0, start)];
    let mut noted = 0;
    let mut at = start;
    while at < bytes.len() {
        if text.len() - noted >= STEP {
            noted = text.len();
            marks.push((noted, at));
        }
        let (character, units) = character_at(bytes, order, at);
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        at += 2 * units;
    }
    View { text: Cow::Owned(text), offsets: Offsets::Utf16 { order, marks } }
}

/// Strings of wide ASCII characters inside a binary, of either byte order: in both, every other byte is zero.
fn wide_runs(bytes: &[u8]) -> Option<View<'_>> {
    let mut text = Vec::new();
    let mut marks = Vec::new();
    let mut at = 0;
    while let Some(zero) = memchr::memchr(0, bytes.get(at..).unwrap_or_default()).map(|found| at + found) {
        // Most zeros of a binary are rejected here: in wide text every other byte is one.
        if bytes.get(zero + 2) != Some(&0) || bytes.get(zero + 4) != Some(&0) {
            at = zero + 1;
            continue;
        }
        let start = zero.saturating_sub(1).max(at);
        let run = wide_run(bytes.get(start..).unwrap_or_default());
        if run.len() >= MIN_WIDE_RUN {
            marks.push((text.len(), start));
            text.extend_from_slice(&run);
            text.push(b'\n');
        }
        let zeros = bytes.get(zero..).unwrap_or_default().iter().take_while(|byte| **byte == 0).count();
        at = (start + 2 * run.len()).max(zero + zeros);
    }
    (!text.is_empty()).then_some(View { text: Cow::Owned(text), offsets: Offsets::Runs(marks) })
}

/// The characters that `bytes` start with, each followed by a zero but perhaps the last.
fn wide_run(bytes: &[u8]) -> Vec<u8> {
    let mut run = Vec::new();
    for pair in bytes.chunks(2) {
        match pair {
            [character, 0] if is_text(*character) => run.push(*character),
            [character, ..] if !run.is_empty() && is_text(*character) => {
                run.push(*character);
                break;
            }
            _ => break,
        }
    }
    run
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encode(text: &str, order: Order) -> Vec<u8> {
        let bytes = |unit: u16| match order {
            Order::Little => unit.to_le_bytes(),
            Order::Big => unit.to_be_bytes(),
        };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn reads_wide_text_with_and_without_a_mark() {
        let text = "password = one two three";
        for order in [Order::Little, Order::Big] {
            for mark in ["", "\u{feff}"] {
                let bytes = encode(&format!("{mark}{text}"), order);
                let views = views(&bytes);
                let [view] = views.as_slice() else { panic!("one view") };
                assert_eq!(view.text, text.as_bytes());
                let span = view.original(&bytes, Span::new(9, 10));
                assert_eq!(bytes[span.start..span.end], encode("=", order));
            }
        }
    }

    #[test]
    fn finds_wide_strings_inside_a_binary() {
        for order in [Order::Little, Order::Big] {
            let mut bytes = b"MZ\x90\0\x03\0\0\0ascii text".to_vec();
            bytes.push(7);
            bytes.extend(encode("wide string here", order));
            bytes.extend(b"\xff\xff\0\0\xff");
            let views = views(&bytes);
            let [own, wide] = views.as_slice() else { panic!("two views") };
            assert_eq!(own.text, bytes.as_slice());
            assert_eq!(wide.text.trim_ascii(), b"wide string here", "{order:?}");
        }
    }

    proptest! {
        #[test]
        fn offsets_lead_back(text in "[a-z€𝄞\n]{0,9000}", at in any::<usize>()) {
            let bytes = encode(&format!("\u{feff}{text}"), Order::Little);
            let views = views(&bytes);
            prop_assume!(!text.is_empty());
            let starts: Vec<_> = text.char_indices().collect();
            let (start, character) = starts[at % starts.len()];
            let span = views[0].original(&bytes, Span::new(start, start + character.len_utf8()));
            prop_assert_eq!(&bytes[span.start..span.end], encode(&character.to_string(), Order::Little));
        }

        #[test]
        fn any_bytes_can_be_viewed(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            for view in views(&bytes) {
                let span = view.original(&bytes, Span::new(0, view.text.len()));
                prop_assert!(span.start <= span.end && span.end <= bytes.len());
            }
        }
    }
}
