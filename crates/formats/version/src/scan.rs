use std::cmp::Ordering;

use crate::key::Key;

/// Takes the longest beginning of `rest` whose characters are all `wanted`.
pub(crate) fn take_while<'a>(rest: &mut &'a str, wanted: impl Fn(char) -> bool) -> &'a str {
    let (taken, left) = rest.split_at(rest.find(|c| !wanted(c)).unwrap_or(rest.len()));
    *rest = left;
    taken
}

pub(crate) fn take_digits<'a>(rest: &mut &'a str) -> &'a str {
    take_while(rest, |c| c.is_ascii_digit())
}

/// Takes `prefix` if `rest` begins with it.
pub(crate) fn take(rest: &mut &str, prefix: &str) -> bool {
    match rest.strip_prefix(prefix) {
        Some(left) => {
            *rest = left;
            true
        }
        None => false,
    }
}

/// Takes the first of `words` that `rest` begins with, and tells its place among them.
pub(crate) fn take_word(rest: &mut &str, words: &[&str]) -> Option<usize> {
    words.iter().position(|word| take(rest, word))
}

/// Takes digits and every `.digits` after them; none if there are no digits.
pub(crate) fn take_dotted<'a>(rest: &mut &'a str) -> Vec<&'a str> {
    let mut numbers = Vec::new();
    let first = take_digits(rest);
    if first.is_empty() {
        return numbers;
    }
    numbers.push(first);
    while let Some(mut after) = rest.strip_prefix('.') {
        let number = take_digits(&mut after);
        if number.is_empty() {
            break;
        }
        numbers.push(number);
        *rest = after;
    }
    numbers
}

/// Takes one small letter.
pub(crate) fn take_letter<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let (letter, after) = rest.split_at_checked(1)?;
    if !letter.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    *rest = after;
    Some(letter)
}

/// Takes numbers parted by dots, of which every one but the first is a fraction where it begins with zero: then `fraction` says which of
/// its digits count, and `leading_zero` puts it below the others.
pub(crate) fn take_fractions(
    rest: &mut &str,
    key: &mut Key,
    leading_zero: u8,
    fraction: fn(&str) -> &str,
) -> Result<(), &'static str> {
    let numbers = take_dotted(rest);
    let (first, others) = numbers.split_first().ok_or("it does not begin with a number")?;
    key.number(first);
    for number in others {
        if number.starts_with('0') {
            key.tag(leading_zero);
            key.text(fraction(number));
        } else {
            key.number(number);
        }
    }
    Ok(())
}

pub(crate) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

pub(crate) fn is_zero(digits: &str) -> bool {
    digits.bytes().all(|byte| byte == b'0')
}

/// The order of two numbers of any count of digits; leading zeros mean nothing.
pub(crate) fn compare_numbers(left: &str, right: &str) -> Ordering {
    let (left, right) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

/// `numbers` without the zeros at its end.
pub(crate) fn without_trailing_zeros<'a, 'b>(numbers: &'b [&'a str]) -> &'b [&'a str] {
    let kept = numbers.iter().rposition(|number| !is_zero(number)).map_or(0, |last| last + 1);
    numbers.get(..kept).unwrap_or(numbers)
}
