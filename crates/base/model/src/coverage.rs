use std::fmt;

use serde::{Deserialize, Serialize};

use crate::RepoPath;

/// Why something was not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// Could not be read.
    Unreadable,
    /// Claims a format and is not of it.
    ParseFailed,
    /// A limit of size, depth, expansion or work was hit.
    BudgetHit,
    /// The engine failed on it.
    EngineCrashed,
    /// Data that the engine needs is missing or stale.
    DataMissing,
    /// A format we recognise and do not read.
    FormatUnsupported,
    /// Not looked at for a reason that takes nothing from the answer, such as a submodule that is a repository of its own.
    Noted,
}

impl GapKind {
    /// Whether the gap forbids calling the result clean.
    pub const fn is_blocking(self) -> bool {
        !matches!(self, Self::Noted)
    }

    /// The kebab-case name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::ParseFailed => "parse-failed",
            Self::BudgetHit => "budget-hit",
            Self::EngineCrashed => "engine-crashed",
            Self::DataMissing => "data-missing",
            Self::FormatUnsupported => "format-unsupported",
            Self::Noted => "noted",
        }
    }
}

impl fmt::Display for GapKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One thing that was not looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// The entry, or none for the whole source.
    pub path: Option<RepoPath>,
    /// Why.
    pub kind: GapKind,
    /// Whether it forbids calling the result clean; always `kind.is_blocking()`, written out for policies.
    pub blocking: bool,
    /// What happened and what mends it, lower-case, no final stop.
    pub detail: String,
}

impl Gap {
    /// A gap at `path`.
    pub fn new(path: Option<RepoPath>, kind: GapKind, detail: impl Into<String>) -> Self {
        Self { path, kind, blocking: kind.is_blocking(), detail: detail.into() }
    }
}

/// What one engine did with everything it was offered: each entry is looked at, not applicable, or a gap.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Entries looked at.
    pub looked_at: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// Entries that the engine has nothing to say about.
    pub not_applicable: u64,
    /// Everything else, sorted.
    pub gaps: Vec<Gap>,
}

impl Coverage {
    /// The gaps that forbid calling the result clean.
    pub fn blocking_gaps(&self) -> impl Iterator<Item = &Gap> {
        self.gaps.iter().filter(|gap| gap.blocking)
    }
}
