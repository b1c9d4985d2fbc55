//! Arch's pacman: the older order of RPM, with an epoch.

use std::cmp::Ordering;

use crate::key::Key;
use crate::order::Encoded;
use crate::scan::{compare_numbers, take_digits, take_while};

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

/// The order as pacman gives it for two texts. It is no order of all versions: releases are left out when one side has none, and
/// separators are counted unless one side ends with them (`2..a` < `2.` < `2.1` < `2..a`).
pub(crate) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !plain(left) || !plain(right) {
        return None;
    }
    let ((epoch, version, release), (other_epoch, other_version, other_release)) =
        (split(left), split(right));
    let order = compare_part(epoch, other_epoch).then_with(|| compare_part(version, other_version));
    Some(match (release, other_release) {
        (Some(release), Some(other)) => order.then_with(|| compare_part(release, other)),
        _ => order,
    })
}

fn compare_part(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left, right);
    while !left.is_empty() && !right.is_empty() {
        let separator = |c: char| !c.is_ascii_alphanumeric();
        let counts = (take_while(&mut left, separator).len(), take_while(&mut right, separator).len());
        if left.is_empty() || right.is_empty() {
            break;
        }
        if counts.0 != counts.1 {
            return counts.0.cmp(&counts.1);
        }
        let digits = left.starts_with(|c: char| c.is_ascii_digit());
        let same_kind = |c: char| c.is_ascii_alphanumeric() && c.is_ascii_digit() == digits;
        let order = match (take_while(&mut left, same_kind), take_while(&mut right, same_kind)) {
            (_, "") if digits => Ordering::Greater,
            (_, "") => Ordering::Less,
            (left, right) if digits => compare_numbers(left, right),
            (left, right) => left.cmp(right),
        };
        if order.is_ne() {
            return order;
        }
    }
    compare_rest(left, right)
}

/// One side or both have come to their end: letters stand below it, all else above.
fn compare_rest(left: &str, right: &str) -> Ordering {
    let letters = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic());
    if left.is_empty() && right.is_empty() {
        Ordering::Equal
    } else if letters(left) || (left.is_empty() && !letters(right)) {
        Ordering::Less
    } else {
        Ordering::Greater
    }
}

fn split(text: &str) -> (&str, &str, Option<&str>) {
    let (epoch, rest) = match text.split_once(':') {
        Some(("", rest)) => ("0", rest),
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
