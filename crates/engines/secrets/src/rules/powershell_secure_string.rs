use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"\bConvertTo-SecureString(?:[ \t]+-(?:Force|String))*[ \t]+(?<secret>~text~)[ \t]+(?:-Force[ \t]+)?-AsPlainText\b"#,
        r#"\bConvertTo-SecureString[ \t]+(?:-Force[ \t]+)?-AsPlainText(?:[ \t]+-(?:Force|String))*[ \t]+(?<secret>~text~)"#,
        r#"(?<secret>~text~)[ \t]*\|[ \t]*ConvertTo-SecureString[ \t]+(?:-Force[ \t]+)?-AsPlainText\b"#,
    ])
});

/// Passwords that a script of PowerShell turns into what is called a secure string.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.literals(scene, window)
}
