//! Bills of materials: made of what a scan found, converted, compared.

use std::io::Read;
use std::path::{Path, PathBuf};

use palisade_git::Change;
use palisade_model::{Gap, Inventory, Source, Timestamp};
use palisade_sbom::{Bom, BomDiff, BomFormat, BomSubject, LARGEST, Written};

use crate::engines::EngineName;
use crate::project::{Project, pipeline_file};
use crate::scan::{ScanOptions, ScanOutcome, ScanTarget, scan};
use crate::source::Folder;
use crate::statements::hosted;
use crate::worker::{DocumentAnswer, Question, WrittenDocument, ask_of_documents};
use crate::{Context, FlowError};

/// A bill of materials that was made.
#[derive(Debug, Clone)]
pub struct CreatedBill {
    /// The document.
    pub written: Written,
    /// What could not be looked at, so that packages may be missing from it.
    pub gaps: Vec<Gap>,
    /// How many packages it lists.
    pub packages: usize,
}

/// A bill of materials in another format.
#[derive(Debug, Clone)]
pub struct ConvertedBill {
    /// The document.
    pub text: String,
    /// What the format could not hold.
    pub lost: Vec<String>,
    /// What of the original could not be read.
    pub problems: Vec<String>,
}

/// How two bills of materials differ.
#[derive(Debug, Clone)]
pub struct ComparedBills {
    /// The difference.
    pub diff: BomDiff,
    /// What of both could not be read.
    pub problems: Vec<String>,
}

/// Looks for packages at `path` and lists them. `source_date` is the time that the document tells when the commit's does not fit.
pub fn create_bill(
    context: &Context,
    path: &Path,
    max_file_bytes: u64,
    format: BomFormat,
    source_date: Option<Timestamp>,
) -> Result<CreatedBill, FlowError> {
    let target = ScanTarget::Path(path.to_owned());
    let options = ScanOptions {
        max_file_bytes,
        engines: Some([EngineName::Deps].into()),
        packages_alone: true,
        ..ScanOptions::default()
    };
    let outcome = scan(context, &target, &options)?;
    let written = bill_of_scan(context, &target, &outcome, format, source_date)?;
    let gaps = outcome.scan.report.blocking_gaps().cloned().collect();
    Ok(CreatedBill { written, gaps, packages: outcome.inventory.packages().count() })
}

/// The bill of what a scan of `target` found.
///
/// Its time is that of the commit when no file of a commit is otherwise and every record that it lists is the commit's; else
/// `source_date`, else the beginning of 1970: the same tree gives the same bytes.
pub fn bill_of_scan(
    context: &Context,
    target: &ScanTarget,
    outcome: &ScanOutcome,
    format: BomFormat,
    source_date: Option<Timestamp>,
) -> Result<Written, FlowError> {
    let path = match target {
        ScanTarget::Path(path) => Some(path),
        ScanTarget::Image(_) => None,
        _ => {
            return Err(FlowError::usage_with_hint(
                "a bill of materials lists what lies in a folder or an image",
                "scan one of these whole; `palisade sbom convert` writes another bill's in this format",
            ));
        }
    };
    if !outcome.scan.report.engines.iter().any(|report| report.engine == EngineName::Deps.as_str()) {
        return Err(FlowError::usage_with_hint(
            "a bill of materials is made by the engine `deps`",
            "leave --engine out, or choose `--engine deps`",
        ));
    }
    let Some(path) = path else {
        let bom = Bom::of_inventory(
            &outcome.inventory,
            &image_subject(target, outcome),
            context.version,
            source_date.unwrap_or_default(),
        );
        return bom.write(format).map_err(FlowError::bug);
    };
    let folder = Folder::open(path)?;
    let commit_time = match is_committed(&folder, &outcome.inventory)? {
        true => folder.repository().and_then(|repository| repository.head_time()),
        false => None,
    };
    let commit_time = commit_time.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let subject = subject(context, &folder, &outcome.source, commit_time.is_some())?;
    let time = commit_time.or(source_date).unwrap_or_default();
    Bom::of_inventory(&outcome.inventory, &subject, context.version, time)
        .write(format)
        .map_err(FlowError::bug)
}

/// The image, by the name it was asked for, with its digests.
fn image_subject(target: &ScanTarget, outcome: &ScanOutcome) -> BomSubject {
    let name = match target {
        ScanTarget::Image(request) => request.image.clone(),
        _ => String::new(),
    };
    let hashes = outcome.product.hashes.iter().take(1).cloned().collect();
    BomSubject { kind: "container".to_owned(), name, version: None, purl: None, hashes }
}

/// Whether the commit has everything that the inventory tells of, and nothing of it is otherwise. Files beside, such as results,
/// do not matter.
fn is_committed(folder: &Folder, inventory: &Inventory) -> Result<bool, FlowError> {
    if folder.repository().is_none() || !folder.root().is_dir() {
        return Ok(false);
    }
    let contents = folder.contents()?;
    let is_listed = |path| inventory.files.iter().any(|file| file.path == path);
    let differs = contents.tracked.iter().any(|file| match file.change {
        Change::Unchanged => false,
        Change::Untracked => is_listed(file.path.clone()),
        Change::Edited | Change::Added => true,
    });
    Ok(!differs && !contents.misses_files)
}

/// The project, by its pipeline file, else by where it was cloned from, else by its folder.
fn subject(
    context: &Context,
    folder: &Folder,
    source: &Source,
    is_commit: bool,
) -> Result<BomSubject, FlowError> {
    let (remote, commit) = match source {
        Source::Git { remote, commit, .. } => (remote.as_deref(), commit.as_ref().filter(|_| is_commit)),
        _ => (None, None),
    };
    let commit = commit.map(|commit| commit.as_str().to_owned());
    let named = match Project::find_optional(&directory(folder.root()))? {
        Some(project) => Some(pipeline_file(context, &project.root)?.value.name),
        None => None,
    };
    let cloned = || {
        let last = remote?.trim_end_matches('/').rsplit('/').next()?;
        Some(last.strip_suffix(".git").unwrap_or(last).to_owned()).filter(|name| !name.is_empty())
    };
    let of_folder = || {
        let name = folder.root().file_name().map(|name| name.to_string_lossy().into_owned());
        name.unwrap_or_else(|| "project".to_owned())
    };
    Ok(BomSubject {
        kind: "application".to_owned(),
        name: named.or_else(cloned).unwrap_or_else(of_folder),
        purl: remote.and_then(|remote| hosted(remote, commit.as_deref())),
        version: commit,
        hashes: Vec::new(),
    })
}

fn directory(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !path.is_dir() => parent.to_owned(),
        _ => path.to_owned(),
    }
}

/// Writes the bill in `path`, a file or `-` for standard input, in another format.
pub fn convert_bill(context: &Context, path: &Path, format: BomFormat) -> Result<ConvertedBill, FlowError> {
    let bytes = read_input(context, path)?;
    match ask_of_documents(context, &[bytes], Question::Convert(format.to_string()))? {
        DocumentAnswer::Written(WrittenDocument { text, lost, problems, .. }) => {
            Ok(ConvertedBill { text, lost, problems })
        }
        answer => Err(refused(&[path], &answer)),
    }
}

/// Compares the bills in two files.
pub fn diff_bills(context: &Context, old: &Path, new: &Path) -> Result<ComparedBills, FlowError> {
    let bytes = [read_input(context, old)?, read_input(context, new)?];
    match ask_of_documents(context, &bytes, Question::Diff)? {
        DocumentAnswer::Differ { diff, problems } => Ok(ComparedBills { diff, problems }),
        answer => Err(refused(&[old, new], &answer)),
    }
}

/// The bytes of a document at `path`, or on standard input.
pub(crate) fn read_input(context: &Context, path: &Path) -> Result<Vec<u8>, FlowError> {
    if path != Path::new("-") {
        return Ok(context.files.read(path, LARGEST as u64)?);
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(LARGEST as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| FlowError::usage(format!("cannot read standard input: {error}")))?;
    Ok(bytes)
}

/// The error of a document that the worker could make nothing of.
pub(crate) fn refused(paths: &[&Path], answer: &DocumentAnswer) -> FlowError {
    let DocumentAnswer::Unreadable(at, why) = answer else {
        return FlowError::bug("the worker answered something else");
    };
    let path = paths.get(*at).map(|path| path.display().to_string()).unwrap_or_default();
    FlowError::usage(format!("`{path}` cannot be used: {why}"))
}
