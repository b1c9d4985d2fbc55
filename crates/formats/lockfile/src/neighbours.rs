//! Which records of a project lie where.

use std::collections::BTreeMap;

use crate::record::Record;

/// Some of a project's records by the tree and the folder that they lie in.
pub(crate) struct Neighbours {
    places: BTreeMap<(String, String), Vec<usize>>,
}

impl Neighbours {
    /// The records that `folder` gives a folder for.
    pub(crate) fn new(records: &[Record], folder: impl Fn(&Record) -> Option<String>) -> Self {
        let mut places: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (index, record) in records.iter().enumerate() {
            if let Some(folder) = folder(record) {
                places.entry((record.tree(), folder)).or_default().push(index);
            }
        }
        Self { places }
    }

    /// Those of one format, by their own folders.
    pub(crate) fn of_format(records: &[Record], name: &str) -> Self {
        Self::new(records, |record| (record.format.name() == name).then(|| record.folder()))
    }

    /// All of them, in the order of their places.
    pub(crate) fn all(&self) -> Vec<usize> {
        self.places.values().flatten().copied().collect()
    }

    /// Those in a folder.
    pub(crate) fn inside(&self, tree: &str, folder: &str) -> &[usize] {
        self.places.get(&(tree.to_owned(), folder.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// Those in a folder and in all folders above it, nearest first, each with the way down from there.
    pub(crate) fn above<'f>(&self, tree: &str, folder: &'f str) -> Vec<(usize, &'f str)> {
        let mut found = Vec::new();
        let mut above = folder;
        loop {
            let way = folder.get(above.len()..).unwrap_or_default().trim_start_matches('/');
            found.extend(self.inside(tree, above).iter().map(|index| (*index, way)));
            if above.is_empty() {
                return found;
            }
            above = above.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }
}
