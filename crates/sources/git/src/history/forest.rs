//! What of a pack is made from what: entries in the order in which they lie in the pack, each with those that are deltas of it.

use std::fs::File;
use std::io;

use super::entry::{EntryHeader, MAX_HEADER_BYTES, ObjectKind, Storage, parse_header};
use super::index::{Names, PackIndex};
use super::inflate::Window;

/// Bytes before the first entry.
const PACK_HEADER_BYTES: u64 = 12;

/// Bytes that the pass over the headers reads at once.
const HEADER_READ_BYTES: usize = 256 << 10;

/// No entry.
const NONE: u32 = u32::MAX;

/// What is known of an entry: the kind of its object in the low bits, and marks.
#[derive(Debug, Clone, Copy, Default)]
struct Traits(u8);

impl Traits {
    const KIND: u8 = 0x07;
    /// A delta of something that is not in this pack.
    const OUTSIDE: u8 = 0x08;
    /// Its header cannot be read.
    const BROKEN: u8 = 0x10;
    /// The same object stands in front of this one, in another pack or in this one.
    const REPEATED: u8 = 0x20;
    /// A delta of something that is made from it.
    const LOOPED: u8 = 0x40;
    /// Neither it nor anything made from it needs to be read.
    const IDLE: u8 = 0x80;

    const fn has(self, mark: u8) -> bool {
        self.0 & mark != 0
    }

    const fn kind(self) -> Option<ObjectKind> {
        match self.0 & Self::KIND {
            1 => Some(ObjectKind::Commit),
            2 => Some(ObjectKind::Tree),
            3 => Some(ObjectKind::Blob),
            4 => Some(ObjectKind::Tag),
            _ => None,
        }
    }

    const fn of_kind(kind: ObjectKind) -> Self {
        Self(match kind {
            ObjectKind::Commit => 1,
            ObjectKind::Tree => 2,
            ObjectKind::Blob => 3,
            ObjectKind::Tag => 4,
        })
    }
}

/// How an entry comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It is not a delta.
    Whole,
    /// A delta of an entry of this pack.
    Delta(u32),
    /// A delta of something that is not in this pack.
    Outside,
    /// Its header cannot be read.
    Broken,
    /// In the end a delta of itself.
    Looped,
}

pub(crate) struct Forest {
    /// Where each entry begins, in order.
    offsets: Vec<u64>,
    /// Where the last one ends at the latest.
    end: u64,
    /// The position of each entry's name.
    names: Vec<u32>,
    /// The entry of each name.
    entries: Vec<u32>,
    /// What each is a delta of.
    bases: Vec<u32>,
    traits: Vec<Traits>,
    /// Where the deltas of each entry begin in `deltas`.
    starts: Vec<u32>,
    /// Entries that are deltas and not idle, by base; in each group those that nothing is made from come first and that from which
    /// most is made last, so that few bases must be kept at a time.
    deltas: Vec<u32>,
}

impl Forest {
    /// Reads the headers of all entries of `file`, which end before `end`. An offset outside the pack makes a broken entry.
    pub(crate) fn read(file: &File, index: PackIndex, end: u64) -> io::Result<(Self, Names)> {
        let PackIndex { names: known, offsets } = index;
        let count = u32::try_from(offsets.len()).unwrap_or(NONE);
        let mut pairs: Vec<(u64, u32)> = offsets.into_iter().zip(0..count).collect();
        pairs.sort_unstable();
        let (sorted, names): (Vec<u64>, Vec<u32>) = pairs.into_iter().unzip();
        let mut entries = vec![0; names.len()];
        for (name, entry) in names.iter().zip(0u32..) {
            set(&mut entries, *name, entry);
        }
        let mut forest = Self {
            bases: vec![NONE; names.len()],
            traits: vec![Traits::default(); names.len()],
            offsets: sorted,
            end,
            names,
            entries,
            starts: Vec::new(),
            deltas: Vec::new(),
        };
        forest.read_headers(file, &known)?;
        Ok((forest, known))
    }

    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.offsets.len()).unwrap_or(NONE)
    }

    /// The position of the entry's name.
    pub(crate) fn name(&self, entry: u32) -> usize {
        get(&self.names, entry) as usize
    }

    /// The entry of the name at `position`.
    pub(crate) fn entry(&self, position: usize) -> Option<u32> {
        self.entries.get(position).copied()
    }

    pub(crate) fn kind(&self, entry: u32) -> Option<ObjectKind> {
        self.traits(entry).kind()
    }

    pub(crate) fn origin(&self, entry: u32) -> Origin {
        let traits = self.traits(entry);
        match get(&self.bases, entry) {
            _ if traits.has(Traits::LOOPED) => Origin::Looped,
            _ if traits.has(Traits::BROKEN) => Origin::Broken,
            _ if traits.has(Traits::OUTSIDE) => Origin::Outside,
            NONE => Origin::Whole,
            base => Origin::Delta(base),
        }
    }

    /// Whether another entry gives the same object.
    pub(crate) fn is_repeated(&self, entry: u32) -> bool {
        self.traits(entry).has(Traits::REPEATED)
    }

    pub(crate) fn is_idle(&self, entry: u32) -> bool {
        self.traits(entry).has(Traits::IDLE)
    }

    pub(crate) fn mark_repeated(&mut self, entry: u32) {
        self.mark(entry, Traits::REPEATED);
    }

    /// Where the entry begins, and where it ends at the latest.
    pub(crate) fn range(&self, entry: u32) -> (u64, u64) {
        let start = self.offsets.get(entry as usize).copied().unwrap_or(u64::MAX);
        let later = self.offsets.get(entry as usize + 1..).unwrap_or_default();
        // Two names for one offset.
        let end = later.iter().copied().find(|offset| *offset > start).unwrap_or(self.end);
        (start, end.min(self.end))
    }

    /// Where in the list of deltas those of the entry are.
    pub(crate) fn deltas(&self, entry: u32) -> std::ops::Range<u32> {
        let start = |entry: usize| self.starts.get(entry).copied().unwrap_or(0);
        start(entry as usize)..start(entry as usize + 1)
    }

    pub(crate) fn delta(&self, at: u32) -> u32 {
        get(&self.deltas, at)
    }

    fn traits(&self, entry: u32) -> Traits {
        self.traits.get(entry as usize).copied().unwrap_or(Traits(Traits::BROKEN))
    }

    fn mark(&mut self, entry: u32, mark: u8) {
        if let Some(traits) = self.traits.get_mut(entry as usize) {
            traits.0 |= mark;
        }
    }

    fn read_headers(&mut self, file: &File, known: &Names) -> io::Result<()> {
        let mut window = Window::new();
        let mut read_to = 0;
        for entry in 0..self.len() {
            let (start, end) = self.range(entry);
            if start < PACK_HEADER_BYTES || start >= end {
                self.mark(entry, Traits::BROKEN);
                continue;
            }
            let want = MAX_HEADER_BYTES.min(usize::try_from(end - start).unwrap_or(MAX_HEADER_BYTES));
            if start + want as u64 > read_to {
                window.at(0, file, start, HEADER_READ_BYTES)?;
                read_to = start + HEADER_READ_BYTES as u64;
            }
            let header = parse_header(window.at(0, file, start, want)?, known.hash_bytes());
            self.note_header(entry, start, header, known);
        }
        Ok(())
    }

    fn note_header(&mut self, entry: u32, start: u64, header: Option<EntryHeader<'_>>, known: &Names) {
        let base = match header.map(|header| header.storage) {
            None => return self.mark(entry, Traits::BROKEN),
            Some(Storage::Whole(kind)) => return self.mark(entry, Traits::of_kind(kind).0),
            Some(Storage::Before(distance)) => start
                .checked_sub(distance)
                .filter(|_| distance > 0)
                .and_then(|offset| self.before(entry, offset)),
            Some(Storage::Named(name)) => match known.find(name).and_then(|position| self.entry(position)) {
                None => return self.mark(entry, Traits::OUTSIDE),
                base => base,
            },
        };
        match base {
            Some(base) => set(&mut self.bases, entry, base),
            None => self.mark(entry, Traits::BROKEN),
        }
    }

    /// The entry at `offset`, which lies before `entry`: a base is most often near.
    fn before(&self, entry: u32, offset: u64) -> Option<u32> {
        let mut step = 1usize;
        let mut high = entry as usize;
        let low = loop {
            let low = high.saturating_sub(step);
            if low == 0 || *self.offsets.get(low)? <= offset {
                break low;
            }
            (high, step) = (low, step * 2);
        };
        let found = low + self.offsets.get(low..high)?.binary_search(&offset).ok()?;
        // Of several names for one offset, the first.
        let first = self.offsets.get(..found)?.iter().rev().take_while(|other| **other == offset).count();
        u32::try_from(found - first).ok()
    }

    /// Works out kinds and deltas. To be called once repeated entries are marked.
    pub(crate) fn plant(&mut self) {
        self.group_by_base();
        let order = self.order();
        let mut reached = vec![false; self.traits.len()];
        for &entry in &order {
            set(&mut reached, entry, true);
            if let Some(kind) = self.kind(entry) {
                for at in self.deltas(entry) {
                    self.mark(self.delta(at), Traits::of_kind(kind).0);
                }
            }
        }
        for (traits, reached) in self.traits.iter_mut().zip(reached) {
            if !reached && !traits.has(Traits::BROKEN) {
                traits.0 |= Traits::LOOPED;
            }
        }
        self.prune(&self.weights(&order));
    }

    fn group_by_base(&mut self) {
        let mut starts = vec![0u32; self.bases.len() + 1];
        for base in self.bases.iter().filter(|base| **base != NONE) {
            if let Some(count) = starts.get_mut(*base as usize + 1) {
                *count += 1;
            }
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut next = starts.clone();
        let mut deltas = vec![0; total as usize];
        for (base, entry) in self.bases.iter().zip(0u32..) {
            if let Some(slot) = next.get_mut(*base as usize).filter(|_| *base != NONE) {
                set(&mut deltas, *slot, entry);
                *slot += 1;
            }
        }
        (self.starts, self.deltas) = (starts, deltas);
    }

    /// Entries in an order in which each comes after its base; loops are left out.
    fn order(&self) -> Vec<u32> {
        let is_root = |entry: &u32| get(&self.bases, *entry) == NONE;
        let mut order: Vec<u32> = Vec::with_capacity(self.bases.len());
        order.extend((0..self.len()).filter(is_root));
        let mut at = 0;
        while let Some(&entry) = order.get(at) {
            order.extend(self.deltas(entry).map(|at| self.delta(at)));
            at += 1;
        }
        order
    }

    /// For each entry, how many that are not repeated are made from it, itself included.
    fn weights(&self, order: &[u32]) -> Vec<u32> {
        let mut weights: Vec<u32> = vec![0; self.bases.len()];
        for &entry in order.iter().rev() {
            let own = get(&weights, entry) + u32::from(!self.is_repeated(entry));
            set(&mut weights, entry, own);
            if let Some(weight) = weights.get_mut(get(&self.bases, entry) as usize) {
                *weight += own;
            }
        }
        weights
    }

    fn prune(&mut self, weights: &[u32]) {
        let mut kept = Vec::with_capacity(self.deltas.len());
        for entry in 0..self.len() {
            let range = self.deltas(entry);
            let start = kept.len();
            kept.extend(range.map(|at| self.delta(at)).filter(|delta| get(weights, *delta) > 0));
            if let Some(group) = kept.get_mut(start..) {
                group.sort_unstable_by_key(|delta| (get(weights, *delta), *delta));
            }
            set(&mut self.starts, entry, u32::try_from(start).unwrap_or(NONE));
            if get(weights, entry) == 0 {
                self.mark(entry, Traits::IDLE);
            }
        }
        let end = u32::try_from(kept.len()).unwrap_or(NONE);
        if let Some(last) = self.starts.last_mut() {
            *last = end;
        }
        kept.shrink_to_fit();
        self.deltas = kept;
    }
}

fn get(list: &[u32], at: u32) -> u32 {
    list.get(at as usize).copied().unwrap_or(NONE)
}

fn set<T>(list: &mut [T], at: u32, value: T) {
    if let Some(slot) = list.get_mut(at as usize) {
        *slot = value;
    }
}
