//! Strings that source code puts together from pieces, lines that go on in the next, and text that a markup parts without need, or the
//! colours of a terminal.

use memchr::memmem;
use palisade_model::Span;

use super::Decoded;

/// Longest white space around an operator, in bytes.
const MAX_SPACE: usize = 64;
/// Longest remark between two strings.
const MAX_REMARK: usize = 128;
/// Longest way from a string to the next statement that adds to it.
const MAX_STATEMENT: usize = 80;
/// Longest parameters of a control sequence for terminals.
const MAX_PARAMETERS: usize = 24;
/// Longest markup between two parts of a text.
const MAX_MARKUP: usize = 640;
/// What control sequences begin with.
const ESCAPE: u8 = 0x1b;
/// What joins two strings, besides nothing at all.
const OPERATORS: &[&[u8]] = &[
    b"+",
    b".",
    b"&",
    b"..",
    b"++",
    b"||",
    b"<>",
    b"<<",
    b"~",
    b"^",
    b"*",
    b"\\",
    b".concat(",
    b").concat(",
    b".to_owned() +",
    b".to_string() +",
    b") +",
    b"& _",
    b"+ `\n",
    b"+ `\r\n",
];
/// Whether an operator begins with each byte.
const BEGINS_OPERATOR: [bool; 256] = begins_operator();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
const fn begins_operator() -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < OPERATORS.len() {
        table[OPERATORS[at][0] as usize] = true;
        at += 1;
    }
    table
}

/// A kind of document whose text stands in parts.
struct Markup {
    /// What ends a part.
    end: &'static [u8],
    /// What the next one begins with.
    nexts: &'static [&'static [u8]],
    /// What ends a paragraph or cell.
    outer: &'static [u8],
}

const MARKUP: &[Markup] = &[
    Markup { end: b"</w:t>", nexts: &[b"<w:t>", b"<w:t "], outer: b"</w:p>" },
    Markup { end: b"</a:t>", nexts: &[b"<a:t>", b"<a:t "], outer: b"</a:p>" },
    Markup { end: b"</t>", nexts: &[b"<t>", b"<t "], outer: b"</si>" },
    Markup { end: b"</text:span>", nexts: &[b"<text:span>", b"<text:span "], outer: b"</text:p>" },
    Markup { end: b"</span>", nexts: &[b"<span>", b"<span "], outer: b"</p>" },
];

/// The span of the join that `seed` begins, or that it is a part of.
pub(super) fn around(text: &[u8], seed: Span) -> Option<Span> {
    let of = |start: usize| Some(Span::new(start, start + join(text.get(start..)?)?));
    let from = seed.start.saturating_sub(MAX_STATEMENT);
    let before = text.get(from..seed.start)?;
    if meet(text, seed.start) {
        return Some(Span::new(seed.start, seed.start + 2));
    }
    match text.get(seed.start)? {
        b'+' | b'.' => {}
        b'\\' if is_finished(before) => return None,
        _ => return of(seed.start),
    }
    // A statement that adds to the string of the one before.
    let quote = before.iter().rposition(is_quote)?;
    of(from + quote).filter(|span| span.end > seed.start)
}

/// Whether a line that goes on in the next needs none, as most of macros do not: `free(p); \`.
fn is_finished(line: &[u8]) -> bool {
    let said = line.trim_ascii_end();
    said.len() < line.len() && matches!(said.last(), Some(b';' | b'{' | b','))
}

/// The length of the join that `text` begins with. A join is a closing quote, an operator and an
/// opening quote, a backslash at the end of a line, or markup between two parts of a word.
pub(super) fn join(text: &[u8]) -> Option<usize> {
    match text {
        [b'\\', b'\n', rest @ ..] => Some(2 + indentation(rest)),
        [b'\\', b'\r', b'\n', rest @ ..] => Some(3 + indentation(rest)),
        [b'"' | b'\'' | b'`', rest @ ..] => {
            let gap = gap(rest);
            (rest.get(gap).is_some_and(is_quote) && gap > 0).then_some(gap + 2)
        }
        [b'<', ..] => markup(text),
        [ESCAPE, b'[', rest @ ..] => control(rest).map(|length| 2 + length),
        _ => None,
    }
}

/// The length of the rest of a sequence that colours text or erases to the end of a line (ECMA-48, 5.4, 8.3.41 and 8.3.117).
fn control(rest: &[u8]) -> Option<usize> {
    let of_parameter = |byte: &&u8| byte.is_ascii_digit() || matches!(byte, b';' | b':');
    let length = rest.iter().take(MAX_PARAMETERS).take_while(of_parameter).count();
    matches!(rest.get(length), Some(b'm' | b'K')).then_some(length + 1)
}

/// Whether two strings meet at `at` in the middle of a word, with nothing between them: `"acme_""q7Rt5"`. Elsewhere two quotes in a row are
/// an empty string, or a quote that is written twice.
fn meet(text: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| text.get(before));
    match text.get(at..) {
        Some([b'"' | b'\'', second, next, ..]) if is_quote(second) => {
            is_of_word(next) && before.is_some_and(is_of_word)
        }
        _ => false,
    }
}

const fn is_of_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Whether a join can begin where `text` begins, whatever follows it.
pub(super) fn may_join(text: &[u8]) -> bool {
    match text {
        [b'"' | b'\'', second, next, ..] if is_quote(second) => is_of_word(next),
        [b'"' | b'\'' | b'`', rest @ ..] => {
            let gap = gap(rest);
            rest.get(gap).is_none_or(is_quote) || is_remark(rest.get(gap..).unwrap_or_default())
        }
        _ => true,
    }
}

const fn is_quote(byte: &u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// The way from a string to one that is added to it.
fn gap(text: &[u8]) -> usize {
    statement(text).unwrap_or_else(|| operator(text))
}

/// The length of the operator that `text` begins with, of what stands around it, and of the letters that may come before a quote.
fn operator(text: &[u8]) -> usize {
    let rest = |at: usize| text.get(at..).unwrap_or_default();
    let before = blank(text);
    let after = before + operator_length(rest(before));
    let end = after + blank(rest(after));
    let is_parted = end > 0;
    end + if is_parted { prefix(rest(end)) } else { 0 }
}

/// The length of the longest operator that `text` begins with.
fn operator_length(text: &[u8]) -> usize {
    let begins = |byte: &u8| BEGINS_OPERATOR.get(usize::from(*byte)) == Some(&true);
    // Most quotes have none behind them.
    let signs = if text.first().is_some_and(begins) { OPERATORS } else { &[] };
    signs.iter().filter(|sign| text.starts_with(sign)).map(|sign| sign.len()).max().unwrap_or(0)
}

/// Letters before a quote that say how its string is written.
fn prefix(text: &[u8]) -> usize {
    let says = |byte: &&u8| {
        matches!(byte, b'f' | b'F' | b'b' | b'B' | b'r' | b'R' | b'u' | b'U' | b'L' | b'N' | b'@' | b'$')
    };
    let letters = text.iter().take(2).take_while(says).count();
    if text.get(letters).is_some_and(is_quote) { letters } else { 0 }
}

/// The way to the string of the next statement, if that is added: `; k += `.
fn statement(text: &[u8]) -> Option<usize> {
    let mut at = usize::from(text.first() == Some(&b';'));
    let is_next = text.get(at).is_some_and(u8::is_ascii_whitespace);
    is_next.then_some(())?;
    at += spaces(text.get(at..)?);
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_$.->".contains(byte);
    let name = text.get(at..)?.iter().take(MAX_SPACE).take_while(is_name).count();
    // `k.=` has the sign at the end of what could be a name.
    let name = name
        - usize::from(
            name > 0 && text.get(at + name - 1) == Some(&b'.') && text.get(at + name) == Some(&b'='),
        );
    (name > 0).then_some(())?;
    at += name;
    at += spaces(text.get(at..)?);
    let rest = text.get(at..)?;
    (rest.starts_with(b"+=") || rest.starts_with(b".=")).then_some(())?;
    at += 2;
    Some(at + spaces(text.get(at..)?))
}

/// White space and one remark.
fn blank(text: &[u8]) -> usize {
    let spaces_before = spaces(text);
    let rest = text.get(spaces_before..).unwrap_or_default();
    let reach = rest.get(..MAX_REMARK).unwrap_or(rest);
    let remark = match rest {
        [b'/', b'*', ..] => memmem::find(reach, b"*/").map(|at| at + 2),
        _ if is_remark(rest) => memchr::memchr(b'\n', reach).map(|at| at + 1),
        _ => None,
    };
    match remark {
        Some(remark) => {
            let at = spaces_before + remark;
            at + spaces(text.get(at..).unwrap_or_default())
        }
        None => spaces_before,
    }
}

fn is_remark(text: &[u8]) -> bool {
    matches!(text, [b'/', b'*' | b'/', ..] | [b'#', b' ', ..] | [b'-', b'-', b' ', ..])
}

/// Places at which a join may begin: quotes and backslashes, and the signs that are rarer.
#[derive(Default)]
struct Places {
    /// The next rare one, as far as it was looked for.
    rare: Option<usize>,
    looked_to: usize,
}

impl Places {
    /// The first place from `at` on.
    fn next(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        if self.looked_to <= at {
            self.rare = bytes
                .get(at..)
                .and_then(|rest| memchr::memchr3(b'`', b'<', ESCAPE, rest))
                .map(|next| at + next);
            self.looked_to = self.rare.map_or(usize::MAX, |rare| rare + 1);
        }
        let until = self.rare.unwrap_or(bytes.len());
        let common = bytes.get(at..until).and_then(|rest| memchr::memchr3(b'"', b'\'', b'\\', rest));
        common.map(|next| at + next).or(self.rare)
    }
}

/// The length of markup between two parts of one paragraph that stand side by side.
fn markup(text: &[u8]) -> Option<usize> {
    for void in [b"<wbr>".as_slice(), b"<wbr/>", b"<wbr />"] {
        if text.starts_with(void) {
            return Some(void.len());
        }
    }
    let Markup { end, nexts, outer } = MARKUP.iter().find(|kind| text.starts_with(kind.end))?;
    let mut at = end.len();
    while at < MAX_MARKUP {
        let rest = text.get(at..)?;
        if !rest.starts_with(b"<") || rest.starts_with(outer) {
            return None;
        }
        let length = rest.iter().take(MAX_MARKUP).position(|byte| *byte == b'>')? + 1;
        at += length;
        if nexts.iter().any(|next| rest.starts_with(next)) {
            return Some(at);
        }
    }
    None
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
    let mut places = Places::default();
    while let Some(place) = places.next(bytes, at) {
        let joined = join(bytes.get(place..).unwrap_or_default());
        let Some(length) = joined.or_else(|| meet(bytes, place).then_some(2)) else {
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
