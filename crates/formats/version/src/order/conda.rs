//! Conda: components of numbers and words by turns, words below numbers; missing components and items are zeros.

use crate::key::{ABOVE_NUMBERS, Key, PaddedList};
use crate::order::Encoded;
use crate::scan::{is_number, is_zero, take_digits, take_while};

const STAR: u8 = 0x02;
const DEVELOPMENT: u8 = 0x03;
const WORD: u8 = 0x04;

pub(crate) fn encode(text: &str, key: &mut Key) -> Encoded {
    let mut lower = text.trim().to_ascii_lowercase();
    if lower.contains('-') && !lower.contains('_') {
        lower = lower.replace('-', "_");
    }
    if !lower.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*.+!_".contains(&byte)) {
        return Err("it has a character that none may have");
    }
    let (epoch, rest) = lower.split_once('!').unwrap_or(("0", &lower));
    let (version, local) =
        rest.split_once('+').map_or((rest, None), |(version, local)| (version, Some(local)));
    if !is_number(epoch) {
        return Err("the epoch is no number");
    }
    if rest.contains('!') || local.is_some_and(|local| local.contains('+')) {
        return Err("it has two epochs or two local parts");
    }
    key.number(epoch);
    // An underscore at the end belongs to the last component: 1.0.1_ < 1.0.1a.
    let (body, last) = version.strip_suffix('_').map_or((version, ""), |body| (body, "_"));
    encode_components(body, last, key)?;
    match local {
        Some(local) => encode_components(local, "", key)?,
        None => PaddedList::default().end(key),
    }
    Ok(true)
}

fn encode_components(text: &str, last: &str, key: &mut Key) -> Result<(), &'static str> {
    let mut list = PaddedList::default();
    let mut components = text.split(['.', '_']).peekable();
    while let Some(component) = components.next() {
        let ending = if components.peek().is_none() { last } else { "" };
        if component.is_empty() && ending.is_empty() {
            return Err("a component is empty");
        }
        let mut inner = Key::default();
        encode_component(&format!("{component}{ending}"), &mut inner);
        list.list(inner, key);
    }
    list.end(key);
    Ok(())
}

/// Numbers and words by turns, a number first: a zero if there is none.
fn encode_component(component: &str, key: &mut Key) {
    let mut list = PaddedList::default();
    let mut rest = component;
    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
        list.zero();
    }
    while !rest.is_empty() {
        let digits = take_digits(&mut rest);
        if !digits.is_empty() {
            if is_zero(digits) {
                list.zero();
            } else {
                list.above_zero(key);
                key.number(digits);
            }
            continue;
        }
        let stars = take_while(&mut rest, |c| c == '*');
        let word =
            if stars.is_empty() { take_while(&mut rest, |c| c != '*' && !c.is_ascii_digit()) } else { stars };
        encode_word(word, &mut list, key);
    }
    list.end(key);
}

/// `*` < `dev` < `_` < letters < numbers < `post`.
fn encode_word(word: &str, list: &mut PaddedList, key: &mut Key) {
    if word == "post" {
        list.above_zero(key);
        key.tag(ABOVE_NUMBERS);
        return;
    }
    list.below_zero(key);
    match word {
        "dev" => key.tag(DEVELOPMENT),
        word => {
            key.tag(if word.starts_with('*') { STAR } else { WORD });
            key.text(word);
        }
    }
}
