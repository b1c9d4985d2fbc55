use std::ops::Range;

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, u8x64};

use super::{GRAM, Gram, Hit, OFFSETS, Words, class, key, shortest_first};
use crate::bits::padded;
use crate::frequencies;

/// Places that one instruction looks at.
pub(super) const BLOCK: usize = 64;
/// Classes of bytes, all of which one instruction looks up.
const CLASSES: usize = BLOCK;
/// Places that are looked at before what passed is compared.
const PART: usize = 2 * HALF;
/// Of which so many can be told apart by a byte.
const HALF: usize = 256;
/// Their bytes, and those that a gram that begins at the last one may have behind it.
const AREA: usize = PART + GRAM - 1;
/// Groups of buckets: one of words of two and three bytes, which are few, and those of longer ones.
const GROUPS: usize = 6;
/// Buckets of a group, a bit of a byte each.
const GROUP: usize = 8;
const BUCKETS: usize = GROUPS * GROUP;
/// Of a long word so many grams that are rare in source code are thought of.
const GRAMS: usize = 6;
/// How many places may pass in the time in which words are compared with one.
const COMPARING: f32 = 2.0;

/// For each place of a gram and each class of bytes the buckets with a word whose gram has it there, as bits.
type Group = [[u8; CLASSES]; GRAM];

/// Which grams words may have.
///
/// Words are spread over buckets so that the grams in one are alike. Of each bucket it is known which classes of bytes its grams have at
/// each of their places: what has another one anywhere is none of them. One instruction looks that up for one place of 64 grams and all
/// buckets of a group, so four of them tell of 64 grams.
pub(super) struct Buckets {
    level: Level,
    groups: Box<[Group; GROUPS]>,
}

impl Buckets {
    /// Those of words, and by which bytes each is known.
    pub(super) fn new(level: Level, words: &[&[u8]]) -> (Self, Vec<Gram>) {
        let mut filling = Filling::new();
        let mut grams = vec![Gram::default(); words.len()];
        for at in shortest_first(words) {
            if let (Some(word), Some(gram)) = (words.get(at), grams.get_mut(at)) {
                *gram = filling.put(word);
            }
        }
        (Self { level, groups: filling.finish() }, grams)
    }

    /// Adds all of `words` that lie whole in `text` from `start` on to `hits`.
    pub(super) fn find(&self, words: &Words, text: &[u8], start: usize, hits: &mut Vec<Hit>) {
        dispatch!(self.level, simd => self.find_with(simd, words, text, start, hits));
    }

    #[inline(always)]
    fn find_with<S: Simd>(&self, simd: S, words: &Words, text: &[u8], start: usize, hits: &mut Vec<Hit>) {
        let (mut short, mut long) = (Places::new(), Places::new());
        let mut kept = [0; PART];
        for at in (start..text.len()).step_by(PART) {
            let rest = text.get(at..).unwrap_or_default();
            let whole = rest.first_chunk();
            let padded = whole.is_none().then(|| padded(rest));
            let Some(area) = whole.or(padded.as_ref()) else { continue };
            self.look(simd, area, rest.len(), &mut short, &mut long);
            let key_at = |place: u16, length| key(gram_at(area, place), length);
            let may_be_short = |place: u16| (2..GRAM).any(|length| words.may_have(key_at(place, length)));
            for place in short.that(may_be_short, &mut kept) {
                for length in 2..GRAM {
                    words.compare(text, start, at + usize::from(*place), key_at(*place, length), hits);
                }
            }
            for place in long.that(|place| words.may_have(key_at(place, GRAM)), &mut kept) {
                words.compare(text, start, at + usize::from(*place), key_at(*place, GRAM), hits);
            }
        }
    }

    /// Finds out of the first places of an area, as many as there are bytes, where a gram may begin that is short, and where one that is not.
    #[inline(always)]
    fn look<S: Simd>(&self, simd: S, area: &[u8; AREA], bytes: usize, short: &mut Places, long: &mut Places) {
        short.clear();
        long.clear();
        let [of_short, groups @ ..] = self.groups.as_ref();
        for first in (0..bytes.min(PART)).step_by(BLOCK) {
            if first == HALF {
                short.begin_second_half();
                long.begin_second_half();
            }
            let grams = Grams::of(simd, area, first);
            short.add(simd, first, grams.look_up_three(simd, of_short));
            let mut any = u8x64::splat(simd, 0);
            for group in groups {
                any |= grams.look_up(simd, group);
            }
            long.add(simd, first, any);
        }
    }
}

#[inline(always)]
fn gram_at(area: &[u8; AREA], place: u16) -> [u8; GRAM] {
    area.get(usize::from(place)..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default()
}

/// Places in a part, in order.
struct Places {
    /// Each without the half that it lies in. Before a block there are no more of them than blocks before it have places, so there is
    /// always room for all of it.
    room: [u8; PART],
    count: usize,
    /// How many lie in the first half.
    in_first_half: usize,
}

impl Places {
    const fn new() -> Self {
        Self { room: [0; PART], count: 0, in_first_half: PART }
    }

    #[inline(always)]
    const fn clear(&mut self) {
        (self.count, self.in_first_half) = (0, PART);
    }

    #[inline(always)]
    const fn begin_second_half(&mut self) {
        self.in_first_half = self.count;
    }

    /// Adds those of a block that begins at `first` for which `passed` has a bit. Without a branch: how many there are could not be
    /// foretold.
    #[inline(always)]
    fn add<S: Simd>(&mut self, simd: S, first: usize, passed: u8x64<S>) {
        let passed = passed.simd_gt(u8x64::splat(simd, 0));
        if let Some(room) = self.room.get_mut(self.count..).and_then(<[u8]>::first_chunk_mut::<BLOCK>) {
            let places = u8x64::load_array(simd, IN_ORDER) + (first % HALF) as u8;
            places.compress(passed).store_slice(room);
        }
        self.count += passed.to_bitmask().count_ones() as usize;
    }

    /// Those that are of use, in `kept`. Without a branch, too.
    #[inline(always)]
    fn that<'k>(&self, is_of_use: impl Fn(u16) -> bool, kept: &'k mut [u16; PART]) -> &'k [u16] {
        let mut count = 0;
        // That there is no more than the room spares the compiler a look at each place.
        for at in 0..self.count.min(PART) {
            let half = u16::from(at >= self.in_first_half) * HALF as u16;
            let place = half + u16::from(self.room.get(at).copied().unwrap_or(0));
            if let Some(to) = kept.get_mut(count) {
                *to = place;
            }
            count += usize::from(is_of_use(place));
        }
        kept.get(..count).unwrap_or_default()
    }
}

/// The numbers of the places of a block.
const IN_ORDER: [u8; BLOCK] = in_order();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
const fn in_order() -> [u8; BLOCK] {
    let mut numbers = [0; BLOCK];
    let mut at = 0;
    while at < BLOCK {
        numbers[at] = at as u8;
        at += 1;
    }
    numbers
}

/// The classes of the bytes of as many grams as one instruction looks at.
struct Grams<S: Simd>([u8x64<S>; GRAM]);

impl<S: Simd> Grams<S> {
    #[inline(always)]
    fn of(simd: S, area: &[u8; AREA], first: usize) -> Self {
        Self([
            classes_at(simd, area, first),
            classes_at(simd, area, first + 1),
            classes_at(simd, area, first + 2),
            classes_at(simd, area, first + 3),
        ])
    }

    /// The buckets of a group that may have each.
    #[inline(always)]
    fn look_up(&self, simd: S, group: &Group) -> u8x64<S> {
        let ([.., four], [.., fourth]) = (self.0, group);
        self.look_up_three(simd, group) & u8x64::load_array_ref(simd, fourth).swizzle_dyn(four)
    }

    /// The same of a group whose grams have no fourth byte.
    #[inline(always)]
    fn look_up_three(&self, simd: S, group: &Group) -> u8x64<S> {
        let ([one, two, three, _], [first, second, third, _]) = (self.0, group);
        u8x64::load_array_ref(simd, first).swizzle_dyn(one)
            & u8x64::load_array_ref(simd, second).swizzle_dyn(two)
            & u8x64::load_array_ref(simd, third).swizzle_dyn(three)
    }
}

/// The [`class`]es of the bytes from `at` on.
#[inline(always)]
fn classes_at<S: Simd>(simd: S, area: &[u8; AREA], at: usize) -> u8x64<S> {
    let bytes = area.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or([0; BLOCK]);
    let bytes = u8x64::load_array(simd, bytes);
    bytes & 0x1f | (bytes >> 1) & 0x20
}

/// Words that are being spread over buckets.
struct Filling {
    /// For each place of a gram and class of bytes which buckets have a gram with it there, 1 for those that do.
    has: Box<[[[f32; BUCKETS]; CLASSES]; GRAM]>,
    /// The share of bytes of source code that a bucket's grams have at each place.
    shares: [[f32; BUCKETS]; GRAM],
    /// The share of places where a gram of a bucket may begin, as far as each byte is independent of the others.
    passing: [f32; BUCKETS],
}

impl Filling {
    fn new() -> Self {
        Self {
            has: Box::new([[[0.0; BUCKETS]; CLASSES]; GRAM]),
            shares: [[0.0; BUCKETS]; GRAM],
            passing: [0.0; BUCKETS],
        }
    }

    /// Puts a word into the bucket where it does least harm; by which bytes it is known then.
    fn put(&mut self, word: &[u8]) -> Gram {
        let gram = |offset: usize| word.get(offset..word.len().min(offset + GRAM)).unwrap_or_default();
        let cost = |offset: usize| share(frequencies::of_gram(key(padded(gram(offset)), GRAM)));
        let offsets = (0..=word.len().saturating_sub(GRAM)).take(OFFSETS);
        let mut grams: Vec<_> = offsets.map(|offset| (cost(offset), offset)).collect();
        grams.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let buckets = buckets_of(word);
        let choices = grams.into_iter().take(GRAMS).map(|(cost, offset)| {
            let (more, bucket) = self.cheapest(gram(offset), buckets.clone());
            (COMPARING * cost + more, offset, bucket)
        });
        let best = choices.min_by(|(one, ..), (other, ..)| one.total_cmp(other));
        let (_, offset, bucket) = best.unwrap_or((0.0, 0, buckets.start));
        self.add(gram(offset), bucket);
        Gram::at(word, offset)
    }

    /// How many more places pass with a gram in the bucket where that makes least difference, and which bucket that is.
    fn cheapest(&self, gram: &[u8], buckets: Range<usize>) -> (f32, usize) {
        let mut passing = [1.0; BUCKETS];
        for ((byte, has), shares) in gram.iter().zip(self.has.iter()).zip(&self.shares) {
            let Some(has) = has.get(usize::from(class(*byte))) else { continue };
            let share = share(frequencies::of_class(class(*byte)));
            for ((passing, has), known) in passing.iter_mut().zip(has).zip(shares) {
                *passing *= known + share * (1.0 - has);
            }
        }
        let mut cheapest = (f32::INFINITY, buckets.start);
        for (bucket, (with, without)) in passing.iter().zip(&self.passing).enumerate() {
            if buckets.contains(&bucket) && with - without < cheapest.0 {
                cheapest = (with - without, bucket);
            }
        }
        cheapest
    }

    fn add(&mut self, gram: &[u8], bucket: usize) {
        for place in 0..GRAM {
            match gram.get(place) {
                Some(byte) => self.admit(place, class(*byte), bucket),
                // Where a gram has ended, anything may follow.
                None => (0..CLASSES as u8).for_each(|class| self.admit(place, class, bucket)),
            }
        }
        let passing = self.shares.iter().filter_map(|shares| shares.get(bucket)).product();
        if let Some(known) = self.passing.get_mut(bucket) {
            *known = passing;
        }
    }

    fn admit(&mut self, place: usize, class: u8, bucket: usize) {
        let has = self.has.get_mut(place).and_then(|has| has.get_mut(usize::from(class))?.get_mut(bucket));
        let share = self.shares.get_mut(place).and_then(|shares| shares.get_mut(bucket));
        if let (Some(has), Some(share)) = (has, share)
            && *has == 0.0
        {
            *has = 1.0;
            *share += self::share(frequencies::of_class(class));
        }
    }

    fn finish(self) -> Box<[Group; GROUPS]> {
        let mut groups = Box::new([[[0; CLASSES]; GRAM]; GROUPS]);
        for (group, sets) in groups.iter_mut().enumerate() {
            for (sets, has) in sets.iter_mut().zip(self.has.iter()) {
                for (set, has) in sets.iter_mut().zip(has) {
                    let has = has.get(group * GROUP..).and_then(<[f32]>::first_chunk::<GROUP>);
                    *set =
                        has.into_iter().flatten().rev().fold(0, |set, has| set << 1 | u8::from(*has > 0.0));
                }
            }
        }
        groups
    }
}

/// The buckets for words like one.
fn buckets_of(word: &[u8]) -> Range<usize> {
    match word.len() {
        ..=2 => 0..GROUP / 2,
        3 => GROUP / 2..GROUP,
        _ => GROUP..BUCKETS,
    }
}

/// A frequency as a part of one.
fn share(frequency: u64) -> f32 {
    frequency as f32 / 2_f32.powi(32)
}
