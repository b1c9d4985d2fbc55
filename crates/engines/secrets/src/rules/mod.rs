//! Rules that need more than a regex: one file per rule, named like the rule's Markdown file.

mod basic_auth_header;
mod connection_uri;
mod credential;
mod cursor;
mod generic_assignment;
mod private_key;

use palisade_model::{RepoPath, Span};

use crate::candidate::Hit;

/// Folders whose content is made up for tests and documentation.
const EXAMPLE_FOLDERS: &[&str] = &[
    "test",
    "tests",
    "testing",
    "testdata",
    "test-data",
    "test_data",
    "__tests__",
    "spec",
    "specs",
    "fixture",
    "fixtures",
    "example",
    "examples",
    "sample",
    "samples",
    "mock",
    "mocks",
    "demo",
    "demos",
];
/// Ends of file names that say the same.
const EXAMPLE_ENDS: &[&str] = &[".example", ".sample", ".template", ".tmpl", ".dist"];
/// Parts of file names that say the same.
const EXAMPLE_PARTS: &[&str] =
    &["_test.", ".test.", ".spec.", "_spec.", ".example.", ".sample.", ".template."];

/// What the function of a rule may look at: the whole text, to find its way around the window that it is asked about.
pub(crate) struct Scene<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) path: &'a RepoPath,
}

impl<'a> Scene<'a> {
    pub(crate) fn new(text: &'a [u8], path: &'a RepoPath) -> Self {
        Self { text, path }
    }

    /// The bytes of `span`, cut to the text.
    fn get(&self, span: Span) -> &'a [u8] {
        let end = span.end.min(self.text.len());
        self.text.get(span.start.min(end)..end).unwrap_or_default()
    }

    /// Whether the path says that the content is made up.
    fn is_example(&self) -> bool {
        let path = String::from_utf8_lossy(self.path.as_bytes()).to_ascii_lowercase();
        let mut parts = path.rsplit('/');
        let name = parts.next().unwrap_or_default();
        parts.any(|folder| EXAMPLE_FOLDERS.contains(&folder))
            || name.starts_with("test_")
            || EXAMPLE_ENDS.iter().any(|end| name.ends_with(end))
            || EXAMPLE_PARTS.iter().any(|part| name.contains(part))
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
