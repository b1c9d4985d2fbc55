use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

const EDGES: &[&[u8]] = &[b"{", b"}"];

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#""(?:pass|password|passwd|passphrase|sshpassphrase|ssh_key_passphrase)"\s*:\s*(?<secret>"[^"\r\n]+")"#,
    ])
});

/// Passwords in the files with which editors upload: `sftp.json`, `.ftpconfig`, `sftp-config.json`, `.remote-sync.json`.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.stored(scene, window, EDGES)
}
