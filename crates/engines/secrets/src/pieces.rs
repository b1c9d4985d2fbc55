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
    let text = text.to_ascii_lowercase();
    let mut pieces: Vec<Span> = Vec::new();
    for (start, _) in text.windows(least).enumerate().filter(|(_, window)| known.contains(window)) {
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
