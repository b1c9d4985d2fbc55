//! Conan 2: items that are numbers or text, trailing zeros left out; a label stands below its release, metadata above.

use std::cmp::Ordering;

use crate::key::{ABOVE_NUMBERS, Key};
use crate::order::Encoded;
use crate::scan::{compare_numbers, is_number, is_zero, take_digits};

const END: u8 = 0x01;
const EMPTY_ITEM: u8 = 0x02;
const LABEL: u8 = 0x03;
const NO_LABEL: u8 = 0x04;

/// A version in its items, each list without the zeros at its end.
struct Parts<'a> {
    main: Vec<&'a str>,
    label: Option<Vec<&'a str>>,
    metadata: Option<Vec<&'a str>>,
}

pub(crate) fn encode(text: &str, key: &mut Key) -> Encoded {
    let parts = split(text).ok_or("it is empty or has a character that none may have")?;
    encode_items(&parts.main, key);
    match &parts.label {
        Some(label) => {
            key.tag(LABEL);
            encode_items(label, key);
        }
        None => key.tag(NO_LABEL),
    }
    if let Some(metadata) = &parts.metadata {
        key.tag(LABEL);
        encode_items(metadata, key);
    }
    Ok(true)
}

/// The order as Conan gives it for two texts. It is no order of all versions: a number and a word are compared by their characters, two
/// numbers by their values (2 < 10, 10 < `10a`, `10a` < 2).
pub(crate) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (split(left)?, split(right)?);
    let label = match (&left.label, &right.label) {
        (Some(left), Some(right)) => compare_items(left, right),
        (left, right) => left.is_none().cmp(&right.is_none()),
    };
    let metadata = match (&left.metadata, &right.metadata) {
        (Some(left), Some(right)) => compare_items(left, right),
        (left, right) => left.is_some().cmp(&right.is_some()),
    };
    Some(compare_items(&left.main, &right.main).then(label).then(metadata))
}

fn compare_items(left: &[&str], right: &[&str]) -> Ordering {
    let order = left.iter().zip(right).map(|(left, right)| compare_item(left, right));
    order.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| left.len().cmp(&right.len()))
}

fn compare_item(left: &str, right: &str) -> Ordering {
    if is_number(left) && is_number(right) {
        return compare_numbers(left, right);
    }
    let spelled = |item: &str| match item {
        number if is_number(number) && is_zero(number) => "0".to_owned(),
        number if is_number(number) => number.trim_start_matches('0').to_owned(),
        word => word.to_owned(),
    };
    spelled(left).cmp(&spelled(right))
}

/// None for a text that is empty or has a character that none may have.
fn split(text: &str) -> Option<Parts<'_>> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let (rest, metadata) = text.rsplit_once('+').map_or((text, None), |(rest, after)| (rest, Some(after)));
    let (main, label) = rest.split_once('-').map_or((rest, None), |(rest, after)| (rest, Some(after)));
    Some(Parts { main: items(main), label: label.map(items), metadata: metadata.map(items) })
}

fn items(part: &str) -> Vec<&str> {
    let mut items: Vec<&str> = part.split('.').collect();
    while items.last().is_some_and(|item| is_number(item) && is_zero(item)) {
        items.pop();
    }
    items
}

fn encode_items(items: &[&str], key: &mut Key) {
    for item in items {
        let mut rest = *item;
        let digits = take_digits(&mut rest);
        if item.is_empty() {
            key.tag(EMPTY_ITEM);
            continue;
        }
        if digits.is_empty() {
            key.tag(ABOVE_NUMBERS);
        } else {
            key.number(digits);
        }
        key.text(rest);
    }
    key.tag(END);
}
