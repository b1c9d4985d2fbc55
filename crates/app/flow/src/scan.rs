use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use palisade_config::write_baseline;
use palisade_git::{History, Repository};
use palisade_model::{
    Baseline, Confidence, Finding, Fingerprint, Inventory, RepoPath, Severity, Source, Suppression,
    SuppressionKind, Timestamp,
};
use palisade_sbom::vex::VexSubject;
use palisade_secrets::Profile;
use palisade_sys::{FileError, Mode};
use palisade_tree::{Content, Listing, SnapshotWriter, remove_snapshot};

use crate::engines::{DepsRequest, EngineName};
use crate::image_place::ImageRequest;
use crate::policy::effective_policy;
use crate::project::{Project, salt};
use crate::rules::{RuleChoice, choose};
use crate::source::Folder;
use crate::suppress::{Grounds, TriagedScan};
use crate::worker::{ScanSetting, Target, WorkerLimits, scan_in_worker};
use crate::{BadDocument, Context, Exit, FlowError};

/// The largest file that is looked at unless the user says otherwise, in bytes.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// How deep archives in archives are opened unless the user says otherwise.
pub const ARCHIVE_DEPTH: u32 = 3;

/// The name of the engine for secrets.
const SECRETS: &str = EngineName::Secrets.as_str();

/// The largest blob that is taken from the index, in bytes.
const BLOB_LIMIT: u64 = 4 << 30;

/// What to scan.
#[derive(Debug, Clone)]
pub enum ScanTarget {
    /// A folder or a file: everything that is not ignored.
    Path(PathBuf),
    /// Standard input.
    Stdin,
    /// The packages that a bill of materials lists: a file, or `-` for standard input.
    Bill(PathBuf),
    /// What the next commit of the repository around this folder would add or change.
    Staged(PathBuf),
    /// The same as another index than the repository's own has it, such as git makes for `git commit -a`.
    Index {
        /// The top of the work tree.
        folder: PathBuf,
        /// The index, an absolute path.
        index: PathBuf,
    },
    /// What differs from a revision.
    Since {
        /// A folder in the work tree.
        folder: PathBuf,
        /// As git writes revisions.
        rev: String,
    },
    /// Everything in the object database of the repository at or above this folder.
    History(PathBuf),
    /// What a range of commits brings.
    Range {
        /// A folder of the repository.
        folder: PathBuf,
        /// As git writes ranges, such as `main..topic`.
        range: String,
    },
    /// A container image.
    Image(ImageRequest),
}

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
    let of_history = matches!(target, ScanTarget::History(_) | ScanTarget::Range { .. });
    let folder = match of_history {
        true => Folder::open_history(&folder_of(target))?,
        false => Folder::open(&folder_of(target))?,
    };
    let project = Project::find_optional(&directory(folder.root()))?;
    let salt = salt(context, project.as_ref())?;
    let ground = project.as_ref().map_or_else(|| directory(folder.root()), |project| project.root.clone());
    let ground = if of_history { Folder::open_history(&ground)? } else { Folder::open_plain(&ground)? };
    let start = start(&folder, target);
    let grounds = Grounds::read(
        context,
        ground.root(),
        &ground,
        prefix(ground.root(), &start).as_deref(),
        &options.vex,
    )?;
    let root = (!matches!(target, ScanTarget::Stdin)).then(|| directory(folder.root()));
    let rules = choose(context, &options.rules, root.as_deref())?;
    let policy = effective_policy(context, project.as_ref().map(|project| project.root.as_path()))?.policy;
    let engines = engines(target, options)?;
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
    };
    let mut answer = ask(context, target, &folder, &start, &setting)?;
    let guards = std::mem::take(&mut answer.guards);
    let inventory = std::mem::take(&mut answer.inventory);
    let product = answer.subject.clone();
    answer.report.tolerate(policy.tolerances(), context.today());
    let mut scan = grounds.suppress(context, answer, &inventory, policy.suppressions());
    let is_bill = matches!(target, ScanTarget::Bill(_));
    let is_whole = matches!(target, ScanTarget::Path(_)) && folder.root() == ground.root();
    // What is for a secret matches nothing in a bill of materials.
    if !is_whole || options.engines.is_some() || options.profile == Profile::Strict {
        scan.forget_unused();
    }
    if !is_bill && !is_whole || !engines.contains(&EngineName::Deps) {
        scan.forget_unused_statements();
    }
    let denied = denied(&scan, options.fail_on);
    Ok(ScanOutcome {
        scan,
        denied,
        guards,
        source: folder.source(),
        started,
        ended: context.clock.now(),
        allow_partial: options.allow_partial,
        remarks: rules.remarks,
        inventory,
        product,
    })
}

/// Has the worker look at `target`. Paths start from `start`.
fn ask(
    context: &Context,
    target: &ScanTarget,
    folder: &Folder,
    start: &Path,
    setting: &ScanSetting<'_>,
) -> Result<crate::worker::Answer, FlowError> {
    match target {
        ScanTarget::Path(_) => {
            let listing = listed(folder, start)?;
            scan_in_worker(context, start, Target::Listed(listing), setting, &mut io::empty())
        }
        ScanTarget::Stdin => scan_stdin(context, setting, &mut io::stdin().lock()),
        ScanTarget::Bill(path) => {
            let (place, mut bytes) = open_bill(path, start)?;
            scan_input(context, Target::Bill(place), setting, &mut bytes)
        }
        ScanTarget::Staged(_) => {
            scan_staged(context, folder, folder.require_repository("--staged")?, setting)
        }
        ScanTarget::Index { index, .. } => {
            let repository = folder.require_repository("a commit")?.with_index(index)?;
            scan_staged(context, folder, &repository, setting)
        }
        ScanTarget::Since { rev, .. } => {
            let listing = changed(folder, rev)?;
            scan_in_worker(context, folder.root(), Target::Listed(listing), setting, &mut io::empty())
        }
        ScanTarget::History(path) => scan_repository(context, path, Target::History, setting),
        ScanTarget::Range { folder: path, range } => {
            scan_repository(context, path, Target::Range(range.clone()), setting)
        }
        ScanTarget::Image(request) => scan_image(context, request, setting),
    }
}

/// The folder that paths start from: in a history the top of the repository, else the one scanned. A single file is known by its path
/// from where the user stands if it lies below, else by its name.
fn start(folder: &Folder, target: &ScanTarget) -> PathBuf {
    let root = folder.root();
    if let (ScanTarget::History(_) | ScanTarget::Range { .. }, Some(repository)) =
        (target, folder.repository())
    {
        return repository.root().to_owned();
    }
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    match root.parent() {
        Some(_) if !root.is_dir() && root.starts_with(&here) => here,
        Some(parent) if !root.is_dir() => parent.to_owned(),
        _ => root.to_owned(),
    }
}

/// The way from `ground` down to `start`, empty or with a final `/`; none when it lies elsewhere.
fn prefix(ground: &Path, start: &Path) -> Option<Vec<u8>> {
    let mut prefix = start.strip_prefix(ground).ok()?.as_os_str().as_bytes().to_vec();
    if !prefix.is_empty() {
        prefix.push(b'/');
    }
    Some(prefix)
}

/// What lies in `folder`, seen from `start`.
fn listed(folder: &Folder, start: &Path) -> Result<Listing, FlowError> {
    let mut listing = folder.contents()?.listing;
    let below = folder.root().strip_prefix(start).ok();
    let path = below.and_then(|path| RepoPath::from_bytes(path.as_os_str().as_bytes()).ok());
    if let (Some(path), Some(file)) = (path, listing.files.first_mut()) {
        file.path = path;
    }
    Ok(listing)
}

/// Writes the baseline of a project from a scan of all of it: every finding but those that a waiver, a comment or an ignore file
/// lets pass, which end or can be seen where they are. Returns its path and how many they are.
pub fn write_baseline_file(
    context: &Context,
    target: &ScanTarget,
    outcome: &ScanOutcome,
) -> Result<(PathBuf, usize), FlowError> {
    let partial = || {
        FlowError::usage_with_hint(
            "a baseline is made from a scan of the whole project",
            "scan the project's folder, without --since, --staged or `-`",
        )
    };
    let ScanTarget::Path(folder) = target else { return Err(partial()) };
    let scanned = folder.canonicalize().map_err(|_| partial())?;
    let root = match Project::find_optional(&directory(&scanned))? {
        Some(project) => project.root,
        None => scanned.clone(),
    };
    if root != scanned || !scanned.is_dir() {
        return Err(partial());
    }
    let of_baseline = |suppression: &Suppression| suppression.kind == SuppressionKind::Baseline;
    let belongs = |finding: &&Finding| finding.suppression.as_ref().is_none_or(of_baseline);
    let path = root.join(crate::BASELINE_FILE);
    let fingerprints: BTreeSet<Fingerprint> =
        outcome.scan.report.findings.iter().filter(belongs).map(|finding| finding.fingerprint).collect();
    let count = fingerprints.len();
    context.files.write(&path, write_baseline(&Baseline { fingerprints }).as_bytes(), Mode::Shared)?;
    Ok((path, count))
}

fn folder_of(target: &ScanTarget) -> PathBuf {
    match target {
        ScanTarget::Path(path)
        | ScanTarget::Staged(path)
        | ScanTarget::History(path)
        | ScanTarget::Index { folder: path, .. }
        | ScanTarget::Since { folder: path, .. }
        | ScanTarget::Range { folder: path, .. } => path.clone(),
        // A bill or an image may lie anywhere; the project is that at hand.
        ScanTarget::Stdin | ScanTarget::Bill(_) | ScanTarget::Image(_) => PathBuf::from("."),
    }
}

/// `path` if it is a folder, else the folder it lies in.
fn directory(path: &Path) -> PathBuf {
    match (path.is_dir(), path.parent()) {
        (false, Some(parent)) if !parent.as_os_str().is_empty() => parent.to_owned(),
        (false, _) => PathBuf::from("."),
        (true, _) => path.to_owned(),
    }
}

/// The engines to ask: those that were chosen, else all that such content has something for. In objects of a history packages have
/// no place in a product.
fn engines(target: &ScanTarget, options: &ScanOptions) -> Result<Vec<EngineName>, FlowError> {
    if matches!(target, ScanTarget::Bill(_)) {
        return match &options.engines {
            Some(chosen) if chosen.iter().any(|engine| *engine != EngineName::Deps) => {
                Err(FlowError::usage_with_hint(
                    "a bill of materials is for the engine `deps` alone",
                    "leave --engine out, or scan the file itself for secrets",
                ))
            }
            _ => Ok(vec![EngineName::Deps]),
        };
    }
    let able: &[EngineName] = match target {
        ScanTarget::Image(_) => EngineName::ALL,
        ScanTarget::Path(_) | ScanTarget::Since { .. } => &[EngineName::Deps, EngineName::Secrets],
        _ => &[EngineName::Secrets],
    };
    let Some(chosen) = &options.engines else { return Ok(able.to_vec()) };
    if chosen.contains(&EngineName::Image) && !matches!(target, ScanTarget::Image(_)) {
        return Err(FlowError::usage_with_hint(
            "the engine `image` looks at container images",
            "name one with --image",
        ));
    }
    if matches!(target, ScanTarget::Stdin) && chosen.contains(&EngineName::Deps) {
        return Err(FlowError::usage_with_hint(
            "the engine `deps` knows records by their names, and standard input has none",
            "name the file, or give a bill of materials with `--sbom -`",
        ));
    }
    let of_history = matches!(target, ScanTarget::History(_) | ScanTarget::Range { .. });
    if of_history && chosen.contains(&EngineName::Deps) {
        return Err(FlowError::usage_with_hint(
            "the engine `deps` looks at files, not at a history",
            "leave --history and --range out, or choose `--engine secrets`",
        ));
    }
    Ok(chosen.iter().copied().collect())
}

fn scan_stdin(
    context: &Context,
    setting: &ScanSetting<'_>,
    input: &mut dyn Read,
) -> Result<crate::worker::Answer, FlowError> {
    let name = RepoPath::from_bytes("stdin").map_err(FlowError::bug)?;
    scan_input(context, Target::Following(name), setting, input)
}

/// A bill's name, as findings tell it, and its bytes: its path from `start` if it lies below, else the file's name.
fn open_bill(path: &Path, start: &Path) -> Result<(RepoPath, Box<dyn Read>), FlowError> {
    if path == Path::new("-") {
        return Ok((RepoPath::from_bytes("stdin").map_err(FlowError::bug)?, Box::new(io::stdin())));
    }
    let wrong = |error: io::Error| FlowError::usage(format!("cannot read `{}`: {error}", path.display()));
    let file = File::open(path).map_err(wrong)?;
    if !file.metadata().map_err(wrong)?.is_file() {
        return Err(FlowError::usage(format!("`{}` is no file", path.display())));
    }
    let whole = path.canonicalize().map_err(wrong)?;
    let name = whole.strip_prefix(start).ok().map(Path::as_os_str).or_else(|| whole.file_name());
    let name = name.unwrap_or_default().as_bytes();
    Ok((RepoPath::from_bytes(name).map_err(FlowError::bug)?, Box::new(file)))
}

/// Scans what comes from `input`.
fn scan_input(
    context: &Context,
    what: Target,
    setting: &ScanSetting<'_>,
    input: &mut dyn Read,
) -> Result<crate::worker::Answer, FlowError> {
    // The worker needs no folder at all; an empty one of ours is the least it can be given.
    let root = context.folders.cache.join("empty");
    context.files.create_folder(&root, Mode::Private)?;
    scan_in_worker(context, &root, what, setting, input)
}

fn scan_image(
    context: &Context,
    request: &ImageRequest,
    setting: &ScanSetting<'_>,
) -> Result<crate::worker::Answer, FlowError> {
    let found = crate::image_place::find(context, request)?;
    let platform = request.platform.clone();
    let what = Target::Image { image: found.image.clone(), platform, today: context.today() };
    scan_in_worker(context, &found.path, what, setting, &mut io::empty())
}

fn scan_repository(
    context: &Context,
    path: &Path,
    what: Target,
    setting: &ScanSetting<'_>,
) -> Result<crate::worker::Answer, FlowError> {
    let mut folders = History::folders(path)?;
    let root = folders.remove(0);
    let setting = ScanSetting { beside: &folders, ..*setting };
    scan_in_worker(context, &root, what, &setting, &mut io::empty())
}

/// Blobs of the index are laid out in a folder of ours first, so that the worker opens no object database.
fn scan_staged(
    context: &Context,
    folder: &Folder,
    repository: &Repository,
    setting: &ScanSetting<'_>,
) -> Result<crate::worker::Answer, FlowError> {
    let dest = context.scratch("staged");
    let parent = dest.parent().unwrap_or(&dest);
    context.files.create_folder(parent, Mode::Private)?;
    // One at a time for each user: then what lies there was left by one that was killed.
    let _lock = context.files.lock(&dest.with_extension("lock"))?;
    let laid = Laid(&dest);
    laid.remove()?;
    let mut writer = SnapshotWriter::create(&dest)?;
    for file in repository.staged()? {
        let Some(path) = folder.below(&file.path) else { continue };
        let bytes = repository.blob(file.id, BLOB_LIMIT)?;
        writer.add_file(&path, file.kind, Content::Bytes(&bytes))?;
    }
    let listing = Listing::of_snapshot(&writer.finish()?.files, Vec::new());
    let answer = scan_in_worker(context, &dest, Target::Listed(listing), setting, &mut io::empty());
    drop(laid);
    answer
}

/// Removes a folder of ours whatever happens.
struct Laid<'a>(&'a Path);

impl Laid<'_> {
    fn remove(&self) -> Result<(), FlowError> {
        remove_snapshot(self.0).map_err(|error| FileError::from_write("remove", self.0, &error).into())
    }
}

impl Drop for Laid<'_> {
    fn drop(&mut self) {
        // Left over, it is removed by the next scan of this kind; there is nobody to tell here.
        let _ = self.remove();
    }
}

fn changed(folder: &Folder, rev: &str) -> Result<Listing, FlowError> {
    let changed = folder.require_repository("--since")?.changed_since(rev)?;
    let mut listing = folder.contents()?.listing;
    let mut kept = Vec::new();
    for file in listing.files {
        if changed.contains(&folder.in_repository(&file.path)?) {
            kept.push(file);
        }
    }
    listing.files = kept;
    Ok(listing)
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
