//! FreeBSD's ports: `version_revision,epoch`. A version is made of components of a number, a letter and a patch level; missing
//! components are zeros, and what follows a `+` counts only where all before it is equal. A hyphen, which pkg takes for the end of the
//! package's name, is a separator here.

use crate::key::{Key, PaddedList};
use crate::order::Encoded;
use crate::scan::{is_zero, take_digits, take_while};

const NO_NUMBER: u8 = 0x02;
const NO_LEVEL: u8 = 0x02;
/// The letter of a component: none, `pl` (which stands below all letters), or one of the alphabet.
const NO_LETTER: u8 = b'!';
const PATCH_LEVEL: u8 = b'0';
/// Words that begin a component of their own.
const STAGES: [&str; 6] = ["pl", "snap", "alpha", "beta", "pre", "rc"];

pub(crate) fn encode(text: &str, key: &mut Key) -> Encoded {
    if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'*')
        || !text.bytes().any(|byte| byte.is_ascii_alphanumeric())
    {
        return Err("it has no letter and no digit, or a character that none may have");
    }
    let lower = text.to_ascii_lowercase();
    let (rest, epoch) = lower.rsplit_once(',').unwrap_or((&lower, ""));
    let (version, revision) = rest.rsplit_once('_').unwrap_or((rest, ""));
    key.number(leading_digits(epoch));
    let mut blocks = PaddedList::default();
    for block in version.split('+') {
        let mut inner = Key::default();
        encode_block(block, &mut inner);
        blocks.list(inner, key);
    }
    blocks.end(key);
    key.number(leading_digits(revision));
    Ok(true)
}

fn leading_digits(text: &str) -> &str {
    let mut rest = text;
    take_digits(&mut rest)
}

fn encode_block(block: &str, key: &mut Key) {
    let mut list = PaddedList::default();
    let mut rest = block;
    while !rest.is_empty() {
        encode_component(&mut rest, &mut list, key);
        take_while(&mut rest, |c| !c.is_ascii_alphanumeric());
    }
    list.end(key);
}

fn encode_component(rest: &mut &str, list: &mut PaddedList, key: &mut Key) {
    let number = take_digits(rest);
    let mut after = *rest;
    let word = take_while(&mut after, |c| c.is_ascii_alphabetic());
    let stage = STAGES.contains(&word);
    let letter = if word.is_empty() || (stage && !number.is_empty()) {
        NO_LETTER
    } else {
        *rest = after;
        if word == "pl" { PATCH_LEVEL } else { word.bytes().next().unwrap_or(NO_LETTER) }
    };
    let level = if letter == NO_LETTER { "0" } else { take_digits(rest) };
    if number.is_empty() {
        list.below_zero(key);
        key.tag(NO_NUMBER);
    } else if is_zero(number) && letter == NO_LETTER {
        list.zero();
        return;
    } else {
        list.above_zero(key);
        key.number(number);
    }
    key.tag(letter);
    if level.is_empty() {
        key.tag(NO_LEVEL);
    } else {
        key.number(level);
    }
}
