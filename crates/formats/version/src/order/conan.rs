//! Conan 2: items that are numbers or text, trailing zeros left out; a label stands below its release, metadata above.

use crate::key::{ABOVE_NUMBERS, Key};
use crate::order::Encoded;
use crate::scan::{is_number, take_digits, without_trailing_zeros};

const END: u8 = 0x01;
const EMPTY_ITEM: u8 = 0x02;
const LABEL: u8 = 0x03;
const NO_LABEL: u8 = 0x04;

pub(crate) fn encode(text: &str, key: &mut Key) -> Encoded {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("it is empty or has a character that none may have");
    }
    let (rest, metadata) = text.rsplit_once('+').map_or((text, None), |(rest, after)| (rest, Some(after)));
    let (main, label) = rest.rsplit_once('-').map_or((rest, None), |(rest, after)| (rest, Some(after)));
    encode_items(main, key);
    match label {
        Some(label) => {
            key.tag(LABEL);
            encode_items(label, key);
        }
        None => key.tag(NO_LABEL),
    }
    if let Some(metadata) = metadata {
        key.tag(LABEL);
        encode_items(metadata, key);
    }
    Ok(true)
}

fn encode_items(part: &str, key: &mut Key) {
    let items: Vec<&str> = part.split('.').collect();
    let kept = if items.iter().all(|item| is_number(item)) {
        without_trailing_zeros(&items)
    } else {
        let zeros =
            items.iter().rev().take_while(|item| is_number(item) && crate::scan::is_zero(item)).count();
        items.get(..items.len() - zeros).unwrap_or(&items)
    };
    for item in kept {
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
