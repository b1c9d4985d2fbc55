use std::ops::Range;

/// The lower-case words of an identifier: `dbPassword_2` has `db`, `password`, `2`.
pub(crate) fn words(name: &[u8]) -> Vec<String> {
    let text = |word: &[u8]| {
        let word = String::from_utf8(word.to_ascii_lowercase());
        word.unwrap_or_else(|word| String::from_utf8_lossy(word.as_bytes()).into_owned())
    };
    bounds(name).filter_map(|word| name.get(word)).map(text).collect()
}

/// Where the words of an identifier are.
pub(crate) fn bounds(name: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + name.get(at..)?.iter().position(|byte| is_of_word(*byte))?;
        let mut rest = name.get(start..)?.iter().copied().peekable();
        let mut last = rest.next()?;
        at = start + 1;
        while let Some(byte) = rest.next() {
            let next_is_lower = rest.peek().is_some_and(u8::is_ascii_lowercase);
            let starts = last.is_ascii_digit() != byte.is_ascii_digit()
                || (byte.is_ascii_uppercase() && (!last.is_ascii_uppercase() || next_is_lower));
            if starts || !is_of_word(byte) {
                break;
            }
            last = byte;
            at += 1;
        }
        Some(start..at)
    })
}

/// Letters beyond ASCII count as letters, so that `contraseña` is one word.
fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_identifiers() {
        let cases = [
            ("dbPassword_2", "db password 2"),
            ("AWS_SECRET_ACCESS_KEY", "aws secret access key"),
            ("spring.datasource.password", "spring datasource password"),
            ("HTTPToken", "http token"),
            ("apiKeyV2", "api key v 2"),
            ("contraseña", "contraseña"),
            ("", ""),
        ];
        for (name, split) in cases {
            assert_eq!(words(name.as_bytes()).join(" "), split, "{name}");
        }
    }
}
