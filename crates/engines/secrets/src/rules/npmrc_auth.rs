use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::{Forms, base64_text};
use crate::candidate::Hit;

static TOKENS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"(?:^|[^0-9A-Za-z]|\\[nrt]|//(?<host>[^\s:"'/]+(?::\d+)?)[^\s:"']*:)_authToken[ \t]*=[ \t]*["']?(?<secret>[A-Za-z0-9._~+/=:-]{16,})"#,
        r#"\bnpmAuthToken["']?[ \t]*:[ \t]*["']?(?<secret>[A-Za-z0-9._~+/=:-]{16,})"#,
    ])
});
static PAIRS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"(?:^|[\s"'\\])(?://(?<host>[^\s:"'/]+(?::\d+)?)[^\s:"']*:)?_auth[ \t]*=[ \t]*["']?(?<secret>[A-Za-z0-9+/]{8,}={0,2})"#,
        r#"\bnpmAuthIdent["']?[ \t]*:[ \t]*["']?(?<secret>[A-Za-z0-9+/]{8,}={0,2})"#,
    ])
});
static PLAIN_PAIRS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[r#"\bnpmAuthIdent["']?[ \t]*:[ \t]*["']?[^\s:"']+:(?<secret>[^\s"'#;$\\]+)"#])
});
static PASSWORDS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"//(?<host>[^\s:"'/]+(?::\d+)?)[^\s:"']*:_password[ \t]*=[ \t]*["']?(?<secret>[A-Za-z0-9+/]{4,}={0,2})["']?(?:\s|$)"#,
    ])
});

/// What opens registries in `.npmrc` and `.yarnrc.yml`: tokens, the base 64 of `user:password`, and passwords in base 64.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let pairs = PAIRS.find(scene, window).into_iter();
    let pairs = pairs.filter_map(|slot| slot.decoded(base64_text)?.pair()?.stored());
    let edges: &[&[u8]] = &[b"\n\n"];
    let passwords = PASSWORDS.find(scene, window).into_iter();
    let passwords = passwords.filter_map(|slot| slot.decoded(base64_text)?.within(scene, edges).stored());
    let tokens = TOKENS.tokens(scene, window).into_iter();
    tokens.chain(pairs).chain(passwords).chain(PLAIN_PAIRS.passwords(scene, window)).collect()
}
