use std::collections::HashSet;

use palisade_model::Span;

/// As much of a secret may be shown as a quarter, but never less or more bytes than these.
const FEWEST: usize = 8;
const MOST: usize = 16;
/// Of a longer secret the rest is not looked for.
const LONGEST: usize = 1024;

/// Where `text` repeats a stretch of `secret`, in upper or lower case: by such pieces a reader has the secret, or half of it. A stretch
/// without a digit is a word, which a secret may share with its own name.
pub(crate) fn pieces(text: &[u8], secret: &[u8]) -> Vec<Span> {
    let secret = secret.get(..LONGEST).unwrap_or(secret).to_ascii_lowercase();
    let least = (secret.len() / 4).clamp(FEWEST, MOST);
    let known: HashSet<&[u8]> = secret.windows(least).collect();
    let mut ends = [0_u32; 32];
    for (row, bit) in known.iter().filter_map(|window| ends_of(window)) {
        if let Some(bits) = ends.get_mut(row) {
            *bits |= bit;
        }
    }
    // Where thousands of secrets share a line, hashing each window for each of them would be most of a scan.
    let may_be = |window: &[u8]| {
        ends_of(window).is_some_and(|(row, bit)| ends.get(row).is_some_and(|bits| bits & bit != 0))
    };
    let text = text.to_ascii_lowercase();
    let mut pieces: Vec<Span> = Vec::new();
    let windows = text.windows(least).enumerate();
    for (start, _) in windows.filter(|(_, window)| may_be(window) && known.contains(window)) {
        match pieces.last_mut() {
            Some(last) if start <= last.end => last.end = start + least,
            _ => pieces.push(Span::new(start, start + least)),
        }
    }
    let is_word = |piece: &Span| {
        text.get(piece.start..piece.end).is_some_and(|all| !all.iter().any(u8::is_ascii_digit))
    };
    pieces.retain(|piece| !is_word(piece));
    pieces
}

/// Where a table of 32 times 32 bits has the first and the last byte of a window.
fn ends_of(window: &[u8]) -> Option<(usize, u32)> {
    let (first, last) = (window.first()?, window.last()?);
    Some((usize::from(first & 31), 1 << (last & 31)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pieces_are_the_shared_stretches_with_a_digit(text in "[abAB12]{0,80}", secret in "[abAB12]{1,60}") {
            let least = (secret.len() / 4).clamp(FEWEST, MOST);
            let (text, secret) = (text.to_lowercase().into_bytes(), secret.to_lowercase().into_bytes());
            let shared = |at: usize| text[at..].len() >= least && secret.windows(least).any(|one| text[at..].starts_with(one));
            let mut covered = vec![false; text.len()];
            for at in (0..text.len()).filter(|at| shared(*at)) {
                covered[at..at + least].fill(true);
            }
            let mut found = vec![false; text.len()];
            for piece in pieces(&text, &secret) {
                found[piece.start..piece.end].fill(true);
            }
            for at in 0..text.len() {
                prop_assert!(covered[at] || !found[at]);
                prop_assert!(found[at] || !covered[at] || text[at].is_ascii_alphabetic());
            }
        }
    }
}
