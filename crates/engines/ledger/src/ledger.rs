use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use palisade_attest::{Checkpoint, CheckpointVerifier, LogProof, SignedCheckpoint};
use palisade_model::Digest;
use palisade_sys::{FileErrorKind, Files};

use crate::merkle::{self, Subtree};
use crate::tiles::{Layer, WIDTH, split_bundle, tile_hashes, tile_path};
use crate::{LedgerEntry, LedgerError, leaf_hash, verify_inclusion};

const MAX_CHECKPOINT: u64 = 1 << 20;
const MAX_TILE: u64 = 32 * WIDTH;
const MAX_BUNDLE: u64 = (2 + 65_535) * WIDTH;

/// A log in a folder. Holds no state: each call reads what it needs, so that several processes can use one ledger.
#[derive(Clone)]
pub struct Ledger<'a> {
    pub(crate) files: &'a dyn Files,
    pub(crate) folder: PathBuf,
}

impl<'a> Ledger<'a> {
    /// The ledger in `folder`, which the first append creates.
    pub fn open(files: &'a dyn Files, folder: PathBuf) -> Self {
        Self { files, folder }
    }

    /// The current checkpoint, its signature not yet checked; none before the first append.
    pub fn checkpoint(&self) -> Result<Option<SignedCheckpoint>, LedgerError> {
        let path = self.checkpoint_path();
        match self.files.read(&path, MAX_CHECKPOINT) {
            Ok(bytes) => SignedCheckpoint::parse(&bytes)
                .map(Some)
                .map_err(|error| LedgerError::Checkpoint { path, reason: error.to_string() }),
            Err(error) if error.kind == FileErrorKind::Missing => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// That entry `index` is in the log of `size`: RFC 6962 section 2.1.1.
    pub fn prove_inclusion(&self, index: u64, size: u64) -> Result<Vec<Digest>, LedgerError> {
        let stored = self.stored_size(size)?;
        if index >= size {
            return Err(LedgerError::OutOfRange { asked: index, size });
        }
        self.range_roots(&merkle::inclusion_ranges(index, size), stored)
    }

    /// That the log of `new` extends the log of `old`: RFC 6962 section 2.1.2.
    pub fn prove_consistency(&self, old: u64, new: u64) -> Result<Vec<Digest>, LedgerError> {
        let stored = self.stored_size(new)?;
        if old > new {
            return Err(LedgerError::OutOfRange { asked: old, size: new });
        }
        self.range_roots(&merkle::consistency_ranges(old, new), stored)
    }

    /// An offline proof for entry `index` under the current checkpoint, with the entry itself as extra data.
    pub fn prove(&self, index: u64) -> Result<LogProof, LedgerError> {
        let checkpoint = self.existing_checkpoint()?;
        let size = checkpoint.claimed().size;
        let hashes = self.prove_inclusion(index, size)?;
        let mut entries = self.entries(index..index + 1)?;
        let entry = entries.next().ok_or(LedgerError::OutOfRange { asked: index, size })??;
        Ok(LogProof { extra: Some(entry.1.to_json()?), index, hashes, checkpoint })
    }

    /// The entries of `range` with their indexes, as far as the log goes. They are not checked against the checkpoint; that is
    /// [`Self::verify`].
    pub fn entries(&self, range: Range<u64>) -> Result<Entries<'a>, LedgerError> {
        let size = self.checkpoint()?.map_or(0, |signed| signed.claimed().size);
        Ok(Entries { ledger: self.clone(), next: range.start, end: range.end.min(size), size, loaded: None })
    }

    pub(crate) fn checkpoint_path(&self) -> PathBuf {
        self.folder.join("checkpoint")
    }

    pub(crate) fn existing_checkpoint(&self) -> Result<SignedCheckpoint, LedgerError> {
        self.checkpoint()?.ok_or_else(|| self.missing(0))
    }

    /// Why there is no checkpoint, when the newest one known from elsewhere has `known` entries.
    pub(crate) fn missing(&self, known: u64) -> LedgerError {
        match known {
            0 => LedgerError::Missing { path: self.checkpoint_path() },
            known => LedgerError::RolledBack { stored: 0, known },
        }
    }

    /// How many entries there are; at least `size`.
    fn stored_size(&self, size: u64) -> Result<u64, LedgerError> {
        let stored = self.checkpoint()?.map_or(0, |signed| signed.claimed().size);
        if size <= stored { Ok(stored) } else { Err(LedgerError::OutOfRange { asked: size, size: stored }) }
    }

    /// The hashes that the tile holds in a log of `size`; one too many or too few is damage.
    pub(crate) fn tile(&self, level: u32, number: u64, size: u64) -> Result<Vec<Digest>, LedgerError> {
        let width = width_of(size.checked_shr(8 * level).unwrap_or(0), number);
        let (path, bytes) = self.read_tile(Layer::Hashes(level), number, width, MAX_TILE)?;
        let mut hashes = tile_hashes(&bytes)
            .filter(|hashes| hashes.len() as u64 >= width)
            .ok_or_else(|| corrupt(&path, format!("expected {} bytes, found {}", width * 32, bytes.len())))?;
        hashes.truncate(usize::try_from(width).unwrap_or(usize::MAX));
        Ok(hashes)
    }

    /// The bundle's entries in a log of `size`, with the path for messages.
    pub(crate) fn bundle(&self, number: u64, size: u64) -> Result<(PathBuf, Vec<Vec<u8>>), LedgerError> {
        let width = width_of(size, number);
        let (path, bytes) = self.read_tile(Layer::Entries, number, width, MAX_BUNDLE)?;
        let mut entries =
            split_bundle(&bytes).ok_or_else(|| corrupt(&path, "the last entry is cut off".to_owned()))?;
        if (entries.len() as u64) < width {
            return Err(corrupt(&path, format!("expected {width} entries, found {}", entries.len())));
        }
        entries.truncate(usize::try_from(width).unwrap_or(usize::MAX));
        let owned = entries.into_iter().map(<[u8]>::to_vec).collect();
        Ok((path, owned))
    }

    /// Reads a tile, or the full one where its partial form is gone, as tlog-tiles allows.
    fn read_tile(
        &self,
        layer: Layer,
        number: u64,
        width: u64,
        limit: u64,
    ) -> Result<(PathBuf, Vec<u8>), LedgerError> {
        let path = self.folder.join(tile_path(layer, number, width));
        let full = self.folder.join(tile_path(layer, number, WIDTH));
        match self.files.read(&path, limit) {
            Err(error) if error.kind == FileErrorKind::Missing && path != full => {
                let bytes =
                    self.files.read(&full, limit).map_err(|_| corrupt(&path, "it is missing".to_owned()))?;
                Ok((full, bytes))
            }
            Err(error) => match error.kind {
                FileErrorKind::Missing => Err(corrupt(&path, "it is missing".to_owned())),
                FileErrorKind::TooLarge => Err(corrupt(&path, error.detail)),
                _ => Err(error.into()),
            },
            Ok(bytes) => {
                let exact = match layer {
                    Layer::Hashes(_) => bytes.len() as u64 == width * 32,
                    Layer::Entries => {
                        split_bundle(&bytes).is_none_or(|entries| entries.len() as u64 <= width)
                    }
                };
                if exact {
                    Ok((path, bytes))
                } else {
                    Err(corrupt(&path, format!("it does not hold exactly {width}")))
                }
            }
        }
    }

    /// The root of the first `size` entries according to the tiles of a log of `stored` entries.
    pub(crate) fn root_at(&self, size: u64, stored: u64) -> Result<Digest, LedgerError> {
        match size {
            0 => Ok(merkle::empty_root()),
            _ => self.range_roots(&[(0, size)], stored)?.pop().ok_or_else(|| self.lost_tile()),
        }
    }

    fn range_roots(&self, ranges: &[(u64, u64)], size: u64) -> Result<Vec<Digest>, LedgerError> {
        let mut tiles = BTreeMap::new();
        ranges.iter().map(|&(start, end)| self.range_root(start, end, size, &mut tiles)).collect()
    }

    fn range_root(
        &self,
        start: u64,
        end: u64,
        size: u64,
        tiles: &mut TileCache,
    ) -> Result<Digest, LedgerError> {
        let mut root: Option<Digest> = None;
        for subtree in merkle::subtrees(start, end).into_iter().rev() {
            let peak = self.subtree_root(subtree, size, tiles)?;
            root = Some(root.map_or(peak, |right| merkle::node_hash(&peak, &right)));
        }
        root.ok_or_else(|| self.lost_tile())
    }

    fn subtree_root(
        &self,
        subtree: Subtree,
        size: u64,
        tiles: &mut TileCache,
    ) -> Result<Digest, LedgerError> {
        let (level, height) = (subtree.level / 8, subtree.level % 8);
        let first = subtree.index << height;
        let key = (level, first / WIDTH);
        let tile = match tiles.entry(key) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(self.tile(level, first / WIDTH, size)?),
        };
        let start = usize::try_from(first % WIDTH).unwrap_or(usize::MAX);
        let hashes = tile.get(start..start.saturating_add(1 << height));
        hashes.and_then(merkle::perfect_root).ok_or_else(|| self.lost_tile())
    }

    /// Tiles are checked for their width when they are read, so this does not happen.
    fn lost_tile(&self) -> LedgerError {
        corrupt(&self.folder, "a tile is too short".to_owned())
    }
}

type TileCache = BTreeMap<(u32, u64), Vec<Digest>>;

/// How many of `count` things the tile `number` holds.
fn width_of(count: u64, number: u64) -> u64 {
    count.saturating_sub(number.saturating_mul(WIDTH)).min(WIDTH)
}

/// Refuses a log that is another one than `known` is of, or shorter.
pub(crate) fn refuse_other_size(current: &Checkpoint, known: &Checkpoint) -> Result<(), LedgerError> {
    if known.origin != current.origin {
        let (expected, found) = (known.origin.clone(), current.origin.clone());
        return Err(LedgerError::OtherLog { expected, found });
    }
    if known.size > current.size {
        return Err(LedgerError::RolledBack { stored: current.size, known: known.size });
    }
    Ok(())
}

pub(crate) fn corrupt(path: &Path, reason: String) -> LedgerError {
    LedgerError::Corrupt { path: path.to_owned(), reason }
}

impl fmt::Debug for Ledger<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Yields entries in order; reads one bundle at a time.
#[derive(Debug)]
pub struct Entries<'a> {
    ledger: Ledger<'a>,
    next: u64,
    end: u64,
    size: u64,
    loaded: Option<(u64, PathBuf, Vec<Vec<u8>>)>,
}

impl Entries<'_> {
    fn read(&mut self, index: u64) -> Result<LedgerEntry, LedgerError> {
        let number = index / WIDTH;
        if self.loaded.as_ref().is_none_or(|(loaded, ..)| *loaded != number) {
            let (path, entries) = self.ledger.bundle(number, self.size)?;
            self.loaded = Some((number, path, entries));
        }
        let Some((_, path, entries)) = &self.loaded else { return Err(self.ledger.lost_tile()) };
        let place = usize::try_from(index % WIDTH).unwrap_or(usize::MAX);
        let bytes = entries.get(place).ok_or_else(|| self.ledger.lost_tile())?;
        LedgerEntry::parse(bytes).map_err(|reason| corrupt(path, format!("entry {index}: {reason}")))
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<(u64, LedgerEntry), LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        let index = self.next;
        self.next += 1;
        Some(self.read(index).map(|entry| (index, entry)))
    }
}

/// The entry that `proof` proves, with the checkpoint that vouches for it. The reason is lower-case and has no final stop.
pub fn proven_entry<'a>(
    proof: &'a LogProof,
    verifier: &dyn CheckpointVerifier,
) -> Result<(LedgerEntry, &'a Checkpoint), String> {
    let checkpoint = verifier.verify_checkpoint(&proof.checkpoint).map_err(|error| error.to_string())?;
    let bytes = proof.extra.as_deref().ok_or("the log proof does not hold the entry")?;
    verify_inclusion(&leaf_hash(bytes), proof.index, checkpoint.size, &proof.hashes, &checkpoint.root)
        .map_err(|error| error.to_string())?;
    let entry = LedgerEntry::parse(bytes).map_err(|reason| format!("the log proof's entry is {reason}"))?;
    Ok((entry, checkpoint))
}
