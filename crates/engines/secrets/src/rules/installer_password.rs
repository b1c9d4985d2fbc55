use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r"^[ \t]*rootpw[ \t]+(?:--(?:plaintext|allow-ssh)[ \t]+)*(?<secret>[^\s#{-]\S{3,127})[ \t]*(?:--(?:plaintext|allow-ssh)[ \t]*)?\r?$",
        r"^[ \t]*d-i[ \t]+passwd/(?:root|user)-password(?:-again)?[ \t]+password[ \t]+(?<secret>\S{4,128})[ \t]*\r?$",
        r"^[ \t]*user[ \t](?:[^\n]{0,200}[ \t])?--password=(?<secret>\S{4,128})(?:[^\n]{0,200}[ \t])?--plaintext\b",
        r"^[ \t]*(?:-[ \t]+)?plain_text_passwd:[ \t]+(?<secret>~text~|[^\s#]{4,128})[ \t]*\r?$",
    ])
});

/// Passwords that installers of Linux give to the accounts of a new machine.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.literals(scene, window)
}
