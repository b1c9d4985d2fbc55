use base64::Engine as _;
use memchr::memmem;
use palisade_model::{Asset, Span};

use super::{Scene, asset, credential};
use crate::candidate::{Hit, Identity, InExamples, Scope, Shown};
use crate::checksum::LENIENT_BASE64;
use crate::profile::Profile;

/// Longest base 64 that is decoded.
const MAX_LENGTH: usize = 512;

/// User and password in an HTTP header (RFC 7617): `Basic` and the base 64 of `user:password`.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let text = scene.get(window).to_ascii_lowercase();
    memmem::find_iter(&text, b"basic ").filter_map(|at| credentials(scene, window.start + at + 6)).collect()
}

fn credentials(scene: &Scene<'_>, from: usize) -> Option<Hit> {
    let rest = scene.get(Span::new(from, from + MAX_LENGTH));
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    let of_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let length = rest.iter().skip(spaces).take_while(|byte| of_base64(byte)).count();
    let decoded = LENIENT_BASE64.decode(rest.get(spaces..spaces + length)?).ok()?;
    let colon = memchr::memchr(b':', &decoded)?;
    let (user, password) = (decoded.get(..colon)?, decoded.get(colon + 1..)?);
    let printable = std::str::from_utf8(&decoded).is_ok_and(|text| !text.contains(char::is_control));
    if !printable || password == user || credential::is_worthless(password) {
        return None;
    }
    let secret = Span::new(from + spaces, from + spaces + length);
    let opened = Asset {
        host: asset::host_on_line(scene, secret),
        user: asset::named(user, password),
        database: None,
    };
    Some(Hit {
        secret,
        identity: Identity::Guessable(user.to_vec()),
        shown: Shown::Nothing,
        severity: None,
        confidence: None,
        profile: match password.iter().all(u8::is_ascii_alphabetic) {
            _ if credential::is_dummy(password) || credential::is_common(password) => Some(Profile::Paranoid),
            true => Some(Profile::Balanced),
            false => None,
        },
        scope: Scope::Anywhere,
        in_examples: InExamples::Doubtful,
        asset: asset::some(opened),
        message: "it decodes to a user and a password",
    })
}
