use std::sync::LazyLock;

use palisade_model::Span;

use super::Scene;
use super::forms::Forms;
use crate::candidate::Hit;
use crate::filter;

/// Least entropy of a key, in bits per character.
const ENTROPY: f64 = 3.5;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    // A local variable `secret_key` may be any library's; the setting has capitals or is of an object.
    let name = r#"(?-i:\bSECRET_KEY|\.secret_key)["']?\]?\s{0,4}[=,]\s{0,4}"#;
    let default = r#"(?:(?:os\.)?(?:environ\.get|getenv|env|config)\(\s{0,4}["'][A-Z_]{1,40}["']\s{0,4},\s{0,4}(?:default\s{0,2}=\s{0,2})?)?"#;
    Forms::new(&[&format!(r#"{name}{default}[bru]{{0,2}}["'](?<secret>[^"'\s/\\(][^"'\s]{{15,}})["']"#)])
});

/// Keys with which Django and Flask sign, in the settings or as the default of a variable.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let slots = FORMS.find(scene, window).into_iter();
    slots.filter(|slot| filter::entropy(&slot.value) >= ENTROPY).filter_map(|slot| slot.token()).collect()
}
