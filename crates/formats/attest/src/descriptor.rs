use std::collections::BTreeMap;

use palisade_model::{CommitId, Digest};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A thing named by digest, URI or both: in-toto attestation v1, "ResourceDescriptor". Fields we do not write are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceDescriptor {
    /// For people and for telling descriptors of one list apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Algorithm name to lower-case hexadecimal digits, such as `sha256` or `gitCommit`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub digest: BTreeMap<String, String>,
    /// Whatever else is known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, Value>,
}

impl ResourceDescriptor {
    /// A thing with a name and a SHA-256 digest.
    pub fn named(name: impl Into<String>, digest: &Digest) -> Self {
        Self { name: Some(name.into()), digest: sha256(digest), ..Self::default() }
    }

    /// A thing with a URI and a SHA-256 digest.
    pub fn located(uri: impl Into<String>, digest: &Digest) -> Self {
        Self { uri: Some(uri.into()), digest: sha256(digest), ..Self::default() }
    }

    /// A git commit of the repository at `uri`.
    pub fn commit(uri: impl Into<String>, commit: &CommitId) -> Self {
        let digest = BTreeMap::from([("gitCommit".to_owned(), commit.as_str().to_owned())]);
        Self { uri: Some(uri.into()), digest, ..Self::default() }
    }

    /// Its SHA-256 digest, if it has a well-formed one.
    pub fn sha256(&self) -> Option<Digest> {
        Digest::from_hex(self.digest.get("sha256")?).ok()
    }

    /// The git commit it names, if it names one.
    pub fn git_commit(&self) -> Option<CommitId> {
        self.digest.get("gitCommit")?.parse().ok()
    }
}

fn sha256(digest: &Digest) -> BTreeMap<String, String> {
    BTreeMap::from([("sha256".to_owned(), digest.hex())])
}
