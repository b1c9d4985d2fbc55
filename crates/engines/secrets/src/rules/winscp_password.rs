use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::{Forms, Slot};
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r#"^[ \t]*"?(?:Password|ProxyPasswordEnc|PasswordPlain)"?[ \t]*=[ \t]*"?(?<secret>[0-9A-F]{24,})"?[ \t]*\r?$"#,
    ])
});
const EDGES: &[&[u8]] = &[b"\n["];

/// Passwords of sessions in `WinSCP.ini` or its registry export. They are obscured with user and host as the only key.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    FORMS.find(scene, window).into_iter().filter_map(|slot| Slot::token(slot.within(scene, EDGES))).collect()
}
