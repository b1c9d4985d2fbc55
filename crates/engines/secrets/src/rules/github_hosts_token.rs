use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::{Forms, Slot};
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r"^(?<host>[\w.-]+):[ \t]*\r?\n(?:[ \t-]+(?:users?|git_protocol|protocol):[^\n]*\n){0,4}(?:[ \t-]+(?:user|[\w-]+):[^\n]*\n){0,2}[ \t-]+oauth_token:[ \t]*(?<secret>\S{16,})[ \t]*\r?$",
        r#"^[ \t-]*["']?oauth_token["']?:[ \t]*(?<secret>"[^"\r\n]{16,}"|'[^'\r\n]{16,}'|[^\s"',][^\s,]{15,}),?[ \t]*\r?$"#,
    ])
});

/// Tokens of hub and gh in their `hosts.yml`, and of what keeps its own like them.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    // A word without a digit is the name of a variable.
    let drawn = |slot: &Slot<'_>| slot.value.iter().any(u8::is_ascii_digit);
    FORMS.find(scene, window).into_iter().filter(drawn).filter_map(Slot::token).collect()
}
