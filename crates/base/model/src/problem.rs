use serde::{Deserialize, Serialize};

use crate::Span;

/// Whether a problem stops the document from being used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The document can be used, but probably does not say what its author meant.
    Warning,
    /// The document cannot be used.
    Error,
}

/// Something wrong in a document that a person wrote, with its place. Parsers return all of them, not the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Whether it stops us.
    pub level: Level,
    /// What is wrong: lower-case, no final stop, names in backticks.
    pub message: String,
    /// Where; the whole document when empty at 0.
    pub span: Span,
    /// Short text under the caret, such as ``did you mean `needs`?``.
    pub label: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Problem {
    /// An error at `span`.
    pub fn error(message: impl Into<String>, span: Span) -> Self {
        Self { level: Level::Error, message: message.into(), span, label: None, hint: None }
    }

    /// A warning at `span`.
    pub fn warning(message: impl Into<String>, span: Span) -> Self {
        Self { level: Level::Warning, ..Self::error(message, span) }
    }

    /// The same problem with text under the caret.
    #[must_use]
    pub fn with_label(self, label: impl Into<String>) -> Self {
        Self { label: Some(label.into()), ..self }
    }

    /// The same problem with advice.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}
