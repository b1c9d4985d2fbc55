use crate::bits::BLOCK;
use crate::frequencies::{self, hash};

/// Classes of bytes: both cases of a letter are one, and any byte shares its class with three others at most, mostly control characters.
const CLASS_BITS: u32 = 6;
/// Pairs of classes.
const PAIRS: usize = 1 << (2 * CLASS_BITS);
/// Bytes of a slot.
const SLOT: usize = 3;
/// Bytes by which a word is known when its slot passed.
const GRAM: usize = 4;
/// Slots of a block.
const SLOTS: usize = BLOCK / 2;
/// Blocks whose slots are noted before what passed is compared.
const BLOCKS: usize = 16;
/// Room for their slots.
const NOTES: usize = SLOTS * BLOCKS;
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
    /// For each class the classes that may follow at the beginning of a short word, as bits.
    short_pairs: Box<[u64; 1 << CLASS_BITS]>,
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
    /// Where in `text` each word ends.
    ends: Vec<u32>,
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

/// By what a word is known: four bytes of it, or the first two of a short one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Gram {
    key: u32,
    word: u16,
    /// The last four bytes of the word; 0 for a short one.
    tail: u32,
    /// Where it begins in the word.
    offset: u8,
    /// Of the word.
    length: u32,
}

impl Sieve {
    /// A sieve of words, none of which is shorter than two bytes. Their numbers are their places.
    pub(crate) fn new(words: &[&[u8]]) -> Result<Self, TooManyWords> {
        if words.len() > usize::from(u16::MAX) {
            return Err(TooManyWords);
        }
        let mut order: Vec<_> = (0_u16..).zip(words.iter().copied()).collect();
        // The short ones leave no choice; long ones can then be known by what is in the table anyway.
        order.sort_by_key(|(_, word)| word.len());
        let mut slots = empty_table();
        let (mut filter, mut short_pairs) = (empty_table(), empty_table());
        let mut entries = Vec::with_capacity(words.len());
        for (number, word) in order {
            let length = u32::try_from(word.len()).map_err(|_| TooManyWords)?;
            let tail = word.last_chunk::<GRAM>().map_or(0, |tail| fold(*tail));
            let entry = if word.len() < GRAM {
                admit_short(&mut slots, word);
                admit_pair(&mut short_pairs, word);
                Gram { key: key(word.get(..2).unwrap_or(word)), word: number, tail, offset: 0, length }
            } else {
                let offset = rarest(word, &slots);
                let gram = word.get(offset..offset + GRAM).unwrap_or_default();
                gram.windows(SLOT).for_each(|slot| admit(&mut slots, slot));
                let offset = u8::try_from(offset).unwrap_or(0);
                Gram { key: key(gram), word: number, tail, offset, length }
            };
            if let Some(bits) = filter.get_mut(hash(entry.key, FILTER_BITS) >> 6) {
                *bits |= 1 << (hash(entry.key, FILTER_BITS) & 63);
            }
            entries.push(entry);
        }
        let hash_bits = usize::BITS - entries.len().leading_zeros();
        entries.sort_unstable_by_key(|entry| (hash(entry.key, hash_bits), *entry));
        let heads = heads(&entries, hash_bits);
        let longest = words.iter().map(|word| word.len()).max().unwrap_or(0);
        let text = words.concat().to_ascii_lowercase();
        let mut end = 0;
        let ends = words.iter().map(|word| {
            end += word.len();
            u32::try_from(end).map_err(|_| TooManyWords)
        });
        let ends = ends.collect::<Result<_, _>>()?;
        Ok(Self { slots, short_pairs, filter, entries, heads, hash_bits, text, ends, longest })
    }

    /// Length of the longest word.
    pub(crate) const fn longest(&self) -> usize {
        self.longest
    }

    /// Adds all words that lie whole in `text` from `start` on to `hits`, in nearly the order of their ends. `text` has at most 4 GiB.
    pub(crate) fn find(&self, text: &[u8], start: usize, hits: &mut Vec<Hit>) {
        let searched = text.get(start..).unwrap_or_default();
        let mut last = 0;
        let mut slots = [0_u16; NOTES];
        for (at, blocks) in (start..).step_by(BLOCKS * BLOCK).zip(searched.chunks(BLOCKS * BLOCK)) {
            let (whole, rest) = blocks.as_chunks::<BLOCK>();
            let padded = (!rest.is_empty()).then(|| padded(rest));
            // Which slots passed is noted nearly without a branch: it could not be foretold.
            let mut count = 0;
            for (first, block) in (0..).step_by(SLOTS).zip(whole.iter().chain(&padded)) {
                (last, count) = self.look(block, last, first, &mut slots, count);
            }
            // The first of these slots begins in the block before.
            let place = |slot: u16| (at + 2 * usize::from(slot)).wrapping_sub(2);
            let noted = count;
            count = 0;
            for index in 0..noted {
                let slot = slots.get(index).copied().unwrap_or(0);
                count = note(&mut slots, count, slot, self.may_be_word(text, place(slot)));
            }
            for slot in slots.get(..count).unwrap_or_default() {
                self.compare(text, start, place(*slot), hits);
            }
        }
        if searched.len().is_multiple_of(BLOCK) {
            self.compare(text, start, text.len().wrapping_sub(2), hits);
        }
    }

    /// Notes which of the slots that end in `block` pass; `first` is the number of the first, and `count` are noted so far. `last` is what
    /// may follow the pair before the block; that of its own last pair comes first of what is returned, then how many are noted.
    #[inline]
    fn look(
        &self,
        block: &[u8; BLOCK],
        mut last: u64,
        first: u16,
        slots: &mut [u16; NOTES],
        mut count: usize,
    ) -> (u64, usize) {
        // Four at a time: the compiler leaves out what goes round.
        for (four, first) in pairs(block).as_chunks::<4>().0.iter().zip((first..).step_by(4)) {
            for (pair, slot) in four.iter().zip(first..) {
                count = note(slots, count, slot, last >> (pair & 0x3f) & 1);
                last = self.slots.get(usize::from(*pair) & (PAIRS - 1)).copied().unwrap_or(0);
            }
        }
        (last, count)
    }

    /// 1 if the slot at `slot`, which passed, may be part of a word; without a branch but at the ends of the text.
    #[inline]
    fn may_be_word(&self, text: &[u8], slot: usize) -> u64 {
        let near = slot.checked_sub(1).and_then(|before| text.get(before..)?.first_chunk::<8>());
        let Some(near) = near.map(|near| u64::from_le_bytes(*near)) else { return 1 };
        let folded = near | (0x20 * EACH);
        let long = self.passes(folded as u32) | self.passes((folded >> 8) as u32);
        let classes = classes(near);
        let short = self.may_begin_short(classes >> 8) | self.may_begin_short(classes >> 16);
        (long | short) & 1
    }

    /// Whether a short word may begin with the lowest two of these classes, as the lowest bit.
    fn may_begin_short(&self, classes: u64) -> u64 {
        self.short_pairs.get((classes & 0x3f) as usize).copied().unwrap_or(0) >> (classes >> 8 & 0x3f)
    }

    /// Whether any word may have a gram, as the lowest bit.
    fn passes(&self, key: u32) -> u64 {
        let hash = hash(key, FILTER_BITS);
        self.filter.get(hash >> 6).copied().unwrap_or(0) >> (hash & 63)
    }

    /// Adds the words whose slot begins at `slot`.
    fn compare(&self, text: &[u8], start: usize, slot: usize, hits: &mut Vec<Hit>) {
        for begin in [slot, slot.wrapping_sub(1)] {
            if let Some(gram) = text.get(begin..).and_then(<[u8]>::first_chunk::<GRAM>) {
                let key = fold(*gram);
                if self.passes(key) & 1 == 1 {
                    self.compare_key(text, start, begin, key, hits);
                }
            }
        }
        for begin in [slot, slot.wrapping_add(1)] {
            let Some([first, second, ..]) = text.get(begin..) else { continue };
            if self.may_begin_short(classes(u64::from(u16::from_le_bytes([*first, *second])))) & 1 == 1 {
                self.compare_key(text, start, begin, key(&[*first, *second]), hits);
            }
        }
    }

    /// Adds the words whose gram is `key`, which begins at `at`.
    fn compare_key(&self, text: &[u8], start: usize, at: usize, key: u32, hits: &mut Vec<Hit>) {
        let hash = hash(key, self.hash_bits);
        let head = |at: usize| self.heads.get(at).map_or(0, |head| *head as usize);
        let entries = self.entries.get(head(hash)..head(hash + 1)).unwrap_or_default();
        for entry in entries.iter().filter(|entry| entry.key == key) {
            let Some(begin) = at.checked_sub(usize::from(entry.offset)) else { continue };
            let end = begin + entry.length as usize;
            let Some(found) = text.get(begin..end) else { continue };
            // Many words have the same gram, and few of them the same end.
            let tail = found.last_chunk::<GRAM>().is_none_or(|tail| fold(*tail) == entry.tail);
            if tail && begin >= start && found.eq_ignore_ascii_case(self.word(entry.word)) {
                hits.push(Hit { end: u32::try_from(end).unwrap_or(u32::MAX), word: entry.word });
            }
        }
    }

    fn word(&self, number: u16) -> &[u8] {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let number = usize::from(number);
        self.text.get(number.checked_sub(1).map_or(0, end)..end(number)).unwrap_or_default()
    }
}

/// Bytes and zeros behind them.
fn padded(bytes: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    block
}

/// The classes of each two bytes of a block, as one number.
#[inline]
fn pairs(block: &[u8; BLOCK]) -> [u16; SLOTS] {
    let mut pairs = [0; SLOTS];
    for (pair, two) in pairs.iter_mut().zip(block.as_chunks::<2>().0) {
        let two = u16::from_le_bytes(*two);
        let classes = two & 0x1f1f | two >> 1 & 0x2020;
        *pair = classes & 0x3f | classes >> (8 - CLASS_BITS) & 0xfc0;
    }
    pairs
}

/// Each byte of eight.
const EACH: u64 = 0x0101_0101_0101_0101;

const fn class(byte: u8) -> u8 {
    byte & 0x1f | byte >> 1 & 0x20
}

/// The classes of eight bytes.
const fn classes(bytes: u64) -> u64 {
    (bytes & (0x1f * EACH)) | ((bytes >> 1) & (0x20 * EACH))
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

/// Writes `slot` behind the first `count` slots; how many there are then, which is one more if `passed` is 1, not 0.
#[inline]
fn note(slots: &mut [u16; NOTES], count: usize, slot: u16, passed: u64) -> usize {
    if let Some(place) = slots.get_mut(count % NOTES) {
        *place = slot;
    }
    count + passed as usize
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

/// Sets the bits of the slot that a word of two or three bytes begins with.
fn admit_beginning(table: &mut [u64; PAIRS], word: &[u8]) {
    let [first, second, rest @ ..] = word else { return };
    let thirds = rest.first().map_or(u64::MAX, |third| 1 << class(*third));
    set(table, class(*first), class(*second), thirds);
}

/// Sets the bit of the first two bytes of such a word.
fn admit_pair(table: &mut [u64; 1 << CLASS_BITS], word: &[u8]) {
    if let [first, second, ..] = word
        && let Some(seconds) = table.get_mut(usize::from(class(*first)))
    {
        *seconds |= 1 << class(*second);
    }
}

/// Sets the bits of both slots of such a word.
fn admit_short(table: &mut [u64; PAIRS], word: &[u8]) {
    admit_beginning(table, word);
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

/// How many slots can be looked up in the time in which words are compared with one.
const COMPARING: u64 = 8;

fn is_admitted(table: &[u64; PAIRS], [first, second, third]: [u8; SLOT]) -> bool {
    entry(table, class(first), class(second)) >> class(third) & 1 == 1
}

/// How often a slot is met.
fn frequency([first, second, third]: [u8; SLOT]) -> u64 {
    let key = [third, second, first].map(class).into_iter();
    frequencies::of_slot(key.fold(0, |key, class| key << CLASS_BITS | u32::from(class)))
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
            for length in word.len()..4 * BLOCK {
                let text = [&vec![b' '; length - word.len()][..], word].concat();
                let mut hits = Vec::new();
                Sieve::new(&[word]).unwrap().find(&text, 0, &mut hits);
                let end = u32::try_from(length).unwrap();
                assert_eq!(hits, [Hit { end, word: 0 }], "{length}");
            }
        }
    }
}
