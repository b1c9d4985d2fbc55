use std::collections::VecDeque;

/// Most entries of the table: 512 MiB. All words of all rules have a few hundred thousand.
const MAX_TABLE: usize = 1 << 27;
/// Streams that are walked at once. One walk waits for the memory at every byte; four wait together.
const LANES: usize = 4;
/// Texts shorter than this are walked in one stream.
const MIN_LANES_TEXT: usize = 1024;

/// Finds all of many words in one pass, whatever their case: the automaton of Aho and Corasick (CACM 18:6, 1975) as a table.
pub(crate) struct Automaton {
    /// What column of the table a byte has.
    columns: [u8; 256],
    /// A row of the states that follow for each state. A state is the offset of its row.
    table: Vec<u32>,
    /// The first of the states in which words end; they are the last ones.
    first_end: u32,
    /// The words that end in states: the state, and the number of the word, sorted.
    ends: Vec<(u32, u16)>,
    longest: usize,
}

/// The words do not fit into one automaton.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyWords;

/// A word in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// One past its last byte.
    pub(crate) end: usize,
    /// Its number.
    pub(crate) word: u16,
}

impl Automaton {
    /// An automaton of words, none of which is empty. Their numbers are their places.
    pub(crate) fn new(words: &[&[u8]]) -> Result<Self, TooManyWords> {
        if words.len() > usize::from(u16::MAX) {
            return Err(TooManyWords);
        }
        let (columns, width) = columns(words);
        let mut trie = Trie { width, table: vec![0; width], ends: vec![Vec::new()] };
        for (number, word) in (0_u16..).zip(words) {
            trie.insert(word.iter().map(|byte| column(&columns, *byte)), number)?;
        }
        trie.link();
        let (table, first_end, ends) = trie.into_table();
        Ok(Self {
            columns,
            table,
            first_end,
            ends,
            longest: words.iter().map(|word| word.len()).max().unwrap_or(0),
        })
    }

    /// Length of the longest word.
    pub(crate) const fn longest(&self) -> usize {
        self.longest
    }

    fn next(&self, state: u32, byte: u8) -> u32 {
        self.table.get(state as usize + column(&self.columns, byte)).copied().unwrap_or(0)
    }

    /// All words in `text`, in the order of their ends.
    pub(crate) fn find(&self, text: &[u8]) -> Vec<Hit> {
        let part = text.len() / LANES;
        if text.len() < MIN_LANES_TEXT || part < self.longest {
            let mut hits = Vec::new();
            self.walk(0, text, 0, 0, &mut hits);
            return hits;
        }
        // The first lane begins at the start, the others a word's length before their part, so that none is missed between.
        let lead = self.longest.saturating_sub(1);
        let begins = [0, part - lead, 2 * part - lead, 3 * part - lead];
        let (states, mut found) =
            self.walk_lanes(begins.map(|begin| text.get(begin..begin + part)), begins, part);
        let mut hits = Vec::new();
        for (lane, (begin, (state, own))) in
            begins.into_iter().zip(states.into_iter().zip(&mut found)).enumerate()
        {
            let end = if lane + 1 == LANES { text.len() } else { (lane + 1) * part };
            let rest = text.get(begin + part..end).unwrap_or_default();
            self.walk(state, rest, begin + part, lane * part, own);
            hits.append(own);
        }
        hits
    }

    fn walk_lanes(
        &self,
        lanes: [Option<&[u8]>; LANES],
        begins: [usize; LANES],
        part: usize,
    ) -> ([u32; LANES], [Vec<Hit>; LANES]) {
        let [one, two, three, four] = lanes.map(Option::unwrap_or_default);
        let mut found: [Vec<Hit>; LANES] = Default::default();
        let (mut a, mut b, mut c, mut d) = (0, 0, 0, 0);
        let bytes = one.iter().zip(two).zip(three).zip(four).enumerate();
        for (at, (((byte_a, byte_b), byte_c), byte_d)) in bytes {
            a = self.next(a, *byte_a);
            b = self.next(b, *byte_b);
            c = self.next(c, *byte_c);
            d = self.next(d, *byte_d);
            if a.max(b).max(c.max(d)) >= self.first_end {
                let states = [a, b, c, d].into_iter().zip(begins).zip(&mut found).enumerate();
                for (lane, ((state, begin), hits)) in states {
                    self.note(state, begin + at + 1, lane * part, hits);
                }
            }
        }
        ([a, b, c, d], found)
    }

    /// Walks on from `state` over `bytes`, which begin at `offset`; notes what ends past `after`.
    fn walk(&self, mut state: u32, bytes: &[u8], offset: usize, after: usize, hits: &mut Vec<Hit>) {
        for (at, byte) in bytes.iter().enumerate() {
            state = self.next(state, *byte);
            if state >= self.first_end {
                self.note(state, offset + at + 1, after, hits);
            }
        }
    }

    #[cold]
    fn note(&self, state: u32, end: usize, after: usize, hits: &mut Vec<Hit>) {
        if state < self.first_end || end <= after {
            return;
        }
        let first = self.ends.partition_point(|(other, _)| *other < state);
        let words =
            self.ends.get(first..).unwrap_or_default().iter().take_while(|(other, _)| *other == state);
        hits.extend(words.map(|(_, word)| Hit { end, word: *word }));
    }
}

fn column(columns: &[u8; 256], byte: u8) -> usize {
    columns.get(usize::from(byte)).copied().map_or(0, usize::from)
}

/// A column for each byte that words have, the same for both cases of a letter, and one for all others; and how many they are.
fn columns(words: &[&[u8]]) -> ([u8; 256], usize) {
    let mut used = [false; 256];
    for byte in words.iter().copied().flatten() {
        if let Some(used) = used.get_mut(usize::from(byte.to_ascii_lowercase())) {
            *used = true;
        }
    }
    let mut columns = [0; 256];
    let mut width = 1;
    for byte in (0..=u8::MAX).filter(|byte| used.get(usize::from(*byte)) == Some(&true)) {
        for case in [byte, byte.to_ascii_uppercase()] {
            if let Some(column) = columns.get_mut(usize::from(case)) {
                *column = u8::try_from(width).unwrap_or(u8::MAX);
            }
        }
        width += 1;
    }
    (columns, width)
}

/// The automaton while it is built; its states are numbers of rows.
struct Trie {
    width: usize,
    /// 0 where no word goes on.
    table: Vec<u32>,
    /// For each state the words that end in it.
    ends: Vec<Vec<u16>>,
}

impl Trie {
    fn insert(&mut self, word: impl Iterator<Item = usize>, number: u16) -> Result<(), TooManyWords> {
        let mut state = 0;
        for column in word {
            state = match self.child(state, column) {
                0 => self.add(state, column)?,
                child => child,
            };
        }
        if let Some(ends) = self.ends.get_mut(state as usize) {
            ends.push(number);
        }
        Ok(())
    }

    fn child(&self, state: u32, column: usize) -> u32 {
        self.table.get(state as usize * self.width + column).copied().unwrap_or(0)
    }

    fn set(&mut self, state: u32, column: usize, next: u32) {
        if let Some(entry) = self.table.get_mut(state as usize * self.width + column) {
            *entry = next;
        }
    }

    fn add(&mut self, state: u32, column: usize) -> Result<u32, TooManyWords> {
        if self.table.len() + self.width > MAX_TABLE {
            return Err(TooManyWords);
        }
        let new = u32::try_from(self.ends.len()).map_err(|_| TooManyWords)?;
        self.table.resize(self.table.len() + self.width, 0);
        self.ends.push(Vec::new());
        self.set(state, column, new);
        Ok(new)
    }

    /// Gives every state a successor for every column: where its word does not go on, that of its longest end that begins a word.
    fn link(&mut self) {
        let mut pending: VecDeque<(u32, u32)> = VecDeque::from([(0, 0)]);
        while let Some((state, suffix)) = pending.pop_front() {
            for column in 0..self.width {
                let fallback = if state == 0 { 0 } else { self.child(suffix, column) };
                match self.child(state, column) {
                    0 => self.set(state, column, fallback),
                    child => {
                        let inherited = self.ends.get(fallback as usize).cloned().unwrap_or_default();
                        if let Some(ends) = self.ends.get_mut(child as usize) {
                            ends.extend(inherited);
                        }
                        pending.push_back((child, fallback));
                    }
                }
            }
        }
    }

    /// The table with states as offsets, those in which words end last; where these begin; and the words that end in them.
    fn into_table(self) -> (Vec<u32>, u32, Vec<(u32, u16)>) {
        let states = 0..u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        let is_end = |state: &u32| self.ends.get(*state as usize).is_some_and(|ends| !ends.is_empty());
        let (last, mut order): (Vec<u32>, Vec<u32>) = states.partition(is_end);
        let width = u32::try_from(self.width).unwrap_or(u32::MAX);
        let first_end = u32::try_from(order.len()).unwrap_or(u32::MAX).saturating_mul(width);
        order.extend(last);
        let mut offsets = vec![0; order.len()];
        for (place, state) in (0..).zip(&order) {
            if let Some(offset) = offsets.get_mut(*state as usize) {
                *offset = place * width;
            }
        }
        let offset = |state: u32| offsets.get(state as usize).copied().unwrap_or(0);
        let row = |state: &u32| self.table.iter().skip(*state as usize * self.width).take(self.width);
        let table = order.iter().flat_map(row).map(|next| offset(*next)).collect();
        let words = |(state, words): (u32, &Vec<u16>)| {
            words.iter().map(move |word| (state, *word)).collect::<Vec<_>>()
        };
        let mut ends: Vec<_> =
            (0..).zip(&self.ends).map(|(state, words)| (offset(state), words)).flat_map(words).collect();
        ends.sort_unstable();
        (table, first_end, ends)
    }
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasick;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_what_another_automaton_finds(
            words in proptest::collection::btree_set("[abc%]{1,6}", 1..30),
            text in "[aAbBcC%\n]{0,3000}",
        ) {
            let bytes: Vec<_> = words.iter().map(|word| word.as_bytes()).collect();
            let mut hits = Automaton::new(&bytes).unwrap().find(text.as_bytes());
            prop_assert!(hits.is_sorted_by_key(|hit| hit.end));
            let other = AhoCorasick::builder().ascii_case_insensitive(true).build(&bytes).unwrap();
            let mut expected: Vec<_> = other
                .find_overlapping_iter(text.as_bytes())
                .map(|hit| Hit { end: hit.end(), word: u16::try_from(hit.pattern().as_usize()).unwrap() })
                .collect();
            hits.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(hits, expected);
        }
    }
}
