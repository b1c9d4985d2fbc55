//! Input made to hurt: long lines, storms of anchors, broken encodings, arbitrary bytes.

use palisade_model::{Engine, Entry, EntryKind, EntryMeta, Finding, Gap, GapKind, RepoPath, Sink};
use palisade_secrets::{MAX_FINDINGS, SecretsEngine};
use proptest::prelude::*;

use crate::behaviour::made_up;
use crate::examples::{SHIPPED, scan};

fn scan_raw(engine: &SecretsEngine, bytes: &[u8]) -> (Vec<Finding>, Vec<Gap>) {
    let path = RepoPath::from_bytes("a.bin").unwrap();
    let meta = EntryMeta { path: &path, kind: EntryKind::Symlink, size: bytes.len() as u64, members: &[] };
    assert!(engine.wants(&meta));
    let mut sink = Sink::new();
    engine.entry(&Entry { meta, bytes }, &mut sink);
    sink.into_parts()
}

#[test]
fn one_very_long_line_is_no_problem() {
    let tokens: Vec<_> = (0..900).map(|at| format!("acme_q7Rt5vKp2mXz9Lw{at:05}")).collect();
    let filler = "x".repeat(2000);
    let text = tokens.join(&format!(",{filler},"));
    let findings = scan(&made_up(), "min.js", text.as_bytes());
    assert_eq!(findings.len(), 900);
    let last = &findings[899];
    assert_eq!(last.location.start.column as usize, text.len() - 25 + 1);
    assert!(findings.iter().all(|finding| finding.excerpt.text.chars().count() <= 162));
}

#[test]
fn storms_of_anchors_end() {
    for anchor in [
        "acme_",
        "password=",
        "token: \"",
        "-----BEGIN PRIVATE KEY-----\\n",
        "://a:b",
        "basic ",
        "eyJ",
        "AKIA",
        "ghp_",
        "curl ",
        "mysql -p mysqladmin ",
        "\"kty\":\"RSA\",",
        "password = f(f(f(",
    ] {
        let storm = anchor.repeat(400_000 / anchor.len());
        assert_eq!(scan_raw(&SHIPPED, storm.as_bytes()).0, [], "{anchor}");
    }
}

#[test]
fn too_many_findings_are_a_gap_and_show_no_neighbour() {
    let lines: String = (0..MAX_FINDINGS + 5).map(|at| format!("acme_q7Rt5vKp2mXz9Lw{at:05}\n")).collect();
    let (findings, gaps) = scan_raw(&made_up(), lines.as_bytes());
    assert_eq!(findings.len(), MAX_FINDINGS);
    assert_eq!(gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), [GapKind::BudgetHit]);
    let many: String = (0..21_000).map(|at| format!("acme_q7Rt5vKp2mXz9Lw{at:05} ")).collect();
    let (findings, gaps) = scan_raw(&made_up(), many.as_bytes());
    assert_eq!((findings.len(), gaps.len()), (MAX_FINDINGS, 1));
    let shown = findings[500].excerpt.text.trim_matches('…');
    let (head, tail) = shown.split_once(&"•".repeat(19)).unwrap();
    assert_eq!((head, tail.len()), ("acm", 3), "nothing but the secret itself, masked");
}

#[test]
fn an_empty_entry_is_looked_at() {
    assert_eq!(scan_raw(&SHIPPED, b""), (Vec::new(), Vec::new()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_it_panic(
        head in prop_oneof![Just(&b""[..]), Just(&b"\xff\xfe"[..]), Just(&b"\xfe\xff"[..])],
        parts in proptest::collection::vec(
            prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..40),
                "(password|token|api_key)[\"']?[:=] ?[\"']?[ -~]{0,30}[\"']?\n".prop_map(String::into_bytes),
                "-----BEGIN [A-Z ]{0,10}PRIVATE KEY-----[\n\\\\nA-Za-z0-9+/=]{0,200}".prop_map(String::into_bytes),
                "[a-z]{1,5}://[!-~]{0,20}:[!-~]{0,20}@[!-~]{0,9}".prop_map(String::into_bytes),
                "(Basic|eyJ|ghp_|AKIA)[A-Za-z0-9+/. ]{0,60}".prop_map(String::into_bytes),
            ],
            0..8,
        ),
    ) {
        let bytes = [head, &parts.concat()].concat();
        let (findings, _) = scan_raw(&SHIPPED, &bytes);
        for finding in findings {
            let span = finding.location.bytes;
            prop_assert!(span.start < span.end && span.end <= bytes.len());
            prop_assert!(finding.excerpt.mark_end as usize <= finding.excerpt.text.chars().count());
        }
    }
}
