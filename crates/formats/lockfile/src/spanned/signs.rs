use std::iter::Peekable;
use std::str::Chars;

/// The characters of a text one after another, and the line that one is on.
pub(super) struct Signs<'t> {
    chars: Peekable<Chars<'t>>,
    line: u32,
}

impl<'t> Signs<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { chars: text.chars().peekable(), line: 1 }
    }

    /// The line of what was taken last, from 1 on.
    pub(super) fn line(&self) -> u32 {
        self.line
    }

    pub(super) fn peek(&mut self) -> Option<char> {
        self.chars.peek().copied()
    }

    pub(super) fn take(&mut self) -> Option<char> {
        let next = self.chars.next();
        self.line += u32::from(next == Some('\n'));
        next
    }

    /// Takes what comes next as long as it `is` something that never ends a line.
    pub(super) fn take_while(&mut self, is: impl Fn(&char) -> bool) -> impl Iterator<Item = char> {
        std::iter::from_fn(move || self.chars.next_if(&is))
    }

    /// Takes the rest of the line.
    pub(super) fn skip_line(&mut self) {
        while self.take().is_some_and(|next| next != '\n') {}
    }

    /// Leaves nothing to be taken.
    pub(super) fn stop(&mut self) {
        self.chars = "".chars().peekable();
    }
}
