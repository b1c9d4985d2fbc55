use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Fingerprint;

/// A dated decision to accept a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Waiver {
    /// The finding.
    pub fingerprint: Fingerprint,
    /// Why it is accepted.
    pub reason: String,
    /// The last day it holds, `YYYY-MM-DD` in UTC.
    pub until: jiff::civil::Date,
    /// Who answers for it.
    pub owner: Option<String>,
}

/// The findings that were there when Palisade was introduced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// Their fingerprints.
    pub fingerprints: BTreeSet<Fingerprint>,
}
