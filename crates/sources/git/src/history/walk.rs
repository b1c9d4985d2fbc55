//! Going through all objects once, each delta right after what it is a delta of.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use super::History;
use super::catalogue::Place;
use super::delta::Copy;
use super::entry::ObjectKind;
use super::forest::Origin;
use super::gap::{Flaw, HistoryGap, HistoryGapKind};
use super::load::Decoder;
use crate::ObjectName;

/// Numbers that a thread takes at a time.
const CHUNK: u32 = 512;

/// Looks at the objects of a history. One reader serves all threads.
pub trait Reader: Sync {
    /// What is kept of an object until the last one that is made from it was looked at.
    type State: Send;

    /// Looks at an object of which nothing was seen before.
    fn whole(&self, object: &Object<'_>) -> Self::State;

    /// Looks at an object that is made from another, of which `base` was kept. `copies` lie in order of `to`, do not overlap there,
    /// and none continues the one before it both in the base and in the object; what no copy covers was inserted.
    fn changed(
        &self,
        object: &Object<'_>,
        base: &Self::State,
        base_bytes: &[u8],
        copies: &[Copy],
    ) -> Self::State;
}

/// An object of a history.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    /// Its name.
    pub name: ObjectName,
    /// What it is.
    pub kind: ObjectKind,
    /// Its content, without git's header.
    pub bytes: &'a [u8],
    pub(crate) number: u32,
}

/// Bounds on reading a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryLimits {
    /// Bytes of one object. Larger ones are gaps, and so is what can be made only from them.
    pub max_object_bytes: u64,
    /// Bytes of objects that are kept at a time by each thread to make others from. Over it, an object is made anew and given whole.
    pub max_kept_bytes: u64,
    /// Bytes that one base and everything made from it, directly or not, may have together. What is over it is a gap.
    pub max_family_bytes: u64,
}

impl Default for HistoryLimits {
    fn default() -> Self {
        Self { max_object_bytes: 64 << 20, max_kept_bytes: 256 << 20, max_family_bytes: 256 << 30 }
    }
}

/// Sums of a walk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Commits given to the reader.
    pub commits: u64,
    /// Trees looked at.
    pub trees: u64,
    /// Blobs given to the reader.
    pub blobs: u64,
    /// Annotated tags given to the reader.
    pub tags: u64,
    /// Objects given whole.
    pub whole_objects: u64,
    /// Bytes of the objects given whole.
    pub whole_bytes: u64,
    /// Bytes of the other objects that are not copied from their base.
    pub inserted_bytes: u64,
    /// Bytes of all objects given.
    pub content_bytes: u64,
    /// Bytes that were inflated for it.
    pub inflated_bytes: u64,
}

impl Tally {
    fn count(&mut self, kind: ObjectKind, bytes: usize) {
        *match kind {
            ObjectKind::Commit => &mut self.commits,
            ObjectKind::Tree => &mut self.trees,
            ObjectKind::Blob => &mut self.blobs,
            ObjectKind::Tag => &mut self.tags,
        } += 1;
        self.content_bytes += bytes as u64;
    }

    fn add(&mut self, other: &Self) {
        self.commits += other.commits;
        self.trees += other.trees;
        self.blobs += other.blobs;
        self.tags += other.tags;
        self.whole_objects += other.whole_objects;
        self.whole_bytes += other.whole_bytes;
        self.inserted_bytes += other.inserted_bytes;
        self.content_bytes += other.content_bytes;
        self.inflated_bytes += other.inflated_bytes;
    }
}

/// Gives every object of `kinds` to `reader`, each once.
pub(crate) fn walk<R: Reader>(
    history: &History,
    reader: &R,
    kinds: &[ObjectKind],
    limits: &HistoryLimits,
) -> (Tally, Vec<HistoryGap>) {
    let next = AtomicU32::new(0);
    let sums = Mutex::new((Tally::default(), Vec::new()));
    let work = || {
        let mut walker = Walker::new(history, reader, kinds, limits);
        walker.run(&next);
        let mut sums = sums.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        walker.tally.inflated_bytes = walker.decoder.inflated;
        sums.0.add(&walker.tally);
        sums.1.append(&mut walker.gaps);
    };
    rayon::scope(|scope| {
        for _ in 0..rayon::current_num_threads() {
            scope.spawn(|_| work());
        }
    });
    sums.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A base whose deltas are being looked at.
struct Kept<S> {
    bytes: Vec<u8>,
    /// None when the reader was not given it: it is repeated, and was or will be seen elsewhere.
    state: Option<S>,
    /// Where in the forest's list of deltas the next is, and where they end.
    next: u32,
    end: u32,
}

struct Walker<'a, R: Reader> {
    history: &'a History,
    reader: &'a R,
    kinds: &'a [ObjectKind],
    limits: &'a HistoryLimits,
    decoder: Decoder<'a>,
    copies: Vec<Copy>,
    /// Buffers that wait for their next use.
    spare: Vec<Vec<u8>>,
    kept: Vec<Kept<R::State>>,
    kept_bytes: u64,
    /// Bytes that the family at hand may still make.
    left: u64,
    tally: Tally,
    gaps: Vec<HistoryGap>,
}

impl<'a, R: Reader> Walker<'a, R> {
    fn new(history: &'a History, reader: &'a R, kinds: &'a [ObjectKind], limits: &'a HistoryLimits) -> Self {
        let max_bytes = usize::try_from(limits.max_object_bytes).unwrap_or(usize::MAX);
        Self {
            history,
            reader,
            kinds,
            limits,
            decoder: Decoder::new(history, max_bytes),
            copies: Vec::new(),
            spare: Vec::new(),
            kept: Vec::new(),
            kept_bytes: 0,
            left: 0,
            tally: Tally::default(),
            gaps: Vec::new(),
        }
    }

    fn run(&mut self, next: &AtomicU32) {
        let end = self.history.catalogue.len();
        loop {
            let start = next.fetch_add(CHUNK, Ordering::Relaxed);
            if start >= end {
                return;
            }
            (start..end.min(start + CHUNK)).for_each(|number| self.start_at(number));
        }
    }

    fn start_at(&mut self, number: u32) {
        let catalogue = &self.history.catalogue;
        match catalogue.place(number) {
            Place::Loose(position) => {
                if catalogue.loose.repeated.get(position as usize) == Some(&false) {
                    self.anew(number);
                }
            }
            Place::Packed(pack, entry) => {
                let Some(forest) = catalogue.packs.get(pack).map(|pack| &pack.forest) else { return };
                let origin = forest.origin(entry);
                let unwanted = forest.kind(entry).is_some_and(|kind| !self.kinds.contains(&kind));
                if unwanted || matches!(origin, Origin::Delta(_)) {
                    return;
                }
                if origin == Origin::Looped {
                    return self.lost(pack, entry);
                }
                if !forest.is_idle(entry) {
                    self.left = self.limits.max_family_bytes;
                    self.family(pack, entry);
                }
            }
        }
    }

    /// A loop: nothing in it can be made, unless it is also elsewhere.
    fn lost(&mut self, pack: usize, entry: u32) {
        let Some(found) = self.history.catalogue.packs.get(pack) else { return };
        if !found.forest.is_repeated(entry) {
            self.anew(found.first + entry);
        }
    }

    /// The entry, which is not a delta of another of its pack, and everything that is made from it.
    fn family(&mut self, pack: usize, root: u32) {
        let mut pending = vec![root];
        while let Some(entry) = pending.pop() {
            self.tree(pack, entry, entry == root, &mut pending);
        }
    }

    /// `top` and what is made from it. What cannot be made here is put into `pending`, to be made anew.
    fn tree(&mut self, pack: usize, top: u32, is_root: bool, pending: &mut Vec<u32>) {
        let Some(found) = self.history.catalogue.packs.get(pack) else { return };
        let forest = &found.forest;
        let mut bytes = self.spare.pop().unwrap_or_default();
        let worked = self.decoder.made;
        let loaded = match (is_root, forest.origin(top)) {
            _ if self.left == 0 => Err(Flaw::budget()),
            (true, Origin::Whole) => self.decoder.whole(pack, top, &mut bytes),
            _ => self.decoder.load(found.first + top).map(|(kind, loaded)| {
                bytes = loaded;
                kind
            }),
        };
        self.left = self.left.saturating_sub(self.decoder.made - worked);
        let kind = match loaded.or_else(|flaw| self.rescue(found.first + top, flaw, &mut bytes)) {
            Ok(kind) => kind,
            Err(flaw) => return self.give_up(pack, top, &flaw, pending),
        };
        if !self.kinds.contains(&kind) {
            return;
        }
        let state = (!forest.is_repeated(top)).then(|| self.give_whole(found.first + top, kind, &bytes));
        self.keep(pack, top, bytes, state, pending);
        self.descend(pack, kind, pending);
    }

    fn descend(&mut self, pack: usize, kind: ObjectKind, pending: &mut Vec<u32>) {
        let Some(found) = self.history.catalogue.packs.get(pack) else { return };
        let forest = &found.forest;
        let mut copies = std::mem::take(&mut self.copies);
        while let Some(base) = self.kept.last_mut() {
            if base.next == base.end {
                self.release();
                continue;
            }
            let entry = forest.delta(base.next);
            base.next += 1;
            let mut bytes = self.spare.pop().unwrap_or_default();
            let made = match self.left {
                0 => Err(Flaw::budget()),
                _ => self.decoder.delta(pack, entry, &base.bytes, &mut bytes, &mut copies),
            };
            self.left = self.left.saturating_sub(bytes.len() as u64);
            let base_is_done = base.next == base.end;
            let number = found.first + entry;
            let state = match made {
                Ok(()) if forest.is_repeated(entry) => None,
                Ok(()) => {
                    let object =
                        Object { name: self.history.catalogue.name(number), kind, bytes: &bytes, number };
                    self.tally.count(kind, bytes.len());
                    Some(match &base.state {
                        Some(state) => {
                            let copied: usize = copies.iter().map(|copy| copy.len).sum();
                            self.tally.inserted_bytes += (bytes.len() - copied) as u64;
                            self.reader.changed(&object, state, &base.bytes, &copies)
                        }
                        None => {
                            self.tally.whole_objects += 1;
                            self.tally.whole_bytes += bytes.len() as u64;
                            self.reader.whole(&object)
                        }
                    })
                }
                Err(flaw) => match self.rescue(number, flaw, &mut bytes) {
                    Ok(_) => (!forest.is_repeated(entry)).then(|| self.give_whole(number, kind, &bytes)),
                    Err(flaw) => {
                        self.give_up(pack, entry, &flaw, pending);
                        continue;
                    }
                },
            };
            if base_is_done {
                self.release();
            }
            self.keep(pack, entry, bytes, state, pending);
        }
        self.copies = copies;
    }

    /// Keeps the object as long as something is to be made from it.
    fn keep(
        &mut self,
        pack: usize,
        entry: u32,
        bytes: Vec<u8>,
        state: Option<R::State>,
        pending: &mut Vec<u32>,
    ) {
        let Some(forest) = self.history.catalogue.packs.get(pack).map(|pack| &pack.forest) else { return };
        let deltas = forest.deltas(entry);
        let size = bytes.capacity() as u64;
        if deltas.is_empty() {
            self.spare_buffer(bytes);
        } else if !self.kept.is_empty() && self.kept_bytes.saturating_add(size) > self.limits.max_kept_bytes {
            pending.extend(deltas.map(|at| forest.delta(at)));
        } else {
            self.kept_bytes += size;
            self.kept.push(Kept { bytes, state, next: deltas.start, end: deltas.end });
        }
    }

    fn release(&mut self) {
        if let Some(Kept { bytes, .. }) = self.kept.pop() {
            self.kept_bytes = self.kept_bytes.saturating_sub(bytes.capacity() as u64);
            self.spare_buffer(bytes);
        }
    }

    fn spare_buffer(&mut self, buffer: Vec<u8>) {
        if self.spare.len() < 16 && buffer.capacity() <= 4 << 20 {
            self.spare.push(buffer);
        }
    }

    fn give_whole(&mut self, number: u32, kind: ObjectKind, bytes: &[u8]) -> R::State {
        self.tally.count(kind, bytes.len());
        self.tally.whole_objects += 1;
        self.tally.whole_bytes += bytes.len() as u64;
        self.reader.whole(&Object { name: self.history.catalogue.name(number), kind, bytes, number })
    }

    /// An object by random access.
    fn anew(&mut self, number: u32) {
        match self.decoder.load(number) {
            Ok((kind, bytes)) if self.kinds.contains(&kind) => drop(self.give_whole(number, kind, &bytes)),
            Ok(_) => {}
            Err(flaw) => self.gaps.push(flaw.at_object(self.history.catalogue.name(number))),
        }
    }

    /// Tries to get from elsewhere what could not be made here.
    fn rescue(&mut self, number: u32, flaw: Flaw, bytes: &mut Vec<u8>) -> Result<ObjectKind, Flaw> {
        if !self.history.has_several_sources() || flaw.kind == HistoryGapKind::Budget {
            return Err(flaw);
        }
        let (kind, loaded) = self.decoder.load(number).map_err(|_| flaw)?;
        *bytes = loaded;
        Ok(kind)
    }

    /// Says that the entry cannot be had. What is made from it may still be elsewhere.
    fn give_up(&mut self, pack: usize, entry: u32, flaw: &Flaw, pending: &mut Vec<u32>) {
        let Some(found) = self.history.catalogue.packs.get(pack) else { return };
        let mut all = vec![entry];
        let several = self.history.has_several_sources() && flaw.kind != HistoryGapKind::Budget;
        while let Some(entry) = all.pop() {
            if !found.forest.is_repeated(entry) {
                let name = self.history.catalogue.name(found.first + entry);
                self.gaps.push(flaw.clone().at_object(name));
            }
            let list = if several { &mut *pending } else { &mut all };
            list.extend(found.forest.deltas(entry).map(|at| found.forest.delta(at)));
        }
    }
}
