//! No secret leaves the engine: looked for in everything it says about every rule's examples, in clear and in other spellings.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use palisade_rulefile::{Expanded, Mark};
use palisade_secrets::SecretsEngine;

use crate::examples::{SALT, SHIPPED, load, scan};

/// The longest stretch of `secret` that may be shown at once, in bytes.
const SHOWN: usize = 4;

/// Every spelling of a stretch of the secret that would give it away: in clear, base 64, hexadecimal.
fn spellings(secret: &[u8]) -> Vec<String> {
    let mut spellings: Vec<String> = Vec::new();
    // Every stretch that is longer than what masking shows.
    let stretch = (SHOWN + 4).min(secret.len());
    spellings.extend(secret.windows(stretch).map(|part| String::from_utf8_lossy(part).into_owned()));
    // Base 64 of a part depends on where it starts in a group of three.
    for offset in 0..3 {
        for base64 in [STANDARD_NO_PAD.encode(&secret[offset..]), URL_SAFE_NO_PAD.encode(&secret[offset..])] {
            spellings.push(base64.chars().take(base64.len().saturating_sub(2).clamp(8, 24)).collect());
        }
    }
    spellings.push(secret.iter().map(|byte| format!("{byte:02x}")).collect());
    spellings
}

/// What in `text` gives a secret away; what stands in `public` anyway, such as a token's prefix in the name of a variable, does not.
pub(crate) fn leak(text: &str, secret: &[u8], public: &str) -> Option<String> {
    let mut spellings = spellings(secret).into_iter();
    spellings.find(|spelling| text.contains(spelling.as_str()) && !public.contains(spelling.as_str()))
}

/// An example without its secrets.
pub(crate) fn public(expanded: &Expanded) -> String {
    let mut bytes = expanded.text.clone().into_bytes();
    for mark in &expanded.marks {
        bytes[mark.span.start..mark.span.end].fill(b' ');
    }
    String::from_utf8(bytes).unwrap()
}

pub(crate) fn secret<'e>(expanded: &'e Expanded, mark: &Mark) -> &'e [u8] {
    let bytes = &expanded.text.as_bytes()[mark.span.start..mark.span.end];
    // The begin line of a key is public.
    if bytes.starts_with(b"-----BEGIN") {
        let head = bytes.windows(5).rposition(|dashes| dashes == b"-----").map_or(0, |at| at + 5);
        return if head < bytes.len() { &bytes[head..] } else { &[] };
    }
    bytes
}

#[test]
fn the_check_itself_sees_leaks() {
    // palisade:allow generic-assignment reason="made up for this test"
    let secret = b"q7Rt5vKp2mXz9LwBq7Rt5vKp";
    for shown in
        ["x q7Rt5vKp2mXz", "cTdSdDV2S3AybVh6OUx3QnE3UnQ1dkt", "7137527435764b70326d587a394c774271375274357"]
    {
        let padded = format!("{shown}{}", if shown.starts_with("713") { "64b70" } else { "" });
        assert!(leak(&padded, secret, "").is_some(), "{shown}");
    }
    assert!(leak("q7R•••••vKp", secret, "").is_none());
}

#[test]
fn findings_hold_no_secret_of_any_example() {
    let (rules, _) = load();
    let rules: Vec<_> = rules.into_iter().map(|loaded| loaded.rule).collect();
    // A rule may be named after the words in its token, and have them in its title.
    let names: String =
        rules.iter().map(|rule| format!("{} {} ", rule.info.id, rule.info.title.to_lowercase())).collect();
    let mut checked = 0;
    for rule in &rules {
        for (example, expanded) in rule.expanded_examples() {
            let findings = scan(&SHIPPED, &example.path, expanded.text.as_bytes());
            let said = format!("{}\n{findings:?}\n{:?}", serde_json::to_string(&findings).unwrap(), *SHIPPED);
            for mark in expanded.marks.iter().filter(|mark| !secret(&expanded, mark).is_empty()) {
                let leak = leak(&said, secret(&expanded, mark), &(names.clone() + &public(&expanded)));
                assert_eq!(leak, None, "{} line {}: {said}", rule.info.id, mark.line);
                checked += 1;
            }
        }
    }
    assert!(checked > 50, "only {checked} secrets were checked");
}

#[test]
fn neighbours_on_one_line_do_not_leak_each_other() {
    let (rules, _) = load();
    let wanted =
        ["github-pat", "github-personal-access-token", "generic-assignment", "connection-uri", "jwt"];
    let files: Vec<_> = rules.into_iter().map(|loaded| loaded.rule).collect();
    let files: Vec<_> = files.into_iter().filter(|rule| wanted.contains(&rule.info.id.as_str())).collect();
    let engine = SecretsEngine::new(files, SALT).unwrap();
    let (password, other) = ("vR7-kLm2.qTz9", "Hn4_wXp8!cYb6");
    let text = format!(
        "uri=amqp://worker:{password}@mq.acme.io password=\"{other}\" # was {password}, now {other}\n"
    );
    let findings = scan(&engine, "notes.txt", text.as_bytes());
    assert_eq!(findings.len(), 2);
    let said = serde_json::to_string(&findings).unwrap();
    assert_eq!(leak(&said, password.as_bytes(), ""), None, "{said}");
    assert_eq!(leak(&said, other.as_bytes(), ""), None, "{said}");
    assert!(findings.iter().all(|finding| finding.excerpt.text.contains('•')));
}
