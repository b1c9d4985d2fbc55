//! The scan as a worker's task.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use palisade_deps::DepsEngine;
use palisade_git::GitError;
use palisade_image::{Choice, ImageError};
use palisade_image_checks::ImageChecks;
use palisade_model::{
    Coverage, Digest, Engine, EngineReport, Gap, GapKind, Inventory, RepoPath, RuleId, ScanReport, Source,
};
use palisade_oci::Platform;
use palisade_sbom::vex::VexSubject;
use palisade_secrets::{KnownSecrets, Profile, SecretsEngine};
use palisade_sys::MappedFile;
use palisade_tree::{Listing, ScanLimits};
use serde::{Deserialize, Serialize};

use super::bill::scan_bill;
use super::conceal::{conceal, masked_source, unnamed};
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
    source: Source,
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
    Range {
        /// The range.
        range: String,
        /// The files of the references that get it, whose names count too.
        names: Vec<RepoPath>,
    },
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
    /// Where the content comes from, as it may be told.
    pub(crate) source: Source,
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
    /// Where the content comes from.
    pub(crate) source: &'a Source,
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
        source: setting.source.clone(),
    };
    let reply = ask(context, folders, Task::Scan(Box::new(task)), following);
    context.stop_if_cancelled()?;
    match reply {
        Ok(Reply::Scanned(answer)) => Ok(answer),
        Ok(Reply::Refused { message, hint }) if hint.is_empty() => Err(FlowError::usage(message)),
        Ok(Reply::Refused { message, hint }) => Err(FlowError::usage_with_hint(message, hint)),
        Ok(Reply::Compiled(_) | Reply::Documents(_) | Reply::Source(_)) => {
            Err(FlowError::bug("the worker answered something else"))
        }
        Err(error) => Ok(crashed(context, setting, &error)),
    }
}

/// The result of a scan whose worker died.
fn crashed(context: &Context, setting: &ScanSetting<'_>, error: &io::Error) -> Answer {
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
    let report =
        ScanReport { engines: setting.engines.iter().map(engine).collect(), ..ScanReport::default() };
    Answer {
        guards: Vec::new(),
        report,
        rules: Vec::new(),
        inventory: Inventory::default(),
        subject: VexSubject::default(),
        source: unnamed(setting.source),
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
        let engines = self.engines(shipped, database)?;
        let source = masked_source(&engines.secrets, self.source.clone());
        Ok(match self.scan(&engines, input)? {
            Ok((mut report, subject)) => {
                let (rules, mut inventory) = (engines.rules(), engines.deps.inventory());
                conceal(&engines.secrets, &mut report, &mut inventory);
                Reply::Scanned(Answer { guards, report, rules, inventory, subject, source })
            }
            Err(Refusal { message, hint }) => Reply::Refused { message, hint },
        })
    }

    fn engines<'d>(&self, shipped: &ShippedRules, database: Option<&'d [u8]>) -> io::Result<Engines<'d>> {
        let is_image = matches!(self.what, Target::Image { .. });
        let checks = is_image.then(|| self.image_checks(shipped)).transpose()?;
        let deps = self.deps.engine(shipped, &self.salt, database)?;
        Ok(Engines { secrets: self.secrets_engine(shipped)?, deps, checks })
    }

    fn secrets_engine(&self, shipped: &ShippedRules) -> io::Result<SecretsEngine> {
        let profile = self.profile.parse().map_err(io::Error::other)?;
        let engine = self.rules.engine(&shipped.secrets, &self.salt).map_err(io::Error::other)?;
        Ok(engine.with_profile(profile).with_known(self.known.clone()).with_late_fingerprints())
    }

    fn image_checks(&self, shipped: &ShippedRules) -> io::Result<ImageChecks> {
        ImageChecks::new(parsed(&shipped.image)?, &self.salt).map_err(io::Error::other)
    }

    fn scan(self, engines: &Engines<'_>, input: &mut impl Read) -> io::Result<Scanned> {
        let (root, limits, version) = (self.root.as_path(), self.limits.into(), self.version.as_str());
        let unnamed = |report| (report, VexSubject::default());
        Ok(match self.what {
            Target::Listed(listing) => {
                let closed = listing.gaps.iter().filter(|gap| gap.kind == GapKind::Noted);
                closed.filter_map(|gap| gap.path.as_ref()).for_each(|path| engines.deps.add_closed(path));
                let asked = engines.asked(&self.engines);
                Ok(unnamed(palisade_tree::scan(root, &listing, &asked, limits, version)))
            }
            Target::Following(path) => {
                let asked = engines.asked(&self.engines);
                Ok(unnamed(scan_following(path, input, &asked, limits, version)?))
            }
            Target::Bill(path) => Ok(scan_bill(path, input, &engines.deps, version)?),
            Target::History => {
                scan_history(root, &engines.secrets, limits, version).map(unnamed).map_err(Refusal::from)
            }
            Target::Range { range, names } => {
                scan_range(root, &range, &names, &engines.secrets, limits, version)
                    .map(unnamed)
                    .map_err(Refusal::from)
            }
            Target::Image { image, platform, today } => {
                let platform = platform.as_deref().map(str::parse::<Platform>).transpose();
                let choice = Choice { image, platform: platform.map_err(io::Error::other)? };
                let task = ImageTask { path: root, choice: &choice, today, limits, version };
                scan_image(&task, &engines.of_image(&self.engines)).map_err(Refusal::from)
            }
        })
    }
}

/// What was found and what the scanned says that it is, or why there was nothing to scan.
type Scanned = Result<(ScanReport, VexSubject), Refusal>;

/// A wrong request.
struct Refusal {
    message: String,
    hint: String,
}

impl From<GitError> for Refusal {
    fn from(error: GitError) -> Self {
        Self { message: error.to_string(), hint: error.hint().to_owned() }
    }
}

impl From<ImageError> for Refusal {
    fn from(error: ImageError) -> Self {
        Self { message: error.to_string(), hint: String::new() }
    }
}

/// The engines with their rules, whether they are asked or not.
struct Engines<'d> {
    secrets: SecretsEngine,
    deps: DepsEngine<'d>,
    /// Of an image only.
    checks: Option<ImageChecks>,
}

impl<'d> Engines<'d> {
    /// Those that look at entries, in the order of `names`.
    fn asked(&self, names: &[EngineName]) -> Vec<&dyn Engine> {
        let engine = |name: &EngineName| match name {
            EngineName::Secrets => Some(&self.secrets as &dyn Engine),
            EngineName::Deps => Some(&self.deps as &dyn Engine),
            EngineName::Image => None,
        };
        names.iter().filter_map(engine).collect()
    }

    fn of_image(&self, names: &[EngineName]) -> ImageEngines<'_, 'd> {
        let asked = |name: EngineName| names.contains(&name);
        ImageEngines {
            secrets: asked(EngineName::Secrets).then_some(&self.secrets),
            deps: asked(EngineName::Deps).then_some(&self.deps),
            checks: self.checks.as_ref().filter(|_| asked(EngineName::Image)),
        }
    }

    /// The names of all their rules, sorted.
    fn rules(&self) -> Vec<RuleId> {
        let of_images = self.checks.iter().flat_map(ImageChecks::rule_ids);
        let all = self.secrets.rule_ids().chain(self.deps.rule_ids()).chain(of_images);
        all.cloned().collect::<BTreeSet<_>>().into_iter().collect()
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
