use std::sync::LazyLock;

use palisade_model::{Severity, Span};
use regex::bytes::Regex;

use super::Scene;
use crate::candidate::{Hit, Identity, InExamples, Scope, Shown};
use crate::filter;
use crate::profile::Profile;

/// Digits of base 64 in the shortest private part: that of an Ed25519 key.
const MIN_DIGITS: usize = 40;

static KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let head =
        r"PuTTY-User-Key-File-[123]: [^\r\n]*\r?\nEncryption: (?<cipher>[a-z0-9-]+)\r?\n(?:[^\r\n]*\r?\n)*?";
    let body = r"Private-Lines: \d{1,4}\r?\n(?<body>(?:[A-Za-z0-9+/=]+(?:\r?\n|$))+)";
    Regex::new(&format!("(?-u){head}{body}")).ok()
});

/// Private keys of PuTTY, versions 1 to 3 (PuTTY manual, appendix C).
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let Some(key) = KEY.as_ref() else { return Vec::new() };
    let text = scene.get(Span::new(window.start, usize::MAX));
    key.captures_iter(text)
        .filter_map(|captures| {
            let body = captures.name("body")?;
            let digits: Vec<u8> =
                body.as_bytes().iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
            let length = body.as_bytes().trim_ascii_end().len();
            let start = window.start + body.start();
            if digits.len() < MIN_DIGITS || filter::entropy(&digits) < 3.5 {
                return None;
            }
            let open = captures.name("cipher").is_some_and(|cipher| cipher.as_bytes() == b"none");
            Some(Hit {
                // Nobody gets in with the key alone.
                profile: (!open).then_some(Profile::Balanced),
                secret: Span::new(start, start + length),
                identity: Identity::Normalised(digits),
                shown: Shown::Nothing,
                severity: (!open).then_some(Severity::Medium),
                confidence: None,
                scope: Scope::Anywhere,
                in_examples: InExamples::Mild,
                asset: None,
                message: if open {
                    "it is not encrypted"
                } else {
                    "it is encrypted; its passphrase can be guessed offline"
                },
            })
        })
        .collect()
}
