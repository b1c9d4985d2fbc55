//! The use case `scan`: one target is looked at, without a run.

mod asking;
mod baseline;
mod site;
mod target;

use std::collections::BTreeSet;
use std::path::PathBuf;

use palisade_model::{
    Confidence, Finding, Fingerprint, Gap, GapKind, Inventory, ScanReport, Severity, Source, Timestamp,
};
use palisade_sbom::vex::VexSubject;
use palisade_secrets::Profile;

use asking::ask;
use site::{Site, directory};

use crate::engines::{DepsRequest, EngineName};
use crate::policy::effective_policy;
use crate::project::salt;
use crate::rules::{RuleChoice, choose};
use crate::suppress::{Grounds, TriagedScan};
use crate::worker::{ScanSetting, WorkerLimits};
use crate::{BadDocument, Context, Exit, FlowError};

pub use baseline::write_baseline_file;
pub use target::ScanTarget;

/// The largest file that is looked at unless the user says otherwise, in bytes.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// How deep archives in archives are opened unless the user says otherwise.
pub const ARCHIVE_DEPTH: u32 = 3;

/// The name of the engine for secrets.
const SECRETS: &str = EngineName::Secrets.as_str();

/// How to scan.
#[derive(Debug, Clone)]
pub struct ScanOptions {
    /// The least severity that makes the result a denial; none is the default rule: of medium confidence or more, every secret, and
    /// everything else that is severe.
    pub fail_on: Option<Severity>,
    /// The largest file that is looked at, in bytes.
    pub max_file_bytes: u64,
    /// How deep archives in archives are opened.
    pub archive_depth: u32,
    /// How much certainty a finding needs.
    pub profile: Profile,
    /// Whether blocking gaps are shown only, and leave the exit code alone.
    pub allow_partial: bool,
    /// Which rules are used.
    pub rules: RuleChoice,
    /// Which engines look; none is all that have something to say about such a target.
    pub engines: Option<BTreeSet<EngineName>>,
    /// VEX documents that count besides the project's.
    pub vex: Vec<PathBuf>,
    /// Whether the packages alone are wanted, so that no advisories are asked.
    pub packages_alone: bool,
}

impl Default for ScanOptions {
    fn default() -> Self {
        Self {
            fail_on: None,
            max_file_bytes: MAX_FILE_BYTES,
            archive_depth: ARCHIVE_DEPTH,
            profile: Profile::default(),
            allow_partial: false,
            rules: RuleChoice::default(),
            engines: None,
            vex: Vec::new(),
            packages_alone: false,
        }
    }
}

impl ScanOptions {
    pub(crate) fn limits(&self) -> WorkerLimits {
        WorkerLimits { max_file_bytes: self.max_file_bytes, archive_depth: self.archive_depth }
    }
}

/// The result of a scan by itself, without a run.
#[derive(Debug, Clone)]
pub struct ScanOutcome {
    /// What was found.
    pub scan: TriagedScan,
    /// The findings that make it a denial.
    pub denied: Vec<Fingerprint>,
    /// What held the scanner in.
    pub guards: Vec<String>,
    /// Where the content comes from.
    pub source: Source,
    /// When the scan began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Whether blocking gaps leave the exit code alone.
    pub allow_partial: bool,
    /// What was odd about the rules that are not built in.
    pub remarks: Vec<BadDocument>,
    /// The packages that were found.
    pub inventory: Inventory,
    /// What the scanned is called in statements, as far as it tells itself.
    pub(crate) product: VexSubject,
}

impl ScanOutcome {
    /// The exit code.
    pub fn exit(&self) -> Exit {
        match (self.denied.is_empty(), self.scan.report.blocking_gaps().next()) {
            (false, _) => Exit::Denied,
            (true, Some(_)) if !self.allow_partial => Exit::Incomplete,
            (true, _) => Exit::Done,
        }
    }
}

/// Scans, applies suppressions, and compares with the threshold.
pub fn scan(context: &Context, target: &ScanTarget, options: &ScanOptions) -> Result<ScanOutcome, FlowError> {
    let started = context.clock.now();
    let site = Site::open(target)?;
    let salt = salt(context, site.project.as_ref())?;
    let grounds =
        Grounds::read(context, site.ground.root(), &site.ground, site.prefix().as_deref(), &options.vex)?;
    let root = (!matches!(target, ScanTarget::Stdin)).then(|| directory(site.folder.root()));
    let rules = choose(context, &options.rules, root.as_deref())?;
    let policy =
        effective_policy(context, site.project.as_ref().map(|project| project.root.as_path()))?.policy;
    let engines = target.engines(options.engines.as_ref())?;
    let deps = match options.packages_alone {
        true => DepsRequest::of_packages(),
        false => DepsRequest::new(context, policy.licences())?,
    };
    let setting = ScanSetting {
        salt: &salt,
        known: grounds.known(),
        limits: options.limits(),
        profile: options.profile,
        beside: &[],
        rules: &rules.set,
        engines: &engines,
        deps: &deps,
        source: &site.folder.source(),
    };
    let mut answer = ask(context, target, &site.folder, &site.start, &setting)?;
    let guards = std::mem::take(&mut answer.guards);
    let inventory = std::mem::take(&mut answer.inventory);
    let product = answer.subject.clone();
    let source = answer.source.clone();
    tell_unread_file(target, options, &mut answer.report);
    answer.report.tolerate(policy.tolerances(), context.today());
    let mut scan = grounds.suppress(context, answer, &inventory, policy.suppressions());
    forget_unmet(&mut scan, target, options, &engines, site.is_whole(target));
    Ok(ScanOutcome {
        denied: denied(&scan, options.fail_on),
        scan,
        guards,
        source,
        started,
        ended: context.clock.now(),
        allow_partial: options.allow_partial,
        remarks: rules.remarks,
        inventory,
        product,
    })
}

/// A file that was named for its packages, and that is no record of any, is no clean result.
fn tell_unread_file(target: &ScanTarget, options: &ScanOptions, report: &mut ScanReport) {
    let is_asked = options.engines.as_ref().is_some_and(|engines| engines.contains(&EngineName::Deps));
    let is_file = matches!(target, ScanTarget::Path(path) if path.is_file());
    let deps = report.engines.iter_mut().find(|engine| engine.engine == EngineName::Deps.as_str());
    let Some(engine) = deps.filter(|_| is_asked && is_file) else { return };
    let coverage = &mut engine.coverage;
    if coverage.looked_at == 0 && coverage.gaps.is_empty() {
        let detail = "nothing was looked at: by its name the file is no record of packages that is known; give a bill of materials with --sbom";
        coverage.gaps.push(Gap::new(None, GapKind::FormatUnsupported, detail));
    }
}

/// Of suppressions without use, forgets those of which a scan of a part, or with other eyes, says nothing.
fn forget_unmet(
    scan: &mut TriagedScan,
    target: &ScanTarget,
    options: &ScanOptions,
    engines: &[EngineName],
    is_whole: bool,
) {
    // What is for a secret matches nothing in a bill of materials.
    if !is_whole || options.engines.is_some() || options.profile == Profile::Strict {
        scan.forget_unused();
    }
    let lists_all = is_whole || matches!(target, ScanTarget::Bill(_));
    if !lists_all || !engines.contains(&EngineName::Deps) {
        scan.forget_unused_statements();
    }
}

/// As the default gate: a secret has to be revoked whatever its severity, of all else what is severe denies.
fn denied(scan: &TriagedScan, fail_on: Option<Severity>) -> Vec<Fingerprint> {
    let denies = |finding: &&Finding| match fail_on {
        Some(threshold) => finding.severity >= threshold,
        None if finding.engine == SECRETS => finding.confidence >= Confidence::Medium,
        None => finding.confidence >= Confidence::Medium && finding.severity >= Severity::High,
    };
    scan.report.active_findings().filter(denies).map(|finding| finding.fingerprint).collect()
}
