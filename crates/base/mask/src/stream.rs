use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError};

use crate::{MASK, Secret, forms};

/// Finds a set of secrets in bytes.
#[derive(Clone, Default)]
pub struct Masker {
    automaton: Option<AhoCorasick>,
    longest: usize,
}

impl Masker {
    /// Prepares for `secrets`; fails when they are too many or too long for one automaton (some hundred megabytes).
    pub fn new(secrets: &[Secret]) -> Result<Self, BuildError> {
        let needles: BTreeSet<Vec<u8>> =
            secrets.iter().flat_map(|secret| forms::needles(secret.expose())).collect();
        let longest = needles.iter().map(Vec::len).max().unwrap_or(0);
        let automaton = match needles.is_empty() {
            true => None,
            // Case-insensitive, because hexadecimal and percent-encoding come in both cases.
            false => Some(AhoCorasick::builder().ascii_case_insensitive(true).build(needles)?),
        };
        Ok(Self { automaton, longest })
    }

    /// `bytes` with every secret replaced.
    pub fn mask(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = MaskStream::new(self.clone());
        let mut masked = stream.push(bytes);
        masked.extend(stream.finish());
        masked
    }

    /// The parts of `bytes` to replace, in order, without overlap.
    fn hits(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let mut hits: Vec<_> = automaton.find_overlapping_iter(bytes).map(|hit| hit.range()).collect();
        hits.sort_by_key(|hit| hit.start);
        let mut merged: Vec<Range<usize>> = Vec::new();
        for hit in hits {
            match merged.last_mut() {
                Some(last) if hit.start < last.end => last.end = last.end.max(hit.end),
                _ => merged.push(hit),
            }
        }
        merged
    }
}

/// Masks one stream. Holds back as many bytes as could still be the beginning of a secret, never more.
pub struct MaskStream {
    masker: Masker,
    held: Vec<u8>,
    /// How many bytes of `held` belong to a secret whose mask was already given.
    covered: usize,
}

impl MaskStream {
    /// A stream that has seen nothing.
    pub const fn new(masker: Masker) -> Self {
        Self { masker, held: Vec::new(), covered: 0 }
    }

    /// Takes the next bytes, gives what can be shown.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        let keep = self.masker.longest.saturating_sub(1);
        let settled = self.held.len().saturating_sub(keep);
        self.release(settled)
    }

    /// Gives the rest at the end of the stream.
    pub fn finish(mut self) -> Vec<u8> {
        self.release(self.held.len())
    }

    /// Gives the first `settled` bytes. A secret that begins in them is complete in `held`, because what is held back is shorter
    /// than the longest form only by one byte; so every mask that begins here is known here.
    fn release(&mut self, settled: usize) -> Vec<u8> {
        let mut shown = Vec::with_capacity(settled);
        let mut done = self.covered;
        for hit in self.masker.hits(&self.held).into_iter().take_while(|hit| hit.start < settled) {
            if hit.start >= done {
                shown.extend_from_slice(self.held.get(done..hit.start).unwrap_or_default());
                shown.extend_from_slice(MASK);
            }
            done = done.max(hit.end);
        }
        shown.extend_from_slice(self.held.get(done..settled).unwrap_or_default());
        self.covered = done.saturating_sub(settled);
        self.held.drain(..settled);
        shown
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use proptest::prelude::*;

    use super::*;

    const SECRET: &[u8] = b"s3cr3t/with+odd\"chars\\and\nlines of it";

    fn masker() -> Masker {
        Masker::new(&[Secret::new(SECRET)]).unwrap()
    }

    fn contains(text: &[u8], part: &[u8]) -> bool {
        text.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn plain_text_is_left_alone() {
        assert_eq!(masker().mask(b"nothing to see"), b"nothing to see");
        assert_eq!(Masker::new(&[]).unwrap().mask(b"x"), b"x");
        assert_eq!(
            Masker::new(&[Secret::new("abc")]).unwrap().mask(b"abcabc"),
            b"abcabc",
            "too short to mask"
        );
    }

    #[test]
    fn each_line_of_a_secret_is_masked_on_its_own() {
        assert_eq!(masker().mask(b"1| lines of it |2"), b"1| *** |2");
    }

    #[test]
    fn hex_and_percent_forms_are_masked_in_both_cases() {
        let hex: String = SECRET.iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(masker().mask(hex.as_bytes()), b"***");
        assert_eq!(masker().mask(b"q=s3cr3t%2fwith%2Bodd%22chars%5Cand%0alines%20of%20it&"), b"q=***&");
    }

    /// The independent decoder: what is left of the masked base64 is decoded by the base64 crate and searched for pieces of the
    /// secret long enough to matter.
    #[test]
    fn base64_is_masked_in_every_alignment_and_alphabet() {
        let inner = &SECRET[3..SECRET.len() - 3];
        for before in 0..6 {
            let mut text = vec![b'x'; before];
            text.extend_from_slice(SECRET);
            text.extend_from_slice(b"tail");
            for encoded in [STANDARD.encode(&text), URL_SAFE.encode(&text)] {
                let decoded = |text: &[u8]| {
                    URL_SAFE.decode(text).or_else(|_| STANDARD.decode(text)).unwrap_or_default()
                };
                assert!(contains(&decoded(encoded.as_bytes()), inner), "the decoder works");
                let masked = masker().mask(encoded.as_bytes());
                assert!(contains(&masked, MASK), "{encoded}");
                for piece in masked.split(|byte| *byte == b'*') {
                    for skip in 0..4.min(piece.len() + 1) {
                        let whole = (piece.len() - skip) / 4 * 4;
                        let left = decoded(&piece[skip..skip + whole]);
                        assert!(!SECRET.windows(6).any(|part| contains(&left, part)), "{encoded}");
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn chunk_borders_change_nothing(
            pieces in proptest::collection::vec(prop_oneof![
                Just(SECRET.to_vec()), Just(SECRET[..9].to_vec()), Just(b"lines of it".to_vec()),
                proptest::collection::vec(any::<u8>(), 0..9)], 0..12),
            cut in 1usize..7,
        ) {
            let text = pieces.concat();
            let mut stream = MaskStream::new(masker());
            let mut streamed: Vec<u8> = text.chunks(cut).flat_map(|chunk| stream.push(chunk)).collect();
            streamed.extend(stream.finish());
            prop_assert_eq!(&streamed, &masker().mask(&text));
            prop_assert!(!contains(&streamed, SECRET));
        }
    }
}
