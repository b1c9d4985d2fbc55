use std::sync::LazyLock;

use palisade_model::{Asset, Span};

use super::Scene;
use super::forms::{Forms, Slot, base64_text};
use super::{asset, credential};
use crate::candidate::Hit;
use crate::classify::is_of_tests;
use crate::filter;
use crate::profile::Profile;

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let token = r"(?<secret>[A-Za-z0-9][A-Za-z0-9._~+/-]{19,}={0,2})(?:[^A-Za-z0-9._~+/=-]|$)";
    Forms::new(&[
        &format!(r"\bBearer[ ]{{1,3}}{token}"),
        &format!(r#"authorization["']?[ \t]*[:=,][ \t]*["']?(?:token|apikey|key|secret)[ =]{token}"#),
        &format!(r#""authorization",\s{{0,8}}"value"\s{{0,3}}:\s{{0,3}}"{token}"#),
    ])
});

/// Tokens in headers that authorize a request (RFC 6750 section 2.1), in the schemes `Bearer`, `token` and the like.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let slots = FORMS.find(scene, window).into_iter();
    slots
        // A JSON Web Token is judged by a rule of its own.
        .filter(|slot| !scene.get(slot.secret).starts_with(b"eyJ"))
        // Keys that fingers walk over have no digit.
        .filter(|slot| slot.value.iter().any(u8::is_ascii_digit))
        .filter(|slot| !base64_text(&slot.value).is_some_and(|said| says_nothing(&said)))
        .filter_map(|slot| {
            let host = asset::host_on_line(scene, slot.secret);
            let profile = if credential::is_common(&slot.value) {
                Some(Profile::Paranoid)
            } else {
                is_of_tests(&slot.value).then_some(Profile::Balanced)
            };
            let hit = Slot { asset: Asset { host, ..Asset::default() }, ..slot }.token()?;
            Some(Hit { profile, ..hit })
        })
        .collect()
}

/// Whether a text is a placeholder in words, and nothing is packed in it.
fn says_nothing(text: &[u8]) -> bool {
    filter::is_placeholder(text)
        && text.iter().all(|byte| byte.is_ascii_alphabetic() || b" .,!-_".contains(byte))
}
