//! What a value is when it cannot be a credential, whatever its name: a hole in a template, a reference, a place, a sealed secret.

use super::public_key;
use super::words::words;

/// Heads of values that name where a secret is kept, or are one in a sealed or hashed form.
const SEALED_OR_ELSEWHERE: &[&str] = &[
    "ag://",
    "age1",
    "agebox",
    "arn:",
    // What Crowdin puts in place of a text that is translated in its page.
    "crwdns",
    "enc(",
    "enc[",
    "file:",
    "hmac-sha256:",
    "kms:",
    "op://",
    "projects/",
    "secretref:",
    "sha1-",
    "sha256-",
    "sha256:",
    "sha384-",
    "sha512-",
    "ssm:",
    "urn:",
    "vault:",
    "vault/",
    "scram-sha-",
    "{bcrypt}",
    "{cipher}",
    "{noop}$",
    "{pbkdf2}",
    "{sha}",
    "{ssha}",
    "$1$",
    "$2a$",
    "$2b$",
    "$2y$",
    "$5$",
    "$6$",
    "$7$",
    "$argon2",
    "$ansible_vault",
    "$apr1$",
    "$pbkdf2",
    "$scrypt",
    "$y$",
    "pbkdf2_sha",
    "bcrypt$",
    "argon2",
    "ssh-rsa ",
    "ssh-ed25519 ",
    "ecdsa-sha2-",
    "http:",
    "https:",
    "data:",
    "!vault",
    "!secret",
    "!ref",
    "!sub",
    "npm:",
    "--",
    "@~/",
    "{\"",
    "workspace:",
    "link:",
    "git+",
];
/// Heads of keys that vendors mean for browsers: PostHog, Stripe.
const PUBLISHED: &[&str] = &["phc_", "pk_live_", "pk_test_"];
/// Heads of expressions.
const ACCESSORS: &[&str] = &[
    "process.",
    "os.",
    "env.",
    "config.",
    "self.",
    "this.",
    "var.",
    "vars.",
    "local.",
    "secrets.",
    "data.",
    "module.",
    "params.",
    "request.",
    "req.",
    "args.",
    "settings.",
    "options.",
    "opts.",
    "github.",
    "steps.",
    "inputs.",
    "random_",
    "azurerm_",
    "aws_",
    "google_",
    "system.",
    "app.",
    "cfg.",
    "conf.",
    "input.",
    "user.",
    "account.",
];
/// Words that are values of their own.
const KEYWORDS: &[&str] = &[
    "true",
    "false",
    "null",
    "none",
    "nil",
    "undefined",
    "yes",
    "no",
    "on",
    "off",
    "string",
    "str",
    "bytes",
    "int",
    "integer",
    "boolean",
    "bool",
    "number",
    "object",
    "array",
    "any",
    "void",
    "required",
    "optional",
    "always",
    "never",
    "inherit",
    "write",
    "read",
    "text",
    "hidden",
    "password|string",
    "unknown",
    "nan",
    "self",
    "this",
    "default",
    "function",
    "class",
    "char",
    "byte",
    "uuid",
    "date",
    "datetime",
    "email",
    "url",
    "uri",
    "enabled",
    "disabled",
    "auto",
];

/// Parts of values that say that the real one goes there.
const PLACEHOLDERS: &[&str] = &[
    "example",
    "changeme",
    "change-me",
    "change_me",
    "change_this",
    "changethis",
    "placeholder",
    "redacted",
    "replaceme",
    "replace-me",
    "replace_me",
    "replace-with",
    "replace_with",
    "insert-",
    "insert_",
    "your-",
    "your_",
    "yourtoken",
    "yourkey",
    "yourapi",
    "yoursecret",
    "yourpassword",
    "yourstrong",
    "dummy",
    "notreal",
    "not-real",
    "not_real",
    "todo",
    "fixme",
    "xxxx",
    "****",
    "_here",
    "-here",
    "goes-here",
    "masked",
    "hardcoded",
    "not-set",
    "not_set",
    "lorem",
];
/// Words of values that say that they are made up, or something else than a credential.
const MADE_UP: &[&str] =
    &["bogus", "encrypted", "fake", "hashed", "invalid", "mock", "mocked", "nonexistent", "unencrypted"];
/// Names of ciphers, digests and encodings.
const ALGORITHMS: &[&str] = &[
    "utf8",
    "utf-8",
    "utf16",
    "utf-16",
    "latin1",
    "latin-1",
    "ascii",
    "base64",
    "base32",
    "sha1",
    "sha-1",
    "sha256",
    "sha-256",
    "sha512",
    "sha-512",
    "sha384",
    "hs256",
    "hs384",
    "hs512",
    "rs256",
    "es256",
    "ps256",
    "eddsa",
    "es256k",
    "es384",
    "es512",
    "ps384",
    "ps512",
    "rs384",
    "rs512",
    "ed25519",
    "rsa",
    "ecdsa",
    "aes-256-cbc",
    "aes-256-gcm",
    "aes256",
    "aes128",
    "pbkdf2",
    "scrypt",
    "bcrypt",
    "oauth2",
    "oauth1",
    "digest",
    "basic",
    "bearer",
    "ntlm",
    "negotiate",
    "x-oauth-basic",
    "kerberos",
    "x-api-key",
    "md5-crypt",
    "scram-sha-256",
    "scram-sha-1",
    "mysql_native_password",
    "caching_sha2_password",
];

/// Whether a value is no literal, or a literal that opens nothing.
pub(super) fn is_no_credential(value: &[u8], bare: bool) -> bool {
    let lower = value.to_ascii_lowercase();
    let starts = |heads: &[&str]| heads.iter().any(|head| lower.starts_with(head.as_bytes()));
    value.len() < 4
        || value.iter().any(|byte| byte.is_ascii_control())
        || is_hole(value)
        || is_place(value)
        || is_version(value)
        || starts(SEALED_OR_ELSEWHERE)
        || starts(PUBLISHED)
        || KEYWORDS.iter().any(|word| lower == word.as_bytes())
        || ALGORITHMS.iter().any(|word| lower == word.as_bytes())
        || PLACEHOLDERS.iter().any(|word| lower.windows(word.len()).any(|part| part == word.as_bytes()))
        || words(value).iter().any(|word| MADE_UP.contains(&word.as_str()))
        || is_repeated(&lower)
        || is_filler(value)
        || is_ciphertext(value)
        || is_time(value)
        || is_hash_or_public(value)
        || public_key::is_public_key(value)
        || is_part_of_token(value)
        || is_escaped(value)
        || is_pattern(value)
        || is_sentence(value)
        || is_foreign(value)
        || is_spoken(value)
        || is_drawing(value)
        || is_number_of_case(value)
        || is_checks(value)
        || is_number(value)
        || (value.starts_with(b"\\x") && value.len() < 64)
        || (bare && is_code(value, &lower))
        || (starts(ACCESSORS) && lower.iter().all(|byte| is_of_expression(*byte)))
}

fn is_of_expression(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'.' | b'[' | b']' | b'(' | b')' | b'-' | b'"' | b'\'')
}

/// A hole of a template, or the name of a variable.
fn is_hole(value: &[u8]) -> bool {
    let holes: [&[u8]; 14] =
        [b"<<", b">>", b"${", b"$(", b"{{", b"#{", b"<%", b"%(", b"%{", b"}}", b"%s", b"%d", b"{0}", b"[["];
    let has = |hole: &[u8]| value.windows(hole.len()).any(|part| part == hole);
    let inside = value.get(1..value.len().saturating_sub(1)).unwrap_or_default();
    let named = |bytes: &[u8]| {
        !bytes.is_empty()
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-. :/|".contains(byte))
    };
    let variable = matches!(value, [b'$' | b'@', name @ ..] if is_variable(name));
    let wrapped = matches!(
        value,
        [b'<', .., b'>']
            | [b'%', .., b'%']
            | [b'{', .., b'}']
            | [b'[', .., b']']
            | [b'@', .., b'@']
            | [b'(', .., b')']
            | [b'_', b'_', .., b'_', b'_']
    );
    let entity = matches!(value, [b'&', .., b';']) || matches!(value, [b'%', b'2', b'6', .., b';']);
    let any = matches!(value, [head @ .., b'*'] if head.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_'));
    // `%t`, `%v`: where `printf` puts it.
    let verb = matches!(value, [b'%', letter, rest @ ..] if letter.is_ascii_lowercase() && rest.first().is_none_or(|byte| !byte.is_ascii_alphanumeric()));
    holes.iter().any(|hole| has(hole))
        || variable
        || any
        || verb
        || entity
        || (wrapped && named(inside))
        || matches!(value, [b'<', .., b'>'])
        || (value.starts_with(b"<") && value.len() > 4)
        || has(b"...")
        || has("…".as_bytes())
        || has("•".as_bytes())
}

/// Whether what follows a dollar sign is a name rather than a word with a dollar for an S.
fn is_variable(name: &[u8]) -> bool {
    let start = name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    let whole = name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_:[]->'.{}".contains(byte));
    let camel = name
        .windows(2)
        .any(|two| matches!(two, [one, other] if one.is_ascii_lowercase() && other.is_ascii_uppercase()));
    let constant = !name.iter().any(u8::is_ascii_lowercase);
    let named = camel || constant || name.contains(&b'_') || !name.iter().any(u8::is_ascii_digit);
    start && whole && named
}

/// A hash as `crypt` writes it, `$name$...`, or as LDAP does, `{NAME}...`; or a public key.
fn is_hash_or_public(value: &[u8]) -> bool {
    let ident = |bytes: &[u8], close: u8| {
        let length = bytes.iter().take(16).position(|byte| *byte == close);
        length.is_some_and(|length| {
            (1..16).contains(&length)
                && bytes
                    .iter()
                    .take(length)
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        }) && bytes.len() > 24
    };
    match value {
        // PostgreSQL keeps `md5` and the digest of password and user.
        [b'm', b'd', b'5', digest @ ..] => digest.len() == 32 && digest.iter().all(u8::is_ascii_hexdigit),
        [b'$', rest @ ..] => ident(rest, b'$'),
        [b'{', rest @ ..] => ident(rest, b'}'),
        _ => {
            value.starts_with(b"AAAAB3NzaC1")
                || value.starts_with(b"AAAAC3NzaC1")
                || value.starts_with(b"AAAAE2VjZHNh")
        }
    }
}

/// The header of a JSON Web Token alone, or one without the signature that makes it a credential (RFC 7515 3.1).
fn is_part_of_token(value: &[u8]) -> bool {
    let heads: [&[u8]; 3] = [b"eyJhbGci", b"eyJ0eXAi", b"eyJraWQi"];
    let mut parts = value.split(|byte| *byte == b'.');
    let first = parts.next().unwrap_or_default();
    let payload = parts.next();
    let short = |signature: Option<&[u8]>| signature.is_none_or(|signature| signature.len() < 16);
    let middle = payload.is_some_and(|payload| payload.starts_with(b"eyJ"));
    let headed = heads.iter().any(|head| first.starts_with(head));
    (headed || middle) && payload.is_none_or(|_| short(parts.next()))
}

/// Bytes that are spelled out: colours of a terminal, an icon, words in hexadecimal.
fn is_escaped(value: &[u8]) -> bool {
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

/// A pattern rather than a text that fits it.
fn is_pattern(value: &[u8]) -> bool {
    let marks: [&[u8]; 9] = [b"]+", b"]*", b"]{", b".*", b"\\d", b"\\w", b"\\S", b"(?", b"[^"];
    marks.iter().any(|mark| value.windows(mark.len()).any(|part| part == *mark))
}

/// Checks that a form makes: `required|min:8`.
fn is_checks(value: &[u8]) -> bool {
    let of_checks = |byte: &u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'|' | b':' | b'_' | b',')
    };
    value.contains(&b'|') && value.first().is_some_and(u8::is_ascii_lowercase) && value.iter().all(of_checks)
}

/// Text in another script than that of passwords: a translation.
pub(crate) fn is_foreign(value: &[u8]) -> bool {
    value.iter().filter(|byte| !byte.is_ascii()).count() * 2 > value.len()
}

/// Two words or more, or a word with letters beyond ASCII, without a digit or a sign: what a person says or reads on a screen, in
/// whatever language, also where JSON spells its letters (`jelsz\u00f3`).
fn is_spoken(value: &[u8]) -> bool {
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

/// The path of a drawing (SVG 2, 9.3): letters for commands, and numbers.
fn is_drawing(value: &[u8]) -> bool {
    let of_path = |byte: &u8| byte.is_ascii_digit() || b" ,.-MLHVCSQTAZmlhvcsqtaz".contains(byte);
    matches!(value, [b'M' | b'm', digit, ..] if digit.is_ascii_digit() || matches!(digit, b' ' | b'-' | b'.'))
        && value.iter().all(of_path)
        && value.iter().filter(|byte| matches!(byte, b',' | b'.' | b' ')).count() >= 2
}

/// The number of a case, a weakness, an advisory or a ticket: `CWE-798`, `GHSA-xxxx-xxxx-xxxx`.
fn is_number_of_case(value: &[u8]) -> bool {
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
fn is_stamped(value: &[u8]) -> bool {
    const STAMP: usize = 13;
    let (head, stamp) = value.split_at(value.len().saturating_sub(STAMP));
    let recent = matches!(stamp, [b'1', b'4'..=b'9', ..]) || matches!(stamp, [b'2', b'0' | b'1', ..]);
    head.len() >= 16
        && recent
        && stamp.iter().all(u8::is_ascii_digit)
        && head.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
}

/// The address of an account of a ledger: `0x` and twenty bytes (EIP-55).
fn is_address(value: &[u8]) -> bool {
    value
        .strip_prefix(b"0x")
        .is_some_and(|digits| digits.len() == 40 && digits.iter().all(u8::is_ascii_hexdigit))
}

/// The name of an object at GitHub: letters for its kind, and MessagePack of an array of numbers in base 64: `LA_kwDO...`.
fn is_node(value: &[u8]) -> bool {
    let kind = value.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let rest = value.get(kind..).unwrap_or_default();
    (1..=5).contains(&kind) && (rest.starts_with(b"_kwDO") || rest.starts_with(b"_kgDO"))
}

/// Words of letters with a mark at the end: a label, a question or an error for people.
fn is_sentence(value: &[u8]) -> bool {
    let words = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let plain = |word: &&[u8]| {
        word.iter().filter(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii()).count() + 1 >= word.len()
    };
    let (all, plain) = (words.clone().count(), words.filter(plain).count());
    let ended = matches!(value, [.., b'.' | b'?' | b'!' | b':' | b',']);
    (all >= 2 && ended && plain * 3 >= all * 2) || (all >= 4 && plain * 4 >= all * 3)
}

/// A path, an address, or the name of a file.
fn is_place(value: &[u8]) -> bool {
    let has = |part: &[u8]| value.windows(part.len()).any(|found| found == part);
    let roots: [&[u8]; 5] = [b"/", b"./", b"../", b"~/", b"\\\\"];
    let rooted = roots.iter().any(|root| value.starts_with(root))
        && !value.ends_with(b"=")
        && !value.iter().any(|byte| matches!(byte, b'+' | b'!' | b'#' | b'^'));
    let slashes = value.iter().filter(|byte| **byte == b'/').count();
    let path = rooted
        && (slashes > 1
            || value.get(1..).is_some_and(|rest| {
                rest.iter().all(|byte| byte.is_ascii_lowercase() || b"-_./".contains(byte))
            }));
    let drive = matches!(value, [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    const ENDS: &[&[u8]] = &[
        b".pem",
        b".key",
        b".crt",
        b".cer",
        b".jks",
        b".p12",
        b".pfx",
        b".json",
        b".yaml",
        b".yml",
        b".txt",
        b".xml",
        b".properties",
        b".conf",
        b".js",
        b".ts",
        b".py",
        b".php",
        b".html",
        b".md",
        b".cf",
        b".ini",
        b".sh",
        b".go",
        b".java",
        b".rb",
        b".css",
        b".com",
        b".org",
        b".net",
        b".local",
    ];
    let file = ENDS.iter().any(|end| value.ends_with(end)) && !has(b"@");
    has(b"://") || path || drive || file
}

/// `^7.1.2`, `~> 2.0`, `1.2.3`: the version of a package; or the number of an object (ITU-T X.660), ended as C does.
fn is_version(value: &[u8]) -> bool {
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
fn is_time(value: &[u8]) -> bool {
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

/// Few characters again and again: `xxxx-xxxx`, `********`, `aaaaaaaa`.
fn is_repeated(value: &[u8]) -> bool {
    let mut seen: Vec<u8> = value.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
    let filler =
        value.iter().filter(|byte| matches!(byte, b'x' | b'*' | b'-' | b'_' | b'.' | b'?' | b'#')).count();
    seen.sort_unstable();
    seen.dedup();
    seen.len() <= 1 || filler * 10 >= value.len() * 7 || (seen.len() == 2 && value.len() >= 12)
}

/// A shape filled with the same few characters: `10000000-aaaa-bbbb-cccc-000000000001`.
fn is_filler(value: &[u8]) -> bool {
    let same = value.windows(2).filter(|two| matches!(two, [one, other] if one == other)).count();
    value.len() >= 16 && same * 2 >= value.len()
}

/// Base64 of several parts, with bars between them or only the end of each: a vector, a ciphertext and a code of authenticity, or a hash
/// and its salt.
fn is_ciphertext(value: &[u8]) -> bool {
    let of_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let end = value.windows(2).position(|two| matches!(two, [b'=', next] if *next != b'=')).map(|at| at + 1);
    let glued = |end: usize| end >= 16 && end.is_multiple_of(4) && value.iter().all(of_base64);
    value.len() >= 32 && (value.windows(2).any(|two| two == b"=|") || end.is_some_and(glued))
}

/// A number as programs write it: `0x0002000`.
fn is_number(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"-").unwrap_or(value);
    let digits = value.strip_prefix(b"0x").or_else(|| value.strip_prefix(b"0X"));
    digits.is_some_and(|digits| (1..=8).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit))
}

/// Whether no machine would hand a value out as a secret: it only counts, names a moment, or is the address of an account.
pub(super) fn names_something(value: &[u8]) -> bool {
    is_counting(value) || is_stamped(value) || is_address(value) || is_node(value)
}

/// Whether letters and digits, each read on their own, only count up or down: `abc123`, `A1B2-C3D4`, `0123456abcde`.
pub(super) fn is_counting(value: &[u8]) -> bool {
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

/// A bare value that is an expression of a language.
fn is_code(value: &[u8], lower: &[u8]) -> bool {
    let any = |bytes: &[u8]| value.iter().any(|byte| bytes.contains(byte));
    let call = any(b"(") || value.ends_with(b"[") || value.ends_with(b"{") || value.ends_with(b":");
    let reference = value
        .windows(2)
        .any(|two| two == b"::" || two == b"->" || two == b"=>" || two == b"&&" || two == b"||");
    let element =
        value.windows(2).any(|two| matches!(two, [b'[', digit] if digit.is_ascii_digit())) && any(b"]");
    call || reference
        || element
        || lower.starts_with(b"&")
        || lower.starts_with(b"*")
        || lower.starts_with(b"!") && value.len() < 8
        || value.starts_with(b"|")
        || value.starts_with(b"\\")
        || value.starts_with(b"-")
            && any(b"-")
            && value.iter().filter(|byte| **byte == b'-').count() >= 2
            && lower.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'-' || *byte == b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_places_and_sealed_values_are_no_credentials() {
        for value in [
            "${DB_PASSWORD}",
            "{{ .Values.password }}",
            "<your password>",
            "%PASSWORD%",
            "$password",
            "/run/secrets/db",
            "^7.1.2",
            "1.2.3",
            "vault:secret/data/db#password",
            "ENC[AES256_GCM,data:x]",
            "xxxxxxxxxxxx",
            "********",
            "null",
            "https://example.com/x",
            "server.key",
            "abc",
            "process.env.TOKEN",
            "__TOKEN__",
            "fake-token-4711",
            "10000000-aaaa-bbbb-cccc-000000000001",
            "2.dmVjdG9yIG9mIGl0==|Y2lwaGVydGV4dCBvZiBpdA==",
            "eyJhbGciOiJIUzI1NiJ9",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.sig",
            "\\033[42mPASS\\033[00m",
            "\\x73\\x65\\x72\\x76\\x65\\x72\\x20\\x6b\\x65\\x79",
            "\\u0000",
            "\\f21b",
            "%F0%9F%92%A9",
            "%t",
            "0x0002000",
            "SCRAM-SHA-256$4096:c2FsdA==$a2V5",
            "$SECONDKEYPART1",
            "jelsz\\u00f3",
            "jelsz\\\\u00f3",
            "Jelszó megjelenítése",
            "Zobrazit heslo",
            "M2,4.27 L2,4.27 L4.54,1.73 Z",
            "CWE-798",
            "CVE-2021-44228",
            "GHSA-28fw-88hq-6jmm",
            ">= 0.1.4|checksum:0fc6272c",
        ] {
            assert!(is_no_credential(value.as_bytes(), false), "{value}");
        }
        for value in ["getToken()", "Token::new", "--api"] {
            assert!(is_no_credential(value.as_bytes(), true), "{value}");
        }
    }

    #[test]
    fn rows_of_letters_and_digits_count() {
        for value in ["abc123", "A1B2C3D4E5F6G7H8I9J0", "0123456abcde", "1234567890", "a0b1c2d3-e4f5-g6h7"] {
            assert!(is_counting(value.as_bytes()), "{value}");
        }
        for value in ["ab12", "Summer2019", "abc124", "hunter2"] {
            assert!(!is_counting(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn names_that_end_in_a_time_are_stamped() {
        assert!(is_stamped(b"8f14e45fceea167a5a36dedd4bea25431731541902285"));
        assert!(names_something(b"LA_kwDOCsUTCM75TTQL"));
        for value in ["8f14e45fceea167a5a36dedd4bea2543", "1731541902285", "q7Rt5vKp2mXz9LwB1731541902285"] {
            assert!(!is_stamped(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn what_opens_something_is_left() {
        for value in [
            "hunter2",
            "$ecret!7x",
            "P@ssw0rd1",
            "abc/def+ghi=",
            "Summer2019!",
            "1234567ab",
            "ncc-1701",
            "a.b1c.d2e",
            "pässwort9",
            "correct horse battery",
            "CWE-798x",
            "Mb2,4.27",
        ] {
            assert!(!is_no_credential(value.as_bytes(), false), "{value}");
        }
    }
}
