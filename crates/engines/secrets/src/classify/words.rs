/// Most words are no longer, in bytes.
const USUAL_LENGTH: usize = 12;

/// The lower-case words of an identifier: `dbPassword_2` has `db`, `password`, `2`.
pub(crate) fn words(name: &[u8]) -> Vec<String> {
    let mut words: Vec<Vec<u8>> = Vec::new();
    let mut last = b'_';
    for (index, byte) in name.iter().copied().enumerate() {
        let next_is_lower = name.get(index + 1).is_some_and(u8::is_ascii_lowercase);
        let starts = !is_of_word(last)
            || last.is_ascii_digit() != byte.is_ascii_digit()
            || (byte.is_ascii_uppercase() && (!last.is_ascii_uppercase() || next_is_lower));
        if is_of_word(byte) {
            match words.last_mut() {
                Some(word) if !starts => word.push(byte.to_ascii_lowercase()),
                _ => {
                    let mut word = Vec::with_capacity(USUAL_LENGTH);
                    word.push(byte.to_ascii_lowercase());
                    words.push(word);
                }
            }
        }
        last = byte;
    }
    let text = |word| {
        String::from_utf8(word).unwrap_or_else(|word| String::from_utf8_lossy(word.as_bytes()).into_owned())
    };
    words.into_iter().map(text).collect()
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
