use std::collections::BTreeMap;

use palisade_model::{Ecosystem, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ecosystem::{asked, stands_for};

/// Where records come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedSource {
    /// Its name, unique in a database: `osv/npm`, `rustsec`.
    pub name: String,
    /// Its address, or the label of a folder; without credentials.
    pub source: String,
    /// Ecosystems, without suffix, that it is meant to cover. What it says of others is matched, but finding nothing there means
    /// nothing.
    pub ecosystems: Vec<String>,
    /// When it was taken.
    pub taken: Timestamp,
    /// How many of its records could not be read: finding nothing in it does not mean everything then.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unread: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What a database knows of one of its feeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedFacts {
    /// Where it comes from.
    #[serde(flatten)]
    pub feed: FeedSource,
    /// Its records.
    pub records: u64,
    /// The newest change of a record, if any tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<Timestamp>,
    /// Affected packages by ecosystem, with its suffix, of those that it is meant to cover.
    pub packages: BTreeMap<String, u64>,
}

impl FeedFacts {
    /// Whether finding nothing in it means something for packages of `ecosystem`: it is meant to cover it, and has records of it; for
    /// a distribution, of that release. `Debian` does not cover `Debian:12`.
    pub fn covers(&self, ecosystem: &Ecosystem) -> bool {
        let known = self.packages.keys().map(String::as_str).collect();
        asked(ecosystem.as_str(), &known).iter().any(|name| stands_for(name, ecosystem.as_str()))
    }
}

/// The section of feeds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Facts {
    pub(super) feeds: Vec<FeedFacts>,
    pub(super) kev: Option<TableFacts>,
    pub(super) epss: Option<TableFacts>,
}

/// What a database knows of its catalogue of exploited vulnerabilities, or of its scores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFacts {
    /// The version of the catalogue, or of the model.
    pub version: String,
    /// Its own time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// Its rows.
    pub rows: u64,
}
