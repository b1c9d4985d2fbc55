//! Gentoo: the Package Manager Specification, section 3.3.

use crate::key::Key;
use crate::order::Encoded;
use crate::scan::{take, take_digits, take_fractions, take_letter, take_word};

const END: u8 = 0x01;
const LEADING_ZERO: u8 = 0x02;
const PATCH: u8 = 0x08;
const NO_SUFFIX: u8 = 0x07;
const FIRST_SUFFIX: u8 = 0x03;

pub(crate) fn encode(text: &str, key: &mut Key) -> Encoded {
    let mut rest = text;
    take_fractions(&mut rest, key, LEADING_ZERO, |digits| digits.trim_end_matches('0'))?;
    key.tag(END);
    key.text(take_letter(&mut rest).unwrap_or_default());
    while take(&mut rest, "_") {
        let suffix =
            take_word(&mut rest, &["alpha", "beta", "pre", "rc", "p"]).ok_or("a suffix is unknown")?;
        key.tag(
            u8::try_from(suffix).map_or(PATCH, |rank| if rank == 4 { PATCH } else { FIRST_SUFFIX + rank }),
        );
        key.number(take_digits(&mut rest));
    }
    key.tag(NO_SUFFIX);
    if take(&mut rest, "-r") {
        let revision = take_digits(&mut rest);
        if revision.is_empty() {
            return Err("the revision is empty");
        }
        key.number(revision);
    } else {
        key.number("0");
    }
    if rest.is_empty() { Ok(true) } else { Err("something follows the version") }
}
