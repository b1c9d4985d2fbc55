use std::path::Path;

use palisade_attest::{Checkpoint, CheckpointVerifier};
use palisade_model::Digest;

use crate::ledger::{Ledger, corrupt, refuse_other_size};
use crate::tiles::{Edge, FullTile, WIDTH, tile_path};
use crate::{LedgerEntry, LedgerError, leaf_hash, tiles::Layer};

/// A ledger that stood up to every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerReport {
    /// Its checkpoint, signed by a trusted key.
    pub checkpoint: Checkpoint,
    /// With how many known checkpoints it was compared.
    pub compared: usize,
    /// The size of the newest of them: entries before it cannot have been rewritten even by who holds the key.
    pub anchored: u64,
}

impl Ledger<'_> {
    /// Checks everything: the checkpoint's signature, each entry's form and hash, every tile it rests on, the root, and that the log extends each of
    /// the `known` checkpoints, which come from places that whoever may have rewritten the log could not reach. Returns the first
    /// difference it meets.
    pub fn verify(
        &self,
        verifier: &dyn CheckpointVerifier,
        known: &[Checkpoint],
    ) -> Result<LedgerReport, LedgerError> {
        let mut known: Vec<&Checkpoint> = known.iter().collect();
        known.sort_by_key(|checkpoint| checkpoint.size);
        let newest = known.last().map_or(0, |checkpoint| checkpoint.size);
        let Some(signed) = self.checkpoint()? else {
            return Err(self.missing(newest));
        };
        let stated = verifier.verify_checkpoint(&signed).map_err(|refused| LedgerError::Checkpoint {
            path: self.checkpoint_path(),
            reason: refused.to_string(),
        })?;
        known.iter().rev().try_for_each(|checkpoint| refuse_other_size(stated, checkpoint))?;
        let edge = self.replay(stated.size, &known)?;
        self.compare_partial_tiles(&edge)?;
        if edge.root() != stated.root {
            return Err(LedgerError::Root { size: stated.size });
        }
        Ok(LedgerReport { checkpoint: stated.clone(), compared: known.len(), anchored: newest })
    }

    /// Builds the tree from the entries alone and compares tiles and known checkpoints (oldest first) on the way.
    fn replay(&self, size: u64, known: &[&Checkpoint]) -> Result<Edge, LedgerError> {
        let mut edge = Edge::default();
        let mut agreed = 0;
        let mut known = known.iter().peekable();
        loop {
            while let Some(checkpoint) = known.next_if(|checkpoint| checkpoint.size == edge.size()) {
                if checkpoint.root != edge.root() {
                    return Err(LedgerError::Rewritten { from: agreed, to: checkpoint.size });
                }
                agreed = checkpoint.size;
            }
            if edge.size() == size {
                return Ok(edge);
            }
            // Stops at the next known checkpoint, or at the end of the bundle.
            let next = known.peek().map_or(size, |checkpoint| checkpoint.size);
            self.replay_until(&mut edge, size, next)?;
        }
    }

    fn replay_until(&self, edge: &mut Edge, size: u64, end: u64) -> Result<(), LedgerError> {
        while edge.size() < end {
            let number = edge.size() / WIDTH;
            let (path, entries) = self.bundle(number, size)?;
            let leaves = self.tile(0, number, size)?;
            let start = edge.size();
            for (index, (entry, leaf)) in (number * WIDTH..).zip(entries.iter().zip(&leaves)) {
                if index < start || index >= end {
                    continue;
                }
                self.replay_entry(edge, &path, index, entry, leaf)?;
            }
        }
        Ok(())
    }

    fn replay_entry(
        &self,
        edge: &mut Edge,
        path: &Path,
        index: u64,
        entry: &[u8],
        leaf: &Digest,
    ) -> Result<(), LedgerError> {
        if leaf_hash(entry) != *leaf {
            return Err(LedgerError::EntryChanged { index, path: path.to_owned() });
        }
        LedgerEntry::parse(entry).map_err(|reason| corrupt(path, format!("entry {index}: {reason}")))?;
        for FullTile { level, number, hashes } in edge.push(*leaf) {
            self.compare_tile(level, number, &hashes, edge.size())?;
        }
        Ok(())
    }

    fn compare_partial_tiles(&self, edge: &Edge) -> Result<(), LedgerError> {
        for (level, number, hashes) in edge.partial_tiles() {
            self.compare_tile(level, number, hashes, edge.size())?;
        }
        Ok(())
    }

    fn compare_tile(&self, level: u32, number: u64, hashes: &[Digest], size: u64) -> Result<(), LedgerError> {
        if self.tile(level, number, size)? == hashes {
            return Ok(());
        }
        let path = self.folder.join(tile_path(Layer::Hashes(level), number, hashes.len() as u64));
        Err(corrupt(&path, "its hashes are not those of the entries".to_owned()))
    }
}
