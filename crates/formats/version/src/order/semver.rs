//! Semantic versions (semver.org 2.0.0) and what grew from them.

use crate::Scheme;
use crate::key::Key;
use crate::order::Encoded;
use crate::scan::{is_number, take, take_digits, take_dotted, without_trailing_zeros};

const PRERELEASE: u8 = 0x02;
const RELEASE: u8 = 0x08;
const END: u8 = 0x01;
const NUMERIC: u8 = 0x03;
const WORD: u8 = 0x04;
/// The tag of a build that is empty.
const ABOVE_BUILDS: u8 = 0x05;

/// The parts of a version, as they are written.
struct Parts<'a> {
    numbers: Vec<&'a str>,
    prerelease: Option<&'a str>,
    /// The label follows the numbers without a sign.
    joined: bool,
    build: Option<&'a str>,
}

pub(crate) fn encode(scheme: Scheme, text: &str, key: &mut Key) -> Encoded {
    let toolchain = (scheme == Scheme::Go).then(|| text.strip_prefix("go")).flatten();
    let parts = split(match toolchain {
        Some(version) => version.split([' ', '-']).next().unwrap_or_default(),
        None => text,
    })?;
    let most = match scheme {
        Scheme::Semver | Scheme::Bitnami => usize::MAX,
        Scheme::Nuget => 4,
        _ => 3,
    };
    if parts.numbers.len() > most {
        return Err("it has too many components");
    }
    for number in without_trailing_zeros(&parts.numbers) {
        key.number(number);
    }
    match (parts.prerelease, scheme) {
        (Some(revision), Scheme::Bitnami) if is_number(revision) => {
            key.tag(RELEASE);
            key.number(revision);
        }
        (Some(""), Scheme::Julia) if !text.ends_with('.') => {
            key.tag(PRERELEASE);
            key.tag(END);
        }
        (Some(prerelease), _) => {
            key.tag(PRERELEASE);
            encode_prerelease(scheme, prerelease, parts.joined, key)?;
        }
        (None, _) => key.tag(RELEASE),
    }
    if matches!(scheme, Scheme::Pub | Scheme::Julia) {
        match parts.build {
            Some("") if scheme == Scheme::Julia => key.tag(ABOVE_BUILDS),
            build => encode_build(build, key)?,
        }
    }
    Ok(toolchain.is_some() || is_native(scheme, text))
}

fn encode_prerelease(
    scheme: Scheme,
    prerelease: &str,
    joined: bool,
    key: &mut Key,
) -> Result<(), &'static str> {
    if scheme == Scheme::Nuget {
        return encode_identifiers(prerelease.to_ascii_lowercase().split('.'), is_machine_number, key);
    }
    // `go1.21rc2` is 1.21.0-rc.2 where advisories speak of it.
    let word = prerelease.trim_end_matches(|c: char| c.is_ascii_digit());
    match prerelease.strip_prefix(word) {
        Some(number) if scheme == Scheme::Go && joined && is_number(number) => {
            encode_identifiers([word, number].into_iter(), is_number, key)
        }
        _ => encode_identifiers(prerelease.split('.'), is_number, key),
    }
}

fn encode_build(build: Option<&str>, key: &mut Key) -> Result<(), &'static str> {
    match build {
        Some(build) => {
            key.tag(WORD);
            encode_identifiers(build.split('.'), is_number, key)
        }
        None => {
            key.tag(END);
            Ok(())
        }
    }
}

fn encode_identifiers<'a>(
    identifiers: impl Iterator<Item = &'a str>,
    is_numeric: impl Fn(&str) -> bool,
    key: &mut Key,
) -> Result<(), &'static str> {
    for identifier in identifiers {
        if identifier.is_empty() {
            return Err("an identifier is empty");
        }
        if is_numeric(identifier) {
            key.tag(NUMERIC);
            key.number(identifier);
        } else if identifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_~".contains(&byte)) {
            key.tag(WORD);
            key.text(identifier);
        } else {
            return Err("an identifier has a character that none may have");
        }
    }
    key.tag(END);
    Ok(())
}

/// NuGet takes digits for a number as long as 32 bits hold it, and for a word otherwise.
fn is_machine_number(identifier: &str) -> bool {
    is_number(identifier) && identifier.parse::<i32>().is_ok()
}

fn split(text: &str) -> Result<Parts<'_>, &'static str> {
    let mut rest = text.trim_start_matches(['=', ' ']);
    let _ = take(&mut rest, "v") || take(&mut rest, "V");
    rest = rest.trim_start_matches(' ');
    let numbers = take_dotted(&mut rest);
    if numbers.is_empty() {
        return Err("it does not begin with a number");
    }
    let (rest, build) = rest.split_once('+').map_or((rest, None), |(rest, build)| (rest, Some(build)));
    let signed = rest.strip_prefix(['-', '.']);
    let joined = signed.is_none() && !rest.is_empty();
    let prerelease = signed.or(joined.then_some(rest));
    Ok(Parts { numbers, prerelease, joined, build })
}

/// The numbers of a version and its label, if it has one.
pub(crate) fn prerelease(text: &str) -> Option<(String, String)> {
    let parts = split(text).ok()?;
    let numbers: Vec<&str> = parts.numbers.iter().map(|number| number.trim_start_matches('0')).collect();
    Some((numbers.join("."), parts.prerelease?.to_owned()))
}

fn is_native(scheme: Scheme, text: &str) -> bool {
    match scheme {
        Scheme::Go => text.strip_prefix('v').is_some_and(conforms),
        Scheme::Npm | Scheme::Cargo | Scheme::Hex | Scheme::Pub => conforms(text),
        _ => true,
    }
}

/// Whether a text is a semantic version to the letter.
pub(crate) fn conforms(text: &str) -> bool {
    let mut rest = text;
    for place in 0..3 {
        if (place > 0 && !take(&mut rest, ".")) || !is_plain_number(take_digits(&mut rest)) {
            return false;
        }
    }
    let (rest, build) = rest.split_once('+').map_or((rest, None), |(rest, build)| (rest, Some(build)));
    let good = |identifier: &str| {
        !identifier.is_empty() && identifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let prerelease = match rest.strip_prefix('-') {
        Some(prerelease) => prerelease
            .split('.')
            .all(|identifier| good(identifier) && (!is_number(identifier) || is_plain_number(identifier))),
        None => rest.is_empty(),
    };
    prerelease && build.is_none_or(|build| build.split('.').all(good))
}

fn is_plain_number(digits: &str) -> bool {
    is_number(digits) && (digits == "0" || !digits.starts_with('0'))
}
