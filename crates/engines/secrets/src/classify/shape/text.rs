//! Values that people read: words, labels, sentences, and bytes that are spelled out.

/// Bytes that are spelled out: colours of a terminal, an icon, words in hexadecimal.
pub(super) fn is_escaped(value: &[u8]) -> bool {
    let has = |part: &[u8]| value.windows(part.len()).any(|found| found == part);
    let colours: [&[u8]; 5] = [b"\\033[", b"\\e[", b"\\x1b[", b"\\u001b[", b"\\x1B["];
    let spelled = |escape: &[u8], width: usize| {
        let mut bytes = value.chunks(escape.len() + width);
        value.len() >= escape.len() + width
            && bytes.all(|part| {
                part.strip_prefix(escape)
                    .is_some_and(|digits| digits.len() == width && digits.iter().all(u8::is_ascii_hexdigit))
            })
    };
    let icon = value
        .strip_prefix(b"\\")
        .is_some_and(|digits| (1..=6).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit));
    colours.iter().any(|colour| has(colour))
        || icon
        || spelled(b"\\u", 4)
        || spelled(b"%", 2)
        || (spelled(b"\\x", 2) && says_words(value))
        || (!spelled(b"\\x", 2) && value.windows(2).filter(|two| *two == b"\\x").count() >= 2)
}

/// Whether bytes that are spelled in hexadecimal, `\x61\x62`, are words.
fn says_words(value: &[u8]) -> bool {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |part: &[u8]| match part {
        [_, _, high, low] => Some(digit(*high)? * 16 + digit(*low)?),
        _ => None,
    };
    value.chunks(4).filter_map(byte).all(|byte| byte.is_ascii_lowercase() || byte == b' ')
}

/// Text in another script than that of passwords: a translation.
pub(crate) fn is_foreign(value: &[u8]) -> bool {
    value.iter().filter(|byte| !byte.is_ascii()).count() * 2 > value.len()
}

/// Two words or more, or a word with letters beyond ASCII, without a digit or a sign: what a person says or reads on a screen, in
/// whatever language, also where JSON spells its letters (`jelsz\u00f3`).
pub(super) fn is_spoken(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    let (mut letters, mut foreign, mut spaces) = (0, 0, 0);
    let mut rest = text.as_ref();
    while let Some(next) = rest.chars().next() {
        // JSON in JSON escapes its escapes.
        if rest.starts_with("\\\\") {
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let spelled = rest.strip_prefix("\\u").and_then(|digits| digits.get(..4));
        let code = spelled.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let (letter, length) = match code {
            Some(code) => (char::from_u32(code), 6),
            None => (Some(next), next.len_utf8()),
        };
        match letter {
            Some(' ') => spaces += 1,
            Some('\'' | '’' | '-' | '.' | ':' | ',' | '?' | '!') => {}
            Some(letter) if letter.is_alphabetic() => {
                letters += 1;
                foreign += usize::from(!letter.is_ascii());
            }
            _ => return false,
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    // A word of Latin letters alone is as good a password as any other.
    letters > 0 && (foreign > 0 || (spaces > 0 && is_title(value)))
}

/// Whether a text begins with a capital and has no other, as labels do.
fn is_title(value: &[u8]) -> bool {
    value.first().is_some_and(u8::is_ascii_uppercase)
        && value.iter().filter(|byte| byte.is_ascii_uppercase()).count() <= 1
}

/// Words of letters with a mark at the end: a label, a question or an error for people.
pub(super) fn is_sentence(value: &[u8]) -> bool {
    let words = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let plain = |word: &&[u8]| {
        word.iter().filter(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii()).count() + 1 >= word.len()
    };
    let (all, plain) = (words.clone().count(), words.filter(plain).count());
    let ended = matches!(value, [.., b'.' | b'?' | b'!' | b':' | b',']);
    (all >= 2 && ended && plain * 3 >= all * 2) || (all >= 4 && plain * 4 >= all * 3)
}
