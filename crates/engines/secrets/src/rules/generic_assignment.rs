use std::sync::LazyLock;

use palisade_model::{Confidence, Severity, Span};
use regex::bytes::Regex;

use super::cursor::Cursor;
use super::{Scene, credential};
use crate::candidate::{Hit, Identity, Scope, Shown};
use crate::filter;

/// Lengths of values that are looked at, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=128;
/// Longest part of a name on either side of the word that gives it away.
const MAX_NAME: usize = 64;
/// Bytes after a name in which its value must end.
const MAX_STATEMENT: usize = 256;

/// Words that end the name of a credential, and whether people choose it themselves.
const TERMS: &[(&[&str], Kind)] = &[
    (&["password"], Kind::Password),
    (&["passwd"], Kind::Password),
    (&["passwort"], Kind::Password),
    (&["passphrase"], Kind::Password),
    (&["passcode"], Kind::Password),
    (&["pwd"], Kind::Password),
    (&["pass"], Kind::Password),
    (&["secret"], Kind::Key),
    (&["token"], Kind::Key),
    (&["apikey"], Kind::Key),
    (&["api", "key"], Kind::Key),
    (&["access", "key"], Kind::Key),
    (&["accesskey"], Kind::Key),
    (&["secret", "key"], Kind::Key),
    (&["secretkey"], Kind::Key),
    (&["private", "key"], Kind::Key),
    (&["privatekey"], Kind::Key),
    (&["auth", "key"], Kind::Key),
    (&["signing", "key"], Kind::Key),
    (&["encryption", "key"], Kind::Key),
    (&["shared", "key"], Kind::Key),
    (&["account", "key"], Kind::Key),
    (&["storage", "key"], Kind::Key),
    (&["master", "key"], Kind::Key),
    (&["credential"], Kind::Key),
    (&["credentials"], Kind::Key),
];
/// What may follow those words without making another thing of them.
const SUFFIXES: &[&str] = &[
    "base",
    "base64",
    "b64",
    "bytes",
    "default",
    "dev",
    "development",
    "env",
    "hex",
    "live",
    "new",
    "old",
    "plain",
    "primary",
    "prod",
    "production",
    "secondary",
    "stage",
    "staging",
    "str",
    "string",
    "text",
    "v",
    "value",
];
/// Words before `token` that make it something that is no secret.
const OTHER_TOKENS: &[&str] = &[
    "bos",
    "cancel",
    "cancellation",
    "continuation",
    "csrf",
    "eos",
    "mask",
    "next",
    "pad",
    "page",
    "pagination",
    "parse",
    "prev",
    "previous",
    "public",
    "separator",
    "special",
    "stop",
    "sync",
    "unk",
    "xsrf",
];
/// Heads of values that name where a secret is kept, or are one in a sealed form.
const SEALED_OR_ELSEWHERE: &[&str] = &[
    "arn:",
    "enc(",
    "enc[",
    "file:",
    "kms:",
    "projects/",
    "sha1-",
    "sha256-",
    "sha256:",
    "sha384-",
    "sha512-",
    "ssm:",
    "urn:",
    "vault:",
    "{cipher}",
    "{ssha}",
    "age1",
    "agebox",
    "ag://",
];

static TERM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = "passw(?:or)?[dt]|passphrase|passcode|pwd|[_.-]pass|pass[_-]|secret|token|credential|api[_-]?key|\
                 (?:access|private|auth|signing|encryption|shared|account|storage|master)[_-]?key";
    Regex::new(&format!("(?i-u:{words})")).ok()
});

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Password,
    Key,
}

/// Values assigned to names that promise a credential: in source code, JSON, YAML, XML, dotenv, ini and properties files.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let Some(term) = TERM.as_ref() else { return Vec::new() };
    let mut hits = Vec::new();
    let mut done = window.start;
    for found in term.find_iter(scene.get(window)) {
        let at = window.start + found.start();
        if at < done {
            continue;
        }
        let name = name_around(scene, at, window.start + found.end());
        done = name.end;
        hits.extend(kind_of(scene.get(name)).and_then(|kind| assigned(scene, name, kind)));
    }
    hits
}

/// The whole identifier around a word of it.
fn name_around(scene: &Scene<'_>, start: usize, end: usize) -> Span {
    let of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let before = scene.get(Span::new(start.saturating_sub(MAX_NAME), start));
    let after = scene.get(Span::new(end, end + MAX_NAME));
    let left = before.iter().rev().take_while(of_name).count();
    let right = after.iter().take_while(of_name).count();
    Span::new(start - left, end + right)
}

/// What a name promises, if its last words are those of a credential.
fn kind_of(name: &[u8]) -> Option<Kind> {
    let words = credential::words(name);
    let is_suffix =
        |word: &&String| SUFFIXES.contains(&word.as_str()) || word.bytes().all(|byte| byte.is_ascii_digit());
    let suffixes = words.iter().rev().take_while(is_suffix).count();
    let core = words.get(..words.len() - suffixes)?;
    let last = core.last()?;
    let ends = |terms: &[&str]| {
        let tail = core.len().checked_sub(terms.len()).and_then(|from| core.get(from..));
        tail.is_some_and(|tail| tail.iter().zip(terms).all(|(word, term)| word == term))
    };
    let before = core.len().checked_sub(2).and_then(|at| core.get(at));
    if last == "token" && before.is_some_and(|word| OTHER_TOKENS.contains(&word.as_str())) {
        return None;
    }
    // What is hashed is no secret any more, such as `hashed_secret` in a baseline of detect-secrets.
    if before.is_some_and(|word| word == "hashed") {
        return None;
    }
    // `pass` alone is a verb, a test's verdict or a stage of a compiler.
    if last == "pass" && before.is_none() {
        return None;
    }
    let known = TERMS.iter().find(|(terms, _)| ends(terms)).map(|(_, kind)| *kind);
    known.or_else(|| {
        let password = ["password", "passwd", "passphrase"].iter().any(|end| last.ends_with(end));
        let key = ["apikey", "authtoken", "accesstoken", "secret"].iter().any(|end| last.ends_with(end));
        if password { Some(Kind::Password) } else { key.then_some(Kind::Key) }
    })
}

/// The literal value that is assigned to `name`, if it looks like a credential.
fn assigned(scene: &Scene<'_>, name: Span, kind: Kind) -> Option<Hit> {
    let (value, scope) = value_after(scene, name)?;
    let confidence = confidence(kind, scene.get(name), scene.get(value))?;
    let message = match confidence {
        Confidence::Low => "it may be a credential",
        _ => "it looks like a credential",
    };
    Some(Hit {
        secret: value,
        identity: Identity::Guessable(scene.get(name).to_ascii_lowercase()),
        shown: Shown::Nothing,
        severity: (confidence == Confidence::Low).then_some(Severity::Medium),
        confidence: Some(confidence),
        scope,
        mild_in_examples: true,
        asset: None,
        message,
    })
}

/// The literal on the right side of the assignment to `name`.
fn value_after(scene: &Scene<'_>, name: Span) -> Option<(Span, Scope)> {
    let rest = scene.get(Span::new(name.end, name.end + MAX_STATEMENT));
    let mut cursor = Cursor::new(rest, name.end);
    let element = name.start > 0 && scene.get(Span::new(name.start - 1, name.start)) == b"<";
    if element && cursor.eat(b">") {
        return Some((cursor.until(b"<")?, Scope::Anywhere));
    }
    let quoted_name = cursor.skip_quotes();
    cursor.skip_spaces();
    // As in `<add key="Password" value="..."/>`.
    if quoted_name && cursor.eat(b"value") {
        cursor.skip_spaces();
    }
    let colon = cursor.operator()?;
    cursor.skip_spaces();
    if colon {
        cursor.skip_type();
    }
    if let Some(value) = cursor.quoted() {
        return Some((value, Scope::Anywhere));
    }
    let scope = if is_dotenv(scene, name) { Scope::Anywhere } else { Scope::Unquoted };
    if quoted_name { None } else { Some((cursor.bare()?, scope)) }
}

/// Whether the line looks like one of a dotenv file, where values need no quotes.
fn is_dotenv(scene: &Scene<'_>, name: Span) -> bool {
    let of_name = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    scene.get(name).iter().all(of_name) && scene.get(Span::new(name.end, name.end + 1)) == b"="
}

/// How sure one can be that `value` is a credential; none when it is something else.
fn confidence(kind: Kind, name: &[u8], value: &[u8]) -> Option<Confidence> {
    if !LENGTHS.contains(&value.len()) || is_something_else(name, value) {
        return None;
    }
    let classes = credential::classes(value);
    let entropy = filter::entropy(value);
    let has = |kind: fn(&u8) -> bool| value.iter().any(kind);
    let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    match kind {
        Kind::Password if classes >= 3 && mixed && entropy >= 2.5 => Some(Confidence::Medium),
        Kind::Password if classes >= 2 && entropy >= 2.5 => Some(Confidence::Low),
        Kind::Key if value.len() >= 16 && mixed && entropy >= 3.0 => Some(Confidence::Medium),
        Kind::Key if classes >= 3 && mixed && entropy >= 2.8 => Some(Confidence::Low),
        Kind::Password | Kind::Key => None,
    }
}

/// Whether a value is prose, code, a name, a number, a place, a version, or a secret that is sealed.
fn is_something_else(name: &[u8], value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let graphic = value.iter().all(u8::is_ascii_graphic);
    let code = value.iter().any(|byte| b"()<>[]{}|\\^".contains(byte)) || lower.starts_with(b"*");
    let elsewhere = SEALED_OR_ELSEWHERE.iter().any(|head| lower.starts_with(head.as_bytes()));
    let number = value.iter().all(|byte| !byte.is_ascii_alphabetic());
    let address = memchr::memmem::find(value, b"://").is_some();
    let accessor =
        [b"process.".as_slice(), b"os.", b"env.", b"config.", b"self.", b"this.", b"var.", b"secrets."];
    !graphic
        || code
        || elsewhere
        || number
        || address
        || accessor.iter().any(|head| lower.starts_with(head))
        || is_path(value)
        || is_constant(value)
        || lower == name.to_ascii_lowercase()
        || credential::is_worthless(value)
        || credential::is_wordy(value)
}

/// The name of a variable or an error, such as `DB_PASSWORD_FILE`.
fn is_constant(value: &[u8]) -> bool {
    let of_name = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    value.first().is_some_and(u8::is_ascii_uppercase) && value.contains(&b'_') && value.iter().all(of_name)
}

fn is_path(value: &[u8]) -> bool {
    let rooted = [b"/".as_slice(), b"./", b"../", b"~/"].iter().any(|root| value.starts_with(root));
    let drive = matches!(value, [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    drive || (rooted && !value.ends_with(b"=") && memchr::memchr_iter(b'/', value).count() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_promise_what_their_last_words_say() {
        for (name, kind) in [
            ("password", Kind::Password),
            ("DB_PASS", Kind::Password),
            ("spring.datasource.password", Kind::Password),
            ("clientSecret", Kind::Key),
            ("API_KEY_PROD", Kind::Key),
            ("x-api-key", Kind::Key),
            ("rootpassword", Kind::Password),
            ("secret_key_base", Kind::Key),
            ("authToken2", Kind::Key),
        ] {
            assert_eq!(kind_of(name.as_bytes()), Some(kind), "{name}");
        }
        for name in [
            "password_field",
            "token_type",
            "tokenizer",
            "max_tokens",
            "secretName",
            "next_token",
            "pass",
            "passwordLabel",
            "access_key_id",
            "compass",
            "csrf_token",
            "TokenKind",
            "password_hash",
            "hashed_secret",
        ] {
            assert_eq!(kind_of(name.as_bytes()), None, "{name}");
        }
    }
}
