//! OpenSSL: letters after the numbers until 1.1.1, semantic versions since 3.0.0.

use crate::key::Key;
use crate::order::Encoded;
use crate::scan::{take_digits, take_dotted, take_while, take_word, without_trailing_zeros};

const END: u8 = 0x01;
const PRERELEASE: u8 = 0x02;
const RELEASE: u8 = 0x08;

pub(crate) fn encode(text: &str, key: &mut Key) -> Encoded {
    let mut rest = text;
    let numbers = take_dotted(&mut rest);
    if numbers.is_empty() {
        return Err("it does not begin with a number");
    }
    let letters = take_while(&mut rest, |c| c.is_ascii_lowercase());
    without_trailing_zeros(&numbers).iter().for_each(|number| key.number(number));
    key.tag(END);
    key.text(letters);
    let Some(mut suffix) = rest.strip_prefix('-').filter(|suffix| *suffix != "fips") else {
        key.tag(RELEASE);
        return if rest.is_empty() || rest == "-fips" {
            Ok(true)
        } else {
            Err("something follows the letters")
        };
    };
    let word = take_word(&mut suffix, &["dev", "alpha", "beta", "pre", "rc"])
        .ok_or("the word after the hyphen is unknown")?;
    key.tag(PRERELEASE);
    key.text(["0", "a", "b", "p", "r"].get(word).copied().unwrap_or_default());
    key.number(take_digits(&mut suffix));
    if suffix.is_empty() || suffix == "-dev" { Ok(true) } else { Err("something follows the pre-release") }
}
