//! RPM: epoch, version and release, each part of which is ordered segment by segment.

use crate::key::Key;
use crate::order::Encoded;
use crate::scan::{take, take_digits, take_while};

const TILDE: u8 = 0x01;
const END: u8 = 0x02;
const CARET: u8 = 0x03;
const LETTERS: u8 = 0x04;

pub(crate) fn encode(text: &str, key: &mut Key) -> Encoded {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("it is empty");
    }
    let mut after = rest;
    let digits = take_digits(&mut after);
    let epoch = if take(&mut after, ":") {
        rest = after;
        digits
    } else {
        ""
    };
    key.number(epoch);
    match rest.rsplit_once('-') {
        Some((version, release)) => {
            encode_part(version, key);
            key.tag(END);
            encode_part(release, key);
        }
        None => encode_part(rest, key),
    }
    Ok(!rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic()))
}

fn encode_part(part: &str, key: &mut Key) {
    let mut rest = part;
    loop {
        take_while(&mut rest, |c| !c.is_ascii_alphanumeric() && c != '~' && c != '^');
        if take(&mut rest, "~") {
            key.tag(TILDE);
        } else if take(&mut rest, "^") {
            key.tag(CARET);
        } else if rest.is_empty() {
            key.tag(END);
            return;
        } else if rest.starts_with(|c: char| c.is_ascii_digit()) {
            key.number(take_digits(&mut rest));
        } else {
            key.tag(LETTERS);
            key.text(take_while(&mut rest, |c| c.is_ascii_alphabetic()));
        }
    }
}
