use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{CommitId, Fingerprint, GapKind, IgnoreEntry, Purl, RepoPath};

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

/// An organisation's dated decision to live with gaps of a kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tolerance {
    /// The engine whose gaps they are.
    pub engine: String,
    /// The kind.
    pub gap: GapKind,
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

/// What another tool found at a place and was told to ignore: an entry of `.gitleaksignore`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IgnoredPlace {
    /// The entry.
    pub entry: IgnoreEntry,
    /// The commit it was found in; any when none.
    pub commit: Option<CommitId>,
    /// The file.
    pub path: RepoPath,
    /// That tool's name of the rule, which may be ours too.
    pub rule: String,
    /// The line, from 1.
    pub line: u32,
}

/// A VEX statement that does not suppress, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VexNote {
    /// The file that it stands in.
    pub file: String,
    /// Its place in the file, from 1.
    pub statement: u32,
    /// The vulnerability that it names.
    pub vulnerability: String,
    /// What it says of it, as OpenVEX writes it.
    pub status: String,
    /// The package whose finding it does not suppress; none when it has to do with no finding at all.
    pub package: Option<Purl>,
    /// Why, lower-case, no final stop.
    pub reason: String,
}
