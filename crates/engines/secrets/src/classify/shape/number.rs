//! Values that count, measure or name something: versions, times, addresses, numbers of cases.

/// The number of a case, a weakness, an advisory or a ticket: `CWE-798`, `GHSA-xxxx-xxxx-xxxx`.
pub(super) fn is_number_of_case(value: &[u8]) -> bool {
    if let Some(rest) = value.strip_prefix(b"GHSA-") {
        return rest.split(|byte| *byte == b'-').all(|part| part.len() == 4);
    }
    let mut parts = value.split(|byte| *byte == b'-');
    let head = parts.next().unwrap_or_default();
    let numbers = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    (2..=8).contains(&head.len())
        && head.iter().all(u8::is_ascii_uppercase)
        && parts.clone().next().is_some()
        && parts.all(numbers)
}

/// Whether a name of something ends in the time at which it was given, in milliseconds since 1970: hexadecimal digits, and
/// thirteen digits for a day after 2014.
pub(super) fn is_stamped(value: &[u8]) -> bool {
    const STAMP: usize = 13;
    let (head, stamp) = value.split_at(value.len().saturating_sub(STAMP));
    let recent = matches!(stamp, [b'1', b'4'..=b'9', ..]) || matches!(stamp, [b'2', b'0' | b'1', ..]);
    head.len() >= 16
        && recent
        && stamp.iter().all(u8::is_ascii_digit)
        && head.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
}

/// The address of an account of a ledger: `0x` and twenty bytes (EIP-55).
pub(super) fn is_address(value: &[u8]) -> bool {
    value
        .strip_prefix(b"0x")
        .is_some_and(|digits| digits.len() == 40 && digits.iter().all(u8::is_ascii_hexdigit))
}

/// The name of an object at GitHub: letters for its kind, and MessagePack of an array of numbers in base 64: `LA_kwDO...`.
pub(super) fn is_node(value: &[u8]) -> bool {
    let kind = value.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let rest = value.get(kind..).unwrap_or_default();
    (1..=5).contains(&kind) && (rest.starts_with(b"_kwDO") || rest.starts_with(b"_kgDO"))
}

/// `^7.1.2`, `~> 2.0`, `1.2.3`: the version of a package; or the number of an object (ITU-T X.660), ended as C does.
pub(super) fn is_version(value: &[u8]) -> bool {
    let value = value.strip_suffix(b"\\x00").unwrap_or(value);
    let head = value
        .iter()
        .take_while(|byte| matches!(byte, b'^' | b'~' | b'>' | b'<' | b'=' | b'v' | b' '))
        .count();
    let rest = value.get(head..).unwrap_or_default();
    let numbers = rest.split(|byte| *byte == b'.').collect::<Vec<_>>();
    let number = |part: &&[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    numbers.len() >= 2
        && numbers.iter().take(2).all(number)
        && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-+* |^~<>=:,".contains(byte))
        && (head > 0 || numbers.iter().all(number) || numbers.len() == 3)
}

/// A date, a time of day, or a span of time such as `32h0m0s`.
pub(super) fn is_time(value: &[u8]) -> bool {
    let date = matches!(value, [y, _, _, _, b'-' | b'/', m, _, b'-' | b'/', d, ..] if [y, m, d].iter().all(|byte| byte.is_ascii_digit()));
    let mut span = value;
    while let Some(digits) =
        Some(span.iter().take_while(|byte| byte.is_ascii_digit()).count()).filter(|digits| *digits > 0)
    {
        let unit = span.get(digits..).unwrap_or_default();
        let length = if unit.starts_with(b"ms") { 2 } else { 1 };
        if !matches!(unit, [b'h' | b'm' | b's' | b'd', ..]) {
            return date;
        }
        span = unit.get(length..).unwrap_or_default();
    }
    date || span.is_empty()
}

/// A number as programs write it: `0x0002000`.
pub(super) fn is_number(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"-").unwrap_or(value);
    let digits = value.strip_prefix(b"0x").or_else(|| value.strip_prefix(b"0X"));
    digits.is_some_and(|digits| (1..=8).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit))
}

/// Whether letters and digits, each read on their own, only count up or down: `abc123`, `A1B2-C3D4`, `0123456abcde`.
pub(in super::super) fn is_counting(value: &[u8]) -> bool {
    let only =
        |is: fn(&u8) -> bool| value.iter().filter(|byte| is(byte)).map(u8::to_ascii_lowercase).collect();
    let (letters, digits): (Vec<u8>, Vec<u8>) = (only(u8::is_ascii_alphabetic), only(u8::is_ascii_digit));
    let counts = |run: &[u8]| run.windows(2).all(is_step);
    let dashes = value.iter().filter(|byte| **byte == b'-').count();
    digits.len() >= 3
        && letters.len() != 1
        && letters.len() != 2
        && letters.len() + digits.len() + dashes == value.len()
        && counts(&letters)
        && counts(&digits)
}

/// Whether one character follows another in its row, also around its end.
fn is_step(two: &[u8]) -> bool {
    match two {
        [b'9', b'0'] | [b'0', b'9'] | [b'z', b'a'] => true,
        [one, other] => one.abs_diff(*other) == 1,
        _ => false,
    }
}
