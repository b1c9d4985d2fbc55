use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

/// What ends the part of a file that speaks of one account.
const EDGES: &[&[u8]] = &[b"{", b"}"];

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[r#""(?:userpassword|sshuserpassword|sshpassphrase)"\s*:\s*(?<secret>"[^"\r\n\\]+")"#])
});

/// Passwords in the connections of Robo 3T.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.stored(scene, window, EDGES)
}
