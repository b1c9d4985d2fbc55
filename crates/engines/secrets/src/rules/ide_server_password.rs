use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;

/// What every character is combined with.
const MASK: u16 = 0xdfaa;
const EDGES: &[&[u8]] = &[b"<", b">"];

static FORMS: LazyLock<Forms> =
    LazyLock::new(|| Forms::new(&[r#"\b(?:password|passphrase)="(?<secret>(?:[0-9a-f]{4}){4,64})""#]));

/// Passwords in the server list of JetBrains IDEs: four hexadecimal digits for each character, combined with a constant.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let slots = FORMS.find(scene, window).into_iter();
    slots.filter_map(|slot| slot.decoded(unmasked)?.within(scene, EDGES).stored()).collect()
}

fn unmasked(value: &[u8]) -> Option<Vec<u8>> {
    let unit = |digits: &[u8; 4]| {
        let digits = std::str::from_utf8(digits).ok()?;
        let character = u8::try_from(u16::from_str_radix(digits, 16).ok()? ^ MASK).ok()?;
        matches!(character, b' '..=b'~').then_some(character)
    };
    value.as_chunks::<4>().0.iter().map(unit).collect()
}
