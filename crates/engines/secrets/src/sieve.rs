use wide::u16x8;

use crate::frequencies::{self, hash};

/// Classes of bytes: both cases of a letter are one, and any byte shares its class with three others at most, mostly control characters.
const CLASS_BITS: u32 = 6;
/// Pairs of classes.
const PAIRS: usize = 1 << (2 * CLASS_BITS);
/// Bytes of a slot.
const SLOT: usize = 3;
/// Bytes by which a word is known when its slot passed.
const GRAM: usize = 4;
/// Bytes whose slots are noted before what passed is compared.
const PART: usize = 1024;
/// Their slots.
const SLOTS: usize = PART / 2;
/// Bits of the number of one of them.
const SLOT_BITS: u32 = SLOTS.ilog2();
/// Bytes of which a few instructions look at all slots.
const STRETCH: usize = 16;
/// Room for slots that are noted; the last seven are never filled.
const NOTES: usize = SLOTS + STRETCH / 2 - 1;
/// Bytes before and behind a part that are looked at with its slots.
const MARGIN: usize = 3;
const AREA: usize = MARGIN + PART + MARGIN;
/// Bits of the hash by which most grams are told from those of words.
const FILTER_BITS: u32 = 16;
const FILTER_WORDS: usize = 1 << (FILTER_BITS - u64::BITS.ilog2());

/// Finds all of many words in one pass, whatever their case.
///
/// A text is looked at in **slots** of three bytes, one at every second byte. Each word has a slot for either way in which it may lie;
/// in long words it is where the word is least like other text, in very short ones one byte of it is open. A table has one bit for
/// each three classes of bytes: whether any word has such a slot. So one look-up tells of two bytes of text that no word is there, and
/// the table fits into the nearest cache, whatever the words. Where a slot passes, the four bytes that make up both slots of a word
/// are looked up, and then words are compared.
pub(crate) struct Sieve {
    /// For each pair of classes the classes that may follow, as bits.
    slots: Box<[u64; PAIRS]>,
    /// Which hashes the grams of words have.
    filter: Box<[u64; FILTER_WORDS]>,
    /// The words by the hash of their gram.
    entries: Vec<Gram>,
    /// Where in `entries` those with each hash begin; one more than there are hashes.
    heads: Vec<u32>,
    /// How many bits hashes have.
    hash_bits: u32,
    /// All words, one after another, in lower case.
    text: Vec<u8>,
    longest: usize,
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

/// By what a word is known: four bytes of it, or two of a short one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Gram {
    key: u32,
    word: u16,
    /// The first two bytes of the word, or, where the gram begins with them, the last two.
    end: [u8; 2],
    /// Where it begins in the word.
    offset: u8,
    /// Where the word begins among all.
    from: u32,
    /// Of the word.
    length: u32,
}

impl Sieve {
    /// A sieve of words, none of which is shorter than two bytes. Their numbers are their places.
    pub(crate) fn new(words: &[&[u8]]) -> Result<Self, TooManyWords> {
        if words.len() > usize::from(u16::MAX) {
            return Err(TooManyWords);
        }
        let text = words.concat().to_ascii_lowercase();
        u32::try_from(text.len()).map_err(|_| TooManyWords)?;
        let mut from = 0;
        let mut order: Vec<_> = (0_u16..)
            .zip(words)
            .map(|(number, word)| {
                from += word.len() as u32;
                (number, from - word.len() as u32, *word)
            })
            .collect();
        // The short ones leave no choice; long ones can then be known by what is in the table anyway.
        order.sort_by_key(|(.., word)| word.len());
        let mut slots = empty_table();
        let mut filter = empty_table();
        let mut entries = Vec::with_capacity(words.len());
        for (number, from, word) in order {
            let length = u32::try_from(word.len()).map_err(|_| TooManyWords)?;
            let (key, offset) = if word.len() < GRAM {
                let offset = rarer_pair(word);
                admit_short(&mut slots, word, offset);
                (key(word.get(offset..offset + 2).unwrap_or_default()), offset)
            } else {
                let offset = rarest(word, &slots);
                let gram = word.get(offset..offset + GRAM).unwrap_or_default();
                gram.windows(SLOT).for_each(|slot| admit(&mut slots, slot));
                (key(gram), offset)
            };
            let offset = u8::try_from(offset).unwrap_or(0);
            let end = fold_end(word, offset);
            let entry = Gram { key, word: number, end, offset, from, length };
            if let Some(bits) = filter.get_mut(hash(entry.key, FILTER_BITS) >> 6) {
                *bits |= 1 << (hash(entry.key, FILTER_BITS) & 63);
            }
            entries.push(entry);
        }
        let hash_bits = usize::BITS - entries.len().leading_zeros();
        entries.sort_unstable_by_key(|entry| (hash(entry.key, hash_bits), *entry));
        let heads = heads(&entries, hash_bits);
        let longest = words.iter().map(|word| word.len()).max().unwrap_or(0);
        Ok(Self { slots, filter, entries, heads, hash_bits, text, longest })
    }

    /// Length of the longest word.
    pub(crate) const fn longest(&self) -> usize {
        self.longest
    }

    /// Adds all words that lie whole in `text` from `start` on to `hits`, in nearly the order of their ends. `text` has at most 4 GiB.
    pub(crate) fn find(&self, text: &[u8], start: usize, hits: &mut Vec<Hit>) {
        let mut last = 0;
        let mut slots = [0_u16; NOTES];
        // One byte more than there is, so that the last two end a slot too.
        for at in (start..=text.len()).step_by(PART) {
            let whole = at.checked_sub(MARGIN).and_then(|from| text.get(from..)?.first_chunk());
            let padded = whole.is_none().then(|| padded(text, at));
            let Some(area) = whole.or(padded.as_ref()) else { continue };
            // Which slots passed is noted nearly without a branch: it could not be foretold.
            let mut count = 0;
            let stretches = area.get(MARGIN..).unwrap_or_default().as_chunks().0.iter();
            let stretches = stretches.take((text.len() + 1 - at).div_ceil(STRETCH));
            for (first, stretch) in (0..).step_by(STRETCH / 2).zip(stretches) {
                (last, count) = self.look(stretch, last, first, &mut slots, count);
            }
            let noted = count;
            count = 0;
            for index in 0..noted.min(NOTES) {
                let slot = slots.get(index).copied().unwrap_or(0);
                let passed = self.passing(near(area, slot));
                if let Some(place) = slots.get_mut(count) {
                    *place = slot | passed << SLOT_BITS;
                }
                count += usize::from(passed != 0);
            }
            for noted in slots.get(..count).unwrap_or_default() {
                let (slot, passed) = (noted & (SLOTS as u16 - 1), noted >> SLOT_BITS);
                self.compare(text, start, at + 2 * usize::from(slot), near(area, slot), passed, hits);
            }
        }
    }

    /// Notes which of the slots that end in `stretch` pass; `first` is the number of the first, and `count` are noted so far. `last` is what
    /// may follow the pair before; that of its own last pair comes first of what is returned, then how many are noted.
    #[inline]
    fn look(
        &self,
        stretch: &[u8; STRETCH],
        mut last: u64,
        first: u16,
        slots: &mut [u16; NOTES],
        count: usize,
    ) -> (u64, usize) {
        let mut passed = 0_usize;
        for pair in pairs(stretch) {
            passed = passed << 1 | (last >> (pair & 0x3f) & 1) as usize;
            last = self.slots.get(usize::from(pair) & (PAIRS - 1)).copied().unwrap_or(0);
        }
        if let Some(room) = slots.get_mut(count..).and_then(<[u16]>::first_chunk_mut) {
            let places = PLACES.get(passed).copied().unwrap_or_default();
            *room = (u16x8::new(places) + u16x8::splat(first)).to_array();
        }
        (last, count + COUNTS.get(passed).copied().map_or(0, usize::from))
    }

    /// Which of the [`keys`] of a slot that passed any word may have, as bits, by what is [`near`]; without a branch.
    #[inline]
    fn passing(&self, near: u64) -> u16 {
        keys(near).into_iter().rev().fold(0, |passing, (_, key)| passing << 1 | self.passes(key))
    }

    /// Whether any word may have a gram, as 1 or 0.
    #[inline]
    fn passes(&self, key: u32) -> u16 {
        let hash = hash(key, FILTER_BITS);
        (self.filter.get(hash >> 6).copied().unwrap_or(0) >> (hash & 63) & 1) as u16
    }

    /// Adds the words of which the slot may be part that ends with the byte at `end`, and of whose keys these are `passing`.
    fn compare(
        &self,
        text: &[u8],
        start: usize,
        end: usize,
        near: u64,
        mut passing: u16,
        hits: &mut Vec<Hit>,
    ) {
        let keys = keys(near);
        while passing != 0 {
            if let Some((offset, key)) = keys.get(passing.trailing_zeros() as usize)
                && let Some(begin) = (end + offset).checked_sub(MARGIN)
            {
                self.compare_key(text, start, begin, *key, hits);
            }
            passing &= passing - 1;
        }
    }

    /// Adds the words whose gram is `key`, which begins at `at`.
    fn compare_key(&self, text: &[u8], start: usize, at: usize, key: u32, hits: &mut Vec<Hit>) {
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

    fn word(&self, entry: &Gram) -> &[u8] {
        let from = entry.from as usize;
        self.text.get(from..from + entry.length as usize).unwrap_or_default()
    }
}

/// The end of a word that its gram, which begins at `offset`, says less of, without regard to case.
fn fold_end(word: &[u8], offset: u8) -> [u8; 2] {
    let end = if offset == 0 { word.last_chunk() } else { word.first_chunk() };
    end.copied().unwrap_or_default().map(|byte| byte | 0x20)
}

/// The bytes around those from `at` on, with zeros for what the text lacks.
fn padded(text: &[u8], at: usize) -> [u8; AREA] {
    let mut area = [0; AREA];
    let before = at.min(MARGIN);
    let bytes = text.get(at - before..).unwrap_or_default();
    area.iter_mut().skip(MARGIN - before).zip(bytes).for_each(|(to, from)| *to = *from);
    area
}

/// The eight bytes from the one before a slot on, the first as the lowest.
#[inline]
fn near(area: &[u8; AREA], slot: u16) -> u64 {
    let from = 2 * (usize::from(slot) % SLOTS);
    area.get(from..).and_then(<[u8]>::first_chunk).map_or(0, |near| u64::from_le_bytes(*near))
}

/// The grams that a slot may be part of, by what is [`near`] it, and how far from the byte before it they begin: long ones that begin with
/// that byte or the next, short ones that begin with the next or the one after it.
#[inline]
const fn keys(near: u64) -> [(usize, u32); 4] {
    let folded = near | 0x2020_2020_2020_2020;
    [
        (0, folded as u32),
        (1, (folded >> 8) as u32),
        (1, (folded >> 8) as u16 as u32),
        (2, (folded >> 16) as u16 as u32),
    ]
}

/// The classes of each two bytes, as one number.
#[inline]
fn pairs(stretch: &[u8; STRETCH]) -> [u16; STRETCH / 2] {
    let mut pairs = [0; STRETCH / 2];
    pairs.iter_mut().zip(stretch.as_chunks().0).for_each(|(pair, two)| *pair = u16::from_le_bytes(*two));
    let pairs = u16x8::new(pairs);
    let classes: u16x8 = pairs & u16x8::splat(0x1f1f) | (pairs >> 1_u32) & u16x8::splat(0x2020);
    (classes & u16x8::splat(0x3f) | (classes >> (8 - CLASS_BITS)) & u16x8::splat(0xfc0)).to_array()
}

const fn class(byte: u8) -> u8 {
    byte & 0x1f | byte >> 1 & 0x20
}

/// At most four bytes without regard to case.
fn key(bytes: &[u8]) -> u32 {
    match bytes {
        [one, two, three, four] => fold([*one, *two, *three, *four]),
        [one, two] => u32::from_le_bytes([*one | 0x20, *two | 0x20, 0, 0]),
        _ => 0,
    }
}

fn fold(gram: [u8; GRAM]) -> u32 {
    u32::from_le_bytes(gram) | 0x2020_2020
}

/// For each eight slots, of which the first is the highest bit, the places of those that pass.
static PLACES: [[u16; 8]; 256] = places();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
const fn places() -> [[u16; 8]; 256] {
    let mut table = [[0; 8]; 256];
    let mut bits = 0;
    while bits < 256 {
        let (mut slot, mut count) = (0, 0);
        while slot < 8 {
            if bits >> (7 - slot) & 1 == 1 {
                table[bits][count] = slot;
                count += 1;
            }
            slot += 1;
        }
        bits += 1;
    }
    table
}

/// The same, how many they are.
static COUNTS: [u8; 256] = counts();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
const fn counts() -> [u8; 256] {
    let mut table = [0; 256];
    let mut bits = 0_u8;
    while bits < u8::MAX {
        bits += 1;
        table[bits as usize] = bits.count_ones() as u8;
    }
    table
}

/// Where the entries with each hash begin.
fn heads(entries: &[Gram], hash_bits: u32) -> Vec<u32> {
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

#[expect(clippy::unreachable, reason = "the slice has the length that it was made with")]
fn empty_table<const LENGTH: usize>() -> Box<[u64; LENGTH]> {
    match vec![0; LENGTH].into_boxed_slice().try_into() {
        Ok(table) => table,
        Err(_) => unreachable!(),
    }
}

fn entry(table: &[u64; PAIRS], first: u8, second: u8) -> u64 {
    table.get(usize::from(first) | usize::from(second) << CLASS_BITS).copied().unwrap_or(0)
}

fn set(table: &mut [u64; PAIRS], first: u8, second: u8, thirds: u64) {
    if let Some(entry) = table.get_mut(usize::from(first) | usize::from(second) << CLASS_BITS) {
        *entry |= thirds;
    }
}

/// Sets the bit of a slot.
fn admit(table: &mut [u64; PAIRS], slot: &[u8]) {
    if let [first, second, third] = slot {
        set(table, class(*first), class(*second), 1 << class(*third));
    }
}

/// Sets the bits of both slots of a word of two or three bytes that is known by the two bytes from `offset` on.
fn admit_short(table: &mut [u64; PAIRS], word: &[u8], offset: usize) {
    match (word, offset) {
        ([_, _, _], 0) => {
            admit(table, word);
            admit_end(table, word);
        }
        ([_, pair @ ..], 1) => {
            admit(table, word);
            admit_beginning(table, pair);
        }
        _ => {
            admit_beginning(table, word);
            admit_end(table, word);
        }
    }
}

/// Sets the bits of all slots that begin with the first two bytes of a word.
fn admit_beginning(table: &mut [u64; PAIRS], word: &[u8]) {
    let [first, second, ..] = word else { return };
    set(table, class(*first), class(*second), u64::MAX);
}

/// Sets the bits of all slots that end with the first two bytes of a word.
fn admit_end(table: &mut [u64; PAIRS], word: &[u8]) {
    let [first, second, ..] = word else { return };
    (0..1 << CLASS_BITS).for_each(|before| set(table, before, class(*first), 1 << class(*second)));
}

/// Where in a word the four bytes begin that are rare in source code, and whose slots are in the table or rare.
fn rarest(word: &[u8], table: &[u64; PAIRS]) -> usize {
    let cost = |gram: &[u8]| match gram {
        [one, two, three, four] => {
            let new = |slot| if is_admitted(table, slot) { 0 } else { frequency(slot) };
            let slots = new([*one, *two, *three]) + new([*two, *three, *four]);
            COMPARING * frequencies::of_gram(key(gram)) + slots
        }
        _ => u64::MAX,
    };
    let from = word.windows(GRAM).take(64).enumerate().min_by_key(|(_, gram)| cost(gram));
    from.map_or(0, |(from, _)| from)
}

/// Where in a word of two or three bytes the two begin that are rarer in source code.
fn rarer_pair(word: &[u8]) -> usize {
    let frequency = |pair: &[u8]| match pair {
        [one, two] => {
            (0..1 << CLASS_BITS).map(|before| frequency_of([before, class(*one), class(*two)])).sum()
        }
        _ => u64::MAX,
    };
    let from = word.windows(2).enumerate().min_by_key(|(_, pair)| frequency(pair));
    from.map_or(0, |(from, _)| from)
}

/// How many slots can be looked up in the time in which words are compared with one.
const COMPARING: u64 = 8;

fn is_admitted(table: &[u64; PAIRS], [first, second, third]: [u8; SLOT]) -> bool {
    entry(table, class(first), class(second)) >> class(third) & 1 == 1
}

/// How often a slot is met.
fn frequency(slot: [u8; SLOT]) -> u64 {
    frequency_of(slot.map(class))
}

/// The same of a slot of these classes.
fn frequency_of(classes: [u8; SLOT]) -> u64 {
    let classes = classes.into_iter().rev();
    frequencies::of_slot(classes.fold(0, |key, class| key << CLASS_BITS | u32::from(class)))
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasick;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_what_an_automaton_finds(
            words in proptest::collection::btree_set("[abc%]{2,9}", 1..30),
            text in "[aAbBcC%\n]{0,3000}",
            start in 0..20_usize,
        ) {
            let bytes: Vec<_> = words.iter().map(|word| word.as_bytes()).collect();
            let text = text.as_bytes();
            let start = start.min(text.len());
            let mut hits = Vec::new();
            Sieve::new(&bytes).unwrap().find(text, start, &mut hits);
            hits.sort_unstable();
            let other = AhoCorasick::builder().ascii_case_insensitive(true).build(&bytes).unwrap();
            let mut expected: Vec<_> = other
                .find_overlapping_iter(&text[start..])
                .map(|hit| Hit {
                    end: u32::try_from(start + hit.end()).unwrap(),
                    word: u16::try_from(hit.pattern().as_usize()).unwrap(),
                })
                .collect();
            expected.sort_unstable();
            prop_assert_eq!(hits, expected);
        }

        #[test]
        fn finds_words_of_any_bytes_anywhere(
            word in proptest::collection::vec(any::<u8>(), 2..12),
            before in proptest::collection::vec(any::<u8>(), 0..20),
            after in proptest::collection::vec(any::<u8>(), 0..12),
        ) {
            let text = [&before[..], &word, &after].concat();
            let mut hits = Vec::new();
            Sieve::new(&[&word]).unwrap().find(&text, 0, &mut hits);
            let end = u32::try_from(before.len() + word.len()).unwrap();
            let expected = Hit { end, word: 0 };
            prop_assert!(hits.contains(&expected));
        }
    }

    #[test]
    fn finds_words_at_the_end_of_texts_of_any_length() {
        for word in [b"pw".as_slice(), b"key", b"pass", b"token"] {
            let sieve = Sieve::new(&[word]).unwrap();
            for length in (word.len()..3 * PART).filter(|length| length % PART < 80) {
                let text = [&vec![b' '; length - word.len()][..], word].concat();
                let mut hits = Vec::new();
                sieve.find(&text, 0, &mut hits);
                let end = u32::try_from(length).unwrap();
                assert_eq!(hits, [Hit { end, word: 0 }], "{length}");
            }
        }
    }
}
