use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"\.(?:login|authenticate)\(\s*(?:r|b|u)?["'](?<user>[^"'\s]+@[^"'\s]+)["']\s*,\s*(?:r|b|u)?(?<secret>"[^"\r\n]+"|'[^'\r\n]+')\s*[,)]"#,
    ])
});

/// Passwords that are passed as literals to a call that logs in.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.passwords(scene, window)
}
