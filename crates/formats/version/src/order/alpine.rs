//! Alpine's apk, version 3: `number{.number}{letter}{_suffix{number}}{~hash}{-rnumber}`.

use std::cmp::Ordering;

use crate::key::Key;
use crate::order::Encoded;
use crate::scan::{compare_numbers, take, take_digits, take_fractions, take_letter, take_while, take_word};

/// What a version may go on with, from the lowest: the suffixes of pre-releases stand below the end, all others above.
const SUFFIXES: [(&str, u8); 9] = [
    ("alpha", 0x01),
    ("beta", 0x02),
    ("pre", 0x03),
    ("rc", 0x04),
    ("cvs", 0x09),
    ("svn", 0x0A),
    ("git", 0x0B),
    ("hg", 0x0C),
    ("p", 0x0D),
];
const END: u8 = 0x05;
const REVISION: u8 = 0x06;
const HASH: u8 = 0x07;
const SUFFIX_NUMBER: u8 = 0x08;
const LETTER: u8 = 0x0E;
const LEADING_ZERO: u8 = 0x0F;

pub(crate) fn encode(text: &str, key: &mut Key) -> Encoded {
    let mut rest = text;
    take_fractions(&mut rest, key, LEADING_ZERO, |digits| digits)?;
    let mut conforms = true;
    if let Some(letter) = take_letter(&mut rest) {
        key.tag(LETTER);
        key.text(letter);
        // apk 2 let numbers follow, and old versions of sudo and OpenSSH are written so: 1.9.5p2.
        let number = take_digits(&mut rest);
        if !number.is_empty() {
            key.number(number);
            conforms = false;
        }
    }
    while take(&mut rest, "_") {
        key.tag(take_suffix(&mut rest).ok_or("a suffix is unknown")?);
        let number = take_digits(&mut rest);
        if !number.is_empty() {
            key.tag(SUFFIX_NUMBER);
            key.number(number);
        }
    }
    if take(&mut rest, "~") {
        key.tag(HASH);
        key.text(take_while(&mut rest, |c| matches!(c, '0'..='9' | 'a'..='f')));
    }
    if take(&mut rest, "-r") {
        let revision = take_digits(&mut rest);
        if revision.is_empty() {
            return Err("the revision is empty");
        }
        key.tag(REVISION);
        key.number(revision);
    }
    key.tag(END);
    if rest.is_empty() { Ok(conforms) } else { Err("something follows the version") }
}

fn take_suffix(rest: &mut &str) -> Option<u8> {
    let words = SUFFIXES.map(|(word, _)| word);
    take_word(rest, &words).and_then(|place| SUFFIXES.get(place)).map(|(_, rank)| *rank)
}

/// The order that scanners give two versions of which apk refuses one or both: as far as each can be read, and what cannot stands below
/// nothing. Not an order of all versions, so such versions have no key.
pub(crate) fn compare_malformed(left: &str, right: &str) -> Option<Ordering> {
    let refused = |text: &str| encode(text, &mut Key::default()).is_err();
    if !refused(left) && !refused(right) {
        return None;
    }
    let (read_left, read_right) = (Readable::of(left)?, Readable::of(right)?);
    if read_left.broken && read_right.broken {
        return Some(left.cmp(right));
    }
    Some(read_left.compare(&read_right))
}

/// What can be read of a malformed version.
struct Readable<'a> {
    numbers: Vec<&'a str>,
    letter: &'a str,
    suffixes: Vec<(u8, &'a str)>,
    revision: &'a str,
    rest: &'a str,
    /// What follows the suffixes is no revision.
    broken: bool,
}

impl<'a> Readable<'a> {
    /// None for a text with nothing to read in it.
    fn of(text: &'a str) -> Option<Self> {
        let mut rest = text;
        let mut numbers = Vec::new();
        while rest.starts_with(|c: char| c.is_ascii_digit()) {
            numbers.push(take_digits(&mut rest));
            take(&mut rest, ".");
        }
        let letter = take_letter(&mut rest).unwrap_or_default();
        let mut suffixes = Vec::new();
        while let Some(mut after) = rest.strip_prefix('_') {
            let Some(rank) = take_suffix(&mut after) else { break };
            suffixes.push((rank, take_digits(&mut after)));
            rest = after;
        }
        if let Some(mut after) = rest.strip_prefix('~')
            && !take_while(&mut after, |c| matches!(c, '0'..='9' | 'a'..='f')).is_empty()
        {
            rest = after;
        }
        let broken = !rest.is_empty() && !take(&mut rest, "-r");
        let revision = if broken { "" } else { take_digits(&mut rest) };
        let any = text.bytes().any(|byte| byte.is_ascii_alphanumeric());
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        (any && plain).then_some(Self { numbers, letter, suffixes, revision, rest, broken })
    }

    fn compare(&self, other: &Self) -> Ordering {
        let longest = self.numbers.len().max(other.numbers.len());
        let numbers = (0..longest)
            .map(|place| compare_places(place, self.numbers.get(place), other.numbers.get(place)));
        let none = (END, "");
        let longest = self.suffixes.len().max(other.suffixes.len());
        let suffixes = (0..longest).map(|place| {
            let (left, right) =
                (self.suffixes.get(place).unwrap_or(&none), other.suffixes.get(place).unwrap_or(&none));
            left.0.cmp(&right.0).then_with(|| compare_numbers(left.1, right.1))
        });
        numbers
            .chain([self.letter.cmp(other.letter)])
            .chain(suffixes)
            .chain([
                compare_numbers(self.revision, other.revision),
                self.rest.is_empty().cmp(&other.rest.is_empty()),
            ])
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

fn compare_places(place: usize, left: Option<&&str>, right: Option<&&str>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) if place > 0 && (left.starts_with('0') || right.starts_with('0')) => {
            left.cmp(right)
        }
        _ => compare_numbers(left.copied().unwrap_or_default(), right.copied().unwrap_or_default()),
    }
}
