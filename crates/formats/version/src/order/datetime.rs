//! Points in time by RFC 3339, ordered by the instant.

use crate::key::Key;
use crate::order::Encoded;
use crate::scan::{take, take_digits};

pub(crate) fn encode(text: &str, key: &mut Key) -> Encoded {
    let (instant, fraction) = parse(text).ok_or("it is no date and time of RFC 3339")?;
    // Years begin with 0000, offsets reach a day back.
    key.tag(0x20);
    instant.to_be_bytes().into_iter().for_each(|byte| key.tag(byte));
    key.text(fraction.trim_end_matches('0'));
    Ok(true)
}

/// Seconds since a day before the year 0, and the digits of the fraction.
fn parse(text: &str) -> Option<(u64, &str)> {
    let mut rest = text;
    let year = field(&mut rest, 4, "-", 0, 9999)?;
    let month = field(&mut rest, 2, "-", 1, 12)?;
    let day = field(&mut rest, 2, "", 1, days_in(year, month))?;
    if !(take(&mut rest, "T") || take(&mut rest, "t")) {
        return None;
    }
    let hour = field(&mut rest, 2, ":", 0, 23)?;
    let minute = field(&mut rest, 2, ":", 0, 59)?;
    let second = field(&mut rest, 2, "", 0, 60)?;
    let mut fraction = "";
    if take(&mut rest, ".") {
        fraction = take_digits(&mut rest);
        if fraction.is_empty() {
            return None;
        }
    }
    let days = days_before(year) + (1..month).map(|month| days_in(year, month)).sum::<u64>() + day;
    let local = ((days * 24 + hour) * 60 + minute) * 60 + second;
    let instant = if take(&mut rest, "Z") || take(&mut rest, "z") {
        local
    } else if take(&mut rest, "+") {
        local - offset(&mut rest)?
    } else if take(&mut rest, "-") {
        local + offset(&mut rest)?
    } else {
        return None;
    };
    rest.is_empty().then_some((instant, fraction))
}

fn offset(rest: &mut &str) -> Option<u64> {
    let hours = field(rest, 2, ":", 0, 23)?;
    let minutes = field(rest, 2, "", 0, 59)?;
    Some((hours * 60 + minutes) * 60)
}

fn field(rest: &mut &str, width: usize, then: &str, least: u64, most: u64) -> Option<u64> {
    let (digits, after) = rest.split_at_checked(width)?;
    *rest = after;
    let value: u64 =
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()?;
    (take(rest, then) && (least..=most).contains(&value)).then_some(value)
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from the first of the year 0 to the first of `year`.
const fn days_before(year: u64) -> u64 {
    year * 365 + year.div_ceil(4) - year.div_ceil(100) + year.div_ceil(400)
}
