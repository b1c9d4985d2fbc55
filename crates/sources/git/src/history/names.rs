//! Every name that a tree gives to something, once, and what is asked of it.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use palisade_model::RepoPath;

const SHELVES: usize = 64;

/// Bytes of all names together.
const MAX_BYTES: usize = 256 << 20;

/// A name of which nothing else is known: there were too many.
const UNKNOWN: &[u8] = b"?";

/// What is asked of the names in trees, each of which is a part of a path.
pub struct Asked<'a> {
    /// Whether a name is wanted, of whatever it is.
    pub name: &'a (dyn Fn(&[u8]) -> bool + Sync),
    /// Whether a file of this last name may be wanted.
    pub last_name: &'a (dyn Fn(&[u8]) -> bool + Sync),
    /// Whether the file of this path is. Asked only when its last name may be.
    pub path: &'a (dyn Fn(&RepoPath) -> bool + Sync),
}

impl Asked<'_> {
    /// Asks nothing.
    pub const NOTHING: Self = Self { name: &|_| false, last_name: &|_| false, path: &|_| false };
}

impl fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").finish_non_exhaustive()
    }
}

/// Whether a name is wanted.
const WANTED: u32 = 1;

/// Whether a file of that name may be.
const WANTED_AS_FILE: u32 = 2;

/// Bits of a name's word that are no part of its number.
const MARKS: u32 = 2;

/// A name, and whether it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NameId(u32);

impl NameId {
    pub(crate) const fn is_wanted(self) -> bool {
        self.0 & WANTED != 0
    }

    pub(crate) const fn is_wanted_as_file(self) -> bool {
        self.0 & WANTED_AS_FILE != 0
    }

    const fn number(self) -> usize {
        (self.0 >> MARKS) as usize
    }

    pub(crate) const fn from_word(word: u32) -> Self {
        Self(word)
    }

    pub(crate) const fn word(self) -> u32 {
        self.0
    }
}

/// Gives names numbers, and asks of each, once, whether it is wanted.
pub(crate) struct NameTable<'a> {
    shelves: Vec<Mutex<HashMap<Box<[u8]>, NameId>>>,
    hasher: RandomState,
    next: AtomicU32,
    bytes: AtomicUsize,
    asked: &'a Asked<'a>,
}

impl<'a> NameTable<'a> {
    pub(crate) fn new(asked: &'a Asked<'a>) -> Self {
        let shelves = (0..SHELVES).map(|_| Mutex::default()).collect();
        let table = Self { shelves, hasher: RandomState::new(), next: 0.into(), bytes: 0.into(), asked };
        table.id(UNKNOWN);
        table
    }

    pub(crate) fn id(&self, name: &[u8]) -> NameId {
        let hash = self.hasher.hash_one(name);
        let shelf = self.shelves.get(usize::try_from(hash >> 32).unwrap_or(0) % SHELVES);
        let Some(shelf) = shelf else { return NameId(0) };
        let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = shelf.get(name) {
            return *id;
        }
        if self.bytes.fetch_add(name.len() + 16, Ordering::Relaxed) > MAX_BYTES {
            return NameId(0);
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mark = |asked: &dyn Fn(&[u8]) -> bool, mark| if number > 0 && asked(name) { mark } else { 0 };
        let id = NameId(
            number << MARKS | mark(self.asked.name, WANTED) | mark(self.asked.last_name, WANTED_AS_FILE),
        );
        shelf.insert(name.into(), id);
        id
    }

    /// Whether there were more names than are remembered.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > MAX_BYTES
    }

    /// The names by number.
    pub(crate) fn into_list(self) -> NameList {
        let mut list: Vec<Box<[u8]>> = vec![Box::default(); self.next.into_inner() as usize];
        for shelf in self.shelves {
            let shelf = shelf.into_inner().unwrap_or_else(PoisonError::into_inner);
            #[expect(clippy::iter_over_hash_type, reason = "each goes to its own place")]
            for (name, id) in shelf {
                if let Some(slot) = list.get_mut(id.number()) {
                    *slot = name;
                }
            }
        }
        NameList(list)
    }
}

pub(crate) struct NameList(Vec<Box<[u8]>>);

impl NameList {
    pub(crate) fn get(&self, id: NameId) -> &[u8] {
        self.0.get(id.number()).map_or(UNKNOWN, |name| name)
    }
}
