use std::cell::OnceCell;
use std::ops::Range;

use super::column;
use super::cursor::Cursor;
use super::sentence::{Sentence, Value};
use crate::classify::{Evidence, Form, Name, Promise, Quote, next_stem, promise};

/// Longest name.
pub(super) const MAX_NAME: usize = 96;
/// Bytes after a name in which its value must end.
const MAX_STATEMENT: usize = 640;
/// Bytes before a name that say how it is meant.
pub(super) const MAX_LEAD: usize = 160;
/// Bytes on either side of name and value that may speak for it.
const COMPANY: usize = 100;

/// A name of two words.
const TWO_WORDS: [&[u8]; 2] = [b"connection", b"string"];

/// A name and the value that it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) name: Range<usize>,
    pub(crate) promise: Name,
    pub(crate) value: Range<usize>,
    pub(crate) form: Form,
    pub(crate) quote: Quote,
    /// Whether it counts in source code too, where a bare word is a name.
    pub(crate) anywhere: bool,
}

impl Reading {
    /// What the classifier may know of it.
    pub(crate) fn evidence<'t>(&self, text: &'t [u8]) -> Evidence<'t> {
        let from = self.name.start.min(self.value.start);
        let after = slice(text, self.value.end..self.value.end + 24);
        let after = after.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let quotes = after.iter().take_while(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\')).count();
        Evidence {
            name: slice(text, self.name.clone()),
            promise: self.promise,
            value: slice(text, self.value.clone()),
            form: self.form,
            quote: self.quote,
            after: after.get(quotes..).unwrap_or_default().trim_ascii_start(),
            around: slice(text, from.saturating_sub(COMPANY)..self.value.end + COMPANY),
        }
    }
}

/// Every value in `window` that is given to a name that promises a credential.
pub(crate) fn statements(text: &[u8], window: Range<usize>) -> Vec<Reading> {
    let mut readings: Vec<Reading> = Vec::new();
    for name in Names::new(text, window) {
        // The value of `key="Password"` may itself be the name of what comes next.
        let closes = |last: &Reading| last.form != Form::Inner && last.promise.promise != Promise::Weak;
        let inside = readings.last().is_some_and(|last| last.value.contains(&name.start) && closes(last));
        if inside || name.len() > MAX_NAME {
            continue;
        }
        match read(text, name.clone()) {
            Some(reading) => readings.push(reading),
            None => readings.extend(column::column(text, &name)),
        }
    }
    readings
}

/// Whether each byte can stand in a name.
const OF_NAME: [bool; 256] = of_name();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
const fn of_name() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let of_word = (byte as u8).is_ascii_alphanumeric() || byte >= 128;
        table[byte] = of_word || matches!(byte as u8, b'_' | b'.' | b'-');
        byte += 1;
    }
    table
}

pub(super) fn is_of_name(byte: u8) -> bool {
    OF_NAME.get(usize::from(byte)) == Some(&true)
}

/// The names in a window that may promise something: those with a stem, and what may end a name of two words. Most names have none, so
/// that stems are looked for, not names.
struct Names<'t> {
    text: &'t [u8],
    /// Where the next name may begin.
    at: usize,
    /// Before here it must.
    end: usize,
    /// Where the last name ends that begins before, if it is no longer than names are.
    until: usize,
}

impl<'t> Names<'t> {
    fn new(text: &'t [u8], window: Range<usize>) -> Self {
        let end = window.end.min(text.len());
        let open = text.get(..end).and_then(<[u8]>::last).is_some_and(|byte| is_of_name(*byte));
        let more = if open { length_of_name(slice(text, end..end + MAX_NAME)) } else { 0 };
        Self { text, at: start_of_name(text, window.start.min(text.len())), end, until: end + more }
    }

    /// The name that is the second of two words, the first of which ends right before.
    fn second_word(&self) -> Option<Range<usize>> {
        let [first, second] = TWO_WORDS;
        let start = self.at + usize::from(self.text.get(self.at) == Some(&b' '));
        let before = self.text.get(..start)?.strip_suffix(b" ")?;
        let follows = before.get(before.len().checked_sub(first.len())?..)?.eq_ignore_ascii_case(first);
        let named = follows && slice(self.text, start..start + second.len()).eq_ignore_ascii_case(second);
        (named && start < self.end).then(|| self.name_from(start))
    }

    fn name_from(&self, start: usize) -> Range<usize> {
        start..start + length_of_name(self.text.get(start..).unwrap_or_default())
    }
}

impl Iterator for Names<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let name = self.second_word().or_else(|| {
            let stem = self.at + next_stem(self.text.get(self.at..self.until)?)?;
            let before = self.text.get(self.at..stem)?;
            Some(self.name_from(stem - before.iter().rev().take_while(|byte| is_of_name(**byte)).count()))
        })?;
        self.at = name.end;
        Some(name)
    }
}

/// How many bytes of a name `text` begins with.
fn length_of_name(text: &[u8]) -> usize {
    text.iter().take_while(|byte| is_of_name(**byte)).count()
}

/// Where the name starts that `at` lies in.
fn start_of_name(text: &[u8], at: usize) -> usize {
    // One byte more, so that a longer name is seen to be longer.
    let before = text.get(at.saturating_sub(MAX_NAME + 1)..at).unwrap_or_default();
    at - before.iter().rev().take_while(|byte| is_of_name(**byte)).count()
}

pub(super) fn slice(text: &[u8], range: Range<usize>) -> &[u8] {
    text.get(range.start..range.end.min(text.len())).unwrap_or_default()
}

/// The line up to `at`, or the end of it.
pub(super) fn lead(text: &[u8], at: usize) -> &[u8] {
    let before = slice(text, at.saturating_sub(MAX_LEAD)..at);
    let line = memchr::memrchr2(b'\n', 0, before).map_or(0, |end| end + 1);
    before.get(line..).unwrap_or_default()
}

fn read(text: &[u8], found: Range<usize>) -> Option<Reading> {
    let mut bytes = slice(text, found.clone());
    let mut name = found;
    while let [head @ .., b'.' | b'-'] = bytes {
        // `$user->password`: the arrow belongs to nobody.
        (bytes, name.end) = (head, name.end - 1);
    }
    may_be_given(text, &name).then(|| read_given(text, name)).flatten()
}

/// Reads a name that a value may be given to.
fn read_given(text: &[u8], name: Range<usize>) -> Option<Reading> {
    let bytes = slice(text, name.clone());
    let verbs: [&[u8]; 4] = [b".equals", b".Equals", b".equalsIgnoreCase", b".default"];
    let compared = verbs.iter().take(3).any(|verb| bytes.ends_with(verb));
    let promised = verbs.iter().find_map(|verb| bytes.strip_suffix(*verb)).unwrap_or(bytes);
    let lead = lead(text, name.start);
    if names_both(bytes) || is_mentioned(lead) {
        return None;
    }
    let rest = slice(text, name.end..name.end + MAX_STATEMENT);
    if lead.ends_with(b"{") && is_format(rest) {
        return None;
    }
    let mut sentence = Sentence {
        text,
        lead,
        name: bytes,
        start: name.start,
        cursor: Cursor::new(rest, name.end),
        quoted: false,
        promised,
        promise: OnceCell::new(),
    };
    let value = sentence.value(compared)?;
    let promise = sentence.promise()?;
    let literal = slice(text, value.span.clone());
    if holds_more(&value, literal) {
        return None;
    }
    Some(Reading {
        name,
        promise,
        value: value.span,
        form: value.form,
        quote: value.quote,
        anywhere: value.anywhere,
    })
}

/// Whether a name is of a user and a password, so that what comes first is no password: `UsernamePasswordToken("guest", ...)`.
fn names_both(name: &[u8]) -> bool {
    let has = |word: &[u8]| name.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    let ends = |end: &[u8]| {
        let tail = name.len().checked_sub(end.len()).and_then(|at| name.get(at..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    (ends(b"token") || ends(b"credentials")) && has(b"user") && has(b"pass")
}

/// Whether what stands before a name says that it is only mentioned: the kind of a field, a hole, or what something is compared with
/// (`type === 'password'`).
fn is_mentioned(lead: &[u8]) -> bool {
    const LEADS: [&[u8]; 13] = [
        b"type=\"",
        b"type='",
        b"type: '",
        b"type: \"",
        b"for=\"",
        b"autocomplete=\"",
        b"{{",
        b"class=\"",
        // A pass of Windows' unattended setup.
        b"<settings ",
        b"== '",
        b"== \"",
        b"=='",
        b"==\"",
    ];
    LEADS.iter().any(|word| lead.ends_with(word))
}

/// Whether a literal is a command to run, or holds other names and their values.
fn holds_more(value: &Value, literal: &[u8]) -> bool {
    let command = value.quote == Quote::Backtick && literal.contains(&b' ');
    let nested = value.form == Form::Inner
        && literal.trim_ascii_end().iter().rev().skip_while(|byte| **byte == b'=').any(|byte| *byte == b'=');
    let object = literal.starts_with(b"{") && literal.contains(&b'"') && literal.contains(&b':');
    command || nested || object
}

/// Whether what follows a name in braces says how it is written: `{password:20s}` (Python's format specification).
fn is_format(rest: &[u8]) -> bool {
    let of_format = |byte: &u8| byte.is_ascii_digit() || b"<>=^+-#, ._".contains(byte);
    let Some(format) = rest.strip_prefix(b":") else { return false };
    let width = format.iter().take_while(|byte| of_format(byte)).count();
    let tail = format.get(width..).unwrap_or_default();
    matches!(tail, [b'}', ..] | [b'a'..=b'z' | b'A'..=b'Z' | b'%', b'}', ..])
}

/// Whether a name may be given a value, by the byte behind it, or else by the end of what stands before it: cheap, and often no.
fn may_be_given(text: &[u8], name: &Range<usize>) -> bool {
    let gives = |next: &u8| {
        // What closes a literal, ties both together, or space.
        matches!(
            next,
            b'"' | b'\''
                | b'`'
                | b']'
                | b'?'
                | b'\\'
                | b'*'
                | b' '
                | b'\t'
                | b'['
                | b'('
                | b'='
                | b':'
                | b'!'
                | b'<'
                | b'|'
        )
    };
    if text.get(name.end).is_some_and(gives) {
        return true;
    }
    let before = slice(text, name.start.saturating_sub(MAX_LEAD)..name.start).trim_ascii_end();
    // An element, or what is called by its name: `name: NAME`.
    unquoted(before).ends_with(b":")
        || unquoted(before).ends_with(b"=")
        || before.ends_with(b"<")
        || before.ends_with(b"&lt;")
}

/// `key` without the quote behind it.
pub(super) fn unquoted(key: &[u8]) -> &[u8] {
    key.strip_suffix(b"\"").or_else(|| key.strip_suffix(b"'")).unwrap_or(key).trim_ascii_end()
}

/// `API key: ...` in prose: the promise is in two words.
pub(super) fn two_words(lead: &[u8], name: &[u8]) -> Option<Name> {
    let [first, second] = TWO_WORDS;
    let lead = lead.strip_suffix(b" ")?;
    let length = lead.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let before = lead.get(lead.len() - length..)?;
    let wanted = name.eq_ignore_ascii_case(second) && before.eq_ignore_ascii_case(first);
    wanted.then(|| promise(b"connection_string")).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same as [`Names`], one name after another.
    fn names(text: &[u8], window: Range<usize>) -> Vec<Range<usize>> {
        let mut names = Vec::new();
        let mut at = start_of_name(text, window.start);
        while let Some(more) = text[at..].iter().position(|byte| is_of_name(*byte)) {
            let name = at + more..at + more + length_of_name(&text[at + more..]);
            at = name.end;
            if name.start >= window.end {
                break;
            }
            let bytes = text[name.clone()].to_ascii_lowercase();
            let before = text[..name.start].to_ascii_lowercase();
            if next_stem(&bytes).is_some()
                || (bytes.starts_with(b"string") && before.ends_with(b"connection "))
            {
                names.push(name);
            }
        }
        names
    }

    proptest! {
        #[test]
        fn every_name_that_may_promise_is_met(
            text in "([a-z_.]{0,4}(key|Pass|token|connection |string|pw|xyz)[A-Z0-9_-]{0,3}[ =\"\n]{0,2}){1,12}",
            start in 0..60_usize,
            length in 0..90_usize,
        ) {
            let text = text.as_bytes();
            let start = start.min(text.len());
            let window = start..text.len().min(start + length);
            let met: Vec<_> = Names::new(text, window.clone()).collect();
            prop_assert_eq!(met, names(text, window), "{}", String::from_utf8_lossy(text));
        }

        #[test]
        fn what_is_given_a_value_may_be(
            before in "(|x |<|&lt;|[a-z]+ |name: |\"name\": \"|key='|name = |ENV |--|\\$\\{|f\\(\"|\\[')",
            name in "(password|api_key|client\\.secret|pw|jwt)",
            behind in "[ -~\t\n]{0,3}",
            value in "(|=|: |, |\\) \\|\\| |> |\n  value: )(\"fn3Xk9\"|'fn3Xk9'|fn3Xk9</)",
        ) {
            let text = format!("{before}{name}{behind}{value}\n");
            let name = before.len()..before.len() + name.len();
            let given = read_given(text.as_bytes(), name.clone());
            prop_assert!(given.is_none() || may_be_given(text.as_bytes(), &name), "{}", text);
        }
    }

    #[test]
    fn what_is_behind_a_name_says_that_it_is_given_nothing() {
        let text = b"f(password, password); password->key; x = password + 1";
        assert!(statements(text, 0..text.len()).is_empty());
        let given = |text: &[u8]| statements(text, 0..text.len()).len();
        assert_eq!(given(b"password = \"fn3Xk9\""), 1);
        assert_eq!(given(b"name: password\nvalue: fn3Xk9\n"), 1);
    }
}
