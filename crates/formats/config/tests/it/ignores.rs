//! The ignore files of other tools, as those tools write and read them.

use palisade_config::{parse_detect_secrets_baseline, parse_gitleaks_ignore, parse_secrets_ignore};
use palisade_model::{IgnoredPlace, Level};
use proptest::prelude::*;

const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

fn places(text: &str) -> Vec<IgnoredPlace> {
    parse_gitleaks_ignore(text.as_bytes()).value.unwrap()
}

#[test]
fn gitleaks_entries_name_file_rule_line_and_perhaps_a_commit() {
    let text = format!("# why\n\na/b.env:github-pat:3\r\n  {SHA}:a b.env:x_Y:12  \n");
    let [one, two] = <[IgnoredPlace; 2]>::try_from(places(&text)).unwrap();
    assert_eq!(
        (one.entry.line, one.path.to_string().as_str(), one.rule.as_str(), one.line),
        (3, "a/b.env", "github-pat", 3)
    );
    assert_eq!(one.commit, None);
    assert_eq!(two.commit.as_ref().unwrap().as_str(), SHA);
    assert_eq!(
        (two.entry.to_string().as_str(), two.path.to_string().as_str(), two.line),
        (".gitleaksignore line 4", "a b.env", 12)
    );
}

#[test]
fn gitleaks_paths_are_those_of_every_system() {
    for text in ["./a/b:r:1", "a\\b:r:1", ".\\a\\b:r:1", "././a/b:r:1"] {
        assert_eq!(places(text)[0].path.to_string(), "a/b", "{text}");
    }
    assert_eq!(places("a:b:r:1")[0].path.to_string(), "a:b", "not a commit, so part of the name");
    assert_eq!(places("x.zip!in/a.env:r:1")[0].path.to_string(), "x.zip!in/a.env");
}

#[test]
fn what_is_no_entry_is_told_with_its_place_and_passed_over() {
    let text = "a:r:1\nnonsense\na:r:0\na:r:x\n../a:r:1\na::1\n";
    let parsed = parse_gitleaks_ignore(text.as_bytes());
    assert_eq!(parsed.value.unwrap().len(), 1);
    let told: Vec<_> =
        parsed.problems.iter().map(|problem| text.get(problem.span.start..problem.span.end)).collect();
    assert_eq!(told, ["nonsense", "a:r:0", "a:r:x", "../a:r:1", "a::1"].map(Some));
    assert!(parsed.problems.iter().all(|problem| problem.level == Level::Warning && problem.hint.is_some()));
}

/// The layout is that of `detect-secrets scan`, version 1.5.
fn baseline(entries: &str) -> String {
    format!(
        "{{\n \"version\": \"1.5.0\",\n \"plugins_used\": [{{\"name\": \"X\"}}],\n \"filters_used\": [],\n \"results\": {{{entries}}},\n \"generated_at\": \"2026-01-01T00:00:00Z\"\n}}\n"
    )
}

fn secret(more: &str) -> String {
    format!(
        "{{\n \"type\": \"Secret Keyword\",\n \"filename\": \"a\",\n \"hashed_secret\": \"{SHA}\",\n \"is_verified\": false{more}\n}}"
    )
}

#[test]
fn detect_secrets_entries_name_file_and_digest() {
    let text = baseline(&format!("\"a\\\\b.py\": [{}, {}]", secret(",\n \"line_number\": 4"), secret("")));
    let parsed = parse_detect_secrets_baseline(text.as_bytes());
    assert_eq!(parsed.problems, []);
    let found = parsed.value.unwrap();
    assert_eq!(found[0].path.to_string(), "a/b.py");
    assert_eq!(found[0].sha1[..3], [0x01, 0x23, 0x45]);
    let numbers: Vec<u32> = found.iter().map(|one| one.entry.line).collect();
    let lines: Vec<u32> = (1..)
        .zip(text.lines())
        .filter(|(_, line)| line.contains("hashed_secret"))
        .map(|(number, _)| number)
        .collect();
    assert_eq!(numbers, lines);
}

#[test]
fn what_an_audit_found_real_is_no_reason() {
    let audited = |verdict: &str| {
        let text = baseline(&format!("\"a\": [{}]", secret(&format!(",\n \"is_secret\": {verdict}"))));
        parse_detect_secrets_baseline(text.as_bytes()).value.unwrap().len()
    };
    assert_eq!((audited("true"), audited("false"), audited("null")), (0, 1, 1));
}

#[test]
fn a_broken_baseline_is_an_error_with_its_place() {
    for text in ["", "{}", "[]", "{\"results\": []}", "{\"results\": {\"a\": [{}]}}", "not json"] {
        let parsed = parse_detect_secrets_baseline(text.as_bytes());
        assert!(parsed.value.is_none() && parsed.problems[0].hint.is_some(), "{text}");
    }
    let odd = baseline("\"../a\": [{\"hashed_secret\": \"xyz\"}]");
    let parsed = parse_detect_secrets_baseline(odd.as_bytes());
    assert_eq!(parsed.value, Some(Vec::new()));
    assert_eq!(parsed.problems.len(), 1);
}

#[test]
fn a_secretsignore_has_patterns_then_secrets() {
    let text = "# tests\ntest/*\r\n!test/real\n\n[secrets]\n# none\na+b(c\r\n x \n";
    let file = parse_secrets_ignore(text.as_bytes()).value.unwrap();
    let patterns: Vec<_> =
        file.patterns.iter().map(|(entry, pattern)| (entry.line, pattern.value.as_str())).collect();
    assert_eq!(patterns, [(2, "test/*"), (3, "!test/real")]);
    let secrets: Vec<_> =
        file.secrets.iter().map(|(entry, secret)| (entry.line, secret.as_slice())).collect();
    assert_eq!(secrets, [(7, b"a+b(c".as_slice()), (8, b" x ")]);
    let parsed = parse_secrets_ignore(b"a\n\xff\n[secrets]\n\xff\n");
    assert!(parsed.value.is_none());
    assert_eq!(parsed.problems[0].span.start, 2);
}

proptest! {
    #[test]
    fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        parse_gitleaks_ignore(&bytes);
        parse_secrets_ignore(&bytes);
        parse_detect_secrets_baseline(&bytes);
    }

    #[test]
    fn an_entry_comes_back(path in "[a-z]{1,5}(/[a-z.]{1,5}x)?", rule in "[a-z-]{1,9}", line in 1_u32..99_999) {
        let found = places(&format!("{path}:{rule}:{line}"));
        prop_assert_eq!((found[0].path.to_string(), &found[0].rule, found[0].line), (path, &rule, line));
    }
}
