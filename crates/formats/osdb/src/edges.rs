use std::collections::BTreeMap;

use palisade_model::{Package, Reading};

/// Names that one package may ask for or bring; what is beyond is left out of the graph, never out of the packages.
const MAX_NAMES: usize = 10_000;

/// What the packages of one database bring and ask for, until all of them are known.
#[derive(Debug, Default)]
pub(crate) struct Edges {
    brought: BTreeMap<String, u32>,
    /// For each package its wishes, each a list of names of which any will do.
    wanted: Vec<Vec<Vec<String>>>,
}

impl Edges {
    /// Adds the package with the next index. The first package of a name counts.
    pub(crate) fn add(&mut self, brings: impl IntoIterator<Item = String>, wants: Vec<Vec<String>>) {
        let index = u32::try_from(self.wanted.len()).unwrap_or(u32::MAX);
        for name in brings.into_iter().take(MAX_NAMES) {
            self.brought.entry(name).or_insert(index);
        }
        self.wanted.push(wants.into_iter().take(MAX_NAMES).collect());
    }

    /// Writes the edges into `reading`, whose packages must be those that were added, in the same order.
    pub(crate) fn settle(self, reading: &mut Reading) {
        for (package, wants) in (0_u32..).zip(&self.wanted) {
            let needed = wants.iter().flat_map(|any| any.iter().filter_map(|name| self.brought.get(name)));
            let mut needed: Vec<u32> = needed.copied().filter(|index| *index != package).collect();
            needed.sort_unstable();
            needed.dedup();
            if let Some(Package { dependencies, .. }) = reading.packages.get_mut(package as usize) {
                *dependencies = needed;
            }
        }
    }
}
