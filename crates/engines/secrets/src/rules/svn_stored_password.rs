use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> =
    LazyLock::new(|| Forms::new(&[r"^K 8\r?\npassword\r?\nV \d+\r?\n(?<secret>[^\r\n]+)\r?$"]));

/// Passwords that Subversion stored in clear.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.stored(scene, window, &[])
}
