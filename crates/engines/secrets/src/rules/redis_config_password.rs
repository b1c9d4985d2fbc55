use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"(?:^|[\s"',\[-])(?:requirepass|masterauth|sentinel auth-pass \S+|requirepass"?, ?)(?:[ \t]+|[ \t]*(?::=|[:=])[ \t]*)(?<secret>"[^"\s]+"|'[^'\s]+'|[^\s"',;:][^\s"',;]*)(?:[ \t]*\r?$|["',\]]|[ \t]+(?:--|#))"#,
        r"^[ \t]*user[ \t]+(?<user>\S+)[ \t]+(?:\S+[ \t]+){0,8}?>(?<secret>\S+)",
    ])
});

/// Passwords in the configuration of Redis and on its command line.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.passwords(scene, window)
}
