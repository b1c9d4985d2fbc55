//! What each rule costs on real files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use palisade_model::{Digest, Engine, Entry, EntryMeta, RuleId, RuleInfo, Sink};
use palisade_secrets::{RuleProbe, RuleTry};
use palisade_tree::ScanLimits;
use rustix::time::{ClockId, clock_gettime};

use super::{RuleChoice, rules};
use crate::source::Folder;
use crate::{Context, FlowError, MAX_FILE_BYTES};

/// What one rule did with the files of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCost {
    /// The rule.
    pub rule: RuleId,
    /// Bytes in which its keywords were looked for.
    pub bytes: u64,
    /// How often a keyword occurred.
    pub anchors: u64,
    /// How many windows around keywords it was tried in.
    pub windows: u64,
    /// Bytes in those windows.
    pub window_bytes: u64,
    /// How often it found something.
    pub matches: u64,
    /// Time of one processor for the windows, in nanoseconds.
    pub cpu_nanoseconds: u64,
}

/// Tries every rule of `choice` by itself on the files in `folder`; the dearest first. For folders of one's own: the files are
/// read in this process, not in the worker.
pub fn bench_rules(
    context: &Context,
    choice: &RuleChoice,
    folder: &Path,
) -> Result<Vec<RuleCost>, FlowError> {
    let mut files = if choice.no_builtin { Vec::new() } else { rules(&choice.built_in)? };
    for path in super::choice::rule_paths(context, &choice.files)? {
        let text = super::choice::rule_text(context, &path)?;
        files.push(super::rule(&path.display().to_string(), &text)?);
    }
    let probes = files.into_iter().map(RuleProbe::new).collect::<Result<Vec<_>, _>>();
    let probes = probes.map_err(|error| FlowError::usage(error.to_string()))?;
    let folder = Folder::open(folder)?;
    let bench = Bench { costs: Mutex::new(BTreeMap::new()), probes };
    let listing = folder.contents()?.listing;
    let limits = ScanLimits { max_file_bytes: MAX_FILE_BYTES, archive_depth: 0 };
    palisade_tree::scan(folder.root(), &listing, &[&bench], limits, context.version);
    Ok(bench.into_costs())
}

/// An engine that finds nothing and takes the time.
struct Bench {
    probes: Vec<RuleProbe>,
    costs: Mutex<BTreeMap<RuleId, RuleCost>>,
}

impl Bench {
    fn into_costs(self) -> Vec<RuleCost> {
        let costs = self.costs.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut costs: Vec<RuleCost> = costs.into_values().collect();
        costs.sort_by(|one, other| {
            (other.cpu_nanoseconds, other.anchors).cmp(&(one.cpu_nanoseconds, one.anchors))
        });
        costs
    }

    fn add(&self, rule: &RuleId, bytes: u64, tried: &RuleTry, nanoseconds: u64) {
        let mut costs = self.costs.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || RuleCost {
            rule: rule.clone(),
            bytes: 0,
            anchors: 0,
            windows: 0,
            window_bytes: 0,
            matches: 0,
            cpu_nanoseconds: 0,
        };
        let cost = costs.entry(rule.clone()).or_insert_with(new);
        cost.bytes += bytes;
        cost.anchors += tried.anchors;
        cost.windows += tried.windows;
        cost.window_bytes += tried.window_bytes;
        cost.matches += tried.matches;
        cost.cpu_nanoseconds += nanoseconds;
    }
}

impl Engine for Bench {
    fn id(&self) -> &'static str {
        "bench"
    }

    fn rules_digest(&self) -> Digest {
        Digest::of(b"")
    }

    fn rule_count(&self) -> usize {
        self.probes.len()
    }

    fn rule_info(&self, _id: &RuleId) -> Option<RuleInfo> {
        None
    }

    fn wants(&self, _entry: &EntryMeta<'_>) -> bool {
        true
    }

    fn entry(&self, entry: &Entry<'_>, _sink: &mut Sink) {
        for probe in &self.probes {
            let windows = probe.windows(entry.bytes);
            let before = thread_time();
            let tried = probe.attempt(entry, &windows);
            let spent = if tried.windows == 0 { 0 } else { thread_time().saturating_sub(before) };
            self.add(probe.rule(), entry.bytes.len() as u64, &tried, spent);
        }
    }
}

/// Processor time of this thread, in nanoseconds.
fn thread_time() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    let part = |part: i64| u64::try_from(part).unwrap_or(0);
    part(now.tv_sec) * 1_000_000_000 + part(now.tv_nsec)
}
