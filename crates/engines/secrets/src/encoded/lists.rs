//! Strings that source code lists by their characters' codes, or in pieces that a call joins: `String.fromCharCode(103, 104)`,
//! `chr(103).chr(104)`, `[]byte{103, 104}`, `['g', 'h'].join('')`, `"".join(["g", "h"])`, `%w[g h].join`.

use palisade_model::Span;

use super::Decoded;

/// What comes before a list.
pub(super) const OPENERS: &[&str] = &[
    "fromcharcode(",
    "fromcodepoint(",
    "chr(",
    "map(chr,",
    "byte{",
    "byte[]{",
    "byte[] {",
    "uint8{",
    "bytes([",
    "bytearray([",
    "uint8array([",
    "array.from([",
    "buffer.from([",
    "[] = {",
    "[]={",
    "\"data\":[",
    "\"data\": [",
    "\"\".join(",
    "''.join(",
    "join(\"\",",
    "join('',",
    "implode(\"\",",
    "implode('',",
];
/// What comes after one.
pub(super) const CLOSER: &str = "].join";

/// Longest list, in bytes.
const MAX_LIST: usize = 2048;
/// Fewest codes in a list that no function of characters opens: fewer may be any numbers.
const MIN_CODES: usize = 8;
/// Calls that give a character for each code.
const OF_CHARACTERS: &[&[u8]] = &[b"fromcharcode(", b"fromcodepoint(", b"chr("];

/// A part of a string that is listed.
enum Piece {
    /// The character of that code.
    Code(u8),
    /// What stands there.
    Text(Span),
}

/// A list in a text.
pub(super) struct List {
    /// All of it, with what opens and closes it.
    span: Span,
    /// The parts and where each begins.
    pieces: Vec<(usize, Piece)>,
    /// Where what closes it begins.
    end: usize,
}

/// Whether a list can be where `near` begins with a seed of `seed` bytes, whatever follows `near`.
pub(super) fn may_begin(near: &[u8], seed: usize) -> bool {
    let opener = near.get(..seed).unwrap_or_default();
    if opener.first() == Some(&b']') {
        return joined_by_nothing(near.get(seed..).unwrap_or_default()).is_some();
    }
    let (pieces, end) = pieces(near, inside(near, seed), true);
    end == near.len() || is_enough(opener, &pieces)
}

/// The list that `seed` opens or closes.
pub(super) fn list(text: &[u8], seed: Span) -> Option<List> {
    let opener = text.get(seed.start..seed.end)?;
    if opener.first() == Some(&b']') {
        return before(text, seed);
    }
    let text = text.get(..text.len().min(seed.end.saturating_add(MAX_LIST)))?;
    let (pieces, end) = pieces(text, inside(text, seed.end), true);
    let close = end + terminator(text, end);
    let is_one = matches!(text.get(close), Some(b')' | b']' | b'}')) && is_enough(opener, &pieces);
    is_one.then(|| List { span: Span::new(seed.start, close + 1), pieces, end })
}

/// The list that ends where `seed` begins.
fn before(text: &[u8], seed: Span) -> Option<List> {
    let closing = joined_by_nothing(text.get(seed.end..)?)?;
    let reach = seed.start.saturating_sub(MAX_LIST);
    let ahead = text.get(reach..seed.start)?;
    let open = ahead
        .iter()
        .rposition(|byte| matches!(byte, b'[' | b']' | b';'))
        .filter(|at| ahead.get(*at) == Some(&b'['))?;
    let open = reach + open;
    let of_words = text.get(..open)?.ends_with(b"%w");
    let inner = text.get(..seed.start)?;
    let (pieces, end) = if of_words { words(inner, open + 1) } else { pieces(inner, open + 1, false) };
    let start = if of_words { open - 2 } else { open };
    let is_one = end == seed.start && pieces.len() > 1;
    is_one.then(|| List { span: Span::new(start, seed.end + closing), pieces, end })
}

/// The length of the zero that ends a string in C.
fn terminator(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let zeros: [&[u8]; 4] = [b"0x00", b"0x0", b"'\\0'", b"0"];
    let zero = zeros.iter().find(|zero| rest.starts_with(zero)).map_or(0, |zero| zero.len());
    zero + spaces(text, at + zero)
}

/// How long the arguments are that join without anything between: one empty string, or in Ruby none.
fn joined_by_nothing(text: &[u8]) -> Option<usize> {
    let empty: [&[u8]; 4] = [b"('')", b"(\"\")", b"(``)", b"()"];
    match empty.iter().find(|arguments| text.starts_with(arguments)) {
        Some(arguments) => Some(arguments.len()),
        None => (!matches!(text.first(), Some(b'(' | b'_' | b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9')))
            .then_some(0),
    }
}

/// Where the first part is, behind brackets of its own.
fn inside(text: &[u8], from: usize) -> usize {
    let at = from + spaces(text, from);
    match text.get(at) {
        Some(b'[' | b'(') => at + 1,
        _ => from,
    }
}

fn is_enough(opener: &[u8], pieces: &[(usize, Piece)]) -> bool {
    let is_code = matches!(pieces.first(), Some((_, Piece::Code(_))));
    let of_characters = OF_CHARACTERS.iter().any(|name| opener.eq_ignore_ascii_case(name));
    match (is_code, of_characters) {
        (true, true) => true,
        (true, false) => pieces.len() >= MIN_CODES,
        (false, _) => pieces.len() > 1,
    }
}

/// The parts from `from` on, all codes or all strings, and where they end: at what is none, or at the end of the text.
fn pieces(text: &[u8], from: usize, codes: bool) -> (Vec<(usize, Piece)>, usize) {
    let mut found: Vec<(usize, Piece)> = Vec::new();
    let mut at = from;
    loop {
        at += spaces(text, at);
        let rest = text.get(at..).unwrap_or_default();
        let Some((piece, length)) = (if codes { code(rest) } else { None }).or_else(|| string(rest, at))
        else {
            return (found, if is_cut(rest) { text.len() } else { at });
        };
        let fits = found
            .last()
            .is_none_or(|(_, last)| matches!(last, Piece::Code(_)) == matches!(piece, Piece::Code(_)));
        if !fits {
            return (found, at);
        }
        found.push((at, piece));
        at += length;
        at += spaces(text, at);
        match text.get(at) {
            Some(b',') => at += 1,
            _ => return (found, at),
        }
    }
}

/// Whether a part may go on behind the end of `rest`.
fn is_cut(rest: &[u8]) -> bool {
    match rest.split_first() {
        None => true,
        Some((quote @ (b'"' | b'\'' | b'`'), inner)) => !inner.contains(quote),
        Some(_) => rest.len() < 5 && rest.iter().all(u8::is_ascii_alphanumeric),
    }
}

/// Words with white space between.
fn words(text: &[u8], from: usize) -> (Vec<(usize, Piece)>, usize) {
    let mut found = Vec::new();
    let mut at = from + spaces(text, from);
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let length = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        found.push((at, Piece::Text(Span::new(at, at + length))));
        at += length;
        at += spaces(text, at);
    }
    (found, at)
}

/// A printable character of ASCII by its code, or as C writes one.
fn code(text: &[u8]) -> Option<(Piece, usize)> {
    if let [b'\'', character, b'\'', ..] = text {
        return Some((Piece::Code(*character), 3));
    }
    let (digits, radix) = match text {
        [b'0', b'x' | b'X', rest @ ..] => (rest, 16),
        _ => (text, 10),
    };
    let count = digits.iter().take(4).take_while(|byte| char::from(**byte).is_digit(radix)).count();
    let number = std::str::from_utf8(digits.get(..count)?).ok()?;
    let value = u8::from_str_radix(number, radix).ok().filter(|value| matches!(value, 0x20..0x7f))?;
    Some((Piece::Code(value), text.len() - digits.len() + count))
}

/// A string in quotes without escapes, at `at`.
fn string(text: &[u8], at: usize) -> Option<(Piece, usize)> {
    let (quote, inner) = text.split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\'' | b'`'))?;
    let length = inner.iter().position(|byte| byte == quote || matches!(byte, b'\\' | b'\n'))?;
    (inner.get(length) == Some(quote)).then(|| (Piece::Text(Span::new(at + 1, at + 1 + length)), length + 2))
}

fn spaces(text: &[u8], from: usize) -> usize {
    text.get(from..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

impl List {
    pub(super) const fn span(&self) -> Span {
        self.span
    }

    /// Adds the string that it says, in quotes.
    fn say(&self, text: &[u8], decoded: &mut Decoded) {
        let first = self.pieces.first().map_or(self.end, |(at, _)| *at);
        decoded.escape(b"\"", self.span.start, first - self.span.start);
        let nexts = self.pieces.iter().skip(1).map(|(at, _)| *at).chain([self.end]);
        for ((at, piece), next) in self.pieces.iter().zip(nexts) {
            match piece {
                Piece::Code(byte) => decoded.escape(&[*byte], *at, next - at),
                Piece::Text(span) => {
                    decoded.literal(text.get(span.start..span.end).unwrap_or_default(), span.start)
                }
            }
        }
        decoded.escape(b"\"", self.end, self.span.end - self.end);
    }
}

/// The text with every list as the string that it says.
pub(super) fn decode(bytes: &[u8]) -> Option<Decoded> {
    let mut decoded = Decoded::default();
    let (mut literal, mut found) = (0, false);
    for at in 0..bytes.len() {
        let Some(list) = seed(bytes, at).and_then(|seed| list(bytes, seed)) else { continue };
        if list.span.start < literal {
            continue;
        }
        decoded.literal(bytes.get(literal..list.span.start).unwrap_or_default(), literal);
        list.say(bytes, &mut decoded);
        literal = list.span.end;
        found = true;
    }
    decoded.literal(bytes.get(literal..).unwrap_or_default(), literal);
    found.then_some(decoded)
}

/// The seed at `at`.
fn seed(bytes: &[u8], at: usize) -> Option<Span> {
    let rest = bytes.get(at..)?;
    let is_here =
        |seed: &&&str| rest.get(..seed.len()).is_some_and(|here| here.eq_ignore_ascii_case(seed.as_bytes()));
    let longest = OPENERS.iter().chain([&CLOSER]).filter(is_here).max_by_key(|seed| seed.len())?;
    Some(Span::new(at, at + longest.len()))
}
