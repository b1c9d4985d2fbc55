use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

/// What ends the part of a file that speaks of one account.
const EDGES: &[&[u8]] = &[b"<packageSourceCredentials>", b"</packageSourceCredentials>"];

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"<add\s+key="(?:cleartext)?password"\s+value=(?<secret>"[^"\r\n]+")"#,
        r#"<add\s+value=(?<secret>"[^"\r\n]+")\s+key="cleartextpassword""#,
    ])
});

/// Passwords of package sources in `NuGet.config`.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.passwords_in(scene, window, EDGES)
}
