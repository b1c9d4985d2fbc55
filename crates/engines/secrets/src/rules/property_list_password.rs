use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r"<key>[\w .-]{0,64}(?:password|passwd|passphrase|secret|secret_?key|access_?token|auth_?token)</key>\s*<string>(?<secret>[^<>\s]{8,256})</string>",
    ])
});

/// Credentials in property lists of Apple.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.literals(scene, window)
}
