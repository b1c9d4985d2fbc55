use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Coverage, Digest, Finding, Gap, GapKind, RepoPath, RuleId, RuleInfo, Tolerance};

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A regular file with an execute bit.
    Executable,
    /// A symbolic link; its content is the target's name, never the target.
    Symlink,
}

/// What is known of an entry before it is read.
#[derive(Debug, Clone, Copy)]
pub struct EntryMeta<'a> {
    /// Where it lies.
    pub path: &'a RepoPath,
    /// What it is.
    pub kind: EntryKind,
    /// Its size in bytes.
    pub size: u64,
    /// The way into it when it lies in an archive; see [`crate::Location::members`].
    pub members: &'a [String],
}

impl<'a> EntryMeta<'a> {
    /// A regular file that lies in no archive.
    pub const fn file(path: &'a RepoPath, size: u64) -> Self {
        Self { path, kind: EntryKind::File, size, members: &[] }
    }
}

/// An entry with its content, read once and offered to every engine that wants it.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// What was known before.
    pub meta: EntryMeta<'a>,
    /// The whole content.
    pub bytes: &'a [u8],
}

/// The push seam between sources and engines. One walk over a source offers each entry to every engine.
///
/// Calls come from several threads at once, in any order; a result may depend on the entry alone.
pub trait Engine: Sync {
    /// The name, such as `secrets`.
    fn id(&self) -> &str;

    /// The digest of everything that decides what it finds: rules and version.
    fn rules_digest(&self) -> Digest;

    /// How many rules are loaded.
    fn rule_count(&self) -> usize;

    /// What reports need to know of a rule.
    fn rule_info(&self, id: &RuleId) -> Option<RuleInfo>;

    /// Whether it has anything to say about such an entry; what it does not want is counted as not applicable.
    fn wants(&self, entry: &EntryMeta<'_>) -> bool;

    /// Looks at one entry.
    fn entry(&self, entry: &Entry<'_>, sink: &mut Sink);

    /// Says what only all entries together tell. Called once, after the last entry.
    fn finish(&self, _sink: &mut Sink) {}

    /// Does what can be done only when the findings of all engines are there. Called once, when they are in their order; whatever it
    /// changes depends on the report alone.
    fn settle(&self, _report: &mut ScanReport) {}
}

/// Where an engine puts what it found.
#[derive(Debug, Default)]
pub struct Sink {
    findings: Vec<Finding>,
    gaps: Vec<Gap>,
}

impl Sink {
    /// An empty sink.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finding.
    pub fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Says that something of the entry was not looked at.
    pub fn gap(&mut self, path: &RepoPath, kind: GapKind, detail: impl Into<String>) {
        self.gaps.push(Gap::new(Some(path.clone()), kind, detail));
    }

    /// Says that something of the whole source was not looked at.
    pub fn gap_of_source(&mut self, kind: GapKind, detail: impl Into<String>) {
        self.gaps.push(Gap::new(None, kind, detail));
    }

    /// Whether a blocking gap was reported.
    pub fn has_blocking_gap(&self) -> bool {
        self.gaps.iter().any(|gap| gap.blocking)
    }

    /// The findings and gaps in it.
    pub fn into_parts(self) -> (Vec<Finding>, Vec<Gap>) {
        (self.findings, self.gaps)
    }
}

/// What reading a history took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryWork {
    /// Bytes of all objects.
    pub content_bytes: u64,
    /// Bytes of them that were matched: what no object copies from another, with the seams.
    pub matched_bytes: u64,
    /// Bytes of objects that are stored as changes of others and were matched whole all the same.
    pub fallen_back_bytes: u64,
}

/// What one engine did in a scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineReport {
    /// The name, such as `secrets`.
    pub engine: String,
    /// The version of Palisade that ran it.
    pub version: String,
    /// [`Engine::rules_digest`].
    pub rules: Digest,
    /// [`Engine::rule_count`].
    pub rule_count: usize,
    /// What it looked at and what not.
    pub coverage: Coverage,
    /// What reading a history took; none for other scans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<HistoryWork>,
}

/// The result of one scan: plain data that crosses the border of the worker process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanReport {
    /// One for each engine, in the order they were given.
    pub engines: Vec<EngineReport>,
    /// All findings, in the order of [`Finding::sort_key`].
    pub findings: Vec<Finding>,
    /// The rules of those findings.
    pub rules: BTreeMap<RuleId, RuleInfo>,
}

impl ScanReport {
    /// Takes from its gaps what `tolerances` let pass on the day `today`.
    pub fn tolerate(&mut self, tolerances: &[Tolerance], today: jiff::civil::Date) {
        for engine in &mut self.engines {
            engine.coverage.tolerate(&engine.engine, tolerances, today);
        }
    }

    /// Every gap that forbids calling the result clean.
    pub fn blocking_gaps(&self) -> impl Iterator<Item = &Gap> {
        self.engines.iter().flat_map(|engine| engine.coverage.blocking_gaps())
    }

    /// The findings that no suppression covers.
    pub fn active_findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.suppression.is_none())
    }
}
