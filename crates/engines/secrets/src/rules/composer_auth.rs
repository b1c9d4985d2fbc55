use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#""(?<host>[A-Za-z0-9.-]+(?::\d+)?)"\s*:\s*\{\s*"username"\s*:\s*"(?<user>[^"\n]*)"\s*,\s*"(?:password|token)"\s*:\s*(?<secret>"[^"\r\n]+")"#,
        r#""(?:github-oauth|gitlab-oauth|gitlab-token|bearer)"\s*:\s*\{\s*"(?<host>[A-Za-z0-9.-]+)"\s*:\s*(?<secret>"[^"\r\n]{16,}")"#,
    ])
});

/// Credentials in Composer's `auth.json`.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.passwords(scene, window)
}
