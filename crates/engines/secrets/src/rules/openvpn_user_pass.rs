use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r"<auth-user-pass>[ \t]*\r?\n(?<user>[^\s<>]+)[ \t]*\r?\n(?<secret>[^\r\n<>]+?)[ \t]*\r?\n</auth-user-pass>",
    ])
});

/// User and password inside an OpenVPN profile.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.passwords(scene, window)
}
