//! Texts as they are in the world: what they are encoded in, how long their lines are, how secrets are laid over lines. With all
//! shipped rules.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use palisade_model::{Encoding, Finding, Position};
use palisade_secrets::Copied;

use crate::examples::{SHIPPED, load, scan};

/// A value that looks as if a person had chosen it.
pub(crate) const CHOSEN: &str = "vR7-kLm2.qTz9";

pub(crate) const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub(crate) const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
pub(crate) const HEX: &str = "0123456789abcdef";

/// A token of GitHub with a sum that is right.
pub(crate) static TOKEN: LazyLock<String> = LazyLock::new(|| of_rule("github-pat"));

/// The first secret that a rule's examples mark.
pub(crate) fn of_rule(id: &str) -> String {
    let (rules, _) = load();
    let rule = rules.into_iter().find(|loaded| loaded.rule.info.id.as_str() == id).unwrap().rule;
    let mut marked = rule.expanded_examples().filter_map(|(_, expanded)| {
        let span = expanded.marks.first()?.span;
        Some(expanded.text.get(span.start..span.end).unwrap().to_owned())
    });
    marked.next().unwrap()
}

/// Signs that nobody chose; the same for the same `seed`.
pub(crate) fn random(alphabet: &str, length: usize, seed: u64) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut state = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        alphabet[((mixed ^ mixed >> 31) >> 8) as usize % alphabet.len()]
    };
    (0..length).map(|_| next()).collect()
}

/// The lines of a key in PKCS#8. Its body is no key, but looks like one.
pub(crate) fn key_lines() -> Vec<String> {
    let body = format!("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC{}", random(BASE64, 480, 1));
    let (begin, end) = ["BEGIN", "END"].map(|edge| format!("-----{edge} PRIVATE KEY-----")).into();
    std::iter::once(begin).chain(wrap(&body, 64)).chain([end]).collect()
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    text.as_bytes().chunks(width).map(|line| String::from_utf8(line.to_vec()).unwrap()).collect()
}

fn rules(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.as_str()).collect()
}

/// What lies at the only finding in `text`.
fn only(path: &str, text: &[u8]) -> (Finding, Vec<u8>) {
    let findings = scan(&SHIPPED, path, text);
    let shown = String::from_utf8_lossy(&text[..text.len().min(400)]);
    assert_eq!(findings.len(), 1, "{path}: {:?} in {shown}", rules(&findings));
    let finding = &findings[0];
    let span = finding.location.bytes;
    (finding.clone(), text[span.start..span.end].to_vec())
}

/// The bytes at the only finding must be the token.
fn finds_token(path: &str, text: &[u8]) -> Finding {
    let (finding, bytes) = only(path, text);
    assert_eq!(String::from_utf8_lossy(&bytes), TOKEN.as_str(), "{path}");
    finding
}

fn wide(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn byte_order_marks_are_no_part_of_a_secret() {
    let token = TOKEN.as_str();
    let marked = finds_token("a.env", format!("\u{feff}{token}\n").as_bytes());
    assert_eq!(marked.location.bytes.start, 3);
    let marked = finds_token("a.env", format!("\u{feff}GH={token}\n").as_bytes());
    assert_eq!(marked.location.start, Position { line: 1, column: 5 });
    for (mark, big) in [("\u{feff}", false), ("\u{feff}", true), ("", false), ("", true)] {
        let text = wide(&format!("{mark}one\r\nkey = {token}\r\n"), big);
        let (finding, bytes) = only("a.reg", &text);
        assert_eq!(bytes, wide(token, big), "{mark:?} {big}");
        assert_eq!(finding.location.start.line, 2);
        assert_eq!(finding.location.start.column, 7);
    }
}

#[test]
fn broken_text_around_a_secret_does_not_matter() {
    let token = TOKEN.as_bytes();
    // Lone continuation bytes, cut sequences, a surrogate, Latin-1, a zero.
    for around in
        [&b"\x80"[..], b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xfc\xe4", b"\0", b"\0\0\0", b"\x1b[0m"]
    {
        for text in [[around, token, around].concat(), [b"key=\"", around, token, around, b"\"\n"].concat()] {
            finds_token("a.txt", &text);
        }
    }
    let quoted = [b"p\xe4 = 1; password = \"".as_slice(), CHOSEN.as_bytes(), b"\"; \xff\n"].concat();
    assert_eq!(only("a.py", &quoted).1, CHOSEN.as_bytes());
}

#[test]
fn zero_bytes_end_a_secret_and_hide_none() {
    let token = TOKEN.as_str();
    finds_token("environ", format!("PATH=/bin\0GH_TOKEN={token}\0HOME=/root\0").as_bytes());
    let text = format!("\0\0password = \"{CHOSEN}\"\0\0");
    assert_eq!(only("core.dump", text.as_bytes()).1, CHOSEN.as_bytes());
}

/// What looks wide may be so only at its start: programs append narrow lines to wide files, and anyone can write a mark.
#[test]
fn narrow_lines_in_wide_text_are_read() {
    let token = TOKEN.as_str();
    let narrow = format!("{}\nkey = {token}\n", "nothing to see on this line\n".repeat(40));
    for mark in [&b"\xff\xfe"[..], b"\xfe\xff"] {
        finds_token("a.env", &[mark, narrow.as_bytes()].concat());
    }
    for big in [false, true] {
        let head = wide(&format!("{}password = \"{CHOSEN}\"\n", "a wide line\n".repeat(100)), big);
        let findings = scan(&SHIPPED, "app.log", &[head, narrow.clone().into_bytes()].concat());
        assert_eq!(rules(&findings), ["generic-assignment", "github-pat"], "{big}");
    }
    // As a change, too.
    let copied = [Copied { from: 0, to: 2, len: narrow.len() }];
    let marked = [b"\xff\xfe", narrow.as_bytes()].concat();
    let changed = SHIPPED.read_changed(&marked, &SHIPPED.read(narrow.as_bytes()), &copied);
    let marks = SHIPPED.marks(&marked, &changed);
    assert_eq!((marks.len(), marks), (1, SHIPPED.marks(&marked, &SHIPPED.read(&marked))));
}

/// CPU time of this thread, in nanoseconds; other tests run beside this one.
#[cfg(target_os = "linux")]
pub(crate) fn cpu_time() -> u64 {
    let status = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    status.split_whitespace().next().unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_line_twice_as_long_takes_twice_as_long() {
    let token = TOKEN.as_str();
    let line =
        |count: usize| format!("f({{a:1,b:\"x\"}});t=\"{token}\";{}", "var e=n(1);".repeat(40)).repeat(count);
    let time = |count: usize| {
        let line = line(count);
        let run = |_| {
            let before = cpu_time();
            assert_eq!(scan(&SHIPPED, "min.js", line.as_bytes()).len(), count);
            cpu_time() - before
        };
        (0..3).map(run).min().unwrap()
    };
    time(10);
    let (one, four) = (time(200), time(800));
    // Four times the work; a quadratic scan needs sixteen times as long.
    assert!(four < 9 * one, "{one} ns for one line, {four} ns for one four times as long");
}

#[test]
fn secrets_are_found_across_the_ends_of_pieces() {
    // Keywords all along, so that the windows around them become one, which is cut into pieces.
    let token = TOKEN.as_str();
    let slot = format!("{token} password=\"{CHOSEN}\" ");
    for edge in [64 * 1024, 128 * 1024] {
        for shift in 0..slot.len() {
            let filler = "ghp_ password ".repeat((edge - 600) / 14 + 1);
            let head = filler.get(..edge - 600 - shift).unwrap();
            // At least as many as reach over the edge by more than the pieces overlap.
            let text = format!("{head} {}", slot.repeat(9));
            let findings = scan(&SHIPPED, "a.py", text.as_bytes());
            assert_eq!(findings.len(), 18, "{edge} {shift}");
            if shift % 16 != 0 {
                continue;
            }
            for (at, finding) in findings.iter().enumerate() {
                let inside = if at % 2 == 0 { 0 } else { token.len() + 11 };
                assert_eq!(finding.location.bytes.start, head.len() + 1 + at / 2 * slot.len() + inside);
            }
        }
    }
}

#[test]
fn base_64_is_read_in_every_form() {
    let token = TOKEN.as_str();
    let long = format!("{} the token is {token}, {}", "words and ".repeat(9), "more words ".repeat(9));
    let short = format!("machine api.acme.io token {token}");
    let wrapped = |width, end: &str| wrap(&STANDARD.encode(&long), width).join(end);
    let forms = [
        wrapped(64, "\n"),
        wrapped(76, "\r\n"),
        wrapped(64, "\n    "),
        wrapped(76, "\n\t"),
        URL_SAFE.encode(&long),
        URL_SAFE_NO_PAD.encode(&long),
        STANDARD.encode(&short),
        STANDARD_NO_PAD.encode(&short),
        STANDARD_NO_PAD.encode(format!("{short}.")),
        STANDARD_NO_PAD.encode(format!("{short}..")),
        STANDARD.encode(STANDARD.encode(&short)),
        STANDARD.encode(wide(&short, false)),
        STANDARD.encode(format!("\u{feff}{short}")),
    ];
    for form in forms {
        for (path, text) in [
            ("a.txt", form.clone()),
            ("a.yaml", format!("data:\n  config: {form}\n")),
            ("a.json", format!("{{\"data\": \"{form}\"}}")),
            ("a.html", format!("<p>data:text/plain;base64,{form}</p>")),
        ] {
            let (finding, bytes) = only(path, text.as_bytes());
            assert_eq!(finding.rule.as_str(), "github-pat", "{text}");
            assert_eq!(finding.encodings[0], Encoding::Base64);
            let digits = bytes.iter().filter(|byte| !byte.is_ascii_whitespace()).count();
            assert!((token.len() * 4 / 3..4 * token.len()).contains(&digits), "{digits} of {text}");
        }
    }
}

#[test]
fn a_service_account_is_one_key() {
    let key = key_lines().join("\\n");
    let account = format!(
        "{{\"type\": \"service_account\", \"project_id\": \"shop\", \"private_key_id\": \"{}\",\n  \
         \"private_key\": \"{key}\\n\", \"client_email\": \"ci@shop.iam.gserviceaccount.com\"}}",
        random(HEX, 40, 2)
    );
    let escaped = account.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    for (path, text) in [
        ("key.json", account.clone()),
        ("a.env", format!("GOOGLE_CREDENTIALS=\"{escaped}\"\n")),
        ("a.yaml", format!("data:\n  key.json: {}\n", STANDARD.encode(&account))),
    ] {
        let (finding, bytes) = only(path, text.as_bytes());
        assert!(matches!(finding.rule.as_str(), "private-key" | "gcp-service-account-key"), "{path}");
        if finding.encodings.is_empty() {
            assert!(bytes.starts_with(b"-----BEGIN") && bytes.ends_with(b"PRIVATE KEY-----"), "{path}");
        }
    }
}

#[test]
fn keys_stand_behind_comments_and_in_block_scalars() {
    let lines = key_lines();
    let first = scan(&SHIPPED, "a.pem", lines.join("\n").as_bytes())[0].fingerprint;
    for prefix in ["# ", "// ", " * ", "> ", "| ", "    ", "\t"] {
        let text: String = lines.iter().map(|line| format!("{prefix}{line}\n")).collect();
        for text in [text.clone(), format!("/*\n{text}*/\nint x;\n"), text.replace('\n', "\r\n")] {
            let (finding, bytes) = only("a.c", text.as_bytes());
            // The signs of that comment are digits of base 64, too.
            assert!(prefix == "// " || finding.fingerprint == first, "{prefix:?}");
            assert!(bytes.ends_with(b"KEY-----"), "{prefix:?}");
        }
    }
    for style in ["|", "|-", "|+", "|2", ">", ">-"] {
        let text = format!("tls:\n  key: {style}\n    {}\n  next: 1\n", lines.join("\n    "));
        let (finding, bytes) = only("a.yaml", text.as_bytes());
        assert_eq!((finding.fingerprint, finding.location.start.line), (first, 3), "{style}");
        assert!(bytes.ends_with(b"KEY-----"), "{style}");
    }
}

#[test]
fn tokens_stand_in_block_scalars() {
    let token = TOKEN.as_str();
    for style in ["|", "|-", ">", ">-", "|2-"] {
        let finding = finds_token("a.yaml", format!("a:\n  token: {style}\n    {token}\nb: 1\n").as_bytes());
        assert_eq!(finding.location.start, Position { line: 3, column: 5 });
        let script = format!("run: {style}\n  set -e\n  export DB_PASSWORD='{CHOSEN}'\n  ./deploy\n");
        assert_eq!(only("ci.yaml", script.as_bytes()).1, CHOSEN.as_bytes(), "{style}");
    }
}

#[test]
fn lines_of_a_shell_go_on() {
    let token = TOKEN.as_str();
    let on =
        |end: &str| format!("curl -sf \\{end}  -H \"X-Token: {token}\" \\{end}  https://api.acme.io\\{end}");
    for text in [on("\n"), on("\r\n")] {
        finds_token("deploy.sh", text.as_bytes());
    }
    for at in 1..token.len() - 1 {
        let (head, tail) = token.split_at_checked(at).unwrap();
        let text = format!("export GH={head}\\\n{tail}\nexport A=1\n");
        let (finding, bytes) = only("deploy.sh", text.as_bytes());
        assert_eq!(finding.encodings, [Encoding::Concatenation], "{at}");
        assert_eq!(String::from_utf8(bytes).unwrap(), format!("{head}\\\n{tail}"));
    }
}

#[test]
fn each_copy_of_a_secret_has_its_own_place() {
    let token = TOKEN.as_str();
    for end in ["\n", "\r\n"] {
        let text = format!("a {token}{end}{end}ß€𝄞 {token} {token}{end}{token}{end}\t{token}");
        let findings = scan(&SHIPPED, "a.txt", text.as_bytes());
        let places: Vec<_> =
            findings.iter().map(|found| (found.location.start.line, found.location.start.column)).collect();
        let second = 5 + u32::try_from(token.len()).unwrap() + 1;
        assert_eq!(places, [(1, 3), (3, 5), (3, second), (4, 1), (5, 2)]);
        assert!(findings.iter().all(|found| found.fingerprint == findings[0].fingerprint));
        for finding in &findings {
            let span = finding.location.bytes;
            assert_eq!(text.get(span.start..span.end), Some(token));
        }
    }
    // In clear and encoded, on two lines.
    let encoded = STANDARD.encode(format!("the token is {token}"));
    let findings = scan(&SHIPPED, "a.txt", format!("{encoded}\n{token}\n{encoded}\n").as_bytes());
    let lines: Vec<_> = findings.iter().map(|finding| finding.location.start.line).collect();
    assert_eq!(lines, [1, 2, 3]);
    assert!(findings.iter().all(|found| found.fingerprint == findings[0].fingerprint));
}

/// Its first character is an escape, and all the rest of it lies behind the last one.
#[test]
fn a_long_value_is_read_whole_behind_its_last_escape() {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let claims = format!("{{\"sub\":\"38271\",\"scope\":\"{}\"}}", random(BASE62, 900, 3));
    let parts = ["{\"alg\":\"HS256\",\"typ\":\"JWT\"}", &claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let token = format!("{}.{}", parts.join("."), random(BASE62, 43, 4));
    let plain = scan(&SHIPPED, "a.json", format!("{{\"a\": \"{token}\"}}\n").as_bytes());
    assert_eq!(rules(&plain), ["jwt"]);
    let rest = token.get(1..).unwrap();
    for first in ["\\u0065", "%65", "&#x65;", "\\x65"] {
        let found = scan(&SHIPPED, "a.json", format!("{{\"a\": \"{first}{rest}\"}}\n").as_bytes());
        assert_eq!(rules(&found), ["jwt"], "{first}");
        assert_eq!(found[0].fingerprint, plain[0].fingerprint, "{first}");
    }
    let joined = scan(&SHIPPED, "a.go", format!("a := \"e\" +\n\t\"{rest}\"\n").as_bytes());
    assert_eq!(joined[0].fingerprint, plain[0].fingerprint);
}

#[test]
fn a_marker_counts_on_every_line_of_a_joined_secret() {
    let (head, tail) = TOKEN.split_at(20);
    let marker = "// palisade:allow * reason=\"revoked\"";
    let texts = [
        (true, format!("{marker}\nString a = \"{head}\" +\n    \"{tail}\";\n")),
        (true, format!("String a = \"{head}\" +\n    \"{tail}\"; {marker}\n")),
        (false, format!("String a = \"{head}\" +\n    \"{tail}\";\n{marker}\n")),
    ];
    for (counts, text) in texts {
        let found = scan(&SHIPPED, "A.java", text.as_bytes());
        assert_eq!(rules(&found), ["github-pat"], "{text}");
        assert_eq!(found[0].marker.is_some(), counts, "{text}");
        assert_eq!(found[0].location.end.line, found[0].location.start.line + 1, "{text}");
    }
}

/// A token that its rule knows only beside something else needs nothing where it is all there is.
#[test]
fn a_file_that_is_one_token_is_that_token() {
    for id in ["resend-api-key", "airtable-pat", "github-pat"] {
        let token = of_rule(id);
        for name in [".resend", "airtable_key.txt", "a"] {
            assert_eq!(rules(&scan(&SHIPPED, name, format!("{token}\n").as_bytes())), [id], "{name}");
        }
        assert!(rules(&scan(&SHIPPED, "a", format!("{token}x\n").as_bytes())).is_empty(), "{id}");
    }
    for id in ["resend-api-key", "airtable-pat"] {
        let token = of_rule(id);
        assert!(scan(&SHIPPED, "a", format!("{token}\nwords\n").as_bytes()).is_empty(), "{id}");
    }
    for other in [random(HEX, 32, 5), random(HEX, 40, 6), random(BASE62, 40, 7), random(BASE64, 88, 8)] {
        assert!(scan(&SHIPPED, "a", format!("{other}\n").as_bytes()).is_empty(), "{other}");
    }
}
