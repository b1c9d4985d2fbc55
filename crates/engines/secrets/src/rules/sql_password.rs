use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"\b(?:create|alter)\s+(?:user|role|login)\s+(?:if\s+(?:not\s+)?exists\s+)?(?<user>"[^"\n]{1,64}"|'[^'\n]{1,64}'|`[^`\n]{1,64}`|\[[^\]\n]{1,64}\]|[\w.-]{1,64})(?:@(?<host>'[^'\n]{1,64}'|`[^`\n]{1,64}`|"[^"\n]{1,64}"|[\w.%-]{1,64}))?[^;'"\\]{0,120}?\b(?:identified\s+(?:with\s+['"`]?\w+['"`]?\s+)?by|(?:with\s+)?(?:encrypted\s+)?password)\s*(?:=\s*)?(?:N)?(?<secret>'[^'\r\n]+'|"[^"\r\n]+")"#,
        r#"\bgrant\b[^;]{1,200}?\bto\s+(?<user>'[^'\n]{1,64}'|`[^`\n]{1,64}`|"[^"\n]{1,64}"|[\w.-]{1,64})(?:@(?<host>'[^'\n]{1,64}'|`[^`\n]{1,64}`|"[^"\n]{1,64}"|[\w.%-]{1,64}))?\s+identified\s+by\s+(?<secret>'[^'\r\n]+'|"[^"\r\n]+")"#,
        r#"\bset\s+password\s+(?:for\s+(?<user>'[^'\n]{1,64}'|[\w.-]{1,64})(?:@\S{1,64})?\s*)?=\s*(?:password\s*\(\s*)?(?<secret>'[^'\r\n]+'|"[^"\r\n]+")"#,
    ])
});

/// Passwords in the statements that make database accounts.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.passwords(scene, window)
}
