//! Looks for secrets in everything that a git object database holds: every blob, commit and tag, reachable or not, and every file
//! name.
//!
//! Objects are read as their packs store them: what a delta copies from its base was looked at there. What that yields is the names
//! of secrets and the objects that hold them; then all trees are read once to learn where those objects stand, and one object for
//! each secret is looked at again to say the place.

mod brought;
mod gaps;
mod looking;
mod references;
mod report;
mod told;

use std::collections::BTreeSet;
use std::path::Path;

use palisade_git::{Asked, GitError, History, HistoryLimits, ObjectKind, RangePlace};
use palisade_model::{Coverage, Engine, EngineReport, Finding, HistoryWork, RepoPath, ScanReport};
use palisade_secrets::SecretsEngine;
use palisade_tree::ScanLimits;

use brought::Brought;
use gaps::{cut_off, missing, survey_gaps};
use looking::{Held, Looking};
use references::{name_findings, reference_findings};
use report::{Report, git_path};

/// Scans the repository at `root`.
pub(crate) fn scan_history(
    root: &Path,
    engine: &SecretsEngine,
    limits: ScanLimits,
    version: &str,
) -> Result<ScanReport, GitError> {
    let history = History::open(root)?;
    let bounds = HistoryLimits { max_object_bytes: limits.max_file_bytes, ..HistoryLimits::default() };
    let looking = Looking::new(engine, limits);
    let survey = history.read(&looking, &bounds);
    let work = looking.work(survey.tally.content_bytes);
    let (held, mut gaps) = looking.finish();
    let held = Held::new(held, &mut gaps);
    let asked = Asked {
        name: &|name| engine.names_secret(name),
        last_name: &|name| engine.may_want_file(name),
        path: &|path| engine.wants_path(path),
    };
    let wanted: Vec<_> = held.objects.keys().copied().collect();
    let trees = history.survey_trees(&wanted, &asked, &bounds);
    gaps.extend(survey_gaps(&survey.gaps));
    gaps.extend(survey_gaps(&trees.gaps));
    gaps.extend(cut_off(survey.shallow || trees.shallow));
    gaps.extend(missing(trees.missing, survey.promisor));
    let mut report = Report::new(&history, engine, limits, gaps);
    report.places = wanted.into_iter().zip(trees.objects).collect();
    let secrets = report.secrets(&held);
    let told: BTreeSet<_> =
        secrets.iter().filter(|(_, finding)| finding.marker.is_none()).map(|(mark, _)| *mark).collect();
    let mut findings: Vec<_> = secrets.into_iter().map(|(_, finding)| finding).collect();
    findings.extend(report.names(trees.names));
    findings.extend(report.files(trees.files));
    findings.extend(reference_findings(&history, engine, limits.archive_depth, &told, &mut report.gaps));
    let gaps = report.into_gaps();
    let tally = survey.tally;
    let coverage = Coverage {
        looked_at: tally.blobs + tally.commits + tally.tags,
        bytes: tally.content_bytes,
        gaps,
        ..Coverage::default()
    };
    Ok(into_report(engine, findings, coverage, Some(work), version))
}

/// Scans what a range of commits brings to the repository at `root`, and what the references that get it are called, of which `names`
/// are the files.
pub(crate) fn scan_range(
    root: &Path,
    range: &str,
    names: &[RepoPath],
    engine: &SecretsEngine,
    limits: ScanLimits,
    version: &str,
) -> Result<ScanReport, GitError> {
    let history = History::open(root)?;
    let is_wanted = |path: &RepoPath| engine.wants_path(path) || engine.names_secret(path.as_bytes());
    let range = history.range(range, &is_wanted, &|path| engine.judged_as(path))?;
    let gaps = survey_gaps(&range.gaps).into_iter().chain(cut_off(range.shallow)).collect();
    let mut brought = Brought::new(Report::new(&history, engine, limits, gaps), name_findings(engine, names));
    for blob in &range.blobs {
        brought.object(blob.name, &blob.places);
    }
    for (kind, names) in [(ObjectKind::Commit, &range.commits), (ObjectKind::Tag, &range.tags)] {
        for name in names {
            let place = git_path(kind, *name).map(|path| RangePlace { path, commit: *name });
            brought.object(*name, place.as_slice());
        }
    }
    for path in &range.other_paths {
        brought.path(path);
    }
    let (findings, coverage) = brought.finish();
    Ok(into_report(engine, findings, coverage, None, version))
}

fn into_report(
    engine: &SecretsEngine,
    mut findings: Vec<Finding>,
    coverage: Coverage,
    work: Option<HistoryWork>,
    version: &str,
) -> ScanReport {
    sort(&mut findings);
    let rules =
        findings.iter().filter_map(|one| Some((one.rule.clone(), engine.rule_info(&one.rule)?))).collect();
    let engines = vec![EngineReport {
        engine: engine.id().to_owned(),
        version: version.to_owned(),
        rules: engine.rules_digest(),
        rule_count: engine.rule_count(),
        work,
        coverage,
    }];
    let mut report = ScanReport { engines, findings, rules };
    engine.settle(&mut report);
    sort(&mut report.findings);
    report
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by(|one, other| one.sort_key().cmp(&other.sort_key()));
}
