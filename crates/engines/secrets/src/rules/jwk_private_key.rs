use std::sync::LazyLock;

use palisade_model::Span;
use regex::bytes::Regex;

use super::{Scene, credential};
use crate::candidate::{Hit, Identity, InExamples, Scope, Shown};
use crate::filter;

/// The kind of a key before its private member, and after it: members come in any order (RFC 8259 4).
static KEYS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    // Names and texts as JSON, JavaScript, Python and Ruby write them, also inside of a literal.
    let tie = r#"\\*["']?\s*(?::|=>|=)\s*\\*["']"#;
    let kind = format!(r#"\bkty{tie}(?:RSA|EC|OKP|oct)\\*["']"#);
    let member = format!(r#"[^0-9A-Za-z_][dk]{tie}(?<secret>[A-Za-z0-9_-]{{16,}})\\*["']"#);
    let orders = [format!("(?-u){kind}[^{{}}]*?{member}"), format!("(?-u){member}[^{{}}]*?{kind}")];
    orders.iter().filter_map(|order| Regex::new(order).ok()).collect()
});

/// Private and shared keys of JSON (RFC 7517, RFC 7518 6): the member `d` or `k` of an object with a kind.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let text = scene.get(window);
    let mut keys: Vec<Span> = Vec::new();
    for order in KEYS.iter() {
        for captures in order.captures_iter(text) {
            let Some(secret) = captures.name("secret") else { continue };
            let span = Span::new(window.start + secret.start(), window.start + secret.end());
            let made_up =
                filter::is_placeholder(secret.as_bytes()) || credential::is_wordy(secret.as_bytes());
            if !made_up && !keys.contains(&span) {
                keys.push(span);
            }
        }
    }
    keys.into_iter().map(hit).collect()
}

fn hit(secret: Span) -> Hit {
    Hit {
        secret,
        identity: Identity::Token,
        shown: Shown::Nothing,
        severity: None,
        confidence: None,
        profile: None,
        scope: Scope::Anywhere,
        in_examples: InExamples::Mild,
        asset: None,
        message: "it is the private part of the key, or a shared key",
    }
}
