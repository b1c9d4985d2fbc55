//! A change of a text that was read: reading only the change finds what reading all of it finds, and so does a change of that.
#![no_main]

mod secrets;

use libfuzzer_sys::fuzz_target;
use palisade_secrets::{Copied, Reading};
use secrets::{ENGINE, findings, with_examples};

/// Pieces that one change is made of.
const PIECES: usize = 4;
/// Bytes that say what a piece is.
const PIECE: usize = 5;

// The head of the input is two scripts; the rest is the base and what they insert.
fuzz_target!(|input: &[u8]| {
    let Some((scripts, rest)) = input.split_at_checked(2 * PIECES * PIECE + 1) else { return };
    let (share, scripts) = scripts.split_last().expect("it is not empty");
    let (base, new) = rest.split_at(rest.len() * usize::from(*share) / 255);
    let (base, new) = (with_examples(base), with_examples(new));
    let (first, second) = scripts.split_at(PIECES * PIECE);
    let known = ENGINE.read(&base);
    let (text, copies) = apply(first, &base, &new);
    let reading = ENGINE.read_changed(&text, &known, &copies);
    check(&text, &reading);
    let (again, copies) = apply(second, &text, &new);
    check(&again, &ENGINE.read_changed(&again, &reading, &copies));
});

/// Holds `reading` to one of the whole text.
fn check(text: &[u8], reading: &Reading) {
    let whole = ENGINE.read(text);
    assert_eq!(ENGINE.marks(text, reading), ENGINE.marks(text, &whole));
    for path in ["input", "input.yaml"] {
        assert_eq!(findings(path, text, reading), findings(path, text, &whole));
    }
}

/// The text that a script makes: pieces of `base`, which are copies, and of `new`.
fn apply(script: &[u8], base: &[u8], new: &[u8]) -> (Vec<u8>, Vec<Copied>) {
    let (mut text, mut copies) = (Vec::new(), Vec::new());
    for piece in script.as_chunks::<PIECE>().0 {
        let [kind, from @ .., a, b] = *piece;
        let source = if kind % 4 == 0 { new } else { base };
        let share = |bytes: [u8; 2], of: usize| of * usize::from(u16::from_be_bytes(bytes)) / 0xffff;
        let start = share(from, source.len());
        let len = share([a, b], source.len() - start);
        if kind % 4 != 0 {
            copies.push(Copied { from: start, to: text.len(), len });
        }
        text.extend_from_slice(&source[start..start + len]);
    }
    (text, copies)
}
