//! Strings that source code lists by their characters' codes, or in pieces that a call joins: `String.fromCharCode(103, 104)`,
//! `chr(103).chr(104)`, `[]byte{103, 104}`, `['g', 'h'].join('')`, `"".join(["g", "h"])`, `%w[g h].join`.

use palisade_model::Span;

use super::Decoded;

/// What comes before a list, in lower case, and what kind of list it is.
const LISTS: &[(&str, Kind)] = &[
    ("fromcharcode(", Kind::Characters),
    ("string.fromcharcode(", Kind::Characters),
    ("fromcharcode.apply(null,", Kind::Characters),
    ("fromcharcode(...", Kind::Characters),
    ("fromcodepoint(", Kind::Characters),
    ("chr(", Kind::Characters),
    ("chrw(", Kind::Characters),
    ("char(", Kind::Characters),
    ("[char]", Kind::Character),
    ("[char[]]", Kind::Codes),
    ("map(chr,", Kind::Codes),
    ("map('chr',", Kind::Codes),
    ("byte{", Kind::Codes),
    ("rune{", Kind::Codes),
    ("byte[]{", Kind::Codes),
    ("byte[] {", Kind::Codes),
    ("char[]{", Kind::Codes),
    ("char[] {", Kind::Codes),
    ("new[] {", Kind::Codes),
    ("new[]{", Kind::Codes),
    ("uint8{", Kind::Codes),
    ("bytes([", Kind::Codes),
    ("bytearray([", Kind::Codes),
    ("uint8array([", Kind::Codes),
    ("bytearrayof(", Kind::Codes),
    ("chararrayof(", Kind::Codes),
    ("array.from([", Kind::Codes),
    ("buffer.from([", Kind::Codes),
    ("\"data\":[", Kind::Codes),
    ("\"data\": [", Kind::Codes),
    ("] = {", Kind::Codes),
    ("]={", Kind::Codes),
    // Arrays of anything are many: these begin with a character, with a code in hexadecimal digits or with that of a letter.
    ("= ['", Kind::Codes),
    ("= {'", Kind::Codes),
    ("= [0x", Kind::Codes),
    ("=[0x", Kind::Codes),
    ("= {0x", Kind::Codes),
    ("={0x", Kind::Codes),
    ("= [1", Kind::Codes),
    ("= [6", Kind::Codes),
    ("= {1", Kind::Codes),
    ("= {6", Kind::Codes),
    ("\": [1", Kind::Codes),
    ("\":[1", Kind::Codes),
    (" in [1", Kind::Codes),
    ("\"\".join(", Kind::Strings),
    ("''.join(", Kind::Strings),
    ("join(\"\",", Kind::Strings),
    ("join('',", Kind::Strings),
    ("join '',", Kind::Strings),
    ("join(string.empty,", Kind::Strings),
    ("implode(\"\",", Kind::Strings),
    ("implode('',", Kind::Strings),
    ("implode([", Kind::Strings),
    ("concat(", Kind::Strings),
    ("concat!(", Kind::Strings),
    ("concat({", Kind::Strings),
    ("paste0(", Kind::Strings),
    ("fmt.sprint(", Kind::Strings),
    ("-join(", Kind::Strings),
    ("-join (", Kind::Strings),
    ("fn::join\":", Kind::Strings),
    ("!join [", Kind::Strings),
    (".join([]string{", Kind::Joined),
    ("listof(", Kind::Joined),
    ("append(", Kind::Appended),
    ("stringbuilder(\"", Kind::Appended),
    ("strcat(", Kind::Appended),
    ("strcpy(", Kind::Appended),
    ("%s%s", Kind::Format),
    ("{}{}", Kind::Format),
    ("{0}{1}", Kind::Format),
    ("00000000: ", Kind::Dump),
    ("00000000  ", Kind::Dump),
    ("0x0000:  ", Kind::Dump),
];

/// What a list is of, and what parts and ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Codes, each of a character: as few as there may be.
    Characters,
    /// One code, which nothing closes.
    Character,
    /// Codes, of which few may be any numbers.
    Codes,
    /// Strings that become one.
    Strings,
    /// The same if what follows says so.
    Joined,
    /// Strings that are added to others, one call after another.
    Appended,
    /// Strings that a format of nothing but places takes.
    Format,
    /// Lines of an address and of bytes in hexadecimal digits, as `xxd`, `hexdump -C` and `tcpdump -X` write them.
    Dump,
}

/// What comes before a list.
pub(super) fn openers() -> impl Iterator<Item = &'static str> {
    LISTS.iter().map(|(opener, _)| *opener)
}

fn is_closer(seed: &[u8]) -> bool {
    CLOSERS.iter().any(|closer| seed.eq_ignore_ascii_case(closer.as_bytes()))
}

fn kind(opener: &[u8]) -> Option<Kind> {
    let is_it = |(other, _): &&(&str, Kind)| opener.eq_ignore_ascii_case(other.as_bytes());
    LISTS.iter().find(is_it).map(|(_, kind)| *kind)
}

/// How many bytes of its first piece an opener has.
fn begun(opener: &[u8]) -> usize {
    opener.iter().rev().take_while(|byte| matches!(byte, b'0'..=b'9' | b'x' | b'\'')).count()
}

/// What comes after one that says nothing before it.
pub(super) const CLOSERS: &[&str] = &["].join", "].joined", "].concat"];

/// Longest list, in bytes.
const MAX_LIST: usize = 2048;
/// Fewest codes in a list that no function of characters opens: fewer may be any numbers.
const MIN_CODES: usize = 8;
/// Longest dump that is read, in bytes of text, and the longest line of one.
const MAX_DUMP: usize = 64 << 10;
const MAX_DUMP_LINE: usize = 120;
/// Longest way from one call to the next, in bytes.
const MAX_CALL: usize = 96;

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
    if is_closer(opener) {
        return joined_by_nothing(near.get(seed..).unwrap_or_default()).is_some();
    }
    let Some(kind) = kind(opener) else { return false };
    match kind {
        Kind::Format => true,
        Kind::Dump => dumped(near.get(seed..).unwrap_or_default(), 0).is_some(),
        Kind::Appended => matches!(near.get(inside_of(near, seed, kind)), None | Some(b'"' | b'\'')),
        _ => {
            let (pieces, end) = pieces_of(near, seed - begun(opener), kind);
            end == near.len() || is_enough(kind, &pieces)
        }
    }
}

/// The list that `seed` opens or closes.
pub(super) fn list(text: &[u8], seed: Span) -> Option<List> {
    let opener = text.get(seed.start..seed.end)?;
    if is_closer(opener) {
        return before(text, seed);
    }
    let kind = kind(opener)?;
    if kind == Kind::Dump {
        return dump(text, seed);
    }
    let text = text.get(..text.len().min(seed.end.saturating_add(MAX_LIST)))?;
    match kind {
        Kind::Format => return formatted(text, seed),
        Kind::Appended => return appended(text, seed),
        _ => {}
    }
    let (pieces, end) = pieces_of(text, seed.end - begun(opener), kind);
    if !is_enough(kind, &pieces) {
        return None;
    }
    if kind == Kind::Character {
        return Some(List { span: Span::new(seed.start, end), pieces, end });
    }
    let close = end + terminator(text, end);
    if !matches!(text.get(close), Some(b')' | b']' | b'}')) {
        return None;
    }
    let rest = text.get(close + 1..).unwrap_or_default();
    let joined = match kind {
        Kind::Joined => Some(is_joined(rest)?),
        _ => Some(0),
    };
    joined.map(|more| List { span: Span::new(seed.start, close + 1 + more), pieces, end })
}

/// The lines of a dump from the one on that `seed` begins.
fn dump(text: &[u8], seed: Span) -> Option<List> {
    let reach = text.get(..text.len().min(seed.start.saturating_add(MAX_DUMP)))?;
    let (mut pieces, mut at, mut end) = (Vec::new(), seed.start, seed.start);
    let mut last = None;
    while let Some(line) = reach.get(at..).filter(|line| !line.is_empty()) {
        let length = memchr::memchr(b'\n', line).unwrap_or(line.len());
        let address = line.iter().take(24).take_while(|byte| matches!(byte, b'\t' | b' ')).count();
        let digits = line
            .get(address..)?
            .iter()
            .take_while(|byte| matches!(byte, b'x') || byte.is_ascii_hexdigit())
            .count();
        let number = line.get(address..address + digits).and_then(place_of);
        // Another dump begins where addresses do not grow, and has a seed of its own.
        if number.is_none() || number <= last {
            break;
        }
        last = number;
        let from = address + digits + usize::from(line.get(address + digits) == Some(&b':'));
        let line = line.get(..length.min(MAX_DUMP_LINE))?;
        let Some((bytes, stop)) =
            (digits >= 4).then(|| dumped(line.get(from..).unwrap_or_default(), at + from)).flatten()
        else {
            break;
        };
        pieces.extend(bytes);
        end = at + from + stop;
        at += length + 1;
    }
    (pieces.len() >= MIN_CODES).then_some(List { span: Span::new(seed.start, end), pieces, end })
}

/// What an address in hexadecimal digits says.
fn place_of(digits: &[u8]) -> Option<u64> {
    let digits = digits.strip_prefix(b"0x").unwrap_or(digits);
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// The bytes of a line of a dump behind its address, which ends at `at`, and where they end: before two blanks and what they look like.
fn dumped(line: &[u8], at: usize) -> Option<(Vec<(usize, Piece)>, usize)> {
    let mut pieces = Vec::new();
    let mut place = line.iter().take_while(|byte| **byte == b' ').count();
    while pieces.len() < 16 {
        let Some([high, low]) = line.get(place..place + 2) else { break };
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let (Some(high), Some(low)) = (digit(high), digit(low)) else { break };
        let byte = high << 4 | low;
        pieces
            .push((at + place, Piece::Code(if matches!(byte, 9 | 10 | 13 | 0x20..0x7f) { byte } else { 0 })));
        place += 2;
        let blanks = line.get(place..).unwrap_or_default().iter().take_while(|byte| **byte == b' ').count();
        match blanks {
            // Eight bytes are set apart.
            0 | 1 => place += blanks,
            2 if pieces.len() == 8 => place += 2,
            _ => break,
        }
    }
    (!pieces.is_empty()).then_some((pieces, place))
}

/// How long what follows a list is that makes one string of it.
fn is_joined(rest: &[u8]) -> Option<usize> {
    let ends: [&[u8]; 6] = [
        b", \"\")",
        b",\"\")",
        b", ``)",
        b".joinToString(\"\")",
        b".joinToString(separator = \"\")",
        b".joinToString('')",
    ];
    ends.iter().find(|end| rest.starts_with(end)).map(|end| end.len())
}

/// Calls that each add a string: `append("a").append("b")`, also statement by statement. What `seed` opens is the first of them, which
/// may be the constructor's string.
fn appended(text: &[u8], seed: Span) -> Option<List> {
    let mut pieces = Vec::new();
    let mut at = inside_of(text, seed.end, Kind::Appended);
    let mut close = at;
    while let Some((piece, length)) = string(text.get(at..)?, at) {
        pieces.push((at, piece));
        close = at + length;
        let Some(next) = next_call(text, close) else { break };
        at = next;
    }
    let span = Span::new(seed.start, close + usize::from(text.get(close) == Some(&b')')));
    (pieces.len() > 1).then_some(List { span, pieces, end: close })
}

/// Where the string of the next call is that adds one, if nothing but names stands between.
fn next_call(text: &[u8], close: usize) -> Option<usize> {
    let rest = text.get(close..text.len().min(close + MAX_CALL))?.strip_prefix(b")")?;
    let way = rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\'' | b'\\')).count();
    let before = rest.get(..way)?.trim_ascii_end();
    let calls: [&[u8]; 2] = [b"append(", b"strcat("];
    let name = before.rsplit(|byte| *byte == b')').next()?;
    let is_call = |call: &&[u8]| {
        let at = memchr::memmem::find(&name.to_ascii_lowercase(), call)?;
        let arguments = name.get(at + call.len()..)?;
        let plain =
            name.get(..at)?.iter().all(|byte| byte.is_ascii_alphanumeric() || b" \t\r\n._;->".contains(byte));
        let target = arguments.is_empty() || (*call == b"strcat(" && arguments.ends_with(b","));
        (plain && target).then_some(())
    };
    calls.iter().find_map(is_call)?;
    (way < rest.len()).then_some(close + 1 + way)
}

/// Strings that a format takes which is nothing but their places: `'%s%s' % ('a', 'b')`, `format!("{}{}", "a", "b")`.
fn formatted(text: &[u8], seed: Span) -> Option<List> {
    let quote = *text.get(seed.start.checked_sub(1)?)?;
    if !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let length = text.get(seed.start..)?.iter().take(MAX_CALL).position(|byte| *byte == quote)?;
    let places = text.get(seed.start..seed.start + length)?;
    let is_place = |byte: &u8| byte.is_ascii_digit() || b"%s{}".contains(byte);
    if !places.iter().all(is_place) {
        return None;
    }
    let count = places.iter().filter(|byte| matches!(byte, b'%' | b'{')).count();
    let rest = text.get(seed.start + length + 1..)?;
    let ways: [&[u8]; 8] = [b" % (", b"%(", b".format(", b", ", b",", b" -f ", b" % [", b"-f "];
    let way = ways.iter().find(|way| rest.starts_with(way))?;
    let from = text.len() - rest.len() + way.len();
    let (pieces, end) = pieces(text, from, false);
    (pieces.len() == count).then_some(List { span: Span::new(seed.start - 1, end), pieces, end })
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

/// Where the first part of a list of this kind is, behind brackets and casts of its own.
fn inside_of(text: &[u8], from: usize, kind: Kind) -> usize {
    let mut at = from + spaces(text, from);
    if kind == Kind::Appended {
        // The text that `strcat` adds to, and the quote that an opener ends with.
        let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
        let name = text.get(at..).unwrap_or_default().iter().take_while(is_name).count();
        if name > 0 && text.get(at + name) == Some(&b',') {
            at += name + 1;
            at += spaces(text, at);
        }
        return if text.get(from.wrapping_sub(1)) == Some(&b'"') { from - 1 } else { at };
    }
    let openers: [&[u8]; 11] = [
        b"array(",
        b"arrays.aslist(",
        b"list.of(",
        b"new string[] {",
        b"new string[]{",
        b"new[] {",
        b"new[]{",
        b"[",
        b"(",
        b"\"\",",
        b"'',",
    ];
    let mut found = from;
    for _ in 0..4 {
        at += spaces(text, at);
        let rest = text.get(at..).unwrap_or_default();
        let is_here =
            |opener: &&&[u8]| rest.get(..opener.len()).is_some_and(|here| here.eq_ignore_ascii_case(opener));
        let Some(opener) = openers.iter().find(is_here) else { break };
        at += opener.len();
        found = at;
    }
    found
}

fn pieces_of(text: &[u8], from: usize, kind: Kind) -> (Vec<(usize, Piece)>, usize) {
    match kind {
        Kind::Character => {
            let code = code(text.get(from..).unwrap_or_default());
            code.map_or((Vec::new(), from), |(piece, length)| (vec![(from, piece)], from + length))
        }
        Kind::Characters | Kind::Codes => pieces(text, inside_of(text, from, kind), true),
        _ => pieces(text, inside_of(text, from, kind), false),
    }
}

fn is_enough(kind: Kind, pieces: &[(usize, Piece)]) -> bool {
    let are_codes = matches!(pieces.first(), Some((_, Piece::Code(_))));
    match kind {
        // White space alone only parts other strings.
        Kind::Characters | Kind::Character => {
            are_codes && pieces.iter().any(|(_, piece)| matches!(piece, Piece::Code(0x21..)))
        }
        Kind::Codes => are_codes && pieces.len() >= MIN_CODES,
        _ => !are_codes && pieces.len() > 1,
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
        Some((b')', _)) => false,
        Some(_) => {
            rest.len() < 12 && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || b"() ".contains(byte))
        }
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

/// A printable character of ASCII or white space by its code, or as C writes one; perhaps with a cast before or a type behind.
fn code(text: &[u8]) -> Option<(Piece, usize)> {
    if let [b'\'', character, b'\'', ..] = text {
        return Some((Piece::Code(*character), 3));
    }
    let cast: [&[u8]; 4] = [b"(byte) ", b"(byte)", b"(char) ", b"(char)"];
    let cast = cast.iter().find(|cast| text.starts_with(cast)).map_or(0, |cast| cast.len());
    let text = text.get(cast..)?;
    let (digits, radix) = match text {
        [b'0', b'x' | b'X', rest @ ..] => (rest, 16),
        _ => (text, 10),
    };
    let count = digits.iter().take(4).take_while(|byte| char::from(**byte).is_digit(radix)).count();
    let number = std::str::from_utf8(digits.get(..count)?).ok()?;
    let value =
        u8::from_str_radix(number, radix).ok().filter(|value| matches!(value, 0x20..0x7f | 9 | 10 | 13))?;
    let typed = if digits.get(count..).is_some_and(|rest| rest.starts_with(b"u8")) { 2 } else { 0 };
    Some((Piece::Code(value), cast + text.len() - digits.len() + count + typed))
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
        if at < literal {
            continue;
        }
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

/// The longest seed at `at`.
fn seed(bytes: &[u8], at: usize) -> Option<Span> {
    let rest = bytes.get(at..)?;
    let is_here =
        |seed: &&str| rest.get(..seed.len()).is_some_and(|here| here.eq_ignore_ascii_case(seed.as_bytes()));
    let longest = openers().chain(CLOSERS.iter().copied()).filter(is_here).map(str::len).max()?;
    Some(Span::new(at, at + longest))
}
