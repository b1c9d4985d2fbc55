//! The scan as a worker's task.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use palisade_image::Choice;
use palisade_image_checks::ImageChecks;
use palisade_model::{
    Coverage, Digest, Engine, EngineReport, Gap, GapKind, Inventory, RepoPath, RuleId, ScanReport,
};
use palisade_oci::Platform;
use palisade_sbom::vex::VexSubject;
use palisade_secrets::{KnownSecrets, Profile, SecretsEngine};
use palisade_sys::MappedFile;
use palisade_tree::{Listing, ScanLimits};
use serde::{Deserialize, Serialize};

use super::bill::scan_bill;
use super::{Reply, ShippedRules, Task, ask};
use crate::engines::{DepsRequest, EngineName, parsed};
use crate::history_scan::{scan_history, scan_range};
use crate::image_scan::{ImageEngines, ImageTask, scan_image};
use crate::rules::RuleSet;
use crate::{Context, FlowError};

/// What is to be scanned, and how.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ScanTask {
    /// The folder with what is to be scanned.
    root: PathBuf,
    what: Target,
    /// The project's salt.
    salt: Vec<u8>,
    /// Secrets that other tools' files list.
    known: KnownSecrets,
    limits: WorkerLimits,
    profile: String,
    rules: RuleSet,
    /// The engines to ask, in this order.
    engines: Vec<EngineName>,
    deps: DepsRequest,
    version: String,
}

/// What bounds a scan.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct WorkerLimits {
    pub(crate) max_file_bytes: u64,
    pub(crate) archive_depth: u32,
}

impl From<WorkerLimits> for ScanLimits {
    fn from(limits: WorkerLimits) -> Self {
        Self { max_file_bytes: limits.max_file_bytes, archive_depth: limits.archive_depth }
    }
}

/// What is to be scanned.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Target {
    /// These entries of the root.
    Listed(Listing),
    /// What follows the request on standard input, known by this name.
    Following(RepoPath),
    /// The packages of the bill of materials that follows the request on standard input, known by this name.
    Bill(RepoPath),
    /// The whole object database of the repository at the root.
    History,
    /// What a range of its commits brings.
    Range(String),
    /// The container image, or the root filesystem, at the root.
    Image {
        /// Which of several: a tag, a reference or a digest.
        image: Option<String>,
        /// Such as `linux/arm64`.
        platform: Option<String>,
        /// The day for which it is judged.
        today: Date,
    },
}

/// The worker's answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// The guards that held the worker in.
    pub(crate) guards: Vec<String>,
    /// What it found.
    pub(crate) report: ScanReport,
    /// The rules that were asked, sorted.
    pub(crate) rules: Vec<RuleId>,
    /// The packages that were found.
    pub(crate) inventory: Inventory,
    /// What was scanned, as it says itself.
    pub(crate) subject: VexSubject,
}

/// Everything that decides a scan's result besides the content.
#[derive(Clone, Copy)]
pub(crate) struct ScanSetting<'a> {
    pub(crate) salt: &'a [u8],
    pub(crate) known: &'a KnownSecrets,
    pub(crate) limits: WorkerLimits,
    pub(crate) profile: Profile,
    /// Folders that may be read besides the root.
    pub(crate) beside: &'a [PathBuf],
    pub(crate) rules: &'a RuleSet,
    pub(crate) engines: &'a [EngineName],
    pub(crate) deps: &'a DepsRequest,
}

/// Scans `what` below `root` in a worker. A worker that dies leaves a blocking gap, never a clean result; one that is killed because
/// the run is called off leaves [`FlowError::Cancelled`].
pub(crate) fn scan_in_worker(
    context: &Context,
    root: &Path,
    what: Target,
    setting: &ScanSetting<'_>,
    following: &mut dyn Read,
) -> Result<Answer, FlowError> {
    let root = root
        .canonicalize()
        .map_err(|error| FlowError::usage(format!("cannot read `{}`: {error}", root.display())))?;
    let folders = std::iter::once(root.clone()).chain(setting.beside.iter().cloned()).collect();
    let task = ScanTask {
        root,
        what,
        salt: setting.salt.to_vec(),
        known: setting.known.clone(),
        limits: setting.limits,
        profile: setting.profile.to_string(),
        rules: setting.rules.clone(),
        engines: setting.engines.to_vec(),
        deps: setting.deps.clone(),
        version: context.version.to_owned(),
    };
    let reply = ask(context, folders, Task::Scan(Box::new(task)), following);
    context.stop_if_cancelled()?;
    match reply {
        Ok(Reply::Scanned(answer)) => Ok(answer),
        Ok(Reply::Refused { message, hint }) if hint.is_empty() => Err(FlowError::usage(message)),
        Ok(Reply::Refused { message, hint }) => Err(FlowError::usage_with_hint(message, hint)),
        Ok(Reply::Compiled(_) | Reply::Documents(_)) => {
            Err(FlowError::bug("the worker answered something else"))
        }
        Err(error) => Ok(crashed(context, setting.engines, &error)),
    }
}

/// The result of a scan whose worker died.
fn crashed(context: &Context, engines: &[EngineName], error: &io::Error) -> Answer {
    let detail = format!("the scan worker died: {error}");
    let gap = Gap::new(None, GapKind::EngineCrashed, detail);
    let engine = |name: &EngineName| EngineReport {
        engine: name.as_str().to_owned(),
        version: context.version.to_owned(),
        rules: Digest::of(b""),
        rule_count: 0,
        work: None,
        coverage: Coverage { gaps: vec![gap.clone()], ..Coverage::default() },
    };
    let report = ScanReport { engines: engines.iter().map(engine).collect(), ..ScanReport::default() };
    Answer {
        guards: Vec::new(),
        report,
        rules: Vec::new(),
        inventory: Inventory::default(),
        subject: VexSubject::default(),
    }
}

impl ScanTask {
    /// The database of advisories as memory, while files outside of the root can still be opened.
    pub(super) fn map_database(&self) -> io::Result<Option<MappedFile>> {
        if self.engines.contains(&EngineName::Deps) { self.deps.map() } else { Ok(None) }
    }

    /// Scans. `input` is what follows the request.
    pub(super) fn carry_out(
        self,
        shipped: &ShippedRules,
        database: Option<&[u8]>,
        guards: Vec<String>,
        input: &mut impl Read,
    ) -> io::Result<Reply> {
        let secrets = self.secrets_engine(shipped)?;
        let deps = self.deps.engine(shipped, &self.salt, database)?;
        let engine = |name: &EngineName| match name {
            EngineName::Secrets => Some(&secrets as &dyn Engine),
            EngineName::Deps => Some(&deps as &dyn Engine),
            EngineName::Image => None,
        };
        let engines: Vec<&dyn Engine> = self.engines.iter().filter_map(engine).collect();
        let limits = self.limits.into();
        let mut subject = VexSubject::default();
        let report = match self.what {
            Target::Range(range) => scan_range(&self.root, &range, &secrets, limits, &self.version),
            Target::Bill(path) => {
                let (report, named) = scan_bill(path, input, &deps, &self.version)?;
                subject = named;
                Ok(report)
            }
            Target::History => scan_history(&self.root, &secrets, limits, &self.version),
            Target::Listed(listing) => {
                Ok(palisade_tree::scan(&self.root, &listing, &engines, limits, &self.version))
            }
            Target::Image { image, platform, today } => {
                let checks =
                    ImageChecks::new(parsed(&shipped.image)?, &self.salt).map_err(io::Error::other)?;
                let asked = |name: EngineName| self.engines.contains(&name);
                let engines = ImageEngines {
                    secrets: asked(EngineName::Secrets).then_some(&secrets),
                    deps: asked(EngineName::Deps).then_some(&deps),
                    checks: asked(EngineName::Image).then_some(&checks),
                };
                let platform =
                    platform.as_deref().map(str::parse::<Platform>).transpose().map_err(io::Error::other)?;
                let choice = Choice { image, platform };
                let task =
                    ImageTask { path: &self.root, choice: &choice, today, limits, version: &self.version };
                return Ok(match scan_image(&task, &engines) {
                    Ok((report, subject)) => {
                        let rules = secrets.rule_ids().chain(deps.rule_ids()).chain(checks.rule_ids());
                        let rules = rules.cloned().collect::<BTreeSet<_>>().into_iter().collect();
                        Reply::Scanned(Answer { guards, report, rules, inventory: deps.inventory(), subject })
                    }
                    Err(error) => Reply::Refused { message: error.to_string(), hint: String::new() },
                });
            }
            Target::Following(path) => Ok(scan_following(path, input, &engines, limits, &self.version)?),
        };
        let mut rules: Vec<RuleId> = secrets.rule_ids().chain(deps.rule_ids()).cloned().collect();
        rules.sort();
        Ok(match report {
            Ok(report) => {
                Reply::Scanned(Answer { guards, report, rules, inventory: deps.inventory(), subject })
            }
            Err(error) => Reply::Refused { message: error.to_string(), hint: error.hint().to_owned() },
        })
    }

    fn secrets_engine(&self, shipped: &ShippedRules) -> io::Result<SecretsEngine> {
        let profile = self.profile.parse().map_err(io::Error::other)?;
        let engine = self.rules.engine(&shipped.secrets, &self.salt).map_err(io::Error::other)?;
        Ok(engine.with_profile(profile).with_known(self.known.clone()).with_late_fingerprints())
    }
}

fn scan_following(
    path: RepoPath,
    input: &mut impl Read,
    engines: &[&dyn Engine],
    limits: ScanLimits,
    version: &str,
) -> io::Result<ScanReport> {
    let mut bytes = Vec::new();
    input.take(limits.max_file_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 <= limits.max_file_bytes {
        return Ok(palisade_tree::scan_bytes(path, &bytes, engines, limits, version));
    }
    let detail = format!("larger than {} bytes; raise the limit with --max-file-size", limits.max_file_bytes);
    let offer = palisade_tree::Offer {
        path,
        kind: palisade_model::EntryKind::File,
        size: bytes.len() as u64,
        content: Err((GapKind::BudgetHit, detail)),
    };
    Ok(palisade_tree::scan_entries(&mut std::iter::once(offer), engines, limits, version))
}
