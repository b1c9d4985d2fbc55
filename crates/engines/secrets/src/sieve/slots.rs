use super::{GRAM, Gram, Hit, OFFSETS, Words, class, key, shortest_first};
use crate::frequencies;

/// Bits of a class of bytes.
const CLASS_BITS: u32 = 6;
/// Pairs of classes.
const PAIRS: usize = 1 << (2 * CLASS_BITS);
/// Bytes of a slot.
const SLOT: usize = 3;
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
/// How many slots can be looked up in the time in which words are compared with one.
const COMPARING: u64 = 8;
/// Bytes before and behind a part that are looked at with its slots.
const MARGIN: usize = 3;
const AREA: usize = MARGIN + PART + MARGIN;

/// Which slots words may have.
///
/// A text is looked at in slots of three bytes, one at every second byte. Each word has a slot for either way in which it may lie; in
/// long words it is where the word is least like other text, in very short ones one byte of it is open. A table has one bit for each
/// three classes of bytes: whether any word has such a slot. So one look-up tells of two bytes of text that no word is there, and the
/// table fits into the nearest cache, whatever the words. Where a slot passes, the four bytes that make up both slots of a word
/// may be its gram, or two of them that of a short one.
pub(super) struct Slots {
    /// For each pair of classes the classes that may follow, as bits.
    table: Box<[u64; PAIRS]>,
}

impl Slots {
    /// Those of words, and by which bytes each is known.
    pub(super) fn new(words: &[&[u8]]) -> (Self, Vec<Gram>) {
        let mut table = empty_table();
        let mut grams = vec![Gram::default(); words.len()];
        for at in shortest_first(words) {
            if let (Some(word), Some(gram)) = (words.get(at), grams.get_mut(at)) {
                *gram = admit_word(&mut table, word);
            }
        }
        (Self { table }, grams)
    }

    /// Adds all of `words` that lie whole in `text` from `start` on to `hits`, in nearly the order of their ends.
    pub(super) fn find(&self, words: &Words, text: &[u8], start: usize, hits: &mut Vec<Hit>) {
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
                let passed = passing(words, near(area, slot));
                if let Some(place) = slots.get_mut(count) {
                    *place = slot | passed << SLOT_BITS;
                }
                count += usize::from(passed != 0);
            }
            for noted in slots.get(..count).unwrap_or_default() {
                let (slot, passed) = (noted & (SLOTS as u16 - 1), noted >> SLOT_BITS);
                let end = at + 2 * usize::from(slot);
                for (offset, key) in marked(keys(near(area, slot)), passed) {
                    if let Some(begin) = (end + offset).checked_sub(MARGIN) {
                        words.compare(text, start, begin, key, hits);
                    }
                }
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
            last = self.table.get(usize::from(pair) & (PAIRS - 1)).copied().unwrap_or(0);
        }
        if let Some(room) = slots.get_mut(count..).and_then(<[u16]>::first_chunk_mut) {
            let places = PLACES.get(passed).copied().unwrap_or_default();
            *room = places.map(|place| place + first);
        }
        (last, count + COUNTS.get(passed).copied().map_or(0, usize::from))
    }
}

/// Which of the [`keys`] of a slot that passed any word may have, as bits, by what is [`near`]; without a branch.
#[inline]
fn passing(words: &Words, near: u64) -> u16 {
    keys(near).into_iter().rev().fold(0, |passing, (_, key)| passing << 1 | u16::from(words.may_have(key)))
}

/// Those of `keys` that have a bit.
fn marked(keys: [(usize, u32); 4], bits: u16) -> impl Iterator<Item = (usize, u32)> {
    keys.into_iter().enumerate().filter(move |(at, _)| bits >> at & 1 == 1).map(|(_, key)| key)
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
    for (pair, two) in pairs.iter_mut().zip(stretch.as_chunks().0) {
        let bytes = u16::from_le_bytes(*two);
        let classes = bytes & 0x1f1f | bytes >> 1 & 0x2020;
        *pair = classes & 0x3f | classes >> (8 - CLASS_BITS) & 0xfc0;
    }
    pairs
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

/// Sets the bits of the slots of a word; by what it is known then.
fn admit_word(table: &mut [u64; PAIRS], word: &[u8]) -> Gram {
    if word.len() < GRAM {
        let offset = rarer_pair(word);
        admit_short(table, word, offset);
        return Gram { length: 2, ..Gram::at(word, offset) };
    }
    let offset = rarest(word, table);
    let gram = word.get(offset..offset + GRAM).unwrap_or_default();
    gram.windows(SLOT).for_each(|slot| admit(table, slot));
    Gram::at(word, offset)
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
            COMPARING * frequencies::of_gram(key([*one, *two, *three, *four], GRAM)) + slots
        }
        _ => u64::MAX,
    };
    let from = word.windows(GRAM).take(OFFSETS).enumerate().min_by_key(|(_, gram)| cost(gram));
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
