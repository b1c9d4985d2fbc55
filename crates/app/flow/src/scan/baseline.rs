//! The baseline of a project, made from a scan.

use std::collections::BTreeSet;
use std::path::PathBuf;

use palisade_config::write_baseline;
use palisade_model::{Baseline, Finding, Fingerprint, Suppression, SuppressionKind};
use palisade_sys::Mode;

use super::site::directory;
use super::{ScanOutcome, ScanTarget};
use crate::project::Project;
use crate::{Context, FlowError};

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
