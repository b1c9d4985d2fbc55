//! Every name that a tree gives to something, once.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

const SHELVES: usize = 64;

/// Bytes of all names together.
const MAX_BYTES: usize = 256 << 20;

/// A name of which nothing else is known: there were too many.
const UNKNOWN: &[u8] = b"?";

/// A name, and whether it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NameId(u32);

impl NameId {
    pub(crate) const fn is_wanted(self) -> bool {
        self.0 & 1 != 0
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
    is_wanted: &'a (dyn Fn(&[u8]) -> bool + Sync),
}

impl<'a> NameTable<'a> {
    pub(crate) fn new(is_wanted: &'a (dyn Fn(&[u8]) -> bool + Sync)) -> Self {
        let shelves = (0..SHELVES).map(|_| Mutex::default()).collect();
        let table = Self { shelves, hasher: RandomState::new(), next: 0.into(), bytes: 0.into(), is_wanted };
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
        let id = NameId(number << 1 | u32::from(number > 0 && (self.is_wanted)(name)));
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
                if let Some(slot) = list.get_mut((id.0 >> 1) as usize) {
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
        self.0.get((id.0 >> 1) as usize).map_or(UNKNOWN, |name| name)
    }
}
