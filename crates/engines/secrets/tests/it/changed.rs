//! Reading a change of a known text finds what reading all of it finds.

use std::time::Instant;

use palisade_model::{Entry, EntryMeta, Finding, RepoPath, Sink};
use palisade_secrets::{Copied, Reading, SecretsEngine};
use proptest::prelude::*;

use crate::examples::{SHIPPED, load};

/// A piece of a changed text.
#[derive(Debug, Clone)]
enum Piece {
    /// A share of the base: where it begins and how long it is, in thousandths.
    Copy(usize, usize),
    Insert(Vec<u8>),
}

/// Text with secrets: examples of the rules, words around them, and what must not be taken for text.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let (rules, _) = load();
    let examples: Vec<Vec<u8>> = rules
        .iter()
        .flat_map(|loaded| loaded.rule.expanded_examples())
        .map(|(_, expanded)| expanded.text.into_bytes())
        .collect();
    let filler = prop_oneof![
        "[a-z ]{0,40}\n",
        "(password|token|secret|api_key|key): [a-zA-Z0-9]{8,40}\n",
        "[A-Za-z0-9+/]{20,120}={0,2}\n",
        "(%[0-9A-F]{2}|[a-z]){4,40}",
        "(\\\\1[0-7]{2}|[a-z]){4,40}",
        "k = (chr\\([0-9]{2,3}\\)\\.){1,6}|String\\.fromCharCode\\(([0-9]{2,3}, ?){1,20}99\\)",
        "\\['[a-z]{1,8}', ?'ghp_[a-zA-Z0-9]{4,40}'\\]\\.join\\(''\\)",
        "[\\-\"'=+/._]{0,6}",
    ];
    let piece = prop_oneof![
        3 => prop::sample::select(examples),
        4 => filler.prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..30),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn change() -> impl Strategy<Value = Vec<Piece>> {
    let piece = prop_oneof![
        3 => (0..1000_usize, 0..1000_usize).prop_map(|(at, len)| Piece::Copy(at, len)),
        1 => proptest::collection::vec(any::<u8>(), 0..12).prop_map(Piece::Insert),
        2 => soup().prop_map(Piece::Insert),
    ];
    proptest::collection::vec(piece, 1..7)
}

/// The changed text, and how it is made from `base`.
fn apply(base: &[u8], change: &[Piece]) -> (Vec<u8>, Vec<Copied>) {
    let (mut text, mut copies) = (Vec::new(), Vec::new());
    for piece in change {
        match piece {
            Piece::Insert(bytes) => text.extend_from_slice(bytes),
            Piece::Copy(at, len) => {
                let from = base.len() * at / 1000;
                let len = (base.len() - from) * len / 1000;
                copies.push(Copied { from, to: text.len(), len });
                text.extend_from_slice(&base[from..from + len]);
            }
        }
    }
    (text, copies)
}

fn findings(engine: &SecretsEngine, path: &str, bytes: &[u8], reading: &Reading) -> Vec<Finding> {
    let path = RepoPath::from_bytes(path).unwrap();
    let mut sink = Sink::new();
    let entry = Entry { meta: EntryMeta::file(&path, bytes.len() as u64), bytes };
    engine.report(&entry, reading, &mut sink);
    sink.into_parts().0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_change_is_read_as_the_whole(base in soup(), first in change(), second in change()) {
        let engine = &*SHIPPED;
        let known = engine.read(&base);
        let (text, copies) = apply(&base, &first);
        let one = engine.read_changed(&text, &known, &copies);
        let (again, copies) = apply(&text, &second);
        let two = engine.read_changed(&again, &one, &copies);
        for (bytes, reading) in [(&text, &one), (&again, &two)] {
            let whole = engine.read(bytes);
            prop_assert_eq!(engine.marks(bytes, reading), engine.marks(bytes, &whole));
            for path in ["a.txt", "a.yaml"] {
                let (changed, all) =
                    (findings(engine, path, bytes, reading), findings(engine, path, bytes, &whole));
                prop_assert_eq!(changed, all);
            }
        }
    }
}

#[test]
fn a_small_change_of_a_long_text_is_matched_alone() {
    let engine = &*SHIPPED;
    let base = "nothing to see here, not even a word that matters\n".repeat(4000).into_bytes();
    let insert = b"password = \"hT7-kq2.Vb9x!\"\n";
    let text = [&base[..100_000], insert, &base[100_000..]].concat();
    let copies = [
        Copied { from: 0, to: 0, len: 100_000 },
        Copied { from: 100_000, to: 100_000 + insert.len(), len: base.len() - 100_000 },
    ];
    let reading = engine.read_changed(&text, &engine.read(&base), &copies);
    assert!(!reading.work().fell_back);
    assert!(reading.work().matched_bytes < 1024, "{:?}", reading.work());
    assert_eq!(findings(engine, "a.py", &text, &reading).len(), 1);
}

/// Seams in one long run, in pairs of digits, and in text without either.
#[test]
fn many_seams_cost_no_more_than_the_whole() {
    const COPY: usize = 400;
    let engine = &*SHIPPED;
    for piece in [
        "c29tZSB0ZXh0IGhlcmUg",
        "73 6f 6d 65 20 74 65 78 74 20 ",
        "- . ",
        "c29tZSB0ZXh0IGhlcmUgc29tZSB0ZXh0IGhlcmUg\n",
    ] {
        let text = piece.repeat(COPY * 2000 / piece.len()).into_bytes();
        let copies: Vec<_> =
            (0..text.len() / COPY).map(|at| Copied { from: at * COPY, to: at * COPY, len: COPY }).collect();
        let start = Instant::now();
        let known = engine.read(&text);
        let whole = start.elapsed();
        let start = Instant::now();
        let changed = engine.read_changed(&text, &known, &copies);
        let took = start.elapsed();
        assert!(!changed.work().fell_back);
        assert!(took < 5 * whole, "{piece}: {took:?} for {} seams, {whole:?} for the whole", copies.len());
    }
}
