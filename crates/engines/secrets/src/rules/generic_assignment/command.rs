use std::ops::Range;

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch};

use super::cursor::Cursor;
use super::statement::Reading;
use crate::bits::{BLOCK, Kind, bits_of, block_at, within};
use crate::classify::{Form, Name, Promise, Quote};

/// Bytes of a command line that are read.
const MAX_COMMAND: usize = 400;

/// How a program takes a password.
enum Taken {
    /// As the word after one of these options.
    Word(&'static [&'static [u8]]),
    /// In the same word as the option: `-psecret`.
    Attached(&'static [u8]),
    /// Behind the colon of the word after one of these: `-u user:secret`.
    AfterColon(&'static [&'static [u8]]),
    /// As a literal right after the words.
    Literal,
}

const COMMANDS: &[(&[u8], Taken)] = &[
    (b"identified by", Taken::Literal),
    (b"identified with", Taken::Literal),
    (b"sshpass", Taken::Word(&[b"-p"])),
    (b"sshpass", Taken::Attached(b"-p")),
    (b"mysql", Taken::Attached(b"-p")),
    (b"mysqladmin", Taken::Attached(b"-p")),
    (b"mysqldump", Taken::Attached(b"-p")),
    (b"docker login", Taken::Word(&[b"-p"])),
    (b"redis-cli", Taken::Word(&[b"-a"])),
    (b"curl", Taken::AfterColon(&[b"-u", b"--user", b"-U", b"--proxy-user"])),
    (b"wget", Taken::AfterColon(&[b"-u", b"--user"])),
];

/// The first two letters of each of them.
const STARTS: [[u8; 2]; 7] = [*b"id", *b"ss", *b"my", *b"do", *b"re", *b"cu", *b"wg"];

/// Passwords among the words of well-known commands, and in SQL.
pub(crate) fn commands(text: &[u8], window: Range<usize>) -> Vec<Reading> {
    let mut readings = Vec::new();
    for start in beginnings(text, window) {
        let rest = text.get(start..).unwrap_or_default();
        let is_start = |start: &[u8; 2]| STARTS.contains(&start.map(|byte| byte | 0x20));
        let before = start.checked_sub(1).and_then(|before| text.get(before));
        if !rest.first_chunk().is_some_and(is_start) || before.is_some_and(u8::is_ascii_alphanumeric) {
            continue;
        }
        for (name, taken) in COMMANDS {
            if begins(rest, name) {
                readings.extend(taken.read(text, start..start + name.len()));
            }
        }
    }
    readings
}

/// Where in a window the first two letters of commands are, or others like them.
fn beginnings(text: &[u8], window: Range<usize>) -> impl Iterator<Item = usize> {
    let level = Level::new();
    // The last byte of a block is looked at as a second one only, and again as the first of the next.
    let end = window.end;
    window.step_by(BLOCK - 1).flat_map(move |at| {
        let block = block_at(text, at).unwrap_or([0; BLOCK]);
        // What comes behind the window begins in no other block.
        let length = (end - at).min(BLOCK - 1) as u32;
        let mut left = dispatch!(level, simd => pairs(simd, &block)) & !(u64::MAX << length);
        std::iter::from_fn(move || {
            let place = (left != 0).then(|| at + left.trailing_zeros() as usize);
            left &= left.wrapping_sub(1);
            place
        })
    })
}

/// Which bytes of a block, and the ones behind them, can begin a command: those in the middle of a word do not, as far as the
/// block shows.
#[inline(always)]
fn pairs<S: Simd>(simd: S, block: &[u8; BLOCK]) -> u64 {
    let pairs = bits_of::<Letter<0>, _>(simd, block) & bits_of::<Letter<1>, _>(simd, block) >> 1;
    pairs & !(bits_of::<OfWord, _>(simd, block) << 1)
}

/// What words are made of.
struct OfWord;

impl Kind for OfWord {
    #[inline(always)]
    fn of<S: Simd>(bytes: S::u8s) -> S::mask8s {
        within::<S>(bytes | 0x20, b'a', b'z') | within::<S>(bytes, b'0', b'9')
    }
}

/// What is the first or second letter of a command, of either case.
struct Letter<const PLACE: usize>;

impl<const PLACE: usize> Kind for Letter<PLACE> {
    #[inline(always)]
    fn of<S: Simd>(bytes: S::u8s) -> S::mask8s {
        let lower = bytes | 0x20;
        // No byte is less than zero.
        let mut found = bytes.simd_lt(0);
        for start in STARTS {
            found |= lower.simd_eq(start.get(PLACE).copied().unwrap_or(0));
        }
        found
    }
}

/// Whether `text` begins with a command and a space behind it.
fn begins(text: &[u8], name: &[u8]) -> bool {
    text.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
        && text.get(name.len()).is_some_and(|next| matches!(next, b' ' | b'\t'))
}

impl Taken {
    fn read(&self, text: &[u8], command: Range<usize>) -> Option<Reading> {
        let end = text.len().min(command.end + MAX_COMMAND);
        let mut cursor = Cursor::new(text.get(command.end..end)?, command.end);
        if matches!(self, Self::Literal) {
            cursor.skip_spaces();
            cursor.eat_any_case(b"password ");
            // `IDENTIFIED WITH plugin BY '...'`
            let mut by = cursor.clone();
            by.skip(48, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
            by.skip_spaces();
            if by.eat_any_case(b"by ") {
                cursor = by;
            }
            let (value, quote) = cursor.quoted()?;
            return Some(reading(command, value, Form::Beside, quote));
        }
        while let Some(word) = next_word(&mut cursor) {
            let bytes = text.get(word.clone())?;
            // It is read on its own: lines of nothing but commands would be read again for each of them.
            if begins(text.get(word.start..)?, text.get(command.clone())?) {
                return None;
            }
            match self {
                Self::Attached(option) => {
                    let value = word.start + option.len()..word.end;
                    if bytes.starts_with(option) && value.len() > 2 {
                        return Some(reading(command, unquoted(text, value), Form::Flag, Quote::Bare));
                    }
                }
                Self::Word(options) if options.contains(&bytes) => {
                    let value = unquoted(text, next_word(&mut cursor)?);
                    return Some(reading(command, value, Form::Flag, Quote::Bare));
                }
                Self::AfterColon(options) if options.contains(&bytes) => {
                    let word = unquoted(text, next_word(&mut cursor)?);
                    let colon = text.get(word.clone())?.iter().position(|byte| *byte == b':')?;
                    return Some(reading(command, word.start + colon + 1..word.end, Form::Flag, Quote::Bare));
                }
                _ => {}
            }
        }
        None
    }
}

fn reading(command: Range<usize>, value: Range<usize>, form: Form, quote: Quote) -> Reading {
    let promise = Name { promise: Promise::Password, ends: true, qualified: true };
    Reading { name: command, promise, value, form, quote, anywhere: true }
}

/// The next word of a command line; none at its end.
fn next_word(cursor: &mut Cursor<'_>) -> Option<Range<usize>> {
    loop {
        cursor.skip_spaces();
        if !(cursor.eat(b"\\\n") || cursor.eat(b"\\\r\n")) {
            break;
        }
    }
    let quote = cursor.peek().filter(|byte| matches!(byte, b'"' | b'\''));
    let ends = |at: usize, byte: u8| match quote {
        Some(quote) => at > 0 && byte == quote,
        None => byte.is_ascii_whitespace() || matches!(byte, b'|' | b';' | b'`' | b'"' | b'\'' | b')'),
    };
    let rest = cursor.rest();
    let line = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let length = rest.iter().take(line).enumerate().position(|(at, byte)| ends(at, *byte)).unwrap_or(line);
    let length = if quote.is_some() { (length + 1).min(line) } else { length };
    (length > 0).then(|| cursor.take(length))
}

/// A word without the quotes around it.
fn unquoted(text: &[u8], word: Range<usize>) -> Range<usize> {
    match text.get(word.clone()) {
        Some([b'"', .., b'"'] | [b'\'', .., b'\'']) => word.start + 1..word.end - 1,
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bits::levels;

    fn values(text: &str) -> Vec<&str> {
        let readings = commands(text.as_bytes(), 0..text.len());
        readings.iter().filter_map(|reading| text.get(reading.value.clone())).collect()
    }

    #[test]
    fn beginnings_are_told_by_any_processor() {
        let text = "Curl -u a:b https://x | mysql -p; docker login; wget; sshpass -p x; CURL; cur".as_bytes();
        let block = block_at(text, 0).unwrap();
        let begins = |at: &usize| {
            let pair: Option<&[u8; 2]> = block.get(*at..).and_then(<[u8]>::first_chunk);
            let goes_on = at.checked_sub(1).is_some_and(|before| block[before].is_ascii_alphanumeric());
            !goes_on && pair.is_some_and(|pair| STARTS.contains(&pair.map(|byte| byte | 0x20)))
        };
        for level in levels() {
            let found = dispatch!(level, simd => pairs(simd, &block));
            let expected: Vec<_> = (0..BLOCK).filter(begins).collect();
            // The letters of two beginnings may stand together, too.
            assert!(expected.iter().all(|at| found >> at & 1 == 1) && !expected.is_empty(), "{level:?}");
        }
    }

    #[test]
    fn every_command_begins_with_letters_that_are_looked_for() {
        for (name, _) in COMMANDS {
            assert!(STARTS.contains(name.first_chunk().unwrap()), "{name:?}");
        }
        for length in 0..3 * BLOCK {
            let text = format!("{}curl -u app:fn3Xk9", " ".repeat(length));
            assert_eq!(values(&text), ["fn3Xk9"], "{length}");
            assert_eq!(commands(text.as_bytes(), 0..length).len(), 0);
            assert_eq!(commands(text.as_bytes(), 0..length + 1).len(), 1);
        }
    }

    #[test]
    fn a_command_is_read_to_the_next_one_of_its_name() {
        for (command, rest) in
            [("curl ", "-u app:fn3Xk9"), ("mysql ", "-pfn3Xk9"), ("docker login ", "-p fn3Xk9")]
        {
            let storm = command.repeat(20) + rest;
            assert_eq!(values(&storm), ["fn3Xk9"], "{command}");
        }
        assert_eq!(values("curl -A curl -u app:fn3Xk9"), ["fn3Xk9"]);
        assert_eq!(values("curl -A 'curl' -u app:fn3Xk9"), ["fn3Xk9"], "a word that is no command");
    }
}
