//! The C2SP tlog-tiles layout: paths, bundles of entries, and the right edge of the tree.

use std::path::PathBuf;

use palisade_model::Digest;

use crate::merkle::{empty_root, node_hash, perfect_root};

/// Hashes in a full tile, entries in a full bundle.
pub(crate) const WIDTH: u64 = 256;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    /// The entries themselves.
    Entries,
    /// Hashes of perfect subtrees with 256^n leaves.
    Hashes(u32),
}

/// Where a tile or bundle lies below the ledger's folder. `width` is 1 to 256; below 256 it is partial.
pub(crate) fn tile_path(layer: Layer, number: u64, width: u64) -> PathBuf {
    let mut groups = vec![format!("{:03}", number % 1000)];
    let mut rest = number / 1000;
    while rest > 0 {
        groups.insert(0, format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    let mut path = PathBuf::from("tile");
    path.push(match layer {
        Layer::Entries => "entries".to_owned(),
        Layer::Hashes(level) => level.to_string(),
    });
    let mut name = groups.join("/");
    if width < WIDTH {
        name.push_str(&format!(".p/{width}"));
    }
    path.join(name)
}

/// The folder of a tile's partial forms.
pub(crate) fn partial_folder(layer: Layer, number: u64) -> Option<PathBuf> {
    tile_path(layer, number, 1).parent().map(PathBuf::from)
}

/// Adds an entry to a bundle. Entries are at most 65535 bytes long, which [`crate::LedgerEntry::to_json`] sees to.
pub(crate) fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) {
    let length = u16::try_from(entry.len()).unwrap_or(u16::MAX);
    bundle.extend(length.to_be_bytes());
    bundle.extend(entry);
}

/// The entries of a bundle; none when it is malformed.
pub(crate) fn split_bundle(mut bundle: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while !bundle.is_empty() {
        let (length, rest) = bundle.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry);
        bundle = rest;
    }
    Some(entries)
}

/// The bytes of a tile.
pub(crate) fn tile_bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// The hashes of a tile; none when its length is no multiple of 32.
pub(crate) fn tile_hashes(bytes: &[u8]) -> Option<Vec<Digest>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.iter().map(|hash| Digest::from_bytes(*hash)).collect())
}

/// A tile that became full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FullTile {
    pub(crate) level: u32,
    pub(crate) number: u64,
    pub(crate) hashes: Vec<Digest>,
}

/// The unfinished tile of each level: all that is needed to grow the tree and to know its root.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edge {
    levels: Vec<Vec<Digest>>,
    size: u64,
}

impl Edge {
    /// The edge of a tree of `size` from its unfinished tiles, level 0 first.
    pub(crate) fn new(size: u64, levels: Vec<Vec<Digest>>) -> Self {
        Self { levels, size }
    }

    /// How many unfinished tiles a tree of `size` may have.
    pub(crate) fn levels_of(size: u64) -> u32 {
        size.checked_ilog2().map_or(0, |log| log / 8 + 1)
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The unfinished tiles that are not empty: level, number, hashes.
    pub(crate) fn partial_tiles(&self) -> impl Iterator<Item = (u32, u64, &[Digest])> {
        let size = self.size;
        self.levels.iter().enumerate().filter(|(_, hashes)| !hashes.is_empty()).map(move |(level, hashes)| {
            let level = u32::try_from(level).unwrap_or(u32::MAX);
            (level, tile_number(level, size), hashes.as_slice())
        })
    }

    /// Adds a leaf; returns the tiles it filled, level 0 first.
    pub(crate) fn push(&mut self, leaf: Digest) -> Vec<FullTile> {
        let mut full = Vec::new();
        let mut carry = leaf;
        let mut level = 0;
        self.size += 1;
        loop {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let Some(tile) = self.levels.get_mut(level) else { return full };
            tile.push(carry);
            if (tile.len() as u64) < WIDTH {
                return full;
            }
            let hashes = std::mem::take(tile);
            let Some(root) = perfect_root(&hashes) else { return full };
            let depth = u32::try_from(level).unwrap_or(u32::MAX);
            // The tile just filled is the one before the number that the new size points at.
            full.push(FullTile { level: depth, number: tile_number(depth, self.size) - 1, hashes });
            carry = root;
            level += 1;
        }
    }

    /// The RFC 6962 root.
    pub(crate) fn root(&self) -> Digest {
        let mut root: Option<Digest> = None;
        // From the smallest perfect subtree on the right to the largest on the left.
        for tile in &self.levels {
            let mut end = tile.len();
            while end > 0 {
                let start = end & (end - 1);
                if let Some(peak) = tile.get(start..end).and_then(perfect_root) {
                    root = Some(root.map_or(peak, |right| node_hash(&peak, &right)));
                }
                end = start;
            }
        }
        root.unwrap_or_else(empty_root)
    }
}

/// The number of the unfinished tile on `level` in a tree of `size`.
fn tile_number(level: u32, size: u64) -> u64 {
    size.checked_shr(8 * (level + 1)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of C2SP tlog-tiles.
    #[test]
    fn paths_are_those_of_the_specification() {
        let path = |layer, number, width| tile_path(layer, number, width).to_str().unwrap().to_owned();
        assert_eq!(path(Layer::Hashes(0), 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(path(Layer::Hashes(1), 0, 17), "tile/1/000.p/17");
        assert_eq!(path(Layer::Entries, 273, 112), "tile/entries/273.p/112");
        assert_eq!(path(Layer::Entries, 1000, 256), "tile/entries/x001/000");
        assert_eq!(partial_folder(Layer::Entries, 1000).unwrap().to_str(), Some("tile/entries/x001/000.p"));
    }

    /// "A tree of size 70,000 will be represented by 273 full level 0 tiles, one partial level 0 tile of width 112, one full level 1
    /// tile, one partial level 1 tile of width 17, and one partial level 2 tile of width 1."
    #[test]
    fn a_tree_of_seventy_thousand_has_the_tiles_of_the_specification() {
        let mut edge = Edge::default();
        let full: Vec<FullTile> =
            (0..70_000_u64).flat_map(|leaf| edge.push(Digest::of(&leaf.to_be_bytes()))).collect();
        let of_level = |level| {
            full.iter().filter(|tile| tile.level == level).map(|tile| tile.number).collect::<Vec<_>>()
        };
        assert_eq!(of_level(0), (0..273).collect::<Vec<_>>());
        assert_eq!(of_level(1), [0]);
        let partial: Vec<_> =
            edge.partial_tiles().map(|(level, number, hashes)| (level, number, hashes.len())).collect();
        assert_eq!(partial, [(0, 273, 112), (1, 1, 17), (2, 0, 1)]);
    }

    #[test]
    fn malformed_bundles_are_refused() {
        let mut bundle = Vec::new();
        push_entry(&mut bundle, b"ab");
        push_entry(&mut bundle, b"");
        assert_eq!(split_bundle(&bundle).unwrap(), [b"ab".as_slice(), b""]);
        for cut in [1, 2, 3, 5] {
            assert_eq!(split_bundle(&bundle[..cut]), None, "{cut}");
        }
    }
}
