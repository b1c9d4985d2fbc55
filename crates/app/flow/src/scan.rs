use std::collections::BTreeSet;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use palisade_config::write_baseline;
use palisade_git::{History, Repository};
use palisade_model::{
    Baseline, Finding, Fingerprint, RepoPath, Severity, Source, Suppression, SuppressionKind, Suppressions,
    Timestamp,
};
use palisade_secrets::Profile;
use palisade_sys::{FileError, Mode};
use palisade_tree::{Content, Listing, SnapshotWriter, remove_snapshot};

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

/// The largest blob that is taken from the index, in bytes.
const BLOB_LIMIT: u64 = 4 << 30;

/// What to scan.
#[derive(Debug, Clone)]
pub enum ScanTarget {
    /// A folder or a file: everything that is not ignored.
    Path(PathBuf),
    /// Standard input.
    Stdin,
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
}

/// How to scan.
#[derive(Debug, Clone)]
pub struct ScanOptions {
    /// The least severity that makes the result a denial; none is the default rule: every finding of medium confidence or more.
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
    let grounds = Grounds::read(context, ground.root(), &ground, prefix(ground.root(), &start).as_deref())?;
    let root = (!matches!(target, ScanTarget::Stdin)).then(|| directory(folder.root()));
    let rules = choose(context, &options.rules, root.as_deref())?;
    let setting = ScanSetting {
        salt: &salt,
        known: grounds.known(),
        limits: options.limits(),
        profile: options.profile,
        beside: &[],
        rules: &rules.set,
    };
    let answer = match target {
        ScanTarget::Path(_) => {
            let listing = listed(&folder, &start)?;
            scan_in_worker(context, &start, Target::Listed(listing), &setting, &mut io::empty())?
        }
        ScanTarget::Stdin => scan_stdin(context, &setting, &mut io::stdin().lock())?,
        ScanTarget::Staged(_) => {
            scan_staged(context, &folder, folder.require_repository("--staged")?, &setting)?
        }
        ScanTarget::Index { index, .. } => {
            let repository = folder.require_repository("a commit")?.with_index(index)?;
            scan_staged(context, &folder, &repository, &setting)?
        }
        ScanTarget::Since { rev, .. } => {
            let listing = changed(&folder, rev)?;
            scan_in_worker(context, folder.root(), Target::Listed(listing), &setting, &mut io::empty())?
        }
        ScanTarget::History(path) => scan_repository(context, path, Target::History, &setting)?,
        ScanTarget::Range { folder: path, range } => {
            scan_repository(context, path, Target::Range(range.clone()), &setting)?
        }
    };
    let guards = answer.guards.clone();
    let mut scan = grounds.suppress(context, answer, suppressions(context, project.as_ref())?);
    if !matches!(target, ScanTarget::Path(_)) || folder.root() != ground.root() {
        scan.forget_unused();
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
    })
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
        ScanTarget::Stdin => PathBuf::from("."),
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

fn suppressions(context: &Context, project: Option<&Project>) -> Result<Suppressions, FlowError> {
    let tree = project.map(|project| project.root.as_path());
    Ok(effective_policy(context, tree)?.policy.suppressions())
}

fn scan_stdin(
    context: &Context,
    setting: &ScanSetting<'_>,
    input: &mut dyn Read,
) -> Result<crate::worker::Answer, FlowError> {
    let name = RepoPath::from_bytes("stdin").map_err(FlowError::bug)?;
    // The worker needs no folder at all; an empty one of ours is the least it can be given.
    let root = context.folders.cache.join("empty");
    context.files.create_folder(&root, Mode::Private)?;
    scan_in_worker(context, &root, Target::Following(name), setting, input)
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

fn denied(scan: &TriagedScan, fail_on: Option<Severity>) -> Vec<Fingerprint> {
    let denies = |finding: &&Finding| match fail_on {
        Some(threshold) => finding.severity >= threshold,
        None => finding.confidence >= palisade_model::Confidence::Medium,
    };
    scan.report.active_findings().filter(denies).map(|finding| finding.fingerprint).collect()
}
