//! Decoding all trees, each entry once: where a tree is stored as a difference, what it shares with its base is taken over.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use gix::ObjectId;

use super::History;
use super::commit::{CommitLinks, tag_target};
use super::delta::Copy;
use super::entry::ObjectKind;
use super::gap::{Flaw, HistoryGap};
use super::names::{NameId, NameTable};
use super::walk::{Object, Reader};

/// What all trees hold of what is asked for: once for each list of a tree that differs from others.
const MAX_PAIRS: usize = 16_000_000;

/// The most of these that files of wanted names have: a rule for a folder may want every name, and blobs must keep their paths.
const MAX_FILE_PAIRS: usize = MAX_PAIRS / 2;

/// No object.
pub(crate) const NOTHING: u32 = u32::MAX;

/// Missing objects that are counted.
const MAX_MISSING: usize = 5_000_000;

const FILE_TYPE: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
const SUBMODULE: u32 = 0o160_000;

/// Something whose places are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Item {
    /// A blob, by its place in the list of those wanted.
    Blob(u32),
    /// A name.
    Name(NameId),
    /// Files of this last name.
    File(NameId),
}

/// What of that a tree holds itself.
pub(crate) type Holding = Vec<(Item, NameId)>;

/// A commit with the numbers of what it names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CommitFact {
    pub(crate) number: u32,
    pub(crate) tree: u32,
    pub(crate) time: i64,
}

/// What one thread writes down.
#[derive(Default)]
pub(crate) struct Notes {
    /// For each tree its number, that of its holding, the number of its subtrees, and for each of those its number and name.
    pub(crate) trees: Vec<u32>,
    pub(crate) commits: Vec<CommitFact>,
    /// Commits and their parents.
    pub(crate) parents: Vec<(u32, u32)>,
    /// Tags and what they point to.
    pub(crate) tags: Vec<(u32, u32)>,
    gaps: Vec<HistoryGap>,
}

/// Holdings, each once; the first is empty.
struct Holdings {
    numbers: HashMap<Holding, u32>,
    list: Vec<Holding>,
    /// Pairs that there is room for.
    room: usize,
    /// How many of these may be files of wanted names.
    file_room: usize,
    /// Whether there were more.
    is_full: bool,
}

impl Holdings {
    fn new(room: usize, file_room: usize) -> Self {
        let numbers = HashMap::from([(Vec::new(), 0)]);
        Self { numbers, list: vec![Vec::new()], room, file_room, is_full: false }
    }

    /// The number of a holding: without its files when there are too many of these, that of the empty one when there is no room at all.
    fn number(&mut self, mut holding: Holding) -> u32 {
        if let Some(number) = self.numbers.get(&holding) {
            return *number;
        }
        let files = holding.iter().filter(|(item, _)| matches!(item, Item::File(_))).count();
        if files > 0 && (files > self.file_room || holding.len() > self.room) {
            self.is_full = true;
            holding.retain(|(item, _)| !matches!(item, Item::File(_)));
            return self.number(holding);
        }
        if holding.len() > self.room {
            self.is_full = true;
            return 0;
        }
        self.room -= holding.len();
        self.file_room -= files;
        let next = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(holding.clone());
        self.numbers.insert(holding, next);
        next
    }
}

/// What was read of all trees, commits and tags.
pub(crate) struct Reading {
    pub(crate) notes: Vec<Notes>,
    pub(crate) holdings: Vec<Holding>,
    /// How many objects are referred to and not there.
    pub(crate) missing: u64,
    /// The first of them by name.
    pub(crate) first_missing: Option<ObjectId>,
    pub(crate) gaps: Vec<HistoryGap>,
}

pub(crate) struct TreeReader<'a> {
    history: &'a History,
    names: &'a NameTable<'a>,
    wanted: &'a HashMap<u32, u32>,
    shallow: &'a HashSet<ObjectId>,
    notes: Vec<Mutex<Notes>>,
    holdings: Mutex<Holdings>,
    missing: Mutex<(HashSet<[u8; 8]>, Option<ObjectId>)>,
}

/// What is kept of a tree. Starts are in order.
#[derive(Default)]
pub(crate) struct TreeState {
    /// Where each entry begins.
    starts: Vec<u32>,
    subtrees: Vec<(u32, u32, NameId)>,
    held: Vec<(u32, Item, NameId)>,
    holding: u32,
}

impl<'a> TreeReader<'a> {
    pub(crate) fn new(
        history: &'a History,
        names: &'a NameTable<'a>,
        wanted: &'a HashMap<u32, u32>,
        shallow: &'a HashSet<ObjectId>,
    ) -> Self {
        let notes = (0..rayon::current_num_threads().max(1)).map(|_| Mutex::default()).collect();
        let holdings = Mutex::new(Holdings::new(MAX_PAIRS, MAX_FILE_PAIRS));
        let missing = Mutex::default();
        Self { history, names, wanted, shallow, notes, holdings, missing }
    }

    pub(crate) fn finish(self) -> Reading {
        let mut notes: Vec<Notes> = self
            .notes
            .into_iter()
            .map(|notes| notes.into_inner().unwrap_or_else(PoisonError::into_inner))
            .collect();
        let mut gaps: Vec<_> = notes.iter_mut().flat_map(|notes| std::mem::take(&mut notes.gaps)).collect();
        let (missing, first_missing) = self.missing.into_inner().unwrap_or_else(PoisonError::into_inner);
        let holdings = self.holdings.into_inner().unwrap_or_else(PoisonError::into_inner);
        gaps.extend(holdings.is_full.then(|| Flaw::budget().at_file("names of files")));
        Reading { notes, holdings: holdings.list, missing: missing.len() as u64, first_missing, gaps }
    }

    fn note(&self, write: impl FnOnce(&mut Notes)) {
        let thread = rayon::current_thread_index().unwrap_or(0) % self.notes.len();
        if let Some(notes) = self.notes.get(thread) {
            write(&mut notes.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// The number of the object of that name; noted as missing when there is none.
    fn find(&self, name: &[u8]) -> u32 {
        if let Some(number) = self.history.catalogue.find(name) {
            return number;
        }
        if let (Ok(id), Some(start)) = (ObjectId::try_from(name), name.first_chunk::<8>())
            && !self.shallow.contains(&id)
        {
            let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
            if missing.0.len() < MAX_MISSING {
                missing.0.insert(*start);
            }
            missing.1 = Some(missing.1.map_or(id, |first| first.min(id)));
        }
        NOTHING
    }

    fn find_hex(&self, name: &[u8]) -> u32 {
        ObjectId::from_hex(name).map_or(NOTHING, |id| self.find(id.as_bytes()))
    }

    fn commit(&self, object: &Object<'_>) {
        let Some(links) = CommitLinks::parse(object.bytes) else {
            return self.damaged(object, "a commit without a tree");
        };
        let fact = CommitFact { number: object.number, tree: self.find_hex(links.tree), time: links.time };
        let cut_off = self.shallow.contains(&object.name.0);
        let parents =
            links.parents.iter().filter(|_| !cut_off).map(|parent| (object.number, self.find_hex(parent)));
        let parents: Vec<_> = parents.filter(|(_, parent)| *parent != NOTHING).collect();
        self.note(|notes| {
            notes.commits.push(fact);
            notes.parents.extend(parents);
        });
    }

    fn tag(&self, object: &Object<'_>) {
        let target = tag_target(object.bytes).map_or(NOTHING, |target| self.find_hex(target));
        self.note(|notes| notes.tags.push((object.number, target)));
    }

    fn damaged(&self, object: &Object<'_>, detail: &'static str) {
        self.note(|notes| notes.gaps.push(Flaw::damaged(detail).at_object(object.name)));
    }

    fn tree(&self, object: &Object<'_>, base: Option<(&TreeState, usize)>, copies: &[Copy]) -> TreeState {
        let mut state = TreeState::default();
        if let Some((base, _)) = base {
            state.starts.reserve(base.starts.len() + 2);
            state.subtrees.reserve(base.subtrees.len() + 1);
        }
        let mut at = 0;
        let mut copies = copies.iter().peekable();
        while at < object.bytes.len() {
            while copies.next_if(|copy| copy.to + copy.len <= at).is_some() {}
            let taken = match (base, copies.peek()) {
                (Some((base, base_len)), Some(copy)) if copy.to <= at => {
                    state.take_over(base, base_len, at, copy)
                }
                _ => 0,
            };
            if taken > 0 {
                at += taken;
                continue;
            }
            match self.entry(&mut state, object.bytes, at) {
                Some(next) => at = next,
                None => {
                    self.damaged(object, "its list of entries is damaged");
                    break;
                }
            }
        }
        state.holding = self.holding(&state, base.map(|(base, _)| base));
        self.note(|notes| {
            notes.trees.extend([
                object.number,
                state.holding,
                u32::try_from(state.subtrees.len()).unwrap_or(0),
            ]);
            notes.trees.extend(state.subtrees.iter().flat_map(|(_, child, name)| [*child, name.word()]));
        });
        state
    }

    /// Reads the entry at `at` (mode, space, name, NUL, name of the object); where the next begins.
    fn entry(&self, state: &mut TreeState, bytes: &[u8], at: usize) -> Option<usize> {
        let rest = bytes.get(at..)?;
        let space = rest.iter().take(8).position(|byte| *byte == b' ')?;
        let (mode, rest) = rest.split_at_checked(space)?;
        let mode = mode.iter().try_fold(0u32, |mode, digit| {
            (b'0'..=b'7').contains(digit).then(|| mode << 3 | u32::from(digit - b'0'))
        })?;
        let rest = rest.get(1..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        let (name, rest) = rest.split_at_checked(end)?;
        let id = rest.get(1..=self.history.catalogue.hash_bytes)?;
        let start = u32::try_from(at).ok()?;
        let name_id = self.names.id(name);
        state.starts.push(start);
        if name_id.is_wanted() {
            state.held.push((start, Item::Name(name_id), name_id));
        }
        if name_id.is_wanted_as_file() && !matches!(mode & FILE_TYPE, FOLDER | SUBMODULE) {
            state.held.push((start, Item::File(name_id), name_id));
        }
        if mode & FILE_TYPE != SUBMODULE {
            let number = self.find(id);
            if mode & FILE_TYPE == FOLDER && number != NOTHING {
                state.subtrees.push((start, number, name_id));
            } else if let Some(wanted) = self.wanted.get(&number) {
                state.held.push((start, Item::Blob(*wanted), name_id));
            }
        }
        Some(at + space + 1 + end + 1 + id.len())
    }

    fn holding(&self, state: &TreeState, base: Option<&TreeState>) -> u32 {
        if state.held.is_empty() {
            return 0;
        }
        let pairs =
            |state: &TreeState| state.held.iter().map(|(_, item, name)| (*item, *name)).collect::<Holding>();
        let own = pairs(state);
        match base {
            Some(base) if base.held.len() == own.len() && pairs(base) == own => base.holding,
            _ => self.holdings.lock().unwrap_or_else(PoisonError::into_inner).number(own),
        }
    }
}

impl TreeState {
    /// Takes over from `base` the entries at `at` that lie within `copy`; their bytes. 0 when none begins there and ends within.
    fn take_over(&mut self, base: &Self, base_len: usize, at: usize, copy: &Copy) -> usize {
        let from = copy.from + (at - copy.to);
        let copy_end = copy.from + copy.len;
        let Some(first) = u32::try_from(from).ok().and_then(|from| base.starts.binary_search(&from).ok())
        else {
            return 0;
        };
        // The last entry ends where the base does.
        let end_at = base.starts.partition_point(|start| *start as usize <= copy_end);
        let (last, end) = match base.starts.get(end_at.saturating_sub(1)) {
            _ if copy_end == base_len => (base.starts.len(), copy_end),
            Some(start) => (end_at - 1, *start as usize),
            None => return 0,
        };
        if last <= first {
            return 0;
        }
        let (low, high) = (u32::try_from(from).unwrap_or(0), u32::try_from(end).unwrap_or(0));
        let moved = |start: u32| u32::try_from(at).unwrap_or(0) + (start - low);
        self.starts
            .extend(base.starts.get(first..last).unwrap_or_default().iter().map(|start| moved(*start)));
        let part = |limit: u32| base.subtrees.partition_point(|(start, ..)| *start < limit);
        let subtrees = base.subtrees.get(part(low)..part(high)).unwrap_or_default();
        self.subtrees.extend(subtrees.iter().map(|(start, child, name)| (moved(*start), *child, *name)));
        let held = base.held.iter().filter(|(start, ..)| (low..high).contains(start));
        self.held.extend(held.map(|(start, item, name)| (moved(*start), *item, *name)));
        end - from
    }
}

impl Reader for TreeReader<'_> {
    type State = TreeState;

    fn whole(&self, object: &Object<'_>) -> TreeState {
        match object.kind {
            ObjectKind::Tree => return self.tree(object, None, &[]),
            ObjectKind::Commit => self.commit(object),
            ObjectKind::Tag => self.tag(object),
            ObjectKind::Blob => {}
        }
        TreeState::default()
    }

    fn changed(
        &self,
        object: &Object<'_>,
        base: &TreeState,
        base_bytes: &[u8],
        copies: &[Copy],
    ) -> TreeState {
        match object.kind {
            ObjectKind::Tree => self.tree(object, Some((base, base_bytes.len())), copies),
            _ => self.whole(object),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(items: &[Item]) -> Holding {
        items.iter().map(|item| (*item, NameId::from_word(4))).collect()
    }

    fn file(number: u32) -> Item {
        Item::File(NameId::from_word(number << 2 | 2))
    }

    #[test]
    fn files_of_wanted_names_leave_room_for_blobs() {
        let mut holdings = Holdings::new(6, 3);
        let first = holdings.number(holding(&[file(1), file(2)]));
        assert!(first != 0 && !holdings.is_full);
        let second = holdings.number(holding(&[file(1), file(3), Item::Blob(7)]));
        assert!(second != 0 && holdings.is_full);
        assert_eq!(holdings.list[second as usize], holding(&[Item::Blob(7)]), "only files are dropped");
        assert_eq!(holdings.number(holding(&[file(1), file(2)])), first, "what is known stays");
        assert_eq!(holdings.number(holding(&[file(4), file(5)])), 0);
        assert_ne!(holdings.number(holding(&[file(6)])), 0, "there is room for one");
        let blobs = holdings.number(holding(&[Item::Blob(8), file(9), Item::Blob(9)]));
        assert_eq!(holdings.list[blobs as usize], holding(&[Item::Blob(8), Item::Blob(9)]));
        assert_eq!(holdings.number(holding(&[Item::Blob(10)])), 0, "full");
    }
}
