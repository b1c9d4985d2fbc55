//! What a value is when it cannot be a credential, whatever its name: a hole in a template, a reference, a place, a sealed secret.

mod number;
mod text;
mod vocabulary;

pub(super) use self::number::is_counting;
use self::number::{is_address, is_node, is_number, is_number_of_case, is_stamped, is_time, is_version};
pub(crate) use self::text::is_foreign;
use self::text::{is_escaped, is_sentence, is_spoken};
use self::vocabulary::{
    ACCESSORS, ALGORITHMS, KEYWORDS, MADE_UP, PLACEHOLDERS, PUBLISHED, SEALED_OR_ELSEWHERE,
};
use super::public_key;
use super::words::words;

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
        // Parameters of Symfony.
        || (value.starts_with(b"%env(") && value.ends_with(b")%"))
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

/// The path of a drawing (SVG 2, 9.3): letters for commands, and numbers.
fn is_drawing(value: &[u8]) -> bool {
    let of_path = |byte: &u8| byte.is_ascii_digit() || b" ,.-MLHVCSQTAZmlhvcsqtaz".contains(byte);
    matches!(value, [b'M' | b'm', digit, ..] if digit.is_ascii_digit() || matches!(digit, b' ' | b'-' | b'.'))
        && value.iter().all(of_path)
        && value.iter().filter(|byte| matches!(byte, b',' | b'.' | b' ')).count() >= 2
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

/// Whether no machine would hand a value out as a secret: it only counts, names a moment, or is the address of an account.
pub(super) fn names_something(value: &[u8]) -> bool {
    is_counting(value) || is_stamped(value) || is_address(value) || is_node(value)
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
