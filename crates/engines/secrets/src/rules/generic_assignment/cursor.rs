use std::ops::Range;

use crate::classify::Quote;

/// Longest literal that is read.
const MAX_LITERAL: usize = 512;

/// Reads what follows a name, in whatever language it is written.
#[derive(Clone)]
pub(super) struct Cursor<'t> {
    rest: &'t [u8],
    at: usize,
}

impl<'t> Cursor<'t> {
    /// Stands before `rest`, which starts at byte `at` of the text.
    pub(super) fn new(rest: &'t [u8], at: usize) -> Self {
        Self { rest, at }
    }

    pub(super) fn rest(&self) -> &'t [u8] {
        self.rest
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(super) fn advance(&mut self, count: usize) {
        let count = count.min(self.rest.len());
        self.rest = self.rest.get(count..).unwrap_or_default();
        self.at += count;
    }

    /// Skips at most `most` of the bytes that `is` says; says how many.
    pub(super) fn skip(&mut self, most: usize, is: impl Fn(u8) -> bool) -> usize {
        let count = self.rest.iter().take(most).take_while(|byte| is(**byte)).count();
        self.advance(count);
        count
    }

    /// Skips spaces and tabs.
    pub(super) fn skip_spaces(&mut self) -> usize {
        self.skip(32, |byte| matches!(byte, b' ' | b'\t'))
    }

    /// Skips spaces, tabs and the ends of lines.
    pub(super) fn skip_blank(&mut self) -> usize {
        self.skip(80, |byte| byte.is_ascii_whitespace())
    }

    /// Takes `word` if it stands here.
    pub(super) fn eat(&mut self, word: &[u8]) -> bool {
        let found = self.rest.starts_with(word);
        if found {
            self.advance(word.len());
        }
        found
    }

    /// Takes `word` if it stands here, in whatever case.
    pub(super) fn eat_any_case(&mut self, word: &[u8]) -> bool {
        let found = self.rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        if found {
            self.advance(word.len());
        }
        found
    }

    /// The inside of quotes, which may themselves be escaped, as in JSON inside a string.
    pub(super) fn quoted(&mut self) -> Option<(Range<usize>, Quote)> {
        if matches!(self.rest, [b'b' | b'r' | b'u' | b'@' | b'L' | b'N', b'"' | b'\'', ..]) {
            self.advance(1);
        }
        let slashes = self.rest.iter().take(4).take_while(|byte| **byte == b'\\').count();
        let quote = *self.rest.get(slashes)?;
        let kind = match quote {
            b'"' => Quote::Double,
            b'\'' => Quote::Single,
            b'`' => Quote::Backtick,
            _ => return None,
        };
        self.advance(slashes + 1);
        if slashes == 0 && self.rest.starts_with(&[quote, quote]) {
            self.advance(2);
        } else if quote == b'`' && self.rest.starts_with(b"`") {
            // A literal of reStructuredText.
            self.advance(1);
        }
        let end = self.closing(slashes, quote)?;
        let inside = self.rest.get(..end)?;
        let (left, right) = (end - inside.trim_ascii_start().len(), end - inside.trim_ascii_end().len());
        let whole = self.take(end);
        // What is aligned in its quotes; one of spaces only stays.
        let value = if left + right < end { whole.start + left..whole.end - right } else { whole };
        Some((value, kind))
    }

    /// How far it is to the quote that closes a literal, on this line.
    fn closing(&self, slashes: usize, quote: u8) -> Option<usize> {
        let mut escapes = 0;
        for (at, byte) in self.rest.iter().take(MAX_LITERAL + 1).enumerate() {
            match *byte {
                b'\n' => return None,
                b'\\' => escapes += 1,
                byte if byte == quote && (slashes > 0 || escapes % 2 == 0) => {
                    return at.checked_sub(slashes.min(escapes));
                }
                _ => escapes = 0,
            }
        }
        None
    }

    /// What stands before `closing`, near by.
    pub(super) fn until(&mut self, closing: u8) -> Option<Range<usize>> {
        let end = self.rest.iter().take(MAX_LITERAL).position(|byte| *byte == closing)?;
        Some(self.take(end))
    }

    /// A value without quotes: up to a space, the end of a line that a literal spells, or what ends a statement.
    pub(super) fn bare(&mut self) -> Range<usize> {
        let ends = |byte: &u8| {
            byte.is_ascii_whitespace()
                || matches!(byte, b'"' | b'\'' | b'`' | b',' | b';' | b'&' | b'<' | b'>' | 0)
        };
        let near = self.rest.get(..self.rest.len().min(MAX_LITERAL)).unwrap_or_default();
        let length = near.iter().position(ends).unwrap_or(self.rest.len());
        let line = memchr::memmem::find(near, b"\\n").unwrap_or(length);
        self.take(length.min(line))
    }

    pub(super) fn take(&mut self, length: usize) -> Range<usize> {
        let from = self.at;
        self.advance(length);
        from..self.at
    }

    /// The rest of the line, without spaces around it. Zeros end the lines of an environment.
    pub(super) fn line(&self) -> &'t [u8] {
        self.rest.split(|byte| matches!(byte, b'\n' | 0)).next().unwrap_or_default().trim_ascii()
    }
}
