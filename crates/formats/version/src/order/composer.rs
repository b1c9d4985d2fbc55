//! Composer: versions of up to four numbers with a stability.

use crate::key::Key;
use crate::order::Encoded;
use crate::scan::{take_digits, take_word, without_trailing_zeros};

const DEVELOPMENT: u8 = 0x02;
const END: u8 = 0x06;
/// What stands at the place of a wildcard in the name of a branch.
const ANY: &str = "9999999";

/// The order after Composer has normalised both: four numbers, a stability, whether it is under development.
pub(crate) fn encode(text: &str, key: &mut Key) -> Encoded {
    let lower = text.trim().to_ascii_lowercase();
    let version = lower.split(" as ").next().unwrap_or_default();
    let version = version.split(['+', '@', '#']).next().unwrap_or_default();
    let version = version.strip_prefix('v').unwrap_or(version);
    let mut rest = version;
    let mut numbers = Vec::new();
    loop {
        match rest.strip_prefix(['x', '*']) {
            Some(after) if !numbers.is_empty() => {
                numbers.push(ANY);
                rest = after;
            }
            _ => match take_digits(&mut rest) {
                "" => return Err("it does not begin with a number, as names of branches do not"),
                digits => numbers.push(digits),
            },
        }
        match rest.strip_prefix('.') {
            Some(after) if after.starts_with(|c: char| c.is_ascii_digit() || c == 'x' || c == '*') => {
                rest = after
            }
            _ => break,
        }
    }
    let branch = numbers.contains(&ANY);
    while branch && numbers.len() < 4 {
        numbers.push(ANY);
    }
    if branch && rest != "-dev" {
        return Err("it has a wildcard but is no branch");
    }
    without_trailing_zeros(&numbers).iter().for_each(|number| key.number(number));
    encode_stability(rest, key)?;
    Ok(numbers.len() <= 4)
}

fn encode_stability(text: &str, key: &mut Key) -> Result<(), &'static str> {
    const WORDS: [(&str, u8); 10] = [
        ("stable", END),
        ("alpha", 0x03),
        ("beta", 0x04),
        ("rc", 0x05),
        ("patch", 0x07),
        ("pl", 0x07),
        ("dev", DEVELOPMENT),
        ("a", 0x03),
        ("b", 0x04),
        ("p", 0x07),
    ];
    let words = WORDS.map(|(word, _)| word);
    let mut rest = text.strip_prefix(['.', '-', '_']).unwrap_or(text);
    let Some((_, rank)) = take_word(&mut rest, &words).and_then(|place| WORDS.get(place)) else {
        key.tag(END);
        return if rest.is_empty() { Ok(()) } else { Err("the word after the numbers is no stability") };
    };
    key.tag(*rank);
    if matches!(*rank, DEVELOPMENT | END) {
        return if rest.is_empty() { Ok(()) } else { Err("something follows the stability") };
    }
    loop {
        let mut after = rest.strip_prefix(['.', '-']).unwrap_or(rest);
        let digits = take_digits(&mut after);
        if digits.is_empty() {
            break;
        }
        key.number(digits);
        rest = after;
    }
    match rest.strip_prefix(['.', '-']).unwrap_or(rest) {
        "" if rest.is_empty() => key.tag(END),
        "dev" => key.tag(DEVELOPMENT),
        _ => return Err("something follows the stability"),
    }
    Ok(())
}
