use std::path::Path;

use palisade_attest::{Checkpoint, CheckpointSigner, SignedCheckpoint};
use palisade_model::Digest;
use palisade_sys::{FileErrorKind, Mode, Random};

use crate::ledger::{Ledger, corrupt, refuse_other_size};
use crate::tiles::{Edge, FullTile, Layer, WIDTH, partial_folder, push_entry, tile_bytes, tile_path};
use crate::{LedgerEntry, LedgerError, leaf_hash};

/// Entries that are in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The index of the first of them.
    pub first_index: u64,
    /// The checkpoint that covers them.
    pub checkpoint: SignedCheckpoint,
}

/// A log that is about to grow: the right edge of the tree and the unfinished bundle of entries.
struct Growth {
    edge: Edge,
    bundle: Vec<u8>,
    filled: Vec<(Layer, u64)>,
}

impl Ledger<'_> {
    /// Adds `entries` and signs the new checkpoint. Waits for other processes that append.
    ///
    /// The first append makes the log, under an origin that `random` makes unique: a log that is removed and begun again is another
    /// one, whatever it tells.
    ///
    /// `known` is the newest checkpoint the caller remembers from elsewhere: a log that contradicts it is not continued, and neither
    /// is one whose right edge does not fit its checkpoint. Entries and tiles are written first and the checkpoint last; until then
    /// readers see the old log, and what a crash leaves beyond it is overwritten by the next append.
    pub fn append(
        &self,
        entries: &[LedgerEntry],
        signer: &dyn CheckpointSigner,
        random: &dyn Random,
        known: Option<&Checkpoint>,
    ) -> Result<Appended, LedgerError> {
        let encoded = entries.iter().map(LedgerEntry::to_json).collect::<Result<Vec<_>, _>>()?;
        self.files.create_folder(&self.folder, Mode::Shared)?;
        let _lock = self.files.lock(&self.folder.join("lock"))?;
        let current = match (self.own_checkpoint(signer)?, known) {
            (Some(current), _) => current,
            // Nothing is signed in the place of a log that was there.
            (None, Some(known)) => return Err(self.missing(known.size)),
            (None, None) => self.begin(signer, random)?,
        };
        if let Some(known) = known {
            self.refuse_contradiction(&current, known)?;
        }
        let mut growth = self.growth(&current)?;
        for entry in &encoded {
            self.grow(&mut growth, entry)?;
        }
        self.write_partial(&growth, current.size)?;
        let grown = Checkpoint::new(current.origin, growth.edge.size(), growth.edge.root());
        let signed = signer.sign_checkpoint(&grown)?;
        self.publish(&signed)?;
        self.drop_partial(&growth.filled);
        Ok(Appended { first_index: current.size, checkpoint: signed })
    }

    fn own_checkpoint(&self, signer: &dyn CheckpointSigner) -> Result<Option<Checkpoint>, LedgerError> {
        let Some(signed) = self.checkpoint()? else { return Ok(None) };
        let own = signer.verify_checkpoint(&signed).cloned().map_err(|refused| LedgerError::Checkpoint {
            path: self.checkpoint_path(),
            reason: refused.to_string(),
        })?;
        Ok(Some(own))
    }

    /// Signs the empty log before anything is in it, so that tiles without a checkpoint are always damage and never a new beginning.
    fn begin(&self, signer: &dyn CheckpointSigner, random: &dyn Random) -> Result<Checkpoint, LedgerError> {
        match self.files.list(&self.folder.join("tile")) {
            Err(error) if error.kind == FileErrorKind::Missing => {}
            Err(error) => return Err(error.into()),
            Ok(_) => {
                let reason = "it is missing, and there are entries".to_owned();
                return Err(LedgerError::Checkpoint { path: self.checkpoint_path(), reason });
            }
        }
        let mut id = [0; 16];
        random.fill(&mut id).map_err(|_| LedgerError::Random)?;
        let empty = Checkpoint::new(signer.key_name().origin(id), 0, crate::empty_root());
        self.publish(&signer.sign_checkpoint(&empty)?)?;
        Ok(empty)
    }

    fn publish(&self, signed: &SignedCheckpoint) -> Result<(), LedgerError> {
        Ok(self.files.write(&self.checkpoint_path(), signed.to_string().as_bytes(), Mode::Shared)?)
    }

    fn refuse_contradiction(&self, current: &Checkpoint, known: &Checkpoint) -> Result<(), LedgerError> {
        refuse_other_size(current, known)?;
        if self.root_at(known.size, current.size)? != known.root {
            return Err(LedgerError::Rewritten { from: 0, to: known.size });
        }
        Ok(())
    }

    /// Reads what is needed to continue, and refuses what does not fit the checkpoint.
    fn growth(&self, current: &Checkpoint) -> Result<Growth, LedgerError> {
        let size = current.size;
        let unfinished = |level: u32| {
            let count = size.checked_shr(8 * level).unwrap_or(0);
            if count.is_multiple_of(WIDTH) { Ok(Vec::new()) } else { self.tile(level, count / WIDTH, size) }
        };
        let levels = (0..Edge::levels_of(size)).map(unfinished).collect::<Result<Vec<_>, _>>()?;
        let leaves = levels.first().cloned().unwrap_or_default();
        let edge = Edge::new(size, levels);
        if edge.root() != current.root {
            return Err(LedgerError::Root { size });
        }
        let bundle = self.unfinished_bundle(size, &leaves)?;
        Ok(Growth { edge, bundle, filled: Vec::new() })
    }

    fn unfinished_bundle(&self, size: u64, leaves: &[Digest]) -> Result<Vec<u8>, LedgerError> {
        let mut bytes = Vec::new();
        if leaves.is_empty() {
            return Ok(bytes);
        }
        let (path, entries) = self.bundle(size / WIDTH, size)?;
        for ((entry, leaf), index) in entries.iter().zip(leaves).zip(size - size % WIDTH..) {
            if leaf_hash(entry) != *leaf {
                return Err(LedgerError::EntryChanged { index, path });
            }
            push_entry(&mut bytes, entry);
        }
        Ok(bytes)
    }

    fn grow(&self, growth: &mut Growth, entry: &[u8]) -> Result<(), LedgerError> {
        push_entry(&mut growth.bundle, entry);
        for FullTile { level, number, hashes } in growth.edge.push(leaf_hash(entry)) {
            if level == 0 {
                self.write_tile(Layer::Entries, number, WIDTH, &std::mem::take(&mut growth.bundle))?;
                growth.filled.push((Layer::Entries, number));
            }
            self.write_tile(Layer::Hashes(level), number, WIDTH, &tile_bytes(&hashes))?;
            growth.filled.push((Layer::Hashes(level), number));
        }
        Ok(())
    }

    /// Writes the unfinished tiles that a log of `before` entries did not have.
    fn write_partial(&self, growth: &Growth, before: u64) -> Result<(), LedgerError> {
        for (level, number, hashes) in growth.edge.partial_tiles() {
            let width = hashes.len() as u64;
            if before.checked_shr(8 * level).unwrap_or(0) == number * WIDTH + width {
                continue;
            }
            if level == 0 {
                self.write_tile(Layer::Entries, number, width, &growth.bundle)?;
            }
            self.write_tile(Layer::Hashes(level), number, width, &tile_bytes(hashes))?;
        }
        Ok(())
    }

    fn write_tile(&self, layer: Layer, number: u64, width: u64, bytes: &[u8]) -> Result<(), LedgerError> {
        let path = self.folder.join(tile_path(layer, number, width));
        let parent: &Path = path.parent().ok_or_else(|| corrupt(&path, "it has no folder".to_owned()))?;
        self.files.create_folder(parent, Mode::Shared)?;
        Ok(self.files.write(&path, bytes, Mode::Shared)?)
    }

    /// Removes the partial forms of tiles that are full now, as tlog-tiles allows. They only cost space, so failing to is no failure.
    fn drop_partial(&self, filled: &[(Layer, u64)]) {
        for folder in filled.iter().filter_map(|(layer, number)| partial_folder(*layer, *number)) {
            let _ = self.files.remove(&self.folder.join(folder));
        }
    }
}
