//! Reads what a repository says about findings: in the change, and in the revision it is measured against.

use std::path::Path;

use palisade_config::{Parsed, WaiverFile, parse_baseline};
use palisade_model::{Baseline, RepoPath, ScanReport, Suppressions, Waiver};
use palisade_triage::{Revision, Sources, Triaged, triage};

use crate::document;
use crate::source::Folder;
use crate::{Context, FlowError};

/// The waivers of a project.
pub const WAIVER_FILE: &str = "palisade.waivers.yaml";

/// The baseline of a project.
pub const BASELINE_FILE: &str = "palisade.baseline.json";

/// A scan after suppression.
#[derive(Debug, Clone)]
pub struct TriagedScan {
    /// The scan; its findings carry their suppressions.
    pub report: ScanReport,
    /// Waivers that match nothing.
    pub unused: Vec<Waiver>,
    /// Waivers that match something and are over.
    pub expired: Vec<Waiver>,
    /// Every waiver that was read from the change.
    pub waivers: Vec<Waiver>,
}

/// Applies to `report` what the project at `tree` (its folder, or the snapshot of it) says, as far as `suppressions` lets it count.
/// `folder` is the project's folder, from which the base revision is found.
pub(crate) fn suppress(
    context: &Context,
    report: ScanReport,
    tree: &Path,
    folder: &Folder,
    suppressions: Suppressions,
) -> Result<TriagedScan, FlowError> {
    let change = revision_on_disk(context, tree)?;
    let base = base_revision(folder)?;
    let waivers = change.waivers.clone();
    let sources = Sources { suppressions, today: context.today(), change, base };
    let Triaged { findings, unused, expired, .. } = triage(report.findings, &sources);
    Ok(TriagedScan { report: ScanReport { findings, ..report }, unused, expired, waivers })
}

fn revision_on_disk(context: &Context, tree: &Path) -> Result<Revision, FlowError> {
    let waivers = document::read(&*context.files, &tree.join(WAIVER_FILE))?;
    let baseline = document::read(&*context.files, &tree.join(BASELINE_FILE))?;
    revision(waivers.as_deref(), baseline.as_deref(), "")
}

fn base_revision(folder: &Folder) -> Result<Revision, FlowError> {
    let Some((repository, commit)) =
        folder.repository().and_then(|found| Some((found, found.target_commit()?)))
    else {
        return Ok(Revision::default());
    };
    let read = |name: &str| {
        let path = RepoPath::from_bytes(name).map_err(FlowError::bug)?;
        Ok::<_, FlowError>(repository.file_at(commit.as_str(), &folder.in_repository(&path)?)?)
    };
    revision(read(WAIVER_FILE)?.as_deref(), read(BASELINE_FILE)?.as_deref(), &format!("{}:", commit.short()))
}

fn revision(waivers: Option<&[u8]>, baseline: Option<&[u8]>, prefix: &str) -> Result<Revision, FlowError> {
    let mut revision = Revision::default();
    if let Some(bytes) = waivers {
        let file = document::parse(&format!("{prefix}{WAIVER_FILE}"), bytes, WaiverFile::parse)?;
        revision.waivers = file.value.waivers.into_iter().map(|waiver| waiver.value).collect();
    }
    if let Some(bytes) = baseline {
        let parser: fn(&[u8]) -> Parsed<Baseline> = parse_baseline;
        revision.baseline = document::parse(&format!("{prefix}{BASELINE_FILE}"), bytes, parser)?.value;
    }
    Ok(revision)
}
