//! Rules that need more than a regex: one file per rule, named like the rule's Markdown file.

mod basic_auth_header;
mod connection_uri;
mod credential;
mod cursor;
mod generic_assignment;
mod private_key;

use palisade_model::Span;

use crate::candidate::Hit;

/// What the function of a rule may look at: the bytes around the window that it is asked about.
pub(crate) struct Scene<'a> {
    text: &'a [u8],
}

impl<'a> Scene<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text }
    }

    /// The bytes of `span`, cut to the text.
    fn get(&self, span: Span) -> &'a [u8] {
        let end = span.end.min(self.text.len());
        self.text.get(span.start.min(end)..end).unwrap_or_default()
    }
}

/// The function of a rule: the secrets in a window.
pub(crate) type Function = fn(&Scene<'_>, Span) -> Vec<Hit>;

/// The function for the rule `id`.
pub(crate) fn function(id: &str) -> Option<Function> {
    match id {
        "basic-auth-header" => Some(basic_auth_header::find),
        "connection-uri" => Some(connection_uri::find),
        "generic-assignment" => Some(generic_assignment::find),
        "private-key" => Some(private_key::find),
        _ => None,
    }
}
