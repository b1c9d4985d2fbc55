use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::{Forms, Slot};
use crate::candidate::Hit;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::new(&[
        r"^(?<host>[A-Za-z0-9_.*/-]+):(?:\d{1,5}|\*):(?<database>(?:[^:\s\\]|\\[:\\]){1,63}):(?<user>(?:[^:\s\\]|\\[:\\]){1,63}):(?<secret>(?:[^:\r\n\\]|\\[:\\])+?)[ \t]*\r?$",
    ])
});

/// Passwords of `.pgpass`: `host:port:database:user:password`, where a backslash keeps a colon or a backslash from its meaning.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let slots = FORMS.find(scene, window).into_iter();
    slots
        .filter_map(|slot| if slot.value.contains(&b'\\') { slot.decoded(unescaped) } else { Some(slot) })
        .filter_map(Slot::stored)
        .collect()
}

fn unescaped(value: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = value.iter();
    let mut plain = Vec::with_capacity(value.len());
    while let Some(byte) = bytes.next() {
        plain.push(if *byte == b'\\' { *bytes.next()? } else { *byte });
    }
    Some(plain)
}
