//! The syntax of RE2. What each regex matches was worked out from its documentation (github.com/google/re2/wiki/Syntax), and the
//! whole table was run through Go's package regexp.

use regex::bytes::Regex;

use crate::file;

/// Everything that `regex` matches in `text`, joined by `|`.
fn matches(regex: &str, text: &str) -> String {
    let file = file(&format!("[[rules]]\nid = 'x'\nregex = '''{regex}'''\n"));
    let regex = Regex::new(file.rules[0].regex.as_ref().unwrap().text()).unwrap();
    let found: Vec<_> =
        regex.find_iter(text.as_bytes()).map(|found| String::from_utf8_lossy(found.as_bytes())).collect();
    found.join("|")
}

#[test]
fn regexes_mean_what_they_mean_in_re2() {
    for (regex, text, expected) in TABLE {
        assert_eq!(matches(regex, text), *expected, "{regex} in {text:?}");
    }
}

/// Regex, text, matches.
const TABLE: &[(&str, &str, &str)] = &[
    // Perl classes and boundaries are those of ASCII, and \s has no vertical tab.
    (r"\d+", "12\u{663}4", "12|4"),
    (r"\w+", "naïve_1", "na|ve_1"),
    (r"a\sb", "a\u{b}b a b a\u{a0}b", "a b"),
    (r"[\s]+", "x\u{b}\t", "\t"),
    (r"\bcaf", "écaf caf", "caf|caf"),
    (r"\W", "é", "é"),
    (r"[^\d]", "1é", "é"),
    (r"(?i)\w", "\u{212a}", "\u{212a}"),
    (r"(?i)\W", "\u{212a}", ""),
    (r"(?i)[^\W]", "\u{212a}", "\u{212a}"),
    // Case folding is that of Unicode.
    (r"(?i)k", "K\u{212a}k", "K|\u{212a}|k"),
    (r"(?i)STRASSE", "straSSe", "straSSe"),
    (r"a(?i)b|c", "aB C", "aB|C"),
    (r"(?i)a(?-i)b", "Ab AB", "Ab"),
    // Brackets hold characters, never other brackets or operators.
    (r"[[]", "[", "["),
    (r"[]a]+", "]a", "]a"),
    (r"[^]a]+", "]ab", "b"),
    (r"[a&&b]+", "a&b", "a&b"),
    (r"[a~~b]+", "a~b", "a~b"),
    (r"[+--]+", "+,-.", "+,-"),
    (r"[\w-.]+", "a-b.c!", "a-b.c"),
    (r"[a-]+", "a-b", "a-"),
    (r"[-a]+", "a-b", "a-"),
    (r"[\]\\^]+", r"]\^", r"]\^"),
    (r"[[:alpha:]_]+", "ab_1é", "ab_"),
    (r"[[:^digit:]]+", "a1b", "a|b"),
    (r"[[:word:]]+", "a_1-", "a_1"),
    (r"[\x41-\x43\n]+", "ABCD\n", "ABC|\n"),
    (r"[\D]+", "a1b", "a|b"),
    (r"[é-ü]", "ö", "ö"),
    (r"(?i)[k]", "\u{212a}", "\u{212a}"),
    // Escapes.
    (r"\x41\x{42}\103\0", "ABC\0", "ABC\0"),
    (r"\-\/\_\ \<\>\'\@\#\~\&", "-/_ <>'@#~&", "-/_ <>'@#~&"),
    (r"\Qa.b*\E+", "a.b**", "a.b**"),
    (r"\Q(", "(", "("),
    (r"\a\f\t\n\r\v", "\u{7}\u{c}\t\n\r\u{b}", "\u{7}\u{c}\t\n\r\u{b}"),
    (r"\pN+\p{Greek}\PL", "12α.", "12α."),
    (r"\p{^Greek}", "αa", "a"),
    (r"[\p{Lu}\pN]+", "A1a", "A1"),
    // Braces that repeat nothing mean themselves.
    (r"a{,3}", "a{,3} aaa", "a{,3}"),
    (r"\$\{[^}]+}", "${x}", "${x}"),
    (r"{{x}}", "{{x}}", "{{x}}"),
    (r"a{2}", "aaa", "aa"),
    (r"a{2,}", "aaa", "aaa"),
    (r"a{1,2}?", "aa", "a|a"),
    (r"]", "]", "]"),
    // Groups and flags.
    (r"(?P<n>a)(?<n2>b)(?P<1>c)", "abc", "abc"),
    (r"(?U)a+", "aa", "a|a"),
    (r"(?U)a+?", "aa", "aa"),
    (r"(?s).", "\n", "\n"),
    (r".", "\n", ""),
    (r"(?m)^a$", "a\na", "a|a"),
    (r"^a$", "a\na", ""),
    (r"a\z", "a\n", ""),
    (r"a$", "a\n", ""),
    (r"\Aa", "ba", ""),
    (r"(?im-s:^A.)", "b\nac", "ac"),
    (r"(a|ab)(c|bcd)", "abcd", "abcd"),
    (r"a#b c", "a#b c", "a#b c"),
];

#[test]
fn groups_keep_their_numbers() {
    let file = file("[[rules]]\nid = 'x'\nregex = '(?P<a>x)(?:y)(z)(?<b>w)'\n");
    let regex = file.rules[0].regex.as_ref().unwrap();
    assert_eq!(regex.groups(), 3);
    let compiled = Regex::new(regex.text()).unwrap();
    let found = compiled.captures(b"xyzw").unwrap();
    assert_eq!([1, 2, 3].map(|group| found.get(group).unwrap().as_bytes()), [b"x", b"z", b"w"]);
}
