mod command;
mod cursor;
mod statement;

use palisade_model::{Confidence, Severity, Span};

use self::statement::Reading;
use super::{Scene, credential};
use crate::candidate::{Hit, Identity, Scope, Shown};
use crate::classify::{self, Promise};
use crate::filter;
use crate::profile::Profile;

/// Lengths of values that are looked at, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=512;

/// Least length and entropy, in bits a byte, of what is taken for drawn by a machine.
const DRAWN_LENGTH: usize = 24;
const DRAWN_ENTROPY: f64 = 3.3;

/// Least length of the value of a name that promises little.
const WEAK_LENGTH: usize = 16;

/// Bytes without the end of a line, on one side of a value, that nobody wrote by hand.
const LONG_LINE: usize = 1500;

/// Values that are given to names which promise a credential, in whatever language, judged by the classifier.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let (text, window) = (scene.text, window.start..window.end);
    let mut readings = statement::statements(text, window.clone());
    readings.extend(command::commands(text, window));
    readings.iter().filter_map(|reading| hit(text, reading)).collect()
}

fn hit(text: &[u8], reading: &Reading) -> Option<Hit> {
    let evidence = reading.evidence(text);
    if !LENGTHS.contains(&evidence.value.len()) || is_sealed(evidence.value) {
        return None;
    }
    let profile = Profile::admitting(classify::score(&evidence)?)?;
    let profile = match reading.promise.promise {
        // A plain `key` is never beyond doubt, and a short one may name anything.
        Promise::Weak if evidence.value.len() < WEAK_LENGTH => Profile::Paranoid,
        Promise::Weak => profile.milder(),
        // Nonces and salts are as random as secrets, and often sent in clear.
        Promise::Salt if evidence.name.eq_ignore_ascii_case(b"nonce") => Profile::Paranoid,
        Promise::Salt => profile.max(Profile::Balanced),
        _ if classify::is_beyond_doubt(&evidence) && !is_packed(text, reading) => profile,
        _ => profile.max(Profile::Balanced),
    };
    let (severity, confidence, message) = match profile {
        Profile::Strict => (None, Confidence::Medium, "it looks like a credential"),
        Profile::Balanced => (Some(Severity::Medium), Confidence::Low, "it may be a credential"),
        Profile::Paranoid => (Some(Severity::Low), Confidence::Low, "a credential could stand here"),
    };
    Some(Hit {
        secret: Span::new(reading.value.start, reading.value.end),
        identity: match is_drawn(evidence.value) {
            true => Identity::Token,
            false => Identity::Guessable(evidence.name.to_ascii_lowercase()),
        },
        shown: Shown::Nothing,
        severity,
        confidence: Some(confidence),
        profile: Some(profile),
        scope: if reading.anywhere { Scope::Anywhere } else { Scope::Unquoted },
        mild_in_examples: true,
        asset: None,
        message,
    })
}

/// Whether a value stands in a very long line: in code that a machine packed, names are short and strings are many.
fn is_packed(text: &[u8], reading: &Reading) -> bool {
    let before = text.get(reading.value.start.saturating_sub(LONG_LINE)..reading.value.start);
    let after = text.get(reading.value.end..text.len().min(reading.value.end + LONG_LINE));
    let whole = |side: &[u8]| side.len() == LONG_LINE && !side.contains(&b'\n');
    before.is_some_and(whole) || after.is_some_and(whole)
}

/// Whether a value stands in braces, as Maven, Jenkins and Spring write what they encrypted.
fn is_sealed(value: &[u8]) -> bool {
    matches!(value, [b'{', .., b'}'])
}

/// Whether a machine drew the value, so that nobody can guess it.
fn is_drawn(value: &[u8]) -> bool {
    value.len() >= DRAWN_LENGTH
        && value.iter().any(u8::is_ascii_alphabetic)
        && value.iter().any(u8::is_ascii_digit)
        && filter::entropy(value) >= DRAWN_ENTROPY
        && !credential::is_wordy(value)
}
