use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

/// What ends the part of a file that speaks of one account.
const EDGES: &[&[u8]] = &[b"<server>", b"</server>", b"<proxy>", b"</proxy>"];

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r"<(?:password|passphrase)>\s*(?<secret>[^<>{}\s][^<>{}\r\n]*?)\s*</(?:password|passphrase)>",
    ])
});

/// Passwords of the servers in Maven's `settings.xml`.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.passwords_in(scene, window, EDGES)
}
