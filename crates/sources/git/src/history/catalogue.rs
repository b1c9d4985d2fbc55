//! All objects of a repository, numbered: those of the packs in the order in which they lie there, then those that are loose.

use std::fs::File;

use gix::ObjectId;
use rayon::prelude::*;

use super::entry::ObjectKind;
use super::forest::Forest;
use super::gap::HistoryGap;
use super::index::{Drawers, Names, compare};
use crate::ObjectName;

/// A pack that can be read.
pub(crate) struct Pack {
    pub(crate) file: File,
    pub(crate) forest: Forest,
    pub(crate) names: Names,
    /// The number of its first object.
    pub(crate) first: u32,
}

/// Objects that are files of their own.
pub(crate) struct Loose {
    pub(crate) names: Names,
    /// For each the number of the folder of objects that it is in.
    pub(crate) folders: Vec<u16>,
    pub(crate) repeated: Vec<bool>,
    pub(crate) first: u32,
}

/// Where an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// An entry of the pack of that number.
    Packed(usize, u32),
    /// The loose object at that position.
    Loose(u32),
}

pub(crate) struct Catalogue {
    pub(crate) hash_bytes: usize,
    pub(crate) packs: Vec<Pack>,
    pub(crate) loose: Loose,
    /// Numbers of all objects that are not repeated, by name. None when there is one pack and nothing else.
    merged: Option<(Vec<u32>, Drawers)>,
    /// What could not be read of the lists of objects.
    pub(crate) gaps: Vec<HistoryGap>,
}

impl Catalogue {
    /// Of packs and loose objects that are numbered already.
    pub(crate) fn new(hash_bytes: usize, packs: Vec<Pack>, loose: Loose, gaps: Vec<HistoryGap>) -> Self {
        let mut catalogue = Self { hash_bytes, packs, loose, merged: None, gaps };
        let sorted = catalogue.sorted();
        let mut unique: Vec<u32> = Vec::new();
        let mut last: &[u8] = &[];
        let mut repeated = Vec::new();
        for number in sorted {
            let name = catalogue.name_bytes(number);
            if compare(name, last).is_eq() {
                repeated.push(number);
            } else {
                last = name;
                unique.push(number);
            }
        }
        for number in &repeated {
            catalogue.mark_repeated(*number);
        }
        if catalogue.packs.len() != 1 || !catalogue.loose.folders.is_empty() {
            let drawers =
                Drawers::new(unique.len(), unique.iter().map(|number| catalogue.name_bytes(*number)));
            catalogue.merged = Some((unique, drawers));
        }
        catalogue.packs.par_iter_mut().for_each(|pack| pack.forest.plant());
        catalogue
    }

    /// One more than the largest number.
    pub(crate) fn len(&self) -> u32 {
        self.loose.first + self.loose_count()
    }

    pub(crate) fn loose_count(&self) -> u32 {
        u32::try_from(self.loose.folders.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn place(&self, number: u32) -> Place {
        if let Some(position) = number.checked_sub(self.loose.first) {
            return Place::Loose(position);
        }
        let pack = self.packs.partition_point(|pack| pack.first <= number).saturating_sub(1);
        let first = self.packs.get(pack).map_or(0, |pack| pack.first);
        Place::Packed(pack, number - first)
    }

    pub(crate) fn name_bytes(&self, number: u32) -> &[u8] {
        match self.place(number) {
            Place::Loose(position) => self.loose.names.get(position as usize),
            Place::Packed(pack, entry) => {
                self.packs.get(pack).map_or(&[], |pack| pack.names.get(pack.forest.name(entry)))
            }
        }
    }

    pub(crate) fn name(&self, number: u32) -> ObjectName {
        ObjectName::from_raw(self.name_bytes(number))
    }

    /// The kind, unless it takes reading the object to know it.
    pub(crate) fn kind(&self, number: u32) -> Option<ObjectKind> {
        match self.place(number) {
            Place::Packed(pack, entry) => self.packs.get(pack)?.forest.kind(entry),
            Place::Loose(_) => None,
        }
    }

    /// The number of the object of that name; of several, that which is not repeated.
    pub(crate) fn find(&self, name: &[u8]) -> Option<u32> {
        match &self.merged {
            Some((numbers, drawers)) => {
                let get = |at: usize| numbers.get(at).map_or(&[][..], |number| self.name_bytes(*number));
                numbers.get(drawers.find(name, get)?).copied()
            }
            None => {
                let pack = self.packs.first()?;
                pack.forest.entry(pack.names.find(name)?)
            }
        }
    }

    pub(crate) fn find_id(&self, id: &ObjectId) -> Option<u32> {
        self.find(id.as_bytes())
    }

    /// Where objects of that name are, except in `pack`.
    pub(crate) fn places(&self, name: &[u8], pack: Option<usize>) -> impl Iterator<Item = Place> {
        let in_pack = |number: usize| {
            let pack = self.packs.get(number)?;
            Some(Place::Packed(number, pack.forest.entry(pack.names.find(name)?)?))
        };
        let packed = (0..self.packs.len()).filter(move |number| Some(*number) != pack).filter_map(in_pack);
        let loose = self.loose.names.find(name).and_then(|position| u32::try_from(position).ok());
        packed.chain(loose.map(Place::Loose))
    }

    /// All numbers by name; of the same name, the smallest number first.
    fn sorted(&self) -> Vec<u32> {
        if let ([pack], true) = (self.packs.as_slice(), self.loose.folders.is_empty()) {
            let numbers = (0..pack.forest.len() as usize).filter_map(|position| pack.forest.entry(position));
            return numbers.collect();
        }
        let prefix = |number: u32| {
            self.name_bytes(number).first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes))
        };
        let mut all: Vec<(u64, u32)> =
            (0..self.len()).into_par_iter().map(|number| (prefix(number), number)).collect();
        all.par_sort_unstable_by(|(a_prefix, a), (b_prefix, b)| {
            let whole = || self.name_bytes(*a).cmp(self.name_bytes(*b));
            a_prefix.cmp(b_prefix).then_with(whole).then(a.cmp(b))
        });
        all.into_iter().map(|(_, number)| number).collect()
    }

    fn mark_repeated(&mut self, number: u32) {
        match self.place(number) {
            Place::Packed(pack, entry) => {
                if let Some(pack) = self.packs.get_mut(pack) {
                    pack.forest.mark_repeated(entry);
                }
            }
            Place::Loose(position) => {
                if let Some(repeated) = self.loose.repeated.get_mut(position as usize) {
                    *repeated = true;
                }
            }
        }
    }
}
