use std::collections::BTreeMap;
use std::fmt;

use gix::ObjectId;
use gix::objs::{CommitRefIter, Kind, TagRefIter, TreeRefIter, compute_hash, tree};
use gix::revision::plumbing::Spec;
use palisade_model::{EntryKind, RepoPath};

use crate::{GitError, Repository};

/// Bytes of one commit, tag or tree.
const MAX_STRUCTURE_BYTES: u64 = 256 << 20;

/// Entries of one tree with all that is below it: a tree of a few objects can name the same subtree again and again.
pub(crate) const MAX_TREE_ENTRIES: usize = 5_000_000;

/// Parts of a path.
pub(crate) const MAX_DEPTH: usize = 256;

/// Tags that point to tags.
const MAX_TAG_CHAIN: usize = 16;

/// Bytes of a file that [`Repository::file_at`] gives out.
const MAX_FILE_AT_BYTES: u64 = 64 << 20;

/// The name of a blob in the object database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(pub(crate) ObjectId);

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What a tree or the index says lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tracked {
    File { kind: EntryKind, id: ObjectId },
    Submodule { id: ObjectId },
}

impl Tracked {
    /// None for a tree.
    pub(crate) fn new(mode: tree::EntryMode, id: ObjectId) -> Option<Self> {
        match mode.kind() {
            tree::EntryKind::Tree => None,
            tree::EntryKind::Blob => Some(Self::File { kind: EntryKind::File, id }),
            tree::EntryKind::BlobExecutable => Some(Self::File { kind: EntryKind::Executable, id }),
            tree::EntryKind::Link => Some(Self::File { kind: EntryKind::Symlink, id }),
            tree::EntryKind::Commit => Some(Self::Submodule { id }),
        }
    }
}

/// All entries of a commit's tree by path.
pub(crate) type Tree = BTreeMap<RepoPath, Tracked>;

impl Repository {
    /// The content of a blob, checked against its name.
    ///
    /// # Errors
    /// When it is missing, damaged, no blob, or has more than `max_bytes`.
    pub fn blob(&self, id: BlobId, max_bytes: u64) -> Result<Vec<u8>, GitError> {
        self.object(id.0, Kind::Blob, max_bytes)
    }

    /// The content of the file or symbolic link `path` in the tree of `rev`; none when there is no such file.
    ///
    /// # Errors
    /// When `rev` names no tree, an object is missing or damaged, or the file has more than 64 MiB.
    pub fn file_at(&self, rev: &str, path: &RepoPath) -> Result<Option<Vec<u8>>, GitError> {
        let mut tree = self.tree_of(rev)?;
        let mut parts = path.as_bytes().split(|byte| *byte == b'/').peekable();
        while let Some(part) = parts.next() {
            let data = self.object(tree, Kind::Tree, MAX_STRUCTURE_BYTES)?;
            let entries = TreeRefIter::from_bytes(&data, tree.kind()).filter_map(Result::ok);
            let Some(entry) = entries.into_iter().find(|entry| entry.filename == part) else {
                return Ok(None);
            };
            let id = entry.oid.to_owned();
            match (Tracked::new(entry.mode, id), parts.peek()) {
                (None, Some(_)) => tree = id,
                (Some(Tracked::File { .. }), None) => {
                    return self.blob(BlobId(id), MAX_FILE_AT_BYTES).map(Some);
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Size of a blob in bytes.
    pub(crate) fn blob_size(&self, id: ObjectId) -> Result<u64, GitError> {
        let header = self.inner.find_header(id);
        Ok(header.map_err(|error| GitError::damaged(format!("object {id}"), error.error()))?.size())
    }

    /// Everything in the tree of HEAD; nothing before the first commit.
    pub(crate) fn head_tree(&self) -> Result<Tree, GitError> {
        self.head_id().map_or_else(|| Ok(Tree::new()), |id| self.flatten(self.peel_to_tree(id)?))
    }

    /// The name of the tree that `rev` leads to.
    pub(crate) fn tree_of(&self, rev: &str) -> Result<ObjectId, GitError> {
        let refused = |detail| GitError::Revision { rev: rev.to_owned(), detail };
        let named = match self.references.parse(&self.inner, rev) {
            Ok(Spec::Include(id)) => id,
            _ => return Err(refused("it names nothing that is here".to_owned())),
        };
        match self.peel_to_tree(named) {
            Err(GitError::Damaged { detail, .. }) => Err(refused(detail)),
            peeled => peeled,
        }
    }

    /// Everything in a tree and its subtrees.
    pub(crate) fn flatten(&self, root: ObjectId) -> Result<Tree, GitError> {
        let mut all = Tree::new();
        let mut pending = vec![(Vec::new(), root, 1)];
        let mut entries = 0;
        while let Some((prefix, id, depth)) = pending.pop() {
            let data = self.object(id, Kind::Tree, MAX_STRUCTURE_BYTES)?;
            for entry in TreeRefIter::from_bytes(&data, id.kind()) {
                let entry = entry.map_err(|error| GitError::damaged(format!("tree {id}"), error.error()))?;
                entries += 1;
                if entries > MAX_TREE_ENTRIES || depth > MAX_DEPTH {
                    return Err(too_large(format!("tree {root}"), "5 million entries, 256 levels"));
                }
                let path = [prefix.as_slice(), entry.filename].concat();
                match Tracked::new(entry.mode, entry.oid.to_owned()) {
                    None => {
                        pending.push(([&path, b"/".as_slice()].concat(), entry.oid.to_owned(), depth + 1))
                    }
                    Some(tracked) => {
                        let path = checked_path(path, entry.filename.contains(&b'/'))?;
                        all.insert(path, tracked);
                    }
                }
            }
        }
        Ok(all)
    }

    fn peel_to_tree(&self, mut id: ObjectId) -> Result<ObjectId, GitError> {
        for _ in 0..MAX_TAG_CHAIN {
            let what = format!("object {id}");
            let header =
                self.inner.find_header(id).map_err(|error| GitError::damaged(&what, error.error()))?;
            let next = match header.kind() {
                Kind::Tree => return Ok(id),
                Kind::Blob => {
                    return Err(GitError::Damaged { what, detail: "a file, not a commit".to_owned() });
                }
                Kind::Commit => {
                    let data = self.object(id, Kind::Commit, MAX_STRUCTURE_BYTES)?;
                    return CommitRefIter::from_bytes(&data, id.kind())
                        .tree_id()
                        .map_err(|error| GitError::damaged(what, error.error()));
                }
                Kind::Tag => {
                    let data = self.object(id, Kind::Tag, MAX_STRUCTURE_BYTES)?;
                    TagRefIter::from_bytes(&data, id.kind()).target_id()
                }
            };
            id = next.map_err(|error| GitError::damaged(what, error.error()))?;
        }
        Err(too_large(format!("tag chain at {id}"), "16 tags"))
    }

    /// An object whose content has the digest that its name says: the database is part of what is judged.
    pub(crate) fn object(&self, id: ObjectId, kind: Kind, max_bytes: u64) -> Result<Vec<u8>, GitError> {
        let what = || format!("object {id}");
        let damaged = |detail: &str| GitError::Damaged { what: what(), detail: detail.to_owned() };
        let size = self.blob_size(id)?;
        if size > max_bytes {
            return Err(too_large(format!("{} of {size} bytes", what()), &format!("{max_bytes} bytes")));
        }
        let object = self.inner.find_object(id).map_err(|error| GitError::damaged(what(), error.error()))?;
        if object.kind != kind {
            return Err(damaged(&format!("a {} where a {kind} is expected", object.kind)));
        }
        let actual = compute_hash(id.kind(), kind, &object.data)
            .map_err(|error| GitError::damaged(what(), error.error()))?;
        if actual != id {
            return Err(damaged("its content does not have that name"));
        }
        Ok(object.detach().data)
    }
}

/// `path` if git could have written it: a part called `.git` would reach into the repository itself.
pub(crate) fn checked_path(path: Vec<u8>, slash_in_name: bool) -> Result<RepoPath, GitError> {
    let reaches_git = path.split(|byte| *byte == b'/').any(|part| part.eq_ignore_ascii_case(b".git"));
    let shown = String::from_utf8_lossy(&path).escape_default().to_string();
    match RepoPath::from_bytes(path) {
        Ok(path) if !reaches_git && !slash_in_name => Ok(path),
        _ => Err(GitError::Damaged {
            what: format!("the path `{shown}`"),
            detail: "no path that git allows".to_owned(),
        }),
    }
}

pub(crate) fn too_large(what: String, limit: &str) -> GitError {
    GitError::TooLarge { what, limit: limit.to_owned() }
}
