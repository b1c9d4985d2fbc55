use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r"^[ \t]*(?:signing\.password|(?:[\w.]*\.)?(?:signing\.)?(?:storepassword|keypassword))(?:~value~)",
        r#"\b(?:storepassword|keypassword)(?:[ \t]*\(?[ \t]*)(?<secret>"[^"\r\n]+"|'[^'\r\n]+')"#,
    ])
});

/// Passwords of key stores and signing keys in Gradle's files.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.passwords(scene, window)
}
