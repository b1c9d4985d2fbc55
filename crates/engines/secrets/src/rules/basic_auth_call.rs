use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"\bauth[ \t]*=[ \t]*(?:[\w.]{0,40}(?:BasicAuth|DigestAuth))?\(\s*(?:r|b|u)?(?<user>~text~)\s*,\s*(?:r|b|u)?(?<secret>~text~)\s*\)"#,
        r#"\.SetBasicAuth\(\s*(?<user>~text~)\s*,\s*(?<secret>~text~)\s*\)"#,
    ])
});

/// User and password that are passed as literals to a client of HTTP.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.literals(scene, window)
}
