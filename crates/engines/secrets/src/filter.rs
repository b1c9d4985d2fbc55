use palisade_model::Span;

use crate::documented::is_documented;

/// Words that say of a value that it is not one.
const PLACEHOLDER_WORDS: &[&[u8]] = &[
    b"example",
    b"changeme",
    b"change-me",
    b"change_me",
    b"changez-moi",
    b"changez_moi",
    b"placeholder",
    b"redacted",
    b"replaceme",
    b"replace-me",
    b"replace_me",
    b"&lt;",
    b"&quot;",
    b"insert-your",
    b"insert_your",
    b"your-",
    b"your_",
    b"votre-",
    b"votre_",
    b"sua-senha",
    b"sua_senha",
    b"seu-token",
    b"seu_token",
    b"tu-clave",
    b"tu_clave",
    b"passwordhere",
    b"secrethere",
    b"tokenhere",
    b"keyhere",
    b"mot-de-passe",
    b"mot_de_passe",
    b"set-yourself",
    b"set_yourself",
    b"yourtoken",
    b"yourkey",
    b"yourapi",
    // The first half of a UUID that models of language make up.
    b"a1b2c3d4",
    b"dummy",
    b"lorem",
    b"ipsum",
    b"notreal",
    b"fake",
    b"testtest",
    b"deadbeef",
    b"notmypass",
    b"doesntmatter",
    b"doesnotmatter",
    b"not-real",
    b"not_real",
    b"todo-",
    b"xxxx",
    b"****",
    b"....",
    b"\xe2\x80\xa2\xe2\x80\xa2",
];

/// Runs that fingers and examples walk along.
const WALKS: &[&[u8]] =
    &[b"0123456789", b"1234567890", b"9876543210", b"abcdefghijklmnopqrstuvwxyz", b"qwertyuiop"];

/// Longest value in which a run of one character says that it is made up; in longer ones, zeros are coded so.
const LONGEST_TOKEN: usize = 128;
/// Longest word by which a vendor's token says its kind.
const LONGEST_KIND: usize = 6;
/// Length of such a run.
const RUN: usize = 10;
/// Least letters of the middle row of a keyboard alone that nobody draws.
const MASHED: usize = 12;
/// Least letters, and how many different ones they are at most, that nobody draws.
const MASHED_FEW: usize = 20;
const FEW_KEYS: u32 = 7;

/// Whether neither neighbour of `secret` is a letter or digit that would belong to it.
pub(crate) fn is_bounded(text: &[u8], secret: Span) -> bool {
    let before = text.get(..secret.start).unwrap_or_default();
    let after = text.get(secret.end).is_some_and(u8::is_ascii_alphanumeric);
    !after && (!before.last().is_some_and(u8::is_ascii_alphanumeric) || ends_with_escape(before))
}

/// What a colour of a terminal begins with, as it is sent and as it is written.
const ESCAPES: &[&[u8]] = &[b"\x1b[", b"\\033[", b"\\e[", b"\\x1b[", b"\\x1B[", b"\\u001b[", b"\\u001B["];

/// Whether the letter or digit before a secret is the end of an escape: `\n`, `\x1f`, `%3D`, `=3D`, or of a terminal's colour.
fn ends_with_escape(before: &[u8]) -> bool {
    let hex = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_hexdigit);
    match before {
        [.., b'\\', b'n' | b'r' | b't' | b'b' | b'f' | b'v' | b'0'] => true,
        [.., b'%', high, low] if hex(&[*high, *low]) => true,
        // What comes before a value; other digits after the sign are the value.
        [.., b'=', b'3', b'D'] | [.., b'=', b'2', b'0' | b'2' | b'7'] => true,
        [.., b'\\', b'x', high, low] if hex(&[*high, *low]) => true,
        [.., b'\\', b'u', b'0', b'0', high, low] if hex(&[*high, *low]) => true,
        [head @ .., b'm'] => {
            let digits =
                head.iter().rev().take(12).take_while(|byte| matches!(byte, b'0'..=b'9' | b';')).count();
            let head = head.get(..head.len() - digits).unwrap_or_default();
            ESCAPES.iter().any(|escape| head.ends_with(escape))
        }
        _ => false,
    }
}

/// Shannon entropy in bits per byte.
pub(crate) fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let total = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    let share = |count: &u32| f64::from(*count) / total;
    counts.iter().filter(|count| **count > 0).map(share).map(|share| -share * share.log2()).sum()
}

/// Whether a value only stands where a secret would.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    is_documented(value)
        || says_placeholder(value)
        || is_reference(value)
        || [b"REPLACE".as_slice(), b"TODO"].iter().any(|word| memchr::memmem::find(value, word).is_some())
        || memchr::memmem::find(value, b"...").is_some()
        || matches!(value, [b'*', b'*', .., b'*', b'*'])
        || is_monotonous(&lower)
        || (value.len() <= LONGEST_TOKEN && has_run(value))
        || is_walk(&lower)
        || is_counted(value)
        || is_mashed(&lower)
        || is_one_part(value)
        || stutters(&lower)
}

/// Whether a value says in words that it is none, or in part: `example-1`, `YourPassword1`, `f1c242f4xxx`.
pub(crate) fn says_placeholder(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let contains = |word: &&[u8]| memchr::memmem::find(&lower, word).is_some();
    let begins = [b"your".as_slice(), b"wrong", b"incorrect"].iter().any(|word| lower.starts_with(word));
    let ends = [b"xxx".as_slice(), b"wrong"].iter().any(|word| lower.ends_with(word));
    begins || ends || is_any_one(&lower) || PLACEHOLDER_WORDS.iter().any(contains)
}

/// Whether a value says that any one would do: `somejwtsecret`, `some_password`.
fn is_any_one(lower: &[u8]) -> bool {
    let kinds = [b"password".as_slice(), b"secret", b"token", b"key"];
    lower.starts_with(b"some")
        && lower.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_'))
        && kinds.iter().any(|kind| lower.ends_with(kind))
}

/// Whether a value names a variable or a hole in a template instead of being one.
pub(crate) fn is_reference(value: &[u8]) -> bool {
    let holes: [&[u8]; 7] = [b"${", b"$(", b"{{", b"#{", b"<%", b"%(", b"%{"];
    let wrapped =
        |first, last| value.first() == Some(&first) && value.last() == Some(&last) && value.len() > 1;
    holes.iter().any(|hole| memchr::memmem::find(value, hole).is_some())
        || wrapped(b'<', b'>')
        || wrapped(b'%', b'%')
        || wrapped(b'{', b'}')
        || wrapped(b'[', b']')
        || wrapped(b'@', b'@')
        || (value.starts_with(b"%3C") && value.ends_with(b"%3E"))
        || value.starts_with(b"$")
        || is_macro(value)
}

/// Whether a value is a name between pairs of underscores, which deployment scripts replace: `__DB_PASSWORD__`.
fn is_macro(value: &[u8]) -> bool {
    let name = value.strip_prefix(b"__").and_then(|rest| rest.strip_suffix(b"__")).unwrap_or_default();
    name.first().is_some_and(u8::is_ascii_uppercase)
        && name.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}

/// Whether most of a value is what fingers type in a row, or one character again and again. What somebody wrote before a row is more than
/// it: `Rome12345678`.
pub(crate) fn is_typed_in_a_row(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let typed = without_kind(&lower);
    is_monotonous(&lower)
        || is_counted(value)
        || is_mashed(&lower)
        || is_one_part(value)
        || stutters(&lower)
        || (typed.len() >= 6 && steps(typed) * 3 >= typed.len() * 2)
}

/// A value without the few letters by which vendors tell kinds of tokens apart, `whsec_`: they are no part of what was typed.
fn without_kind(value: &[u8]) -> &[u8] {
    let kind = value.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    match value.get(kind..) {
        Some([b'_', rest @ ..]) if kind <= LONGEST_KIND && rest.iter().all(u8::is_ascii_alphanumeric) => rest,
        _ => value,
    }
}

/// Whether a value has a row that fingers type, though there may be more to it.
pub(crate) fn has_row(value: &[u8]) -> bool {
    is_walk(&value.to_ascii_lowercase())
}

/// Whether one character makes up most of the second half, as in `ghp_AAAA...` or `AKIA0000...`.
fn is_monotonous(value: &[u8]) -> bool {
    let tail = value.get(value.len() / 2..).unwrap_or_default();
    let most = tail.iter().map(|byte| memchr::memchr_iter(*byte, tail).count()).max().unwrap_or(0);
    tail.len() >= 4 && most * 4 >= tail.len() * 3
}

/// Whether one letter or digit stands ten times in a row; `A` is how base 64 spells zeros.
fn has_run(value: &[u8]) -> bool {
    let same = |run: &[u8]| {
        run.first().is_some_and(|first| {
            first.is_ascii_alphanumeric() && *first != b'A' && run.iter().all(|byte| byte == first)
        })
    };
    value.windows(RUN).any(same)
}

/// Whether half of the value follows a walk such as `123456` or `abcdef`.
fn is_walk(value: &[u8]) -> bool {
    value.len() >= 6 && steps(value) * 2 >= value.len()
}

/// Pairs of neighbours that follow a walk.
fn steps(value: &[u8]) -> usize {
    let follows = |two: &&[u8]| WALKS.iter().any(|walk| memchr::memmem::find(walk, two).is_some());
    value.windows(2).filter(follows).count()
}

/// Whether a value is what hands do on a keyboard that they do not leave, `jsdfgdsfjghsdfghdfsjk`, or fingers on a few keys:
/// `pkfpokopkokokwfopkwopfk`.
fn is_mashed(value: &[u8]) -> bool {
    let few = || {
        let letters = value.iter().filter(|byte| byte.is_ascii_lowercase());
        letters.fold(0_u32, |keys, letter| keys | 1 << (letter - b'a')).count_ones()
    };
    (value.len() >= MASHED && value.iter().all(|byte| b"asdfghjkl".contains(byte)))
        || (value.len() >= MASHED_FEW && value.iter().all(u8::is_ascii_lowercase) && few() <= FEW_KEYS)
}

/// Whether half of a value says the letter before once more: `aaaaaaaaa-bbb-cccc-dddd`.
fn stutters(value: &[u8]) -> bool {
    let repeats =
        value.windows(2).filter(|two| matches!(two, [one, next] if one == next && one.is_ascii_lowercase()));
    value.len() >= MASHED && repeats.count() * 2 >= value.len()
}

/// Whether a value is one part three times or more: `k7mk7mk7m`.
fn is_one_part(value: &[u8]) -> bool {
    let repeats = |length: usize| value.get(length..) == value.get(..value.len() - length);
    value.len() <= LONGEST_TOKEN && (2..=value.len() / 3).any(repeats)
}

/// Whether a value spells bytes that count up, as keys of tests do: `00010203...`, `\x01\x02...`.
fn is_counted(value: &[u8]) -> bool {
    let digits: Vec<_> = value.iter().filter(|byte| !matches!(byte, b'\\' | b'x')).copied().collect();
    let byte = |two: &[u8]| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok();
    let bytes: Option<Vec<_>> = digits.chunks(2).map(byte).collect();
    bytes.is_some_and(|bytes| {
        let steps = bytes.windows(2).filter(|two| matches!(two, [one, next] if one.wrapping_add(1) == *next));
        bytes.len() >= 8 && steps.count() * 4 >= bytes.len() * 3
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_placeholders() {
        let documented = ["AKIAIOSFODNN7", "EXAMPLE"].concat();
        let cases = [
            documented.as_str(),
            "ghp_xxxxxxxxxxxxxxxxxxxx",
            "${TOKEN}",
            "IQoJb3JpZ2lu...",
            "<your token>",
            "{{ token }}",
            "changeme",
            "AKIA0000000000000000",
            "0123456789abcdef0123456789abcdef",
            "%TOKEN%",
            "your-api-key",
            "abcdefghijklmnop",
            "$TOKEN",
            "12345678",
            "__DB_PASSWORD_1__",
            "a0a1a2a3a4a5a6a7a8a9aaab",
            "YourPwdShouldBeLong!",
            "f1c242f4f28f735d4687abb469072xxx",
            r"\x01\x02\x03\x04\x05\x06\x07\x08\x09",
            "WrongPass123!",
            "jsdfgdsfjghsdfghdfsjkg",
            "k7mk7mk7m",
            "aaaaaaaaa-bbb-cccc-dddd",
            "votre-mot-de-passe",
            "sua_senha_de_app",
            "testpasswordhere2",
            "somejwtsecret",
            "MOT_DE_PASSE_POSTGRESQL",
            "%3Cpw%3E",
            "pkfpokopkokokwfopkwopfkwopefkp",
        ];
        for case in cases {
            assert!(is_placeholder(case.as_bytes()), "{case}");
        }
        for real in [
            "q7Rt5vKp2mXz9LwB",
            "8f14e45fceea167a5a36dedd4bea2543",
            "hunter2!Horse",
            "__init__",
            "__q7Rt5vKp2mXz9LwB__",
            "k7mq2k7mq2",
            "someone7mq2secret",
        ] {
            assert!(!is_placeholder(real.as_bytes()), "{real}");
        }
    }

    #[test]
    fn a_row_may_be_a_part() {
        assert!(has_row(b"Rome12345678") && !is_typed_in_a_row(b"Rome12345678"));
        assert!(is_typed_in_a_row(b"ab12345678") && is_typed_in_a_row(b"000102030405060708090a0b"));
        assert!(is_typed_in_a_row(b"whsec_1234567890") && !is_typed_in_a_row(b"AcmeProd_1234567890"));
        assert!(!has_row(b"q7Rt5vKp2mXz9LwB") && !is_typed_in_a_row(b"8f14e45fceea167a5a36dedd4bea2543"));
    }

    #[test]
    fn entropy_is_shannons() {
        assert_eq!(entropy(b""), 0.0);
        assert_eq!(entropy(b"aaaa"), 0.0);
        assert!((entropy(b"abab") - 1.0).abs() < 1e-9);
        assert!((entropy(b"0123456789abcdef") - 4.0).abs() < 1e-9);
    }

    #[test]
    fn boundary_reads_escapes() {
        let secret = b"SECRET";
        let check = |before: &str, after: &str| {
            let text = [before.as_bytes(), secret, after.as_bytes()].concat();
            is_bounded(&text, Span::new(before.len(), before.len() + secret.len()))
        };
        for before in [
            "",
            "=",
            "\\n",
            "%3D",
            "=3D",
            "\\u003d",
            "\\x3d",
            "\x1b[32m",
            "\x1b[0;1m",
            "\\033[1m",
            "\\e[m",
            "_",
            "-",
        ] {
            assert!(check(before, ""), "{before:?}");
            assert!(check(before, "\""), "{before:?}");
            assert!(!check(before, "x"), "{before:?}");
        }
        for before in ["a", "n", "3D", "[32m", "9", "m"] {
            assert!(!check(before, ""), "{before:?}");
        }
    }
}
