use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

/// What ends the part of a file that speaks of one account.
const EDGES: &[&[u8]] = &[b"\n\n"];

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"^[ \t]*(?:bindpw|binddn_password|rootpw|rootpwmoddn_pw|olcrootpw:?|ldap_default_authtok|bind_password)[ \t]*[:= \t][ \t]*(?<secret>"[^"\r\n]+"|'[^'\r\n]+'|[^\s"'{#:][^\s]*)[ \t]*\r?$"#,
    ])
});

/// Passwords of directory servers and of what binds to them.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.passwords_in(scene, window, EDGES)
}
