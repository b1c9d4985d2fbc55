use palisade_model::{Encoding, Span};

use super::Region;
use super::digits;
use crate::bits::{BLOCK, Lanes, bits_where, block_at, equal, within};

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
/// The lowest digit.
const LOWEST: u8 = b'+';

/// What a byte of a run is, as bits.
const DIGIT: u8 = 1;
/// A sign of the usual alphabet.
const PLAIN: u8 = 2;
/// A sign of the alphabet for URLs and file names.
const SAFE: u8 = 4;
/// No hexadecimal digit.
const BEYOND_HEX: u8 = 8;
/// A capital, a small letter, a number.
const UPPER: u8 = 16;
const LOWER: u8 = 32;
const NUMBER: u8 = 64;
/// All three of them.
const MIXED: u8 = UPPER | LOWER | NUMBER;

/// What each byte is; 0 for those that are no digits of base 64 in either alphabet.
const KINDS: [u8; 256] = kinds();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
const fn kinds() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT | NUMBER,
            b'a'..=b'f' => DIGIT | LOWER,
            b'A'..=b'F' => DIGIT | UPPER,
            b'+' | b'/' => DIGIT | PLAIN | BEYOND_HEX,
            b'-' | b'_' => DIGIT | SAFE | BEYOND_HEX,
            b'g'..=b'z' => DIGIT | LOWER | BEYOND_HEX,
            b'G'..=b'Z' => DIGIT | UPPER | BEYOND_HEX,
            _ => 0,
        };
        byte += 1;
    }
    table
}

fn kind(byte: u8) -> u8 {
    KINDS.get(usize::from(byte)).copied().unwrap_or(0)
}

fn is_digit(byte: u8) -> bool {
    kind(byte) != 0
}

/// Every run of base 64 or hexadecimal digits that touches one of `parts` and says something, whole even where it reaches beyond, in
/// order. The parts are in order and do not touch each other.
pub(crate) fn runs(text: &[u8], parts: &[Span]) -> Vec<Region> {
    let mut search = Search { text, at: 0, pairs_end: 0, hints: Vec::new(), found: Vec::new() };
    parts.iter().for_each(|part| search.part(*part));
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
    fn part(&mut self, part: Span) {
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
            let Some(digits) = next_run(self.text, self.at, until, &mut self.hints) else { break };
            if digits.start > part.end {
                break;
            }
            let (end, kinds) = run_end(self.text, digits);
            note(self.text, Span::new(digits.start, end), kinds, &mut self.found);
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

/// The first [`MIN_BASE64`] digits or more from `at` on that follow each other and before which no digit comes; more may come after
/// them. Bytes are looked at in blocks, as bits, of which shifts leave those that begin such a stretch; which of them are digits is
/// told only where there may be one. None that begins behind `until` need be found. On the way it notes in `hints` where digits come in
/// pairs, with one byte between them.
fn next_run(text: &[u8], mut at: usize, until: usize, hints: &mut Vec<usize>) -> Option<Span> {
    // Digits right before the block, at most, and what the block before it has.
    let (mut before, mut last, mut last_pairs) = (0, 0, 0);
    while at - before <= until
        && let Some(block) = block_at(text, at)
    {
        let mut bits = bits_where(&block, may_be_digits);
        let may_be_run = before + bits.trailing_ones() as usize >= MIN_BASE64 || stretches(bits) != 0;
        if may_be_run {
            bits = digits_of(&block);
        }
        let run = if may_be_run {
            let ahead = text.get(at - before..at).unwrap_or_default().iter().rev();
            before = ahead.take_while(|byte| is_digit(**byte)).count();
            first_run(bits, at, before)
        } else {
            None
        };
        let pairs = pairs_in_a_row(bits);
        if pairs | last_pairs != 0 {
            // Those behind the beginning of a run are looked for behind its end.
            let end = run.map_or(usize::MAX, |run| run.start);
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

/// The first run among the digits of a block at `at`, of which `before` stand right before it, as far as the block has it.
fn first_run(bits: u64, at: usize, before: usize) -> Option<Span> {
    let head = bits.trailing_ones() as usize;
    if before + head >= MIN_BASE64 {
        return Some(Span::new(at - before, at + head));
    }
    let whole = stretches(bits);
    (whole != 0).then(|| {
        let first = whole.trailing_zeros();
        let start = at + first as usize;
        Span::new(start, start + (bits >> first).trailing_ones() as usize)
    })
}

/// Which bytes are digits, and some others, but none that may part pairs.
fn may_be_digits(bytes: Lanes) -> Lanes {
    let parts = equal(bytes, b',') | equal(bytes, b':');
    bytes.max(Lanes::splat(LOWEST)).simd_eq(bytes) & !parts
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

/// Which bytes of a block are digits, the first as the lowest bit.
fn digits_of(block: &[u8; BLOCK]) -> u64 {
    bits_where(block, |bytes| {
        let letter = within(bytes | Lanes::splat(0x20), b'a', b'z');
        // The slash comes right before the decimal digits.
        let number = within(bytes, b'/', b'9');
        letter | number | equal(bytes, b'+') | equal(bytes, b'-') | equal(bytes, b'_')
    })
}

/// How many digits there are from `at` on, and of what kinds.
fn digits_from(text: &[u8], at: usize) -> (usize, u8) {
    let mut kinds = 0;
    let mut length = 0;
    for byte in text.get(at..).unwrap_or_default() {
        let kind = kind(*byte);
        if kind == 0 {
            break;
        }
        kinds |= kind;
        length += 1;
    }
    (length, kinds)
}

/// Where the run ends that begins with `digits`, with its padding and with the lines that go on with it, and the kinds of its digits.
fn run_end(text: &[u8], digits: Span) -> (usize, u8) {
    let known = text.get(digits.start..digits.end).unwrap_or_default();
    let known = known.iter().fold(0, |kinds, byte| kinds | kind(*byte));
    let (more, others) = digits_from(text, digits.end);
    let (mut length, mut kinds) = (digits.end - digits.start + more, known | others);
    let mut end = digits.start + length;
    while let Some(line) = continuation(text, end, length) {
        let (more, others) = digits_from(text, line);
        (length, kinds, end) = (more, kinds | others, line + more);
    }
    let padding =
        text.get(end..).unwrap_or_default().iter().take(2).take_while(|byte| **byte == b'=').count();
    (end + padding, kinds)
}

/// Where the next line's digits begin, if a run goes on there that stops at `end` with a line of `length` digits.
fn continuation(text: &[u8], end: usize, length: usize) -> Option<usize> {
    if length < MIN_EVEN_LINE {
        return None;
    }
    let rest = text.get(end..)?;
    let rest = match rest.strip_prefix(b"\\n").or_else(|| rest.strip_prefix(b"\\r\\n")) {
        Some(escaped) => escaped,
        None => {
            let rest = rest.get(blanks(rest.iter())..)?;
            let rest = rest.strip_prefix(b"\r").unwrap_or(rest).strip_prefix(b"\n")?;
            rest.get(indentation(rest.iter())..)?
        }
    };
    let line = text.len() - rest.len();
    is_digit(*rest.first()?).then_some(())?;
    let next = || digits_from(text, line).0;
    (length >= MIN_LINE || next() <= length).then_some(line)
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
fn note(text: &[u8], run: Span, kinds: u8, found: &mut Vec<Region>) {
    if kinds & (PLAIN | SAFE) != PLAIN | SAFE {
        return note_part(text, run, kinds, found);
    }
    let bytes = text.get(run.start..run.end).unwrap_or_default();
    let within = |part: Span| Span::new(run.start + part.start, run.start + part.end);
    pieces(bytes, |byte| matches!(byte, b'-' | b'_'))
        .for_each(|part| note_part(text, within(part), kinds, found));
    pieces(bytes, |byte| matches!(byte, b'+' | b'/'))
        .for_each(|part| note_part(text, within(part), kinds, found));
}

fn pieces(bytes: &[u8], separates: impl Fn(&u8) -> bool) -> impl Iterator<Item = Span> {
    let mut at = 0;
    bytes.split(move |byte| separates(byte)).map(move |part| {
        let span = Span::new(at, at + part.len());
        at = span.end + 1;
        span
    })
}

fn note_part(text: &[u8], span: Span, kinds: u8, found: &mut Vec<Region>) {
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
    } else if bytes.len() >= MIN_BASE64 && digits::is_text(bytes, kinds & MIXED == MIXED) {
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

    /// The same without blocks: every stretch of digits that is long enough.
    fn stretches(text: &[u8]) -> Vec<usize> {
        let edges = (0..text.len())
            .filter(|at| is_digit(text[*at]) && at.checked_sub(1).is_none_or(|at| !is_digit(text[at])));
        edges.filter(|at| digits_from(text, *at).0 >= MIN_BASE64).collect()
    }

    proptest! {
        #[test]
        fn every_long_stretch_of_digits_is_met(text in "([a-zA-Z0-9+/_-]{1,40}[ .=\n]{1,3}){0,20}") {
            let text = text.as_bytes();
            let mut met = Vec::new();
            let mut at = 0;
            while let Some(digits) = next_run(text, at, text.len(), &mut Vec::new()) {
                prop_assert!(text[digits.start..digits.end].iter().all(|byte| is_digit(*byte)));
                prop_assert!(digits.end - digits.start >= MIN_BASE64);
                met.push(digits.start);
                at = digits.start + digits_from(text, digits.start).0;
            }
            prop_assert_eq!(met, stretches(text));
        }
    }
}
