use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{RepoPath, Tolerance};

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
    /// Every value.
    pub const ALL: &[Self] = &[
        Self::Unreadable,
        Self::ParseFailed,
        Self::BudgetHit,
        Self::EngineCrashed,
        Self::DataMissing,
        Self::FormatUnsupported,
        Self::Noted,
    ];

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
    /// Whether it forbids calling the result clean: `kind.is_blocking()`, unless the organisation tolerates it.
    pub blocking: bool,
    /// What happened and what mends it, lower-case, no final stop.
    pub detail: String,
    /// Until when and why the organisation tolerates it, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerated: Option<String>,
}

impl Gap {
    /// A gap at `path`.
    pub fn new(path: Option<RepoPath>, kind: GapKind, detail: impl Into<String>) -> Self {
        Self { path, kind, blocking: kind.is_blocking(), detail: detail.into(), tolerated: None }
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
    /// Takes from gaps what `tolerances` let pass for the engine of this name on the day `today`. Such gaps stay in the result.
    pub fn tolerate(&mut self, engine: &str, tolerances: &[Tolerance], today: jiff::civil::Date) {
        let holds = |tolerance: &&Tolerance| tolerance.engine == engine && tolerance.until >= today;
        for gap in self.gaps.iter_mut().filter(|gap| gap.blocking) {
            let tolerance = tolerances.iter().filter(holds).find(|tolerance| tolerance.gap == gap.kind);
            if let Some(tolerance) = tolerance {
                gap.blocking = false;
                gap.tolerated = Some(format!("until {}: {}", tolerance.until, tolerance.reason));
            }
        }
    }

    /// The gaps that forbid calling the result clean.
    pub fn blocking_gaps(&self) -> impl Iterator<Item = &Gap> {
        self.gaps.iter().filter(|gap| gap.blocking)
    }
}
