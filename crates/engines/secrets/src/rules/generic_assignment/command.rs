use std::ops::Range;

use super::cursor::Cursor;
use super::statement::Reading;
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

/// For each first letter of a command the second ones, as bits; letters are counted by their lowest five bits.
const SECONDS: [u32; 32] = seconds();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
const fn seconds() -> [u32; 32] {
    let mut table = [0; 32];
    let mut index = 0;
    while index < COMMANDS.len() {
        let name = COMMANDS[index].0;
        table[(name[0] & 31) as usize] |= 1 << (name[1] & 31);
        index += 1;
    }
    table
}

/// Passwords among the words of well-known commands, and in SQL.
pub(crate) fn commands(text: &[u8], window: Range<usize>) -> Vec<Reading> {
    let mut readings = Vec::new();
    let pairs = text.get(window.start..text.len().min(window.end + 1)).unwrap_or_default().windows(2);
    for (start, _) in (window.start..).zip(pairs).filter(|(_, pair)| may_begin(pair)) {
        let before = start.checked_sub(1).and_then(|before| text.get(before));
        if before.is_some_and(u8::is_ascii_alphanumeric) {
            continue;
        }
        let rest = text.get(start..).unwrap_or_default();
        for (name, taken) in COMMANDS {
            if begins(rest, name) {
                readings.extend(taken.read(text, start..start + name.len()));
            }
        }
    }
    readings
}

/// Whether a command may begin with two bytes: cheap, and nearly always no.
fn may_begin(pair: &[u8]) -> bool {
    let [first, second] = pair else { return false };
    SECONDS.get(usize::from(first & 31)).is_some_and(|seconds| seconds >> (second & 31) & 1 == 1)
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

    fn values(text: &str) -> Vec<&str> {
        let readings = commands(text.as_bytes(), 0..text.len());
        readings.iter().filter_map(|reading| text.get(reading.value.clone())).collect()
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
