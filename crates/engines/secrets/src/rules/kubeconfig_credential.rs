use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

static TOKENS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[r"^[ \t-]*(?:token|id-token|refresh-token|access-token|client-secret)~value~"])
});
static PASSWORDS: LazyLock<Forms> = LazyLock::new(|| Forms::new(&[r"^[ \t-]*password~value~"]));

/// Tokens and passwords of the users in a kubeconfig; a private key in it is found as what its base 64 says.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let tokens = TOKENS.tokens(scene, window).into_iter();
    tokens.chain(PASSWORDS.passwords_in(scene, window, &[b"- name:"])).collect()
}
