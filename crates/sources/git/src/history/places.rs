//! Paths of folders: how they nest, and which ones a tree stands in.

use std::collections::{BTreeSet, HashMap};

use palisade_model::RepoPath;

use super::names::{NameId, NameList};

/// Folders that one tree is said to stand in.
const MAX_FOLDERS: usize = 1000;

/// Folders of all paths together, and what is remembered of where trees stand.
const MAX_TOTAL: usize = 4_000_000;

/// Parts of a path.
const MAX_DEPTH: u32 = 1024;

/// Stands nowhere that is known.
const NOWHERE: u32 = u32::MAX;

/// Folders as parent and name. The first is the top.
pub(crate) struct Folders {
    list: Vec<(u32, NameId, u32)>,
    numbers: HashMap<(u32, NameId), u32>,
}

impl Default for Folders {
    fn default() -> Self {
        Self { list: vec![(NOWHERE, NameId::from_word(0), 0)], numbers: HashMap::new() }
    }
}

impl Folders {
    /// The number of the folder `name` in `parent`; none when there are too many, or it lies too deep.
    fn inside(&mut self, parent: u32, name: NameId) -> Option<u32> {
        if let Some(number) = self.numbers.get(&(parent, name)) {
            return Some(*number);
        }
        let depth = self.list.get(parent as usize)?.2 + 1;
        let number = u32::try_from(self.list.len()).ok()?;
        if self.list.len() >= MAX_TOTAL || depth > MAX_DEPTH {
            return None;
        }
        self.list.push((parent, name, depth));
        self.numbers.insert((parent, name), number);
        Some(number)
    }

    /// The path of `name` in `folder`.
    pub(crate) fn path(&self, folder: u32, name: NameId, names: &NameList) -> Option<RepoPath> {
        let mut parts = vec![shown(names.get(name))];
        let mut at = folder;
        while at != 0 {
            let (parent, name, _) = *self.list.get(at as usize)?;
            parts.push(shown(names.get(name)));
            at = parent;
        }
        parts.reverse();
        RepoPath::from_bytes(parts.join(&b'/')).ok()
    }
}

/// What git would never write as a name is written with `%` for each byte that makes it none.
fn shown(name: &[u8]) -> Vec<u8> {
    match name {
        b"" | b"." | b".." => vec![b'%'; name.len() + 1],
        _ => name.iter().map(|byte| if *byte == b'/' { b'%' } else { *byte }).collect(),
    }
}

/// Which folders each tree stands in: most often one.
pub(crate) struct Places {
    /// Nowhere, a folder, or, counted down from `NOWHERE`, one of `several`.
    one: Vec<u32>,
    several: Vec<(BTreeSet<u32>, bool)>,
    total: usize,
}

impl Places {
    pub(crate) fn new(objects: usize) -> Self {
        Self { one: vec![NOWHERE; objects], several: Vec::new(), total: 0 }
    }

    pub(crate) fn add_top(&mut self, tree: u32) {
        self.add(tree, Some(0));
    }

    /// Where `parent` stands, `child` stands in the folder `name` there.
    pub(crate) fn hand_down(&mut self, parent: u32, child: u32, name: NameId, folders: &mut Folders) {
        match self.get(parent) {
            Place::Nowhere => {}
            Place::One(folder) => {
                let inside = folders.inside(folder, name);
                self.add(child, inside);
            }
            Place::Several(at) => {
                let (list, more) = self.several.get(at).cloned().unwrap_or_default();
                for folder in list {
                    let inside = folders.inside(folder, name);
                    self.add(child, inside);
                }
                if more {
                    self.add(child, None);
                }
            }
        }
    }

    /// Adds the folders of `tree` to `folders`; whether there are more.
    pub(crate) fn collect(&self, tree: u32, folders: &mut BTreeSet<u32>) -> bool {
        match self.get(tree) {
            Place::Nowhere => false,
            Place::One(folder) => insert(folders, folder),
            Place::Several(at) => match self.several.get(at) {
                Some((list, more)) => {
                    list.iter().fold(*more, |more, folder| insert(folders, *folder) || more)
                }
                None => false,
            },
        }
    }

    fn get(&self, tree: u32) -> Place {
        match self.one.get(tree as usize).copied().unwrap_or(NOWHERE) {
            NOWHERE => Place::Nowhere,
            word if (word as usize) < MAX_TOTAL => Place::One(word),
            word => Place::Several((NOWHERE - 1 - word) as usize),
        }
    }

    /// None stands for folders that are not remembered.
    fn add(&mut self, tree: u32, folder: Option<u32>) {
        let at = match (self.get(tree), folder) {
            (Place::Nowhere, Some(folder)) => return self.set(tree, folder),
            (Place::One(old), Some(new)) if old == new => return,
            (Place::Several(at), _) => at,
            (Place::One(old), _) => self.spread(tree, Some(old)),
            (Place::Nowhere, None) => self.spread(tree, None),
        };
        if let Some((list, more)) = self.several.get_mut(at) {
            match folder {
                Some(folder) if self.total < MAX_TOTAL => {
                    self.total += 1;
                    *more |= insert(list, folder);
                }
                _ => *more = true,
            }
        }
    }

    fn spread(&mut self, tree: u32, old: Option<u32>) -> usize {
        let at = self.several.len();
        self.several.push((old.into_iter().collect(), false));
        self.set(tree, NOWHERE - 1 - u32::try_from(at).unwrap_or(0));
        at
    }

    fn set(&mut self, tree: u32, word: u32) {
        if let Some(slot) = self.one.get_mut(tree as usize) {
            *slot = word;
        }
    }
}

/// Inserts if there is room; whether there was none.
fn insert(folders: &mut BTreeSet<u32>, folder: u32) -> bool {
    if folders.len() < MAX_FOLDERS || folders.contains(&folder) {
        folders.insert(folder);
        return false;
    }
    true
}

enum Place {
    Nowhere,
    One(u32),
    Several(usize),
}
