//! What makes a value a credential that a person chose, and not the name of one.

use crate::filter;

/// Values that documentation and defaults use; whoever has them as a password has no secret to lose.
const WEAK: &[&str] = &[
    "admin",
    "anoncvs",
    "anonymous",
    "changeit",
    "changeme",
    "default",
    "demo",
    "dummy",
    "example",
    "foo",
    "foobar",
    "bar",
    "guest",
    "hidden",
    "hunter2",
    "key",
    "letmein",
    "mongo",
    "mypass",
    "mypassword",
    "mysecret",
    "mysql",
    "none",
    "null",
    "pass",
    "passw0rd",
    "passwd",
    "password",
    "password1",
    "password123",
    "postgres",
    "postgresql",
    "pwd",
    "qwerty",
    "rabbitmq",
    "redis",
    "root",
    "s3cret",
    "s3cr3t",
    "sample",
    "secret",
    "sekret",
    "string",
    "test",
    "test123",
    "testing",
    "testpass",
    "testpassword",
    "token",
    "undefined",
    "user",
    "username",
    "value",
];

/// Whether a password is a default, a placeholder or a hole in a template.
pub(super) fn is_worthless(password: &[u8]) -> bool {
    let lower = String::from_utf8_lossy(password).to_ascii_lowercase();
    let hole = password.iter().any(|byte| matches!(byte, b'{' | b'}' | b'<' | b'>' | b'[' | b']'));
    password.len() < 4
        || hole
        || WEAK.contains(&lower.as_str())
        || filter::is_placeholder(password)
        || password.starts_with(b"%")
        || password.iter().all(|byte| matches!(byte, b'*' | b'.' | b'x' | b'X' | b'-' | b'_' | b'?'))
}

/// Kinds of characters in a value, out of lower, upper, digit, other.
pub(super) fn classes(value: &[u8]) -> usize {
    let kinds: [fn(&u8) -> bool; 4] =
        [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit, u8::is_ascii_punctuation];
    kinds.iter().filter(|kind| value.iter().any(kind)).count()
}

/// The lower-case words of an identifier: `dbPassword_2` has `db`, `password`, `2`.
pub(super) fn words(name: &[u8]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = b'_';
    for (index, byte) in name.iter().copied().enumerate() {
        let next_is_lower = name.get(index + 1).is_some_and(u8::is_ascii_lowercase);
        let starts = !last.is_ascii_alphanumeric()
            || last.is_ascii_digit() != byte.is_ascii_digit()
            || (byte.is_ascii_uppercase() && (!last.is_ascii_uppercase() || next_is_lower));
        if byte.is_ascii_alphanumeric() {
            let character = char::from(byte.to_ascii_lowercase());
            match words.last_mut() {
                Some(word) if !starts => word.push(character),
                _ => words.push(character.to_string()),
            }
        }
        last = byte;
    }
    words
}

/// Whether a value reads like words: an identifier, a key of translations, a path, a slug such as `us-east-1`.
pub(super) fn is_wordy(value: &[u8]) -> bool {
    let plain = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b':' | b'\\' | b'~' | b' ')
    };
    if !value.iter().all(plain) {
        return false;
    }
    let words = words(value);
    let letters: usize = words.iter().filter(|word| !is_number(word)).map(String::len).sum();
    let digits: usize = words.iter().filter(|word| is_number(word)).map(String::len).sum();
    let long = words.iter().filter(|word| is_pronounceable(word)).map(String::len).sum::<usize>();
    // Passwords such as `Summer2024` are words too, but have more digits than a name would.
    digits <= 3 && letters > 0 && long * 10 >= letters * 7
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a word of two letters or more could be said: vowels, and no long run of consonants.
fn is_pronounceable(word: &str) -> bool {
    let vowel = |byte: &u8| matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let longest = word.as_bytes().split(vowel).map(<[u8]>::len).max().unwrap_or(0);
    word.len() >= 2 && word.bytes().any(|byte| vowel(&byte)) && longest <= 3
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
            ("", ""),
        ];
        for (name, split) in cases {
            assert_eq!(words(name.as_bytes()).join(" "), split, "{name}");
        }
    }

    #[test]
    fn tells_words_from_secrets() {
        for wordy in [
            "accessToken1",
            "us-east-1",
            "com.example.Token",
            "secret_key_base",
            "/etc/tokens/main",
            "keyring:backend",
        ] {
            assert!(is_wordy(wordy.as_bytes()), "{wordy}");
        }
        for secret in
            ["Summer2024", "q7Rt5vKp2mXz9LwB", "hk2!correct", "8f14e45fceea167a5a36dedd4bea2543", "zxkqwrtp"]
        {
            assert!(!is_wordy(secret.as_bytes()), "{secret}");
        }
    }
}
