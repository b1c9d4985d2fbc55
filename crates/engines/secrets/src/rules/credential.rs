//! What makes a value a credential that a person chose, and not the name of one.

use crate::classify::{Evidence, Form, Quote, is_beyond_doubt, is_dummy_word, is_foreign, promise, words};
use crate::filter;

/// Values that documentation and defaults use; whoever has them as a password has no secret to lose.
const WEAK: &[&str] = &[
    "admin",
    "android",
    "anoncvs",
    "anonymous",
    "anything",
    "changeit",
    "changeme",
    "default",
    "demo",
    "dummy",
    "example",
    "foo",
    "foobar",
    "bar",
    "bindpw",
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
    "nonsense",
    "null",
    "pass",
    "passw0rd",
    "passwd",
    "proxypass",
    "repopwd",
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
    "rootpw",
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
    "topsecret",
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
        || is_property(password)
        || is_foreign(password)
        || password.starts_with(b"%")
        || password.iter().all(|byte| matches!(byte, b'*' | b'.' | b'x' | b'X' | b'-' | b'_' | b'?'))
}

/// Whether a value that stands where a password does is one beyond doubt.
pub(super) fn is_certain(value: &[u8]) -> bool {
    let name = b"password";
    let (form, quote) = (Form::Assigned, Quote::Double);
    let evidence = |promise| Evidence { name, promise, value, form, quote, after: b"", around: b"" };
    promise(name).is_some_and(|promise| is_beyond_doubt(&evidence(promise))) && !is_common(value)
}

/// Whether a value is made of defaults, words of placeholders and numbers only: `key_1234`, `WrongPass1`.
pub(super) fn is_common(value: &[u8]) -> bool {
    words(value).iter().all(|word| is_number(word) || is_plain(word))
}

/// Whether a word is a default, or one of a placeholder.
fn is_plain(word: &str) -> bool {
    WEAK.contains(&word) || is_dummy_word(word)
}

/// Whether a value is made of words that only say what belongs there: `authKey`, `my-password`, `secret_token`.
pub(super) fn is_dummy(value: &[u8]) -> bool {
    let words = words(value);
    // The name of a variable: `REGISTRY_TOKEN`.
    let constant =
        value.contains(&b'_') && value.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_');
    !words.is_empty()
        && (words.iter().all(|word| is_plain(word)) || (constant && words.iter().any(|word| is_plain(word))))
}

/// Whether a value is itself the name of a variable that holds a credential, or of a property: `CI_DEPLOY_TOKEN_2`, `spring.mail.password`.
pub(super) fn is_variable(value: &[u8]) -> bool {
    let of_name = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    let of_property =
        |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    let variable = value.contains(&b'_') && value.iter().all(of_name);
    let property = value.contains(&b'.') && value.iter().all(of_property);
    (variable || property) && promise(value).is_some_and(|name| name.ends && name.qualified)
}

/// Whether a value is what code calls a credential that it has, in words with dots between them: `parsed.password`, `ctx.dbPassword`.
fn is_property(value: &[u8]) -> bool {
    let value = value.strip_suffix(b")").unwrap_or(value);
    value.contains(&b'.')
        && value.first().is_some_and(u8::is_ascii_lowercase)
        && value.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'.')
        && promise(value).is_some_and(|name| name.ends && name.qualified)
}

/// Whether a value is the name of a credential, in words with hyphens or underscores between them: `redis-primary-key`, `no-apikey`.
pub(super) fn is_name(value: &[u8]) -> bool {
    let parts = || value.split(|byte| matches!(byte, b'-' | b'_'));
    parts().count() > 1
        && parts().all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_lowercase))
        && parts().next_back().is_some_and(|last| promise(last).is_some_and(|name| name.ends))
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
    fn names_of_variables_are_dummies() {
        assert!(is_dummy(b"REGISTRY_TOKEN") && is_dummy(b"my-password"));
        assert!(!is_dummy(b"REGISTRY_TOKEN_7F") && !is_dummy(b"HOUSE_ON_FIRE"));
    }

    #[test]
    fn names_are_no_values() {
        assert!(is_name(b"redis-primary-key") && is_name(b"no-apikey"));
        assert!(is_property(b"parsed.password") && is_property(b"ctx.dbPassword)"));
        assert!(!is_property(b"acme.2024.pass") && !is_property(b"ACME_1985_PASS"));
        assert!(!is_name(b"correct-horse-battery") && !is_name(b"q7-rt5-key") && !is_name(b"password"));
    }

    #[test]
    fn defaults_with_numbers_are_common() {
        assert!(is_common(b"key_1234") && is_common(b"Password123"));
        assert!(!is_common(b"Summer2024"));
    }

    #[test]
    fn defaults_and_holes_are_worth_nothing() {
        for worthless in ["changeme", "password", "{{ password }}", "%s", "****", "abc"] {
            assert!(is_worthless(worthless.as_bytes()), "{worthless}");
        }
        for worth in ["Summer2024", "q7Rt5vKp2mXz9LwB", "hk2!correct"] {
            assert!(!is_worthless(worth.as_bytes()), "{worth}");
        }
    }
}
