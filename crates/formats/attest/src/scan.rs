use std::collections::BTreeMap;

use palisade_model::{Digest, EngineReport, Gap, RunId, Severity, Timestamp};
use serde::{Deserialize, Serialize};

/// Predicate type of [`ScanResult`].
pub const SCAN_RESULT: &str = "urn:palisade:scan-result:v1";

/// How many gaps of one engine a statement lists; all are counted.
pub const MAX_LISTED_GAPS: usize = 1000;

/// What the scanners found in a tree and what they did not look at. Ours alone, so unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScanResult {
    /// In which run.
    pub run: RunId,
    /// When the run's work was done.
    pub time: Timestamp,
    /// The digest of the tree that was scanned.
    pub tree: Digest,
    /// The plan that asked for it.
    pub plan: Digest,
    /// What scanned.
    pub tool: ScanTool,
    /// Each engine, in the order they were given.
    pub engines: Vec<EngineCoverage>,
    /// How many findings there are.
    pub findings: FindingCounts,
}

/// What scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScanTool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Findings by severity; severities without findings are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingCounts {
    /// Those that count.
    pub active: BTreeMap<Severity, u64>,
    /// Those that a waiver, a marker or the baseline covers.
    pub suppressed: BTreeMap<Severity, u64>,
}

/// What one engine looked at and what not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EngineCoverage {
    /// The engine.
    pub engine: String,
    /// The version that ran.
    pub version: String,
    /// The digest of its rules.
    pub rules: Digest,
    /// How many they are.
    pub rule_count: u64,
    /// Entries looked at.
    pub looked_at: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// Entries that it has nothing to say about.
    pub not_applicable: u64,
    /// How many gaps forbid calling the result clean.
    pub blocking_gaps: u64,
    /// How many do not.
    pub noted_gaps: u64,
    /// Blocking gaps first, at most [`MAX_LISTED_GAPS`].
    pub gaps: Vec<Gap>,
}

impl From<&EngineReport> for EngineCoverage {
    fn from(report: &EngineReport) -> Self {
        let coverage = &report.coverage;
        let (blocking, noted): (Vec<&Gap>, Vec<&Gap>) = coverage.gaps.iter().partition(|gap| gap.blocking);
        Self {
            engine: report.engine.clone(),
            version: report.version.clone(),
            rules: report.rules,
            rule_count: report.rule_count as u64,
            looked_at: coverage.looked_at,
            bytes: coverage.bytes,
            not_applicable: coverage.not_applicable,
            blocking_gaps: blocking.len() as u64,
            noted_gaps: noted.len() as u64,
            gaps: blocking.into_iter().chain(noted).take(MAX_LISTED_GAPS).cloned().collect(),
        }
    }
}
