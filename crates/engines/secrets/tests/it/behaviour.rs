//! What the engine promises about places, fingerprints, markers and overlaps.

use palisade_model::{Confidence, Engine, Finding, Position, ScanReport, Severity};
use palisade_rulefile::RuleFile;
use palisade_secrets::SecretsEngine;

use crate::examples::{SALT, SHIPPED, load, scan};

/// Two made-up vendors, and one rule of the same family as the first.
const RULES: &[(&str, &str, &str)] = &[
    ("acme-key", "acme_[0-9A-Za-z]{20}", "keywords = [\"acme_\"]"),
    ("acme-url", "https://acme\\.io/\\?k=(?<secret>acme_[0-9A-Za-z]{20})", "keywords = [\"acme.io\"]"),
    ("other-hex", "(?i:other)\\W{1,5}(?<secret>[0-9a-f]{32})", "keywords = [\"other\"]\nentropy = 3.0"),
];

const ACME: &str = "acme_q7Rt5vKp2mXz9LwBn4Hd";

fn rule(id: &str, regex: &str, more: &str) -> RuleFile {
    let family = if id == "acme-url" { "family = \"acme-key\"\n" } else { "" };
    let text = format!(
        "+++\nid = \"{id}\"\ntitle = \"Key\"\nseverity = \"high\"\nconfidence = \"high\"\ncwe = [798]\n\
         tags = [\"vendor:acme\"]\nsince = \"0.1.0\"\nsource = \"https://acme.io/docs\"\n{family}[match]\n\
         {more}\nregex = '{regex}'\n+++\nWhy.\n\n## Fix\nSo.\n\n```bad\nx\n^\n```\n```good\nx\n```\n"
    );
    let (rule, problems) = RuleFile::parse(id, &text);
    assert_eq!(problems, [], "{text}");
    rule.unwrap()
}

pub(crate) fn made_up() -> SecretsEngine {
    SecretsEngine::new(RULES.iter().map(|(id, regex, more)| rule(id, regex, more)).collect(), SALT).unwrap()
}

fn found(text: &str) -> Vec<Finding> {
    scan(&made_up(), "a.txt", text.as_bytes())
}

#[test]
fn one_secret_on_two_lines_is_two_findings_with_one_fingerprint() {
    let findings = found(&format!("k={ACME}\n\nß = {ACME}\r\n"));
    let [one, two] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!(one.location.start, Position { line: 1, column: 3 });
    assert_eq!(two.location.start, Position { line: 3, column: 5 });
    assert_eq!(two.location.end, Position { line: 3, column: 30 });
    assert_eq!(one.fingerprint, two.fingerprint);
    assert_ne!(one.fingerprint, found(&ACME.replace('q', "r"))[0].fingerprint);
}

#[test]
fn the_salt_decides_the_fingerprint() {
    let (id, regex, more) = RULES[0];
    let other = SecretsEngine::new(vec![rule(id, regex, more)], b"another salt").unwrap();
    assert_ne!(scan(&other, "a.txt", ACME.as_bytes())[0].fingerprint, found(ACME)[0].fingerprint);
}

#[test]
fn a_family_reports_a_secret_once() {
    let findings = found(&format!("https://acme.io/?k={ACME}"));
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].fingerprint, found(ACME)[0].fingerprint);
}

#[test]
fn boundaries_entropy_and_case() {
    for text in [
        format!("x{ACME}"),
        format!("{ACME}x"),
        "acme_AAAAAAAAAAAAAAAAAAAA".to_owned(),
        "other: ".to_owned() + &"a1".repeat(16),
    ] {
        assert_eq!(found(&text), [], "{text}");
    }
    for text in
        [format!("\\n{ACME}"), format!("_{ACME}-"), "OTHER = 8f14e45fceea167a5a36dedd4bea2543".to_owned()]
    {
        assert_eq!(found(&text).len(), 1, "{text}");
    }
}

#[test]
fn a_refused_match_hides_no_later_one() {
    // With `_` in the class the first match swallows the head of the true one, and ends inside it.
    let engine =
        SecretsEngine::new(vec![rule("acme-wide", "acme_[0-9A-Za-z_]{20}", RULES[0].2)], SALT).unwrap();
    let text = format!("acme_{ACME}");
    let findings = scan(&engine, "a.txt", text.as_bytes());
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].location.bytes.start, 5);
}

#[test]
fn wide_text_is_read_and_offsets_lead_back() {
    let text = format!("ключ\r\nkey: {ACME} €\r\n");
    for (mark, big) in [("\u{feff}", false), ("\u{feff}", true)] {
        let units = format!("{mark}{text}");
        let bytes: Vec<u8> = units
            .encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect();
        let findings = scan(&made_up(), "a.reg", &bytes);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].location.start, Position { line: 2, column: 6 });
        let span = findings[0].location.bytes;
        let units: Vec<u16> = bytes[span.start..span.end]
            .chunks(2)
            .map(|pair| {
                if big {
                    u16::from_be_bytes([pair[0], pair[1]])
                } else {
                    u16::from_le_bytes([pair[0], pair[1]])
                }
            })
            .collect();
        assert_eq!(String::from_utf16(&units).unwrap(), ACME);
        assert_eq!(findings[0].fingerprint, found(ACME)[0].fingerprint);
    }
}

#[test]
fn binaries_are_matched_as_bytes_wide_or_not() {
    let wide: Vec<u8> = ACME.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bytes =
        [b"\x7fELF\0\xff\n".as_slice(), ACME.as_bytes(), b"\0\xff\xfe\x01", &wide, b"\x01\xff"].concat();
    let findings = scan(&made_up(), "a.out", &bytes);
    let spans: Vec<_> = findings.iter().map(|finding| finding.location.bytes).collect();
    assert_eq!(spans.len(), 2, "{findings:?}");
    assert_eq!(&bytes[spans[0].start..spans[0].end], ACME.as_bytes());
    assert_eq!(&bytes[spans[1].start..spans[1].end], wide);
}

#[test]
fn markers_are_carried_with_their_reason() {
    let reason = |text: &str| found(text)[0].marker.clone().map(|marker| marker.reason);
    let because = Some(Some("revoked".to_owned()));
    assert_eq!(reason(&format!("{ACME} # palisade:allow acme-key reason=\"revoked\"")), because);
    assert_eq!(reason(&format!("// palisade:allow * reason=\"revoked\"\n{ACME}")), because);
    assert_eq!(reason(&format!("{ACME} # palisade:allow other-hex reason=\"revoked\"")), None);
    assert_eq!(reason(&format!("{ACME} # palisade:allow acme-key")), Some(None));
    let marked = Some(Some("marked `gitleaks:allow`".to_owned()));
    assert_eq!(reason(&format!("{ACME} # gitleaks:allow")), marked);
    assert_eq!(reason(ACME), None);
}

/// One key as `openssl` writes it and as it is pasted into other files. Its body is no key, but looks like one.
fn spellings_of_a_key() -> Vec<(&'static str, String)> {
    let body: String =
        (0..20_u64).map(|at| format!("{:016x}", (at + 7).wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    let lines: Vec<_> = format!("MIIE{body}")
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    let (begin, end) = ["BEGIN", "END"].map(|edge| format!("-----{edge} RSA PRIVATE KEY-----")).into();
    let all: Vec<_> = std::iter::once(begin).chain(lines).chain([end]).collect();
    let quoted: Vec<_> = all.iter().map(|line| format!("\"{line}\\n\"")).collect();
    let commented: Vec<_> = all.iter().map(|line| format!("# {line}")).collect();
    vec![
        ("lines", all.join("\n") + "\n"),
        ("lines of Windows", all.join("\r\n")),
        ("indented", format!("key: |\n    {}\nnext: 1", all.join("\n    "))),
        ("JSON", format!("{{\"private_key\": \"{}\\n\"}}", all.join("\\n"))),
        ("JSON in JSON", format!("\"{{\\\"key\\\": \\\"{}\\\\n\\\"}}\"", all.join("\\\\n"))),
        ("joined strings", format!("const k = {};", quoted.join(" +\n  "))),
        ("spaces", format!("KEY=\"{}\"", all.join(" "))),
        ("comments", commented.join("\n")),
        ("comments without spaces", commented.join("\n").replace("# ", "#")),
    ]
}

#[test]
fn zeros_part_the_lines_of_an_environment() {
    let secret = ["vR7", "qLm2", "xT9w", "Kp4z"].concat();
    let environment = format!("PATH=/usr/bin\0DB_PASSWORD={secret}\0HOME=/root\0");
    let findings = scan(&SHIPPED, "environ", environment.as_bytes());
    let [finding] = findings.as_slice() else { panic!("one finding: {findings:?}") };
    let span = finding.location.bytes;
    assert_eq!(&environment.as_bytes()[span.start..span.end], secret.as_bytes());
}

#[test]
fn late_fingerprints_are_those_of_other_scans() {
    let rules = load().0.into_iter().map(|loaded| loaded.rule).collect();
    let secret = ["vR7", "qLm2", "xT9w", "Kp4z"].concat();
    let text = format!("DB_PASSWORD = \"{secret}\"\n");
    let [early] = scan(&SHIPPED, "a.py", text.as_bytes()).try_into().unwrap();
    let engine = SecretsEngine::of_shipped(rules, SALT).unwrap().with_late_fingerprints();
    let [late] = scan(&engine, "a.py", text.as_bytes()).try_into().unwrap();
    assert_ne!(early.fingerprint, late.fingerprint, "it only stands for it");
    let mut report = ScanReport { findings: vec![late], ..ScanReport::default() };
    engine.settle(&mut report);
    assert_eq!(report.findings, [early]);
}

#[test]
fn a_key_has_one_fingerprint_in_every_spelling() {
    let spellings = spellings_of_a_key();
    let first = scan(&SHIPPED, "a.txt", spellings[0].1.as_bytes())[0].fingerprint;
    for (kind, text) in spellings {
        let findings = scan(&SHIPPED, "a.txt", text.as_bytes());
        assert_eq!(findings.len(), 1, "{kind}");
        assert_eq!(findings[0].fingerprint, first, "{kind}");
        let span = findings[0].location.bytes;
        let secret = &text.as_bytes()[span.start..span.end];
        assert!(secret.starts_with(b"-----BEGIN") && secret.ends_with(b"KEY-----"), "{kind}");
    }
}

#[test]
fn a_specific_rule_beats_the_generic_one() {
    let mut rules: Vec<_> = load().0.into_iter().map(|loaded| loaded.rule).collect();
    rules.retain(|rule| rule.info.id.as_str() == "generic-assignment");
    let (id, regex, more) = RULES[0];
    let text = format!("api_key = \"{ACME}\"");
    let alone = SecretsEngine::new(rules.clone(), SALT).unwrap();
    assert_eq!(scan(&alone, "a.py", text.as_bytes())[0].rule.as_str(), "generic-assignment");
    rules.push(rule(id, regex, more));
    let findings = scan(&SecretsEngine::new(rules, SALT).unwrap(), "a.py", text.as_bytes());
    assert_eq!(findings.iter().map(|finding| finding.rule.as_str()).collect::<Vec<_>>(), ["acme-key"]);
}

#[test]
fn tests_and_examples_weigh_less() {
    // palisade:allow generic-assignment reason="made up for this test"
    let text = b"password = \"vR7-kLm2.qTz9\"\n";
    let weight = |path| scan(&SHIPPED, path, text).first().map(|found| (found.severity, found.confidence));
    assert_eq!(weight("src/config.py"), Some((Severity::High, Confidence::Medium)));
    for path in ["tests/config.py", "src/config_test.py", "a/testdata/x.json", "config.py.example"] {
        assert_eq!(weight(path), Some((Severity::Low, Confidence::Low)), "{path}");
    }
}

#[test]
fn results_depend_on_the_entry_alone() {
    let rules = load().0.into_iter().map(|loaded| loaded.rule);
    let backward = SecretsEngine::new(rules.rev().collect(), SALT).unwrap();
    assert_eq!(SHIPPED.rules_digest(), backward.rules_digest());
    // palisade:allow generic-assignment reason="made up for this test"
    let text = format!("password = \"vR7-kLm2.qTz9\"\nuri = redis://:{ACME}@db.acme.io\n");
    let expected = scan(&SHIPPED, "a.py", text.as_bytes());
    assert_eq!(expected.len(), 2);
    std::thread::scope(|scope| {
        let run = |_| scope.spawn(|| scan(&backward, "a.py", text.as_bytes()));
        let threads: Vec<_> = (0..4).map(run).collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap() == expected));
    });
}

#[test]
fn a_mark_before_plain_text_hides_nothing() {
    for mark in [b"\xff\xfe", b"\xfe\xff"] {
        let text = [mark.as_slice(), b"key = ", ACME.as_bytes(), b"\n"].concat();
        assert_eq!(scan(&made_up(), "a.txt", &text).len(), 1, "{mark:?}");
    }
    let wide: Vec<u8> = "words ".repeat(400).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let text = [wide.as_slice(), ACME.as_bytes()].concat();
    assert_eq!(scan(&made_up(), "a.txt", &text).len(), 1, "plain text after wide text");
}

#[test]
fn the_salt_of_a_project_is_public() {
    let text = format!("version: 1\nsalt: {}\n", "9f86d081884c7d65".repeat(2));
    assert_eq!(scan(&SHIPPED, "a/palisade.yaml", text.as_bytes()), []);
}
