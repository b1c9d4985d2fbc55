use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"^[ \t]*(?:olcrootpw:?|rootpw|userpassword:)[ \t]+"?(?<secret>(?-i:\{(?:SSHA|SSHA256|SSHA384|SSHA512|SHA|SMD5|MD5|CRYPT|PBKDF2[-A-Z0-9]*)\}[A-Za-z0-9+/.$=]{16,200}))"#,
    ])
});

/// Hashes in the configuration of directory servers and in LDIF (RFC 2307, `userPassword`).
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.hashes(scene, window)
}
