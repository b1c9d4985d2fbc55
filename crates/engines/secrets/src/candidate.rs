use palisade_model::{Asset, Confidence, Encoding, Form, Severity, Span};

use crate::profile::Profile;

/// Something in a text that a rule takes for a secret. Holds places, not the secret itself, except where the secret has another
/// spelling than the text; so it is not `Debug`.
#[derive(Clone)]
pub(crate) struct Candidate {
    /// Index of the rule.
    pub(crate) rule: u16,
    /// Where the secret is.
    pub(crate) secret: Span,
    pub(crate) identity: Identity,
    pub(crate) shown: Shown,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    /// The strictest profile that admits it.
    pub(crate) profile: Profile,
    pub(crate) scope: Scope,
    pub(crate) in_examples: InExamples,
    pub(crate) form: Form,
    pub(crate) asset: Option<Asset>,
    /// What it was wrapped in, outermost first.
    pub(crate) encodings: Vec<Encoding>,
    /// What is so about this one.
    pub(crate) message: String,
}

impl Candidate {
    /// The same `offset` bytes on.
    pub(crate) fn moved_by(mut self, offset: i64) -> Self {
        let moved = |at: usize| usize::try_from(at as i64 + offset).unwrap_or(0);
        self.secret = Span::new(moved(self.secret.start), moved(self.secret.end));
        self
    }
}

/// What a fingerprint is made of.
#[derive(Clone)]
pub(crate) enum Identity {
    /// A token that a machine drew: its bytes.
    Token,
    /// A token that is spelled differently in different places: its common form.
    Normalised(Vec<u8>),
    /// Something a person may have thought of, and the name of the key it was given to.
    Guessable(Vec<u8>),
    /// The same where the text spells the value differently.
    GuessableValue { key: Vec<u8>, value: Vec<u8> },
}

/// Files in which a secret counts, by their names; the widest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Every file.
    #[default]
    Anywhere,
    /// Files in which values need no quotes.
    Unquoted,
    /// Files whose name says that they hold credentials and nothing else: `db_password.txt`, `chap-secrets`.
    Named,
}

/// What a secret means among tests and examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InExamples {
    /// As much as elsewhere: its vendor gave it its form.
    Same,
    /// Little, though it is a key: it was mostly made for them.
    Mild,
    /// Little, and no more than its place says that it is a credential: it was mostly made up. The same in manuals.
    Doubtful,
}

/// What of a secret an excerpt may show.
#[derive(Clone, Copy)]
pub(crate) enum Shown {
    Nothing,
    /// A few characters at both ends.
    Ends,
    /// This many bytes at the start, which are not secret.
    Head(usize),
}

/// What a rule's function finds: a candidate before it is known which rule asked.
pub(crate) struct Hit {
    pub(crate) secret: Span,
    pub(crate) identity: Identity,
    pub(crate) shown: Shown,
    /// When not the rule's own.
    pub(crate) severity: Option<Severity>,
    /// When not the rule's own.
    pub(crate) confidence: Option<Confidence>,
    /// The strictest profile that admits it, when the confidence does not say.
    pub(crate) profile: Option<Profile>,
    pub(crate) scope: Scope,
    pub(crate) in_examples: InExamples,
    pub(crate) asset: Option<Asset>,
    pub(crate) message: &'static str,
}
