//! From the syntax of RE2 as Go has it (<https://github.com/google/re2/wiki/Syntax>, package regexp/syntax) to that of the crate
//! `regex`. Both mean the same by most of it; what differs is spelled out: escapes, classes, braces that repeat nothing, `\Q`.

use std::fmt::Write;

use palisade_model::Span;

use crate::class;

/// What is wrong with a regex, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) span: Span,
    pub(crate) hint: Option<&'static str>,
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>, span: Span) -> Self {
        Self { message: format!("regex: {}", message.into()), span, hint: None }
    }

    pub(crate) fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }
}

const LOOK_AROUND: &str = "RE2 has no look-around and gitleaks refuses it too: put the secret into a group and name it with \
                           `secretGroup`, or allow the rest with an allowlist";
const BACKREFERENCE: &str = "RE2 has no back-references and gitleaks refuses them too";

/// A translated regex.
pub(crate) struct Translated {
    pub(crate) text: String,
    /// For each piece where it starts in `text` and in the source.
    pieces: Vec<(usize, usize)>,
    source_len: usize,
}

impl Translated {
    /// What the parser says of the translation, as something said of the source.
    pub(crate) fn fault(&self, error: &regex_syntax::Error) -> Fault {
        let (message, start, end) = match error {
            regex_syntax::Error::Parse(error) => {
                (error.kind().to_string(), error.span().start.offset, error.span().end.offset)
            }
            regex_syntax::Error::Translate(error) => {
                (error.kind().to_string(), error.span().start.offset, error.span().end.offset)
            }
            other => (other.to_string(), 0, self.text.len()),
        };
        let start = self.source_offset(start);
        let end = self.source_offset(end).max(start + 1).min(self.source_len.max(start));
        Fault::new(message, Span::new(start, end))
    }

    fn source_offset(&self, offset: usize) -> usize {
        let index = self.pieces.partition_point(|(out, _)| *out <= offset);
        let piece = index.checked_sub(1).and_then(|index| self.pieces.get(index));
        match piece {
            Some((out, _)) if offset >= self.text.len() && *out < offset => self.source_len,
            Some((_, source)) => *source,
            None => 0,
        }
    }
}

/// Translates `source`.
pub(crate) fn translate(source: &str) -> Result<Translated, Fault> {
    let mut translator =
        Translator { source, at: 0, out: String::with_capacity(source.len()), pieces: Vec::new() };
    while let Some(character) = translator.peek() {
        translator.pieces.push((translator.out.len(), translator.at));
        translator.piece(character)?;
    }
    let Translator { out, pieces, .. } = translator;
    Ok(Translated { text: out, pieces, source_len: source.len() })
}

/// Goes through a regex once.
pub(crate) struct Translator<'s> {
    source: &'s str,
    at: usize,
    pub(crate) out: String,
    pieces: Vec<(usize, usize)>,
}

impl<'s> Translator<'s> {
    pub(crate) fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn bump(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// From `start` to here.
    pub(crate) const fn since(&self, start: usize) -> Span {
        Span::new(start, self.at)
    }

    fn piece(&mut self, character: char) -> Result<(), Fault> {
        match character {
            '\\' => self.escape(),
            '[' => class::class(self),
            '(' => self.group(),
            '*' | '+' | '?' => {
                self.bump();
                self.repeated(character)
            }
            '{' => self.brace(),
            '}' | ']' => {
                self.bump();
                self.literal(character);
                Ok(())
            }
            _ => {
                self.bump();
                self.out.push(character);
                Ok(())
            }
        }
    }

    /// A character that means itself.
    pub(crate) fn literal(&mut self, character: char) {
        if character.is_alphanumeric() && character.is_ascii() {
            self.out.push(character);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(self.out, "\\x{{{:X}}}", u32::from(character));
        }
    }

    /// What follows a repetition: perhaps `?`, but no other one.
    fn repeated(&mut self, operator: char) -> Result<(), Fault> {
        let start = self.at - operator.len_utf8();
        self.out.push(operator);
        self.lazy(start)
    }

    fn lazy(&mut self, start: usize) -> Result<(), Fault> {
        if self.peek() == Some('?') {
            self.bump();
            self.out.push('?');
        }
        let again = matches!(self.peek(), Some('*' | '+' | '?')) || repetition(self.rest()).is_some();
        if !again {
            return Ok(());
        }
        self.bump();
        Err(Fault::new("a repetition of a repetition", self.since(start))
            .hint("RE2 has no possessive repetition; put the inner one into a group `(?:...)`"))
    }

    /// `{` repeats only when it is followed by numbers and `}`; else it means itself.
    fn brace(&mut self) -> Result<(), Fault> {
        let start = self.at;
        match repetition(self.rest()) {
            Some(text) => {
                self.out.push_str(text);
                self.at += text.len();
                self.lazy(start)
            }
            None => {
                self.bump();
                self.literal('{');
                Ok(())
            }
        }
    }

    fn group(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let rest = self.rest();
        if !rest.starts_with("(?") {
            self.bump();
            self.out.push('(');
            return Ok(());
        }
        let refused = |token: &str, message: &str, hint| {
            let fault = Fault::new(message, Span::new(start, start + token.len())).hint(hint);
            rest.starts_with(token).then_some(fault)
        };
        let fault =
            [("(?=", "look-ahead"), ("(?!", "look-ahead"), ("(?<=", "look-behind"), ("(?<!", "look-behind")]
                .into_iter()
                .find_map(|(token, name)| refused(token, &format!("{name} is not supported"), LOOK_AROUND))
                .or_else(|| refused("(?>", "atomic groups are not supported", "write `(?:` instead"))
                .or_else(|| refused("(?P=", "back-references are not supported", BACKREFERENCE))
                .or_else(|| refused("(?#", "comments are not supported", "leave the comment out"));
        match fault {
            Some(fault) => Err(fault),
            None => match rest.strip_prefix("(?P<").or_else(|| rest.strip_prefix("(?<")) {
                Some(named) => self.named_group(start, named),
                None => self.flags(start),
            },
        }
    }

    /// Groups are known by number, so the name is left out: RE2 takes names that the crate does not.
    fn named_group(&mut self, start: usize, named: &str) -> Result<(), Fault> {
        let length = named.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let skipped = self.rest().len() - named.len();
        if length == 0 || named.as_bytes().get(length) != Some(&b'>') {
            let span = Span::new(start, start + skipped + length);
            return Err(Fault::new("the name of the group is not one of letters, digits and `_`", span));
        }
        self.at += skipped + length + 1;
        self.out.push('(');
        Ok(())
    }

    fn flags(&mut self, start: usize) -> Result<(), Fault> {
        let flags = self.rest().get(2..).unwrap_or_default();
        let length = flags.bytes().take_while(|byte| b"imsU-".contains(byte)).count();
        match flags.get(length..).and_then(|after| after.chars().next()) {
            Some(end @ (':' | ')')) => {
                self.at += 2 + length + 1;
                self.out.push_str("(?");
                self.out.push_str(flags.get(..length).unwrap_or_default());
                self.out.push(end);
                Ok(())
            }
            other => {
                let end = start + 2 + length + other.map_or(0, char::len_utf8);
                Err(Fault::new("unknown kind of group", Span::new(start, end))
                    .hint("RE2 knows `(`, `(?:`, `(?P<name>` and the flags i, m, s and U"))
            }
        }
    }

    fn escape(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let next = self.rest().get(1..).and_then(|rest| rest.chars().next());
        if let Some(set) = next.and_then(class::perl) {
            self.at += 2;
            let _ = write!(self.out, "[{set}]");
            return Ok(());
        }
        let assertion = match next {
            Some('A') => r"\A",
            Some('z') => r"\z",
            Some('b') => r"(?-u:\b)",
            Some('B') => r"(?-u:\B)",
            Some('Q') => {
                self.quoted();
                return Ok(());
            }
            Some('p' | 'P') => return class::unicode(self),
            _ => {
                let character = self.escaped_character(start)?;
                self.literal(character);
                return Ok(());
            }
        };
        self.at += 2;
        self.out.push_str(assertion);
        Ok(())
    }

    /// `\Q` up to `\E` or the end: all of it means itself.
    fn quoted(&mut self) {
        let inner = self.rest().get(2..).unwrap_or_default();
        let (text, length) = match inner.split_once(r"\E") {
            Some((text, _)) => (text, text.len() + 4),
            None => (inner, inner.len() + 2),
        };
        text.chars().for_each(|character| self.literal(character));
        self.at += length;
    }

    /// The character that the escape at `start`, where we are, stands for.
    pub(crate) fn escaped_character(&mut self, start: usize) -> Result<char, Fault> {
        self.bump();
        let Some(character) = self.bump() else {
            return Err(Fault::new("a backslash at the end", self.since(start)).hint(r"write `\\`"));
        };
        let control = match character {
            'a' => Some('\x07'),
            'f' => Some('\x0c'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\x0b'),
            _ => None,
        };
        match character {
            'x' => self.hexadecimal(start),
            '0'..='9' => self.octal(character, start),
            _ if control.is_some() => Ok(control.unwrap_or_default()),
            _ if character.is_ascii() && !character.is_ascii_alphanumeric() => Ok(character),
            'Z' => Err(Fault::new(r"`\Z` is not supported", self.since(start)).hint(r"write `\z` or `$`")),
            'k' => {
                Err(Fault::new("back-references are not supported", self.since(start)).hint(BACKREFERENCE))
            }
            _ => Err(Fault::new("unknown escape", self.since(start))
                .hint("a letter or a character that is not ASCII needs no backslash")),
        }
    }

    fn hexadecimal(&mut self, start: usize) -> Result<char, Fault> {
        let rest = self.rest();
        let digits = match rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some((digits, _)) => {
                self.at += digits.len() + 2;
                digits
            }
            None => {
                let digits = rest.get(..2).unwrap_or_default();
                self.at += digits.len();
                digits
            }
        };
        let plain = digits.len() <= 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = if plain { u32::from_str_radix(digits, 16).ok() } else { None };
        let fault = || {
            Fault::new("not a character in hexadecimal", self.since(start)).hint(r"write `\x2F` or `\x{2F}`")
        };
        number.and_then(char::from_u32).ok_or_else(fault)
    }

    /// `\0`, or an octal number of two or three digits; one digit alone would be a back-reference.
    fn octal(&mut self, first: char, start: usize) -> Result<char, Fault> {
        let digits = self.rest().bytes().take(2).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
        if first > '7' || (first != '0' && digits == 0) {
            return Err(
                Fault::new("back-references are not supported", self.since(start)).hint(BACKREFERENCE)
            );
        }
        self.at += digits;
        let text = self.source.get(start + 1..self.at).unwrap_or_default();
        let number = u32::from_str_radix(text, 8).ok();
        number
            .and_then(char::from_u32)
            .ok_or_else(|| Fault::new("not a character in octal", self.since(start)))
    }
}

/// The counted repetition that `text` begins with.
fn repetition(text: &str) -> Option<&str> {
    let (inner, _) = text.strip_prefix('{')?.split_once('}')?;
    let (least, most) = inner.split_once(',').unwrap_or((inner, ""));
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (!least.is_empty() && number(least) && number(most)).then(|| text.get(..inner.len() + 2)).flatten()
}
