use crate::classify::letters_cost;

/// Classes of bytes: both cases of a letter are one, and any byte shares its class with three others at most, mostly control characters.
const CLASS_BITS: u32 = 6;
/// Pairs of classes.
const PAIRS: usize = 1 << (2 * CLASS_BITS);
/// Bytes of a slot.
const SLOT: usize = 3;
/// Bytes by which a word is known when its slot passed.
const GRAM: usize = 4;
/// Each byte of a block.
const EACH: u64 = 0x0101_0101_0101_0101;
/// The first byte of each pair of a block.
const FIRSTS: u64 = 0x00ff_00ff_00ff_00ff;
/// Blocks of eight bytes that are looked at before what passed is compared.
const BLOCKS: usize = 512;
/// Bits of the hash by which most grams are told from those of words.
const FILTER_BITS: u32 = 16;

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
    /// The same of the beginnings of short words alone.
    short_words: Box<[u64; PAIRS]>,
    /// Which hashes the grams of words have.
    filter: Vec<u64>,
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
    /// Where it begins in the word.
    offset: u8,
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
        let (mut slots, mut short_words) = (empty_table(), empty_table());
        let mut filter = vec![0; 1 << (FILTER_BITS - 6)];
        let mut entries = Vec::with_capacity(words.len());
        for (number, word) in order {
            let entry = if word.len() < GRAM {
                admit_short(&mut slots, word);
                admit_beginning(&mut short_words, word);
                Gram { key: key(word.get(..2).unwrap_or(word)), word: number, offset: 0 }
            } else {
                let offset = rarest(word, &slots);
                let gram = word.get(offset..offset + GRAM).unwrap_or_default();
                gram.windows(SLOT).for_each(|slot| admit(&mut slots, slot));
                Gram { key: key(gram), word: number, offset: u8::try_from(offset).unwrap_or(0) }
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
        Ok(Self { slots, short_words, filter, entries, heads, hash_bits, text, ends, longest })
    }

    /// Length of the longest word.
    pub(crate) const fn longest(&self) -> usize {
        self.longest
    }

    /// Adds all words that lie whole in `text` from `start` on to `hits`, in nearly the order of their ends. `text` has at most 4 GiB.
    pub(crate) fn find(&self, text: &[u8], start: usize, hits: &mut Vec<Hit>) {
        let (blocks, rest) = text.get(start..).unwrap_or_default().as_chunks::<8>();
        let mut last = 0;
        let mut at = start;
        let mut slots = [0_u16; 4 * BLOCKS];
        for blocks in blocks.chunks(BLOCKS) {
            // Which slots passed is noted without a branch: it could not be foretold.
            let mut count = 0;
            for (index, block) in (0..).step_by(4).zip(blocks) {
                let passed;
                (last, passed) = self.look(u64::from_le_bytes(*block), last);
                for (slot, passed) in (index..).zip(passed) {
                    count = note(&mut slots, count, slot, passed);
                }
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
            at += 8 * blocks.len();
        }
        let end = text.len().saturating_sub(rest.len());
        let slots =
            (end.saturating_sub(2).max(start)..text.len()).filter(|slot| (slot - start).is_multiple_of(2));
        slots.for_each(|slot| self.compare(text, start, slot, hits));
    }

    /// Looks at the four slots that end in `block`. `last` is what may follow the pair before it; that of its own last pair comes first
    /// of what is returned, then for each slot 1 if it passed.
    #[inline]
    fn look(&self, block: u64, last: u64) -> (u64, [u64; 4]) {
        let classes = (block & (0x1f * EACH)) | ((block >> 1) & (0x20 * EACH));
        let pairs = (classes & FIRSTS) | ((classes & !FIRSTS) >> (8 - CLASS_BITS));
        let after = |pair: u32| {
            let [low, high, ..] = (pairs >> (16 * pair)).to_le_bytes();
            let pair = usize::from(u16::from_le_bytes([low, high])) & (PAIRS - 1);
            self.slots.get(pair).copied().unwrap_or(0)
        };
        let follows = |classes: u64, pair: u32| classes >> (pairs >> (16 * pair) & 0x3f) & 1;
        let (one, two, three, four) = (after(0), after(1), after(2), after(3));
        (four, [follows(last, 0), follows(one, 1), follows(two, 2), follows(three, 3)])
    }

    /// 1 if the slot at `slot`, which passed, may be part of a word; without a branch but at the ends of the text.
    #[inline]
    fn may_be_word(&self, text: &[u8], slot: usize) -> u64 {
        let Some(bytes) = slot.checked_sub(1).and_then(|from| text.get(from..)?.first_chunk::<8>()) else {
            return 1;
        };
        let [before, one, two, three, four, ..] = *bytes;
        let short = self.begins_short(one, two, three) | self.begins_short(two, three, four);
        let long = self.passes(fold([one, two, three, four])) | self.passes(fold([before, one, two, three]));
        (long | short) & 1
    }

    /// Whether a short word may begin with three bytes, as the lowest bit.
    fn begins_short(&self, first: u8, second: u8, third: u8) -> u64 {
        entry(&self.short_words, class(first), class(second)) >> class(third)
    }

    /// Whether any word may have a gram, as the lowest bit.
    fn passes(&self, key: u32) -> u64 {
        let hash = hash(key, FILTER_BITS);
        self.filter.get(hash >> 6).copied().unwrap_or(0) >> (hash & 63)
    }

    /// Adds the words whose slot begins at `slot`.
    fn compare(&self, text: &[u8], start: usize, slot: usize, hits: &mut Vec<Hit>) {
        for begin in [slot, slot.wrapping_sub(1)] {
            if let Some(gram) = text.get(begin..begin.wrapping_add(GRAM)) {
                let key = key(gram);
                if self.passes(key) & 1 == 1 {
                    self.compare_key(text, start, begin, key, hits);
                }
            }
        }
        for begin in [slot, slot.wrapping_add(1)] {
            let Some([first, second, rest @ ..]) = text.get(begin..) else { continue };
            let third = rest.first().copied().unwrap_or_default();
            if self.begins_short(*first, *second, third) & 1 == 1 {
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
            let word = self.word(entry.word);
            let Some(begin) = at.checked_sub(usize::from(entry.offset)) else { continue };
            let found = text.get(begin..begin + word.len());
            if begin >= start && found.is_some_and(|found| found.eq_ignore_ascii_case(word)) {
                let end = u32::try_from(begin + word.len()).unwrap_or(u32::MAX);
                hits.push(Hit { end, word: entry.word });
            }
        }
    }

    fn word(&self, number: u16) -> &[u8] {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let number = usize::from(number);
        self.text.get(number.checked_sub(1).map_or(0, end)..end(number)).unwrap_or_default()
    }
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

/// Writes `slot` behind the first `count` slots; how many there are then, which is one more if it `passed`.
#[inline]
fn note(slots: &mut [u16; 4 * BLOCKS], count: usize, slot: u16, passed: u64) -> usize {
    if let Some(place) = slots.get_mut(count % (4 * BLOCKS)) {
        *place = slot;
    }
    count + usize::from(passed != 0)
}

/// A number of so many bits.
const fn hash(key: u32, bits: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b1) >> (u32::BITS - bits)) as usize
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
fn empty_table() -> Box<[u64; PAIRS]> {
    match vec![0; PAIRS].into_boxed_slice().try_into() {
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

/// Sets the bits of both slots of such a word.
fn admit_short(table: &mut [u64; PAIRS], word: &[u8]) {
    admit_beginning(table, word);
    let [first, second, ..] = word else { return };
    (0..1 << CLASS_BITS).for_each(|before| set(table, before, class(*first), 1 << class(*second)));
}

/// Where in a word the four bytes begin that are likely to be rare in text, and whose slots are in the table or likely to be rare.
fn rarest(word: &[u8], table: &[u64; PAIRS]) -> usize {
    let cost = |gram: &[u8]| match gram {
        [one, two, three, four] => {
            let (first, second) = ([*one, *two, *three], [*two, *three, *four]);
            let gram = match is_rule(second) {
                true => slot_frequency(first),
                false => slot_frequency(first) >> likelihood(second),
            };
            let new = |slot| if is_admitted(table, slot) { 0 } else { slot_frequency(slot) };
            COMPARING * gram + new(first) + new(second)
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

/// How often a sign is met that is part of a rule, in thousandths of thousandths of thousandths.
const RULE_FREQUENCY: u64 = 4_000_000;

/// Whether a slot is one sign thrice, as in the rules that people draw between parts of a text.
fn is_rule([first, second, third]: [u8; SLOT]) -> bool {
    first == second && second == third && !first.is_ascii_alphanumeric()
}

/// How often a slot is met, roughly.
fn slot_frequency(slot: [u8; SLOT]) -> u64 {
    let [first, second, third] = slot;
    if is_rule(slot) {
        return RULE_FREQUENCY << 16;
    }
    let pair = frequency(first) * frequency(second);
    match slot.iter().any(u8::is_ascii_alphabetic) {
        true => ((pair * 1000) << 16) >> likelihood(slot),
        false => (pair * frequency(third)) << 16,
    }
}

/// How unlikely the last of three bytes is after the others, in bits.
fn likelihood(slot: [u8; SLOT]) -> u32 {
    letters_cost(slot) / 8
}

/// How often a byte is met in source code, roughly, in thousandths.
const fn frequency(byte: u8) -> u64 {
    match byte.to_ascii_lowercase() {
        b' ' => 150,
        b'e' => 90,
        b't' | b'a' | b'i' | b'n' | b'o' | b'r' | b's' => 60,
        b'c' | b'd' | b'l' | b'p' | b'u' | b'm' | b'f' | b'_' => 30,
        b'b' | b'g' | b'h' | b'v' | b'y' | b'x' => 15,
        b'0'..=b'9' | b'k' | b'w' | b'.' | b'-' | b'=' | b':' | b'/' | b'"' | b'(' | b'\n' => 8,
        _ => 3,
    }
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
}
