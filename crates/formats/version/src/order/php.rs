//! PHP's `version_compare` on texts as they are: 1.0 stands below 1.0.0. Public data sets order Packagist's versions so.

use std::cmp::Ordering;

use crate::scan::compare_numbers;

/// A release of which no number is told.
const RELEASE: &str = "#";

/// As PHP answers, but a leading `v` means nothing and two versions have one order: PHP calls each of `9-` and `9-b` less than the
/// other.
pub(crate) fn compare(left: &str, right: &str) -> Ordering {
    let bare = |text: &str| canonical(text.strip_prefix(['v', 'V']).unwrap_or(text));
    compare_canonical(&bare(left), &bare(right))
}

fn compare_canonical(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left, right);
    loop {
        let ((piece, after), (other_piece, other_after)) = (first_piece(left), first_piece(right));
        let order = compare_pieces(piece, other_piece);
        if order.is_ne() {
            return order;
        }
        match (after, other_after) {
            (None, None) => return Ordering::Equal,
            (Some(rest), None) => return compare_to_release(rest),
            (None, Some(rest)) => return compare_to_release(rest).reverse(),
            (Some(rest), Some(other)) if rest.is_empty() || other.is_empty() => {
                return rest.is_empty().cmp(&other.is_empty()).reverse();
            }
            (Some(rest), Some(other)) => (left, right) = (rest, other),
        }
    }
}

/// How a version that goes on stands to one that has ended.
fn compare_to_release(rest: &str) -> Ordering {
    match rest.bytes().next() {
        None => Ordering::Less,
        Some(byte) if byte.is_ascii_digit() => Ordering::Greater,
        Some(_) => compare_canonical(rest, RELEASE),
    }
}

fn first_piece(text: &str) -> (&str, Option<&str>) {
    text.split_once('.').map_or((text, None), |(piece, rest)| (piece, Some(rest)))
}

fn compare_pieces(left: &str, right: &str) -> Ordering {
    match (number(left), number(right)) {
        (Some(left), Some(right)) => compare_numbers(left, right),
        (None, None) => rank(left).cmp(&rank(right)),
        (Some(_), None) => rank(RELEASE).cmp(&rank(right)),
        (None, Some(_)) => rank(left).cmp(&rank(RELEASE)),
    }
}

/// A piece of digits. PHP counts in words of 64 bits, the data sets do not.
fn number(piece: &str) -> Option<&str> {
    piece.starts_with(|c: char| c.is_ascii_digit()).then_some(piece)
}

/// The place of a word by what it begins with; unknown words stand below all others.
fn rank(piece: &str) -> Option<usize> {
    const WORDS: [&str; 6] = ["dev", "a", "b", "rc", RELEASE, "p"];
    if piece.starts_with("RC") {
        return WORDS.iter().position(|word| *word == "rc");
    }
    WORDS.iter().position(|word| piece.starts_with(word))
}

/// Points for separators and between digits and letters, never two in a row. The first character stays as it is, and so does `#`, which
/// stands for a release of which no number is told.
fn canonical(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut characters = text.chars();
    let Some(mut before) = characters.next() else { return out };
    out.push(before);
    for c in characters {
        let joined = |one: char, two: char| {
            one.is_ascii_digit() && !two.is_ascii_digit() && !matches!(two, '.' | '-' | '_' | '+')
        };
        let separator = !c.is_ascii_alphanumeric() && c != '#';
        if !out.ends_with('.') && (separator || joined(before, c) || joined(c, before)) {
            out.push('.');
        }
        if !separator {
            out.push(c);
        }
        before = c;
    }
    out
}
