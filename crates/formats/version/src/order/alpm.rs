//! Arch's pacman: the older order of RPM, with an epoch.

use std::cmp::Ordering;

use crate::key::Key;
use crate::order::Encoded;
use crate::scan::{take_digits, take_while};

const BARE_LETTERS: u8 = 0x01;
const END: u8 = 0x02;
const SEPARATED: u8 = 0x03;
const LETTERS: u8 = 0x01;

pub(crate) fn encode(text: &str, key: &mut Key) -> Encoded {
    let (epoch, version, release) = split(text);
    if version.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("it is empty or has a character that none may have");
    }
    key.number(epoch);
    encode_part(version, key);
    if let Some(release) = release {
        key.tag(END);
        encode_part(release, key);
    }
    Ok(true)
}

/// pacman leaves releases out when one side has none, so such versions are equal to all releases of theirs.
pub(crate) fn compare_without_release(left: &str, right: &str) -> Option<Ordering> {
    let (left_parts, right_parts) = (split(left), split(right));
    if left_parts.2.is_some() == right_parts.2.is_some() {
        return None;
    }
    let key_of = |(epoch, version, _): (&str, &str, Option<&str>)| {
        let mut key = Key::default();
        key.number(epoch);
        encode_part(version, &mut key);
        key.into_bytes()
    };
    let empty = left_parts.1.is_empty() || right_parts.1.is_empty();
    (!empty).then(|| key_of(left_parts).cmp(&key_of(right_parts)))
}

fn split(text: &str) -> (&str, &str, Option<&str>) {
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) if epoch.bytes().all(|byte| byte.is_ascii_digit()) => (epoch, rest),
        _ => ("0", text),
    };
    match rest.rsplit_once('-') {
        Some((version, release)) => (epoch, version, Some(release)),
        None => (epoch, rest, None),
    }
}

fn encode_part(part: &str, key: &mut Key) {
    let mut rest = part;
    while !rest.is_empty() {
        let separators = take_while(&mut rest, |c| !c.is_ascii_alphanumeric()).len();
        let letters = take_while(&mut rest, |c| c.is_ascii_alphabetic());
        if separators == 0 && !letters.is_empty() {
            key.tag(BARE_LETTERS);
            key.text(letters);
            continue;
        }
        key.tag(SEPARATED);
        key.count(separators);
        if letters.is_empty() {
            if rest.is_empty() {
                break;
            }
            key.number(take_digits(&mut rest));
        } else {
            key.tag(LETTERS);
            key.text(letters);
        }
    }
    key.tag(END);
}
