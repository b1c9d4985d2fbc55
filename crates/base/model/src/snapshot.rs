use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Digest, EntryKind, RepoPath};

/// The name of a git commit: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(String);

impl CommitId {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits.
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }
}

impl FromStr for CommitId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if matches!(text.len(), 40 | 64) && text.bytes().all(lower_hex) {
            Ok(Self(text.to_owned()))
        } else {
            Err("not a commit name: expected 40 or 64 hexadecimal digits")
        }
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for CommitId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for CommitId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Where a snapshot's content comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Source {
    /// A git work tree.
    Git {
        /// The commit checked out; none before the first commit.
        commit: Option<CommitId>,
        /// The branch checked out; none when HEAD is detached.
        branch: Option<String>,
        /// The `origin` remote without user, password, query and fragment.
        remote: Option<String>,
    },
    /// A folder that is not under version control.
    Folder,
}

/// How far a change is trusted. Palisade decides it; nothing in the change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrustLevel {
    /// Run by hand on somebody's machine.
    Local,
}

/// One file of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SnapshotFile {
    /// Where it lies.
    pub path: RepoPath,
    /// What it is.
    pub kind: EntryKind,
    /// Its size in bytes.
    pub size: u64,
    /// The digest of its content.
    pub digest: Digest,
}

/// What the run works on: the commit's content plus, in a dirty tree, tracked edits and untracked files that are not ignored.
/// Scan, build and provenance read only this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The digest of the canonical JSON of its [`SnapshotFile`]s, sorted by path.
    pub tree: Digest,
    /// Number of files.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// Where it comes from.
    pub source: Source,
    /// Whether it differs from the commit.
    pub dirty: bool,
    /// How far it is trusted.
    pub trust: TrustLevel,
}

impl Snapshot {
    /// The commit, if there is one.
    pub fn commit(&self) -> Option<&CommitId> {
        match &self.source {
            Source::Git { commit, .. } => commit.as_ref(),
            Source::Folder => None,
        }
    }
}
