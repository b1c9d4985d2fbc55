mod buckets;
mod slots;

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch};

use self::buckets::Buckets;
use self::slots::Slots;
use crate::bits;
use crate::frequencies::hash;

/// Most bytes by which a word is known.
const GRAM: usize = 4;
/// In how many places of a word its gram may begin.
const OFFSETS: usize = 64;
/// Bits of the hash by which most grams are told from those of words.
const FILTER_BITS: u32 = 16;
const FILTER_WORDS: usize = 1 << (FILTER_BITS - u64::BITS.ilog2());

/// Finds all of many words in one pass, whatever their case.
///
/// A word is known by its **gram**: four bytes of it, where they are least like other text, or, of a shorter one, fewer. Where one may begin is
/// told for many places of a text together. These are noted, and their grams are looked up in a filter of hashes that fits into the nearest
/// cache. What is left is compared.
pub(crate) struct Sieve {
    finder: Finder,
    words: Words,
}

/// How places are found where grams may begin.
enum Finder {
    /// Where all classes of bytes are looked up by one instruction.
    Buckets(Buckets),
    /// Elsewhere.
    Slots(Slots),
}

/// There are too many words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyWords;

/// A word in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// One past its last byte.
    pub(crate) end: u32,
    /// Its number.
    pub(crate) word: u16,
}

impl Sieve {
    /// A sieve of words, none of which is shorter than two bytes. Their numbers are their places.
    pub(crate) fn new(words: &[&[u8]]) -> Result<Self, TooManyWords> {
        if words.len() > usize::from(u16::MAX) {
            return Err(TooManyWords);
        }
        debug_assert!(words.iter().all(|word| word.len() >= 2));
        let level = Level::new();
        let lanes = dispatch!(level, simd => lanes(simd));
        if lanes == buckets::BLOCK { Self::of_buckets(level, words) } else { Self::of_slots(words) }
    }

    fn of_buckets(level: Level, words: &[&[u8]]) -> Result<Self, TooManyWords> {
        let (buckets, grams) = Buckets::new(level, words);
        Ok(Self { finder: Finder::Buckets(buckets), words: Words::new(words, &grams)? })
    }

    fn of_slots(words: &[&[u8]]) -> Result<Self, TooManyWords> {
        let (slots, grams) = Slots::new(words);
        Ok(Self { finder: Finder::Slots(slots), words: Words::new(words, &grams)? })
    }

    /// Length of the longest word.
    pub(crate) const fn longest(&self) -> usize {
        self.words.longest
    }

    /// Adds all words that lie whole in `text` from `start` on to `hits`. `text` has at most 4 GiB.
    pub(crate) fn find(&self, text: &[u8], start: usize, hits: &mut Vec<Hit>) {
        match &self.finder {
            Finder::Buckets(buckets) => buckets.find(&self.words, text, start, hits),
            Finder::Slots(slots) => slots.find(&self.words, text, start, hits),
        }
    }
}

/// How many bytes an instruction looks at.
#[inline(always)]
fn lanes<S: Simd>(_: S) -> usize {
    S::u8s::LEN
}

/// The bytes of a word by which it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Gram {
    offset: u8,
    /// From two to four.
    length: u8,
}

/// The words of a sieve, by their grams.
struct Words {
    /// Which hashes the grams have.
    filter: Box<[u64; FILTER_WORDS]>,
    /// By the hash of their gram.
    entries: Vec<Entry>,
    /// Where in `entries` those with each hash begin; one more than there are hashes.
    heads: Vec<u32>,
    /// How many bits hashes have.
    hash_bits: u32,
    /// All words, one after another, in lower case.
    text: Vec<u8>,
    longest: usize,
}

/// A word, by its gram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    key: u32,
    word: u16,
    /// The first two bytes of the word, or, where the gram begins with them, the last two.
    end: [u8; 2],
    /// Where the gram begins in the word.
    offset: u8,
    /// Where the word begins among all.
    from: u32,
    /// Of the word.
    length: u32,
}

impl Words {
    fn new(words: &[&[u8]], grams: &[Gram]) -> Result<Self, TooManyWords> {
        let mut filter = Box::new([0; FILTER_WORDS]);
        let mut entries = Vec::with_capacity(words.len());
        let mut from = 0;
        for (number, (word, gram)) in words.iter().zip(grams).enumerate() {
            let key = gram.key_in(word);
            if let Some(bits) = filter.get_mut(hash(key, FILTER_BITS) >> 6) {
                *bits |= 1 << (hash(key, FILTER_BITS) & 63);
            }
            let word_number = u16::try_from(number).map_err(|_| TooManyWords)?;
            let length = u32::try_from(word.len()).map_err(|_| TooManyWords)?;
            let end = fold_end(word, gram.offset);
            entries.push(Entry { key, word: word_number, end, offset: gram.offset, from, length });
            from = from.checked_add(length).ok_or(TooManyWords)?;
        }
        let hash_bits = usize::BITS - entries.len().leading_zeros();
        entries.sort_unstable_by_key(|entry| (hash(entry.key, hash_bits), *entry));
        let heads = heads(&entries, hash_bits);
        let longest = words.iter().map(|word| word.len()).max().unwrap_or(0);
        let text = words.concat().to_ascii_lowercase();
        Ok(Self { filter, entries, heads, hash_bits, text, longest })
    }

    /// Whether any word may have a gram.
    #[inline(always)]
    fn may_have(&self, key: u32) -> bool {
        let hash = hash(key, FILTER_BITS);
        self.filter.get(hash >> 6).copied().unwrap_or(0) >> (hash & 63) & 1 == 1
    }

    /// Adds the words whose gram is `key`, which begins at `at`, as far as they lie in `text` from `start` on.
    fn compare(&self, text: &[u8], start: usize, at: usize, key: u32, hits: &mut Vec<Hit>) {
        let hash = hash(key, self.hash_bits);
        let head = |at: usize| self.heads.get(at).map_or(0, |head| *head as usize);
        let entries = self.entries.get(head(hash)..head(hash + 1)).unwrap_or_default();
        for entry in entries.iter().filter(|entry| entry.key == key) {
            let Some(begin) = at.checked_sub(usize::from(entry.offset)) else { continue };
            let Some(found) = text.get(begin..).and_then(|rest| rest.get(..entry.length as usize)) else {
                continue;
            };
            // Many words have the same gram, and few of them the same end.
            if begin >= start
                && fold_end(found, entry.offset) == entry.end
                && found.eq_ignore_ascii_case(self.word(entry))
            {
                hits.push(Hit {
                    end: u32::try_from(begin + found.len()).unwrap_or(u32::MAX),
                    word: entry.word,
                });
            }
        }
    }

    fn word(&self, entry: &Entry) -> &[u8] {
        let from = entry.from as usize;
        self.text.get(from..from + entry.length as usize).unwrap_or_default()
    }
}

impl Gram {
    /// The bytes at `offset` in a word, of which there are as many as a gram may have or all that follow.
    fn at(word: &[u8], offset: usize) -> Self {
        let length = word.len().saturating_sub(offset).min(GRAM);
        Self { offset: u8::try_from(offset).unwrap_or(0), length: length as u8 }
    }

    fn key_in(self, word: &[u8]) -> u32 {
        let bytes = word.get(usize::from(self.offset)..).unwrap_or_default();
        key(bits::padded(bytes), usize::from(self.length))
    }
}

/// The first bytes of four, so many, without regard to case.
#[inline(always)]
const fn key(bytes: [u8; GRAM], length: usize) -> u32 {
    let unused = u32::BITS - 8 * length as u32;
    (u32::from_le_bytes(bytes) | 0x2020_2020) << unused >> unused
}

/// The places of words in the order of their lengths: short ones leave no choice, and long ones can then be known by what is admitted
/// anyway.
fn shortest_first(words: &[&[u8]]) -> Vec<usize> {
    let mut order: Vec<_> = (0..words.len()).collect();
    order.sort_by_key(|at| words.get(*at).map_or(0, |word| word.len()));
    order
}

/// The end of a word that its gram, which begins at `offset`, says less of, without regard to case.
fn fold_end(word: &[u8], offset: u8) -> [u8; 2] {
    let end = if offset == 0 { word.last_chunk() } else { word.first_chunk() };
    end.copied().unwrap_or_default().map(|byte| byte | 0x20)
}

/// Both cases of a letter are one class of 64, and any byte shares its class with three others at most, mostly control characters.
const fn class(byte: u8) -> u8 {
    byte & 0x1f | byte >> 1 & 0x20
}

/// Where the entries with each hash begin.
fn heads(entries: &[Entry], hash_bits: u32) -> Vec<u32> {
    let mut heads = vec![0; (1 << hash_bits) + 1];
    for entry in entries {
        if let Some(head) = heads.get_mut(hash(entry.key, hash_bits) + 1) {
            *head += 1;
        }
    }
    let mut sum = 0;
    for head in &mut heads {
        sum += *head;
        *head = sum;
    }
    heads
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasick;
    use proptest::prelude::*;

    use super::*;
    use crate::bits::levels;

    /// A sieve for each way of finding grams.
    fn sieves(words: &[&[u8]]) -> Vec<Sieve> {
        let buckets = levels().into_iter().map(|level| Sieve::of_buckets(level, words).unwrap());
        buckets.chain([Sieve::of_slots(words).unwrap()]).collect()
    }

    /// What each finds in a text from `start` on.
    fn of_sieves(words: &[&[u8]], text: &[u8], start: usize) -> Vec<Vec<Hit>> {
        let found = |sieve: &Sieve| {
            let mut hits = Vec::new();
            sieve.find(text, start, &mut hits);
            hits.sort_unstable();
            hits
        };
        sieves(words).iter().map(found).collect()
    }

    /// What an automaton finds there.
    fn of_automaton(words: &[&[u8]], text: &[u8], start: usize) -> Vec<Hit> {
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(words).unwrap();
        let hit = |hit: aho_corasick::Match| Hit {
            end: u32::try_from(start + hit.end()).unwrap(),
            word: u16::try_from(hit.pattern().as_usize()).unwrap(),
        };
        let mut hits: Vec<_> = automaton.find_overlapping_iter(&text[start..]).map(hit).collect();
        hits.sort_unstable();
        hits
    }

    proptest! {
        #[test]
        fn finds_what_an_automaton_finds(
            words in proptest::collection::btree_set("[abc% ]{2,9}", 1..30),
            text in "[aAbBcC% \n]{0,3000}",
            start in 0..20_usize,
        ) {
            let bytes: Vec<_> = words.iter().map(|word| word.as_bytes()).collect();
            let text = text.as_bytes();
            let start = start.min(text.len());
            let expected = of_automaton(&bytes, text, start);
            for found in of_sieves(&bytes, text, start) {
                prop_assert_eq!(&found, &expected);
            }
        }

        #[test]
        fn finds_words_of_any_bytes_anywhere(
            word in proptest::collection::vec(any::<u8>(), 2..12),
            before in proptest::collection::vec(any::<u8>(), 0..20),
            after in proptest::collection::vec(any::<u8>(), 0..12),
        ) {
            let text = [&before[..], &word, &after].concat();
            let end = u32::try_from(before.len() + word.len()).unwrap();
            let expected = Hit { end, word: 0 };
            for sieve in sieves(&[&word]) {
                let mut hits = Vec::new();
                sieve.find(&text, 0, &mut hits);
                prop_assert!(hits.contains(&expected));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn finds_hundreds_of_words(
            words in proptest::collection::btree_set("[a-z]{2,5}|[a-z_.0-9]{3,12}|[a-h_-]{60,90}", 300..600),
            order in proptest::collection::vec((any::<prop::sample::Index>(), "[A-Za-z \n_.]{0,9}"), 0..200),
        ) {
            let bytes: Vec<_> = words.iter().map(|word| word.as_bytes()).collect();
            let text = order.iter().flat_map(|(at, between)| [*at.get(&bytes), between.as_bytes()]);
            let text = text.collect::<Vec<_>>().concat();
            let expected = of_automaton(&bytes, &text, 0);
            for found in of_sieves(&bytes, &text, 0) {
                prop_assert_eq!(&found, &expected);
            }
        }
    }

    #[test]
    fn finds_words_at_the_end_of_texts_of_any_length() {
        for word in [b"pw".as_slice(), b"key", b"pass", b"token"] {
            for sieve in sieves(&[word]) {
                for length in (word.len()..3 * 1024).filter(|length| length % 512 < 80) {
                    let text = [&vec![b' '; length - word.len()][..], word].concat();
                    let mut hits = Vec::new();
                    sieve.find(&text, 0, &mut hits);
                    let end = u32::try_from(length).unwrap();
                    assert_eq!(hits, [Hit { end, word: 0 }], "{length}");
                }
            }
        }
    }
}
