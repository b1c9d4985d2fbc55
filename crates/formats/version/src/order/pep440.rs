//! Python: PEP 440, and under it every version that PEP 440 does not know, in the order setuptools gave them before.

use crate::key::Key;
use crate::order::Encoded;
use crate::scan::{is_number, take, take_digits, take_dotted, take_while, take_word, without_trailing_zeros};

const LEGACY: u8 = 0x01;
const MODERN: u8 = 0x02;
const ABSENT_LOW: u8 = 0x03;
const PRESENT: u8 = 0x04;
const ABSENT_HIGH: u8 = 0x10;

/// A version in its parts, words normalised; numbers are digits, empty for an implied zero.
pub(crate) struct Parts<'a> {
    pub(crate) epoch: &'a str,
    pub(crate) release: Vec<&'a str>,
    /// The rank of the word (0 alpha, 1 beta, 2 candidate) and its number.
    pub(crate) pre: Option<(u8, &'a str)>,
    pub(crate) post: Option<&'a str>,
    pub(crate) dev: Option<&'a str>,
    pub(crate) local: Option<&'a str>,
}

pub(crate) fn encode(text: &str, key: &mut Key) -> Encoded {
    let lower = text.trim().to_ascii_lowercase();
    match parse(&lower) {
        Some(parts) => {
            key.tag(MODERN);
            encode_modern(&parts, key);
            Ok(true)
        }
        None if lower.chars().any(|c| c.is_control() || c.is_whitespace()) => {
            Err("it has a blank or a control character")
        }
        None if !lower.contains(|c: char| c.is_ascii_alphanumeric()) => Err("it has no letter and no digit"),
        None => {
            key.tag(LEGACY);
            encode_legacy(&lower, key);
            Ok(false)
        }
    }
}

fn encode_modern(parts: &Parts<'_>, key: &mut Key) {
    key.number(parts.epoch);
    for number in without_trailing_zeros(&parts.release) {
        key.number(number);
    }
    // A development version of the release itself stands before its first alpha.
    match (parts.pre, parts.post, parts.dev) {
        (Some((rank, number)), _, _) => {
            key.tag(PRESENT + rank);
            key.number(number);
        }
        (None, None, Some(_)) => key.tag(ABSENT_LOW),
        (None, _, _) => key.tag(ABSENT_HIGH),
    }
    match parts.post {
        Some(number) => {
            key.tag(PRESENT);
            key.number(number);
        }
        None => key.tag(ABSENT_LOW),
    }
    match parts.dev {
        Some(number) => {
            key.tag(PRESENT);
            key.number(number);
        }
        None => key.tag(ABSENT_HIGH),
    }
    for segment in parts.local.iter().flat_map(|local| local.split(['-', '_', '.'])) {
        if is_number(segment) {
            key.tag(ABSENT_HIGH);
            key.number(segment);
        } else {
            key.tag(PRESENT);
            key.text(segment);
        }
    }
    key.tag(ABSENT_LOW);
}

/// Parses a lower-case text by the expression of PEP 440, appendix B.
pub(crate) fn parse(text: &str) -> Option<Parts<'_>> {
    let mut rest = text;
    take(&mut rest, "v");
    let mut after = rest;
    let digits = take_digits(&mut after);
    let epoch = if !digits.is_empty() && take(&mut after, "!") {
        rest = after;
        digits
    } else {
        ""
    };
    let release = take_dotted(&mut rest);
    if release.is_empty() {
        return None;
    }
    const PRE: [&str; 8] = ["alpha", "a", "beta", "b", "preview", "pre", "rc", "c"];
    let pre = labelled(&mut rest, &PRE).map(|(word, number)| {
        let rank = match word {
            0 | 1 => 0,
            2 | 3 => 1,
            _ => 2,
        };
        (rank, number)
    });
    let post = implied_post(&mut rest)
        .or_else(|| labelled(&mut rest, &["post", "rev", "r"]).map(|(_, number)| number));
    let dev = labelled(&mut rest, &["dev"]).map(|(_, number)| number);
    let local = rest.strip_prefix('+');
    let good =
        |segment: &str| !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match local {
        Some(local) if local.split(['-', '_', '.']).all(good) => {}
        None if rest.is_empty() => {}
        _ => return None,
    }
    Some(Parts { epoch, release, pre, post, dev, local })
}

/// `-1` after a release is a post-release.
fn implied_post<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let mut after = rest.strip_prefix('-')?;
    let number = take_digits(&mut after);
    if number.is_empty() {
        return None;
    }
    *rest = after;
    Some(number)
}

fn labelled<'a>(rest: &mut &'a str, words: &[&str]) -> Option<(usize, &'a str)> {
    let mut after = rest.strip_prefix(['-', '_', '.']).unwrap_or(rest);
    let word = take_word(&mut after, words)?;
    *rest = after.strip_prefix(['-', '_', '.']).unwrap_or(after);
    let number = take_digits(rest);
    Some((word, number))
}

/// What setuptools did before PEP 440: runs of digits and letters and hyphens, each with a weight, ended by `*final`.
fn encode_legacy(text: &str, key: &mut Key) {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let digits = take_digits(&mut rest);
        if !digits.is_empty() {
            parts.push(format!("{digits:0>8}"));
            continue;
        }
        let word = take_while(&mut rest, |c| c.is_ascii_lowercase());
        let word = match word {
            "" if take(&mut rest, "-") => "final-",
            "" => {
                rest = rest.strip_prefix(|_| true).unwrap_or_default();
                continue;
            }
            "pre" | "preview" | "rc" => "c",
            "dev" => "@",
            word => word,
        };
        push_legacy(&mut parts, format!("*{word}"));
    }
    push_legacy(&mut parts, "*final".to_owned());
    for part in parts {
        key.tag(PRESENT);
        key.text(&part);
    }
    key.tag(ABSENT_LOW);
}

fn push_legacy(parts: &mut Vec<String>, part: String) {
    if part.as_str() < "*final" {
        while parts.last().is_some_and(|last| last == "*final-") {
            parts.pop();
        }
    }
    while parts.last().is_some_and(|last| last == "00000000") {
        parts.pop();
    }
    parts.push(part);
}
