use palisade_model::{Confidence, Severity, Span};

/// Something in a text that a rule takes for a secret. Holds places, not the secret itself, except where the secret has another
/// spelling than the text; so it is not `Debug`.
pub(crate) struct Candidate {
    /// Index of the rule.
    pub(crate) rule: usize,
    /// Where the secret is.
    pub(crate) secret: Span,
    pub(crate) identity: Identity,
    pub(crate) shown: Shown,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    /// What is so about this one.
    pub(crate) message: String,
}

/// What a fingerprint is made of.
pub(crate) enum Identity {
    /// A token that a machine drew: its bytes.
    Token,
    /// A token that is spelled differently in different places: its common form.
    Normalised(Vec<u8>),
    /// Something a person may have thought of, and the name of the key it was given to.
    Guessable(Vec<u8>),
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
    pub(crate) message: &'static str,
}
