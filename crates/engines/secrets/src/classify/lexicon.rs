//! What words look like: costs of letters after two others, and a set of frequent words, learned from the Python standard library by
//! `bench/secrets-quality/lexicon.py`, which describes the layout.

static TABLE: &[u8] = include_bytes!("lexicon.bin");
/// Kinds of letters: 26 and the edge of a word.
const LETTERS: usize = 27;
const COSTS: usize = LETTERS * LETTERS * LETTERS;
const BITS: u64 = 8192 * 8;
/// Longest and shortest words of the set.
const WORD: std::ops::RangeInclusive<usize> = 3..=14;

/// Cost, in eighths of a bit, of `letters`, which are lower-case, as one word; and how many costs were summed.
pub(super) fn cost(letters: &[u8]) -> (u32, u32) {
    let (mut first, mut second) = (0, 0);
    let mut sum = 0;
    let mut count = 0;
    for letter in letters {
        let third = usize::from(letter.saturating_sub(b'a')).min(25) + 1;
        sum += u32::from(TABLE.get((first * LETTERS + second) * LETTERS + third).copied().unwrap_or(0));
        count += 1;
        (first, second) = (second, third);
    }
    (sum, count)
}

/// How many of `letters`, which are lower-case, frequent words cover at best.
pub(super) fn covered(letters: &[u8]) -> usize {
    // For each place the most that words before it cover.
    let mut best = vec![0; letters.len() + 1];
    for from in 0..letters.len() {
        let before = best.get(from).copied().unwrap_or(0);
        let mut reach = |to: usize, covered: usize| {
            if let Some(best) = best.get_mut(to) {
                *best = covered.max(*best);
            }
        };
        reach(from + 1, before);
        for length in words_at(letters.get(from..).unwrap_or_default(), letters.len()) {
            reach(from + length, before + length);
        }
    }
    best.last().copied().unwrap_or(0)
}

/// Lengths of the frequent words that `letters` starts with; the shortest count only as the whole of a run of `run` letters.
fn words_at(letters: &[u8], run: usize) -> impl Iterator<Item = usize> {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    letters.iter().take(*WORD.end()).enumerate().filter_map(move |(at, letter)| {
        hash = (hash ^ u64::from(*letter)).wrapping_mul(0x0000_0100_0000_01b3);
        let length = at + 1;
        let counts = length > *WORD.start() || (length == *WORD.start() && run == length);
        (counts && is_in_set(hash)).then_some(length)
    })
}

fn is_in_set(hash: u64) -> bool {
    [0, 20, 40].iter().all(|shift| {
        let place = (hash >> shift) % BITS;
        let byte = usize::try_from(place / 8).ok().and_then(|at| TABLE.get(COSTS + at));
        byte.is_some_and(|byte| byte >> (place % 8) & 1 == 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cost_less_than_noise() {
        let mean = |word: &str| {
            let (sum, count) = cost(word.as_bytes());
            sum / count
        };
        for (word, noise) in [("connection", "qzjxkvwpbf"), ("integer", "tgnrxei"), ("message", "gsmexaq")] {
            assert!(mean(word) + 8 < mean(noise), "{word} {} {noise} {}", mean(word), mean(noise));
        }
    }

    #[test]
    fn words_cover_words() {
        assert_eq!(covered(b"connectionstring"), 16);
        assert_eq!(covered(b"qzjxkvwpbf"), 0);
        assert_eq!(covered(b""), 0);
    }
}
