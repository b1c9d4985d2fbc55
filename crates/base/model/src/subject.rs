use serde::{Deserialize, Serialize};

use crate::Digest;

/// What a statement speaks of: a name for people and a digest that decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// File name or reference.
    pub name: String,
    /// Digest of the content.
    pub digest: Digest,
}
