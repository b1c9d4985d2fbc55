use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

/// What ends the part of a file that speaks of one account.
const EDGES: &[&[u8]] = &[b"<", b">"];

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"<(?:user|data-source|resource|account|credentials?|login|property)\s[^<>]*?\spassword=(?<secret>"[^"\r\n]+"|'[^'\r\n]+')"#,
    ])
});

static CONNECTIONS: LazyLock<Forms> =
    LazyLock::new(|| Forms::new(&[r#"<connection\s[^<>]*?\spassword=(?<secret>"[^"\r\n]+"|'[^'\r\n]+')"#]));

/// Passwords of accounts that are attributes of one XML element.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let connections = CONNECTIONS.stored(scene, window, EDGES);
    FORMS.passwords_in(scene, window, EDGES).into_iter().chain(connections).collect()
}
