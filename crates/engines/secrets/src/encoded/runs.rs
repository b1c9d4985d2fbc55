use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch};
use palisade_model::{Encoding, Span};

use super::Region;
use super::digits;
use crate::bits::{BLOCK, Kind, Within, bits_of, block_at, within};

/// Shortest run of base 64 that is looked at, in characters: 18 bytes.
const MIN_BASE64: usize = 24;
/// Shortest run of hexadecimal digits: 16 bytes.
const MIN_HEX: usize = 32;
/// Shortest line that goes on in the next one.
const MIN_LINE: usize = 40;
/// The same where the next one is as long, or the last.
const MIN_EVEN_LINE: usize = 24;
/// Fewest pairs of hexadecimal digits with something between them that are looked at. A stretch of them has eight in one block, wherever
/// it lies.
const MIN_PAIRS: usize = 16;
/// Longest separator of two pairs.
const MAX_SEPARATOR: usize = 40;
/// Deepest indentation of a line that continues a run.
const MAX_INDENTATION: usize = 32;

/// Most blanks at the end of a line that goes on in the next.
const MAX_BLANKS: usize = 4;

/// What the bytes of a run are, as bits: a sign of the usual alphabet.
const PLAIN: u8 = 1;
/// A sign of the alphabet for URLs and file names.
const SAFE: u8 = 2;
/// No hexadecimal digit.
const BEYOND_HEX: u8 = 4;
/// A capital, a small letter, a number.
const UPPER: u8 = 8;
const LOWER: u8 = 16;
const NUMBER: u8 = 32;
/// All three of them.
const MIXED: u8 = UPPER | LOWER | NUMBER;

/// Whether a byte is a digit of base 64 in either alphabet.
const fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Every run of base 64 or hexadecimal digits that touches one of `parts` and says something, whole even where it reaches beyond, in
/// order. The parts are in order and do not touch each other.
pub(crate) fn runs(text: &[u8], parts: &[Span]) -> Vec<Region> {
    let mut search = Search { text, at: 0, pairs_end: 0, hints: Vec::new(), found: Vec::new() };
    dispatch!(Level::new(), simd => search.parts(simd, parts));
    let Search { mut hints, mut found, .. } = search;
    hints.sort_unstable();
    note_pairs(text, &hints, &mut found);
    found.retain(|region| {
        let first = parts.partition_point(|part| part.end < region.start as usize);
        parts.get(first).is_some_and(|part| part.start <= region.end as usize)
    });
    found.sort_unstable();
    found.dedup();
    found
}

/// What is on its way through the parts of a text, and remembers how far it came, because parts may lie in one run that is long.
struct Search<'t> {
    text: &'t [u8],
    /// Where the last run ended, or where the last part was begun that had none.
    at: usize,
    /// Where the last pairs ended of which hints were sought to their end.
    pairs_end: usize,
    /// Where digits come in pairs.
    hints: Vec<usize>,
    found: Vec<Region>,
}

impl Search<'_> {
    #[inline(always)]
    fn parts<S: Simd>(&mut self, simd: S, parts: &[Span]) {
        for part in parts {
            self.part(simd, *part);
        }
    }

    #[inline(always)]
    fn part<S: Simd>(&mut self, simd: S, part: Span) {
        if self.at <= part.end {
            let is_known = part.start < self.pairs_end;
            // What looks like a pair before the first one, and is the end of other digits, counts among those in a row.
            let first = || first_pair(self.text, part.start).saturating_sub(PAIR);
            let start = if is_known { part.start } else { first() };
            self.at = first_line(self.text, self.at, start);
        }
        // A run may end among pairs that touch the part.
        let until = self.hints_until(part.end);
        while self.at <= until.min(self.text.len()) {
            let Some(start) = next_run(simd, self.text, self.at, until, &mut self.hints) else { break };
            if start > part.end {
                break;
            }
            let (end, kinds) = run_end(simd, self.text, start);
            note(simd, self.text, Span::new(start, end), kinds, &mut self.found);
            self.at = end;
        }
    }

    /// How far hints are to be sought of pairs that touch a part which ends at `end`.
    fn hints_until(&mut self, end: usize) -> usize {
        if end >= self.pairs_end {
            self.pairs_end = pairs(self.text, first_pair(self.text, end)).1.max(end);
            return self.pairs_end;
        }
        end
    }
}

/// Where from `at` on the first [`MIN_BASE64`] digits or more begin that follow each other and before which no digit comes. Bytes are looked
/// at in blocks, as bits, of which shifts leave those that begin such a stretch. None that begins behind `until` need be found. On the
/// way it notes in `hints` where digits come in pairs, with one byte between them.
#[inline(always)]
fn next_run<S: Simd>(
    simd: S,
    text: &[u8],
    mut at: usize,
    until: usize,
    hints: &mut Vec<usize>,
) -> Option<usize> {
    // Digits right before the block, and what the block before it has.
    let (mut before, mut last, mut last_pairs) = (0, 0, 0);
    while at - before <= until
        && let Some(block) = block_at(text, at)
    {
        let bits = bits_of::<Digit, _>(simd, &block);
        let run = first_run(bits, at, before);
        let pairs = pairs_in_a_row(bits);
        if pairs | last_pairs != 0 {
            // Those behind the beginning of a run are looked for behind its end.
            let end = run.unwrap_or(usize::MAX);
            note_chains(chains(bits), at, end, hints);
            let across = chains(last >> (64 - CHAIN) | bits << CHAIN) & ((1 << CHAIN) - 1);
            note_chains(across, at.saturating_sub(CHAIN), end, hints);
        }
        if run.is_some() {
            return run;
        }
        (last, last_pairs) = (bits, pairs);
        // All of a block would have been enough.
        before = bits.leading_ones() as usize;
        at += BLOCK;
    }
    None
}

/// Where the first run begins of which a block at `at` has digits, and `before` of them stand right before it.
#[inline(always)]
fn first_run(digits: u64, at: usize, before: usize) -> Option<usize> {
    if before + digits.trailing_ones() as usize >= MIN_BASE64 {
        return Some(at - before);
    }
    let whole = stretches(digits);
    (whole != 0).then(|| at + whole.trailing_zeros() as usize)
}

/// Signs of the usual alphabet.
struct Plain;

impl Kind for Plain {
    #[inline(always)]
    fn of<S: Simd>(bytes: S::u8s) -> S::mask8s {
        bytes.simd_eq(b'+') | bytes.simd_eq(b'/')
    }
}

/// Signs of the alphabet for URLs.
struct Safe;

impl Kind for Safe {
    #[inline(always)]
    fn of<S: Simd>(bytes: S::u8s) -> S::mask8s {
        bytes.simd_eq(b'-') | bytes.simd_eq(b'_')
    }
}

type Upper = Within<b'A', b'Z'>;
type Lower = Within<b'a', b'z'>;
type Number = Within<b'0', b'9'>;

/// Letters, but no hexadecimal digits.
struct BeyondHex;

impl Kind for BeyondHex {
    #[inline(always)]
    fn of<S: Simd>(bytes: S::u8s) -> S::mask8s {
        within::<S>(bytes | 0x20, b'g', b'z')
    }
}

/// Digits of either alphabet.
struct Digit;

impl Kind for Digit {
    #[inline(always)]
    fn of<S: Simd>(bytes: S::u8s) -> S::mask8s {
        let letter = within::<S>(bytes | 0x20, b'a', b'z');
        // The slash comes right before the decimal digits.
        let number = within::<S>(bytes, b'/', b'9');
        letter | number | bytes.simd_eq(b'+') | bytes.simd_eq(b'-') | bytes.simd_eq(b'_')
    }
}

/// The bits with which [`MIN_BASE64`] in a row begin.
const fn stretches(bits: u64) -> u64 {
    let two = bits & bits >> 1;
    let four = two & two >> 2;
    let eight = four & four >> 4;
    eight & eight >> 8 & eight >> 16
}

/// Bytes of a pair and of what parts it from the next.
const PAIR: usize = 3;
/// Bits of eight pairs, each with one that is not set behind it.
const CHAIN: usize = 24;

/// The bits with which eight pairs in a row begin, one bit that is not set behind each.
const fn chains(bits: u64) -> u64 {
    let pairs = pairs_in_a_row(bits);
    let pairs = pairs & pairs >> 12;
    pairs & !(pairs << 3)
}

/// The bits with which four pairs in a row begin. Of eight, four lie in one block, wherever they are parted.
const fn pairs_in_a_row(bits: u64) -> u64 {
    let pair = bits & bits >> 1 & !(bits >> 2);
    let pairs = pair & pair >> 3;
    pairs & pairs >> 6
}

/// How many digits there are from `at` on, and of what kinds.
#[inline(always)]
fn digits_from<S: Simd>(simd: S, text: &[u8], mut at: usize) -> (usize, u8) {
    let (mut length, mut kinds) = (0, 0);
    while let Some(block) = block_at(text, at) {
        let digits = bits_of::<Digit, _>(simd, &block).trailing_ones();
        kinds |= kinds_of(simd, &block, digits);
        length += digits as usize;
        if (digits as usize) < BLOCK {
            break;
        }
        at += BLOCK;
    }
    (length, kinds)
}

/// Of what kinds the first bytes of a block are, which are digits.
#[inline(always)]
fn kinds_of<S: Simd>(simd: S, block: &[u8; BLOCK], count: u32) -> u8 {
    let beyond = u64::MAX.checked_shl(count).unwrap_or(0);
    let is_any = |bits: u64, kind| if bits & !beyond == 0 { 0 } else { kind };
    is_any(bits_of::<Plain, _>(simd, block), PLAIN | BEYOND_HEX)
        | is_any(bits_of::<Safe, _>(simd, block), SAFE | BEYOND_HEX)
        | is_any(bits_of::<Upper, _>(simd, block), UPPER)
        | is_any(bits_of::<Lower, _>(simd, block), LOWER)
        | is_any(bits_of::<Number, _>(simd, block), NUMBER)
        | is_any(bits_of::<BeyondHex, _>(simd, block), BEYOND_HEX)
}

/// Where the run ends that begins at `start`, with its padding and with the lines that go on with it, and the kinds of its digits.
#[inline(always)]
fn run_end<S: Simd>(simd: S, text: &[u8], start: usize) -> (usize, u8) {
    let (mut length, mut kinds) = digits_from(simd, text, start);
    let mut end = start + length;
    while let Some((line, more, others)) = continuation(simd, text, end, length) {
        (length, kinds, end) = (more, kinds | others, line + more);
    }
    let padding =
        text.get(end..).unwrap_or_default().iter().take(2).take_while(|byte| **byte == b'=').count();
    (end + padding, kinds)
}

/// Where the next line's digits begin, if a run goes on there that stops at `end` with a line of `length` digits, how many these are, and
/// of what kinds.
#[inline(always)]
fn continuation<S: Simd>(simd: S, text: &[u8], end: usize, length: usize) -> Option<(usize, usize, u8)> {
    let line = next_line(text, end).filter(|_| length >= MIN_EVEN_LINE)?;
    let (digits, kinds) = digits_from(simd, text, line);
    (digits > 0 && (length >= MIN_LINE || digits <= length)).then_some((line, digits, kinds))
}

/// Where the next line begins, behind what may stand before digits, if one ends at `end`.
fn next_line(text: &[u8], end: usize) -> Option<usize> {
    let rest = text.get(end..)?;
    let rest = match rest.strip_prefix(b"\\n").or_else(|| rest.strip_prefix(b"\\r\\n")) {
        Some(escaped) => escaped,
        None => {
            let rest = rest.get(blanks(rest.iter())..)?;
            let rest = rest.strip_prefix(b"\r").unwrap_or(rest).strip_prefix(b"\n")?;
            rest.get(indentation(rest.iter())..)?
        }
    };
    Some(text.len() - rest.len())
}

/// Blanks at the end of a line.
fn blanks<'b>(bytes: impl Iterator<Item = &'b u8>) -> usize {
    bytes.take(MAX_BLANKS).take_while(|byte| **byte == b' ').count()
}

/// What a line begins with that goes on with the digits of the one before: blanks, and what marks a remark or a quoted mail.
fn indentation<'b>(bytes: impl Iterator<Item = &'b u8>) -> usize {
    bytes.take(MAX_INDENTATION).take_while(|byte| matches!(byte, b' ' | b'\t' | b'#' | b'>' | b'*')).count()
}

/// Where the run begins that `at` may lie in, or `at`; `floor` when that is before it, where no run goes on.
fn first_line(text: &[u8], floor: usize, at: usize) -> usize {
    let mut start = at.min(text.len());
    // Between the two bytes that end a line.
    if text.get(..start).is_some_and(|before| before.ends_with(b"\r")) && text.get(start) == Some(&b'\n') {
        start -= 1;
    }
    // Among the blanks that end a line, or right before its end.
    let ahead = text.get(start..).unwrap_or_default();
    let ahead = ahead.get(blanks(ahead.iter())..).unwrap_or_default();
    if ahead.strip_prefix(b"\r").unwrap_or(ahead).starts_with(b"\n") {
        start -= blanks(text.get(..start).unwrap_or_default().iter().rev());
    }
    let padding = text.get(..start).unwrap_or_default().iter().rev().take(2);
    start -= padding.take_while(|byte| **byte == b'=').count();
    while let Some(before) = text.get(floor..start) {
        start -= before.iter().rev().take_while(|byte| is_digit(**byte)).count();
        match text.get(floor..start).and_then(previous_line) {
            Some(end) => start = floor + end,
            None => return start,
        }
    }
    floor
}

/// Where the line before ends, if its digits may go on where `before` ends.
fn previous_line(before: &[u8]) -> Option<usize> {
    let line = match before.strip_suffix(b"\\") {
        // What follows begins with the letter of the escape.
        Some(line) => line.strip_suffix(b"\\r").unwrap_or(line),
        None => {
            let spaces = indentation(before.iter().rev());
            let line = before.get(..before.len() - spaces)?.strip_suffix(b"\n")?;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            line.get(..line.len() - blanks(line.iter().rev()))?
        }
    };
    let digits = line.iter().rev().take(MIN_EVEN_LINE).take_while(|byte| is_digit(**byte)).count();
    (digits == MIN_EVEN_LINE).then_some(line.len())
}

/// Adds what a run may be. One with signs of both alphabets is none of base 64; its parts may be.
#[inline(always)]
fn note<S: Simd>(simd: S, text: &[u8], run: Span, kinds: u8, found: &mut Vec<Region>) {
    let of_both = kinds & (PLAIN | SAFE) == PLAIN | SAFE;
    let whole = (!of_both).then_some(run);
    let parts = of_both.then(|| parts_of(text, run));
    for part in whole.into_iter().chain(parts.into_iter().flatten()) {
        note_part(simd, text, part, kinds, found);
    }
}

/// The parts of a run without signs of the one alphabet, and those without signs of the other.
fn parts_of(text: &[u8], run: Span) -> impl Iterator<Item = Span> {
    let bytes = text.get(run.start..run.end).unwrap_or_default();
    let plain = pieces(bytes, |byte| matches!(byte, b'-' | b'_'));
    let safe = pieces(bytes, |byte| matches!(byte, b'+' | b'/'));
    plain.chain(safe).map(move |part| Span::new(run.start + part.start, run.start + part.end))
}

fn pieces(bytes: &[u8], separates: impl Fn(&u8) -> bool) -> impl Iterator<Item = Span> {
    let mut at = 0;
    bytes.split(move |byte| separates(byte)).map(move |part| {
        let span = Span::new(at, at + part.len());
        at = span.end + 1;
        span
    })
}

#[inline(always)]
fn note_part<S: Simd>(simd: S, text: &[u8], span: Span, kinds: u8, found: &mut Vec<Region>) {
    let bytes = text.get(span.start..span.end).unwrap_or_default();
    let is_hex = |bytes: &[u8]| bytes.len() >= MIN_HEX && digits::is_hex_text(bytes);
    let marked = || {
        let mark = if bytes.starts_with(b"0") { 2 } else { 1 };
        let digits = bytes.get(mark..).filter(|_| matches!(bytes.get(mark - 1), Some(b'x' | b'X')))?;
        digits.iter().all(u8::is_ascii_hexdigit).then_some(mark)
    };
    if kinds & BEYOND_HEX == 0 && is_hex(bytes) {
        found.push(Region::new(Encoding::Hex, span));
    } else if let Some(mark) = marked() {
        if is_hex(bytes.get(mark..).unwrap_or_default()) {
            found.push(Region::new(Encoding::Hex, Span::new(span.start + mark, span.end)));
        }
    } else if bytes.len() >= MIN_BASE64 && digits::is_text(simd, text, span, kinds & MIXED == MIXED) {
        found.push(Region::new(Encoding::Base64, span));
    }
}

/// Notes where the bits of `chains` are, in a block at `at`, up to `end`.
#[cold]
fn note_chains(mut chains: u64, at: usize, end: usize, hints: &mut Vec<usize>) {
    while chains != 0 {
        let hint = at + chains.trailing_zeros() as usize;
        if hint < end {
            hints.push(hint);
        }
        chains &= chains - 1;
    }
}

/// Adds the stretches of pairs of hexadecimal digits in the blocks behind `hints`, of which other words may be the first.
fn note_pairs(text: &[u8], hints: &[usize], found: &mut Vec<Region>) {
    let mut end = 0;
    for at in hints.iter().flat_map(|hint| (*hint..hint + BLOCK).step_by(3)) {
        if at < end || !is_pair(text, at) {
            continue;
        }
        let start = first_pair(text, at);
        let count;
        (count, end) = pairs(text, start);
        let bytes = text.get(start..end).unwrap_or_default();
        if count >= MIN_PAIRS && digits::is_hex_text(bytes) {
            found.push(Region::new(Encoding::Hex, Span::new(start, end)));
        }
    }
}

/// How many pairs follow each other from `at` on, and where they end.
fn pairs(text: &[u8], at: usize) -> (usize, usize) {
    let (mut count, mut end) = (0, at);
    let mut next = Some(at);
    while let Some(pair) = next.filter(|pair| is_pair(text, *pair)) {
        count += 1;
        end = pair + 2;
        next = separator(text.get(end..).unwrap_or_default().iter()).map(|gap| end + gap);
    }
    (count, end)
}

/// Where the stretch of pairs begins that `at` may lie in, or `at`.
fn first_pair(text: &[u8], at: usize) -> usize {
    let before = |at: usize| text.get(..at).unwrap_or_default().iter().rev();
    // Between the digits of a pair, or in a separator.
    let inside = before(at).take(MAX_SEPARATOR).take_while(|byte| parts(**byte)).count();
    let inside = if inside > 0 {
        inside
    } else {
        before(at).take(2).take_while(|byte| byte.is_ascii_hexdigit()).count()
    };
    let mut start = at;
    let mut pair = at - inside;
    if parts(text.get(pair).copied().unwrap_or(0)) {
        pair = pair.saturating_sub(2);
    }
    while is_pair(text, pair) {
        start = start.min(pair);
        let Some(gap) = separator(before(pair)).filter(|gap| pair >= gap + 2) else { break };
        pair -= gap + 2;
    }
    start
}

/// Whether two hexadecimal digits stand at `at` by themselves.
fn is_pair(text: &[u8], at: usize) -> bool {
    let is_hex = |at: usize| text.get(at).is_some_and(u8::is_ascii_hexdigit);
    let beyond = |at: Option<usize>| at.and_then(|at| text.get(at)).is_none_or(|byte| !is_digit(*byte));
    is_hex(at) && is_hex(at + 1) && beyond(at.checked_sub(1)) && beyond(at.checked_add(2))
}

const fn parts(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b',' | b':' | b'\\' | b'\r' | b'\n')
}

/// The length of what parts two pairs: white space, one sign at most, and what joins lines.
fn separator<'b>(bytes: impl Iterator<Item = &'b u8> + Clone) -> Option<usize> {
    let all = bytes.take(MAX_SEPARATOR).take_while(|byte| parts(**byte));
    let signs = all.clone().filter(|byte| matches!(byte, b',' | b':')).count();
    let length = all.count();
    (length > 0 && length < MAX_SEPARATOR && signs <= 1).then_some(length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bits::levels;

    fn digits_at(text: &[u8], at: usize) -> usize {
        text[at..].iter().take_while(|byte| is_digit(**byte)).count()
    }

    /// The same without blocks: every stretch of digits that is long enough.
    fn stretches(text: &[u8]) -> Vec<usize> {
        let edges = (0..text.len())
            .filter(|at| is_digit(text[*at]) && at.checked_sub(1).is_none_or(|at| !is_digit(text[at])));
        edges.filter(|at| digits_at(text, *at) >= MIN_BASE64).collect()
    }

    fn next(level: Level, text: &[u8], at: usize) -> Option<usize> {
        dispatch!(level, simd => next_run(simd, text, at, text.len(), &mut Vec::new()))
    }

    fn kinds_at(text: &[u8], at: usize) -> u8 {
        let kind = |byte: &u8| match byte {
            b'0'..=b'9' => NUMBER,
            b'a'..=b'f' => LOWER,
            b'A'..=b'F' => UPPER,
            b'g'..=b'z' => LOWER | BEYOND_HEX,
            b'G'..=b'Z' => UPPER | BEYOND_HEX,
            b'+' | b'/' => PLAIN | BEYOND_HEX,
            _ => SAFE | BEYOND_HEX,
        };
        text[at..at + digits_at(text, at)].iter().map(kind).fold(0, |all, kind| all | kind)
    }

    proptest! {
        #[test]
        fn every_long_stretch_of_digits_is_met(text in "([a-zA-Z0-9+/_-]{1,40}[ .=\n]{1,3}){0,20}") {
            let text = text.as_bytes();
            for level in levels() {
                let mut met = Vec::new();
                let mut at = 0;
                while let Some(start) = next(level, text, at) {
                    met.push(start);
                    at = start + digits_at(text, start);
                }
                prop_assert_eq!(met, stretches(text));
            }
        }

        #[test]
        fn digits_are_counted_and_known(
            text in proptest::collection::vec("[a-fA-F0-9]{1,70}|[g-zG-Z]{1,9}|[+/]|[_-]|[ =]", 0..5),
            at in 0..40_usize,
        ) {
            let text = text.concat().into_bytes();
            let at = at.min(text.len());
            let expected = (digits_at(&text, at), kinds_at(&text, at));
            for level in levels() {
                let known = dispatch!(level, simd => digits_from(simd, &text, at));
                prop_assert_eq!(known, expected);
            }
        }
    }
}
