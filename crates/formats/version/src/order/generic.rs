//! Versions of which nothing is known: numbers, words that mean before or after a release, a letter after a number.

use crate::key::{ABOVE_NUMBERS, Key, PaddedList};
use crate::order::Encoded;
use crate::scan::{is_zero, take_digits, take_while};

const AFTER_RELEASE: u8 = 0x05;

pub(crate) fn encode(text: &str, key: &mut Key) -> Encoded {
    let mut rest = text;
    let mut list = PaddedList::default();
    if !text.bytes().any(|byte| byte.is_ascii_digit()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("it has no digit, or a character that none may have");
    }
    let mut after_number = false;
    if rest.starts_with(['v', 'V']) {
        rest = rest
            .strip_prefix(['v', 'V'])
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            .unwrap_or(rest);
    }
    while !rest.is_empty() {
        let digits = take_digits(&mut rest);
        if !digits.is_empty() {
            encode_number(digits, &mut list, key);
            after_number = true;
            continue;
        }
        let word = take_while(&mut rest, |c| c.is_ascii_alphabetic()).to_ascii_lowercase();
        if word.is_empty() {
            take_while(&mut rest, |c| !c.is_ascii_alphanumeric());
        } else {
            let letter = after_number && word.len() == 1 && !rest.starts_with(|c: char| c.is_ascii_digit());
            encode_word(&word, letter, &mut list, key);
        }
        after_number = false;
    }
    list.end(key);
    Ok(true)
}

fn encode_number(digits: &str, list: &mut PaddedList, key: &mut Key) {
    if is_zero(digits) {
        list.zero();
    } else {
        list.above_zero(key);
        key.number(digits);
    }
}

fn encode_word(word: &str, letter: bool, list: &mut PaddedList, key: &mut Key) {
    let first = word.bytes().next().unwrap_or_default();
    match word {
        _ if letter => {
            list.above_zero(key);
            key.tag(ABOVE_NUMBERS);
        }
        _ if word.starts_with("post") || matches!(word, "patch" | "pl" | "errata") => {
            list.above_zero(key);
            key.tag(AFTER_RELEASE);
        }
        _ => list.below_zero(key),
    }
    key.tag(first);
}
