use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r"<(?:\w+:)?Value>[ \t\r\n]*(?<secret>[^<>*\s]{4,256})[ \t\r\n]*</(?:\w+:)?Value>\s*<(?:\w+:)?PlainText>\s*true",
    ])
});

/// Passwords in the answers that Windows Setup takes from a file.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.literals(scene, window)
}
