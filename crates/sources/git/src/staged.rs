use palisade_model::{EntryKind, RepoPath};

use crate::objects::{BlobId, Tracked};
use crate::{GitError, Repository};

/// A file of the index that the next commit would add or change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedFile {
    /// Where it lies.
    pub path: RepoPath,
    /// What it is.
    pub kind: EntryKind,
    /// Its content.
    pub id: BlobId,
    /// Size of its content in bytes.
    pub size: u64,
}

impl Repository {
    /// What the next commit would add or change, sorted by path. Submodules are left out: they bring no content.
    ///
    /// # Errors
    /// When the index, HEAD or an object is missing or damaged, or the index holds a conflict.
    pub fn staged(&self) -> Result<Vec<StagedFile>, GitError> {
        let index = self.read_index()?;
        if let Some(path) = index.unmerged {
            return Err(GitError::Unmerged { path });
        }
        let head = self.head_tree()?;
        let mut staged = Vec::new();
        for (path, tracked) in index.files {
            let Tracked::File { kind, id } = tracked else { continue };
            if head.get(&path) == Some(&tracked) || index.intended.contains(&path) {
                continue;
            }
            staged.push(StagedFile { path, kind, id: BlobId(id), size: self.blob_size(id)? });
        }
        Ok(staged)
    }
}
