use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"^[ \t]*psk[ \t]*=[ \t]*(?<secret>"[^"\r\n]{8,63}"|[^\s"'#;(){}]{8,64})[ \t]*\r?$"#,
        r#"^[ \t]*(?:wpa_passphrase|wpa_psk|wep_key\d|sae_password|private_key_passwd|eap_password)[ \t]*=[ \t]*(?<secret>"[^"\r\n]{5,64}")[ \t]*\r?$"#,
        // hostapd takes no space around the sign.
        r#"^[ \t]*(?:wpa_passphrase|wpa_psk|wep_key\d|sae_password|private_key_passwd|eap_password)=(?<secret>[^\s"'#]{5,64})[ \t]*\r?$"#,
    ])
});

/// Passphrases of wireless networks in the files of wpa_supplicant, hostapd and NetworkManager.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.passwords(scene, window)
}
