use palisade_model::Span;

/// Reads the right side of an assignment, in whatever language it is written.
pub(super) struct Cursor<'t> {
    rest: &'t [u8],
    at: usize,
}

impl<'t> Cursor<'t> {
    /// Stands before `rest`, which starts at byte `at` of the text.
    pub(super) fn new(rest: &'t [u8], at: usize) -> Self {
        Self { rest, at }
    }

    fn advance(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
        self.at += count;
    }

    /// Skips what closes a quoted name or an index; says whether there was anything.
    pub(super) fn skip_quotes(&mut self) -> bool {
        let closes = |byte: &&u8| matches!(byte, b'"' | b'\'' | b']' | b'\\' | b'`');
        let count = self.rest.iter().take(3).take_while(closes).count();
        self.advance(count);
        count > 0
    }

    /// Skips spaces and tabs.
    pub(super) fn skip_spaces(&mut self) {
        let count = self.rest.iter().take(16).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.advance(count);
    }

    /// Takes `word` if it stands here.
    pub(super) fn eat(&mut self, word: &[u8]) -> bool {
        let found = self.rest.starts_with(word);
        if found {
            self.advance(word.len());
        }
        found
    }

    /// Takes `=`, `:`, `:=`, `=>` or `?=`, but no comparison; says whether it was a colon, which may start a type.
    pub(super) fn operator(&mut self) -> Option<bool> {
        let comparisons: [&[u8]; 4] = [b"==", b"=~", b"::", b"=<"];
        if comparisons.iter().any(|word| self.rest.starts_with(word)) {
            return None;
        }
        let assignments: [&[u8]; 5] = [b":=", b"=>", b"?=", b"=", b":"];
        let taken = assignments.iter().find(|word| self.rest.starts_with(word))?;
        self.advance(taken.len());
        Some(*taken == b":")
    }

    /// Skips a type as in `password: &str = "..."`.
    pub(super) fn skip_type(&mut self) {
        let of_type = |byte: &&u8| byte.is_ascii_alphanumeric() || b"&<>_.:|? ".contains(byte);
        let length = self.rest.iter().take(40).take_while(of_type).count();
        let after = self.rest.get(length..).unwrap_or_default();
        if length > 0 && after.starts_with(b"=") && !after.starts_with(b"==") {
            self.advance(length + 1);
            self.skip_spaces();
        }
    }

    /// The inside of quotes, which may themselves be escaped, as in JSON inside a string.
    pub(super) fn quoted(&mut self) -> Option<Span> {
        if matches!(self.rest, [b'b' | b'r' | b'u' | b'@', b'"' | b'\'', ..]) {
            self.advance(1);
        }
        let slashes = self.rest.iter().take(4).take_while(|byte| **byte == b'\\').count();
        let quote = *self.rest.get(slashes)?;
        if !matches!(quote, b'"' | b'\'' | b'`') {
            return None;
        }
        self.advance(slashes + 1);
        let mut closing = vec![b'\\'; slashes];
        closing.push(quote);
        self.until(&closing)
    }

    /// What stands before `closing`.
    pub(super) fn until(&self, closing: &[u8]) -> Option<Span> {
        let end = memchr::memmem::find(self.rest, closing)?;
        Some(Span::new(self.at, self.at + end))
    }

    /// A value without quotes: the rest of the line, but for a comment.
    pub(super) fn bare(&self) -> Option<Span> {
        let ends = |byte: &u8| {
            byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b',' | b';' | b'&')
        };
        let length = self.rest.iter().position(ends).unwrap_or(self.rest.len());
        let line = self.rest.get(length..).unwrap_or_default();
        let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
        let alone = line.is_empty() || line.starts_with(b"#") || line.starts_with(b"\\");
        alone.then_some(Span::new(self.at, self.at + length))
    }
}
