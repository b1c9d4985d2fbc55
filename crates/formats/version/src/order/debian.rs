//! Debian's dpkg (deb-version(7)), and opam, which took its order over.

use crate::key::Key;
use crate::order::Encoded;
use crate::scan::{is_number, take_digits, take_while};

const TILDE: u8 = 0x01;
const END: u8 = 0x02;
/// Added to what is no letter, so that letters stand first.
const AFTER_LETTERS: u8 = 0x80;

pub(crate) fn encode(text: &str, key: &mut Key) -> Encoded {
    let text = text.trim();
    let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
    if !is_number(epoch) || epoch.trim_start_matches('0').len() > 10 {
        return Err("the epoch is no number, or one that is too large");
    }
    let (upstream, revision) = match rest.rsplit_once('-') {
        Some((_, "")) => return Err("the revision is empty"),
        Some(parts) => parts,
        None => (rest, ""),
    };
    if upstream.is_empty() {
        return Err("there is nothing but an epoch or a revision");
    }
    if !upstream.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+~:".contains(&byte))
        || !revision.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+~".contains(&byte))
    {
        return Err("it has a character that none may have");
    }
    key.number(epoch);
    encode_part(upstream, key);
    encode_part(revision, key);
    Ok(upstream.starts_with(|c: char| c.is_ascii_digit()))
}

pub(crate) fn encode_opam(text: &str, key: &mut Key) -> Encoded {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("it has a character that none may have");
    }
    encode_part(text, key);
    Ok(true)
}

/// Runs of other characters and of digits by turns, beginning with other characters; no digits are zero, and so is nothing at all.
fn encode_part(part: &str, key: &mut Key) {
    let mut rest = if part.is_empty() { "0" } else { part };
    while !rest.is_empty() {
        for byte in take_while(&mut rest, |c| !c.is_ascii_digit()).bytes() {
            key.tag(match byte {
                b'~' => TILDE,
                letter if letter.is_ascii_alphabetic() => letter,
                other => other | AFTER_LETTERS,
            });
        }
        key.tag(END);
        key.number(take_digits(&mut rest));
    }
    key.tag(END);
}
