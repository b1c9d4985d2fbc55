use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"^(?:[^#\n"']{0,200}[ \t])?:[ \t]*(?:PSK|EAP|XAUTH|NTLM)[ \t]+(?<secret>"[^"\r\n]+")[ \t]*\r?$"#,
        // Base 64 and hexadecimal digits have a mark.
        r#"^(?:[^#\n"']{0,200}[ \t])?:[ \t]*(?:PSK|EAP|XAUTH|NTLM)[ \t]+(?:0s|0x)(?<secret>[0-9A-Za-z+/]{12,}={0,2})[ \t]*\r?$"#,
        // The passphrase of a private key stands behind the name of its file.
        r#"^(?:[^#\n"']{0,200}[ \t])?:[ \t]*(?:RSA|ECDSA|PKCS8|P12)[ \t]+[^\s"]{1,200}[ \t]+(?<secret>"[^"\r\n]+")[ \t]*\r?$"#,
    ])
});

/// Shared keys, passwords and passphrases in `ipsec.secrets`.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.passwords(scene, window)
}
