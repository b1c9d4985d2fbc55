use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::{Forms, base64_text};
use crate::candidate::Hit;

static PAIRS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"(?:\\*"(?<host>[^"\s\\]+)\\*"\s*:\s*\{[^{}]*?)?\\*"auth\\*"\s*:\s*\\*"(?<secret>[A-Za-z0-9+/_-]{4,}={0,2})\\*""#,
    ])
});
static TOKENS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"(?:"(?<host>[^"\s]+)"\s*:\s*\{[^{}]*?)?"(?:identitytoken|registrytoken)"\s*:\s*"(?<secret>[^"\s]{16,})""#,
    ])
});

/// What opens registries in the configuration of Docker and of those who read it: `auth` is the base 64 of `user:password`.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let pairs = PAIRS.find(scene, window).into_iter();
    let pairs = pairs.filter_map(|slot| slot.decoded(base64_text)?.pair()?.stored());
    pairs.chain(TOKENS.tokens(scene, window)).collect()
}
