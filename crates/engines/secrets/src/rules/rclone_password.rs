use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

/// What ends the part of a file that speaks of one account.
const EDGES: &[&[u8]] = &[b"\n["];

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"^[ \t]*(?:pass|password|password2|secret_access_key|client_secret|token|key|bearer_token)[ \t]*=[ \t]*(?<secret>[^\s{"'#;]\S{5,})[ \t]*\r?$"#,
        r#"^[ \t]*token[ \t]*=[ \t]*\{[^\n]*?"refresh_token"[ \t]*:[ \t]*(?<secret>"[^"\r\n]{10,}")"#,
    ])
});

/// Passwords of the remotes in `rclone.conf`; what rclone obscures can be revealed with a key that is in its source.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.stored(scene, window, EDGES)
}
