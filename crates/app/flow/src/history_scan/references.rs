//! Secrets in what branches, tags and other references are called, and in their logs.

use std::collections::{BTreeMap, BTreeSet};

use palisade_git::{History, Reach};
use palisade_model::{Entry, EntryMeta, Finding, Gap, GapKind, RepoPath, Sink};
use palisade_secrets::{Mark, SecretsEngine};

use super::gaps::survey_gaps;
use super::looking::MAX_SECRETS;
use super::told::Told;

/// What is said of a secret in a name.
const IN_NAME: &str = "it stands in the name of a branch, tag or other reference";

/// The findings in references, each secret once, with every place of it; none of a secret that was `told` of an object.
pub(super) fn reference_findings(
    history: &History,
    engine: &SecretsEngine,
    told: &BTreeSet<Mark>,
    gaps: &mut Vec<Gap>,
) -> Vec<Finding> {
    let mut found: BTreeMap<Mark, (Finding, Told)> = BTreeMap::new();
    let mut sink = Sink::new();
    let mut full = false;
    let unread = history.for_each_reference_file(&mut |path, bytes| {
        for (mark, finding) in look(engine, path, bytes, &mut sink) {
            if told.contains(&mark) {
                continue;
            }
            if found.len() >= MAX_SECRETS && !found.contains_key(&mark) {
                full = true;
                continue;
            }
            let place = [finding.location.path.clone()];
            let (_, told) = found.entry(mark).or_insert_with(|| (finding, Told::default()));
            told.add([None, None], &place, false, Reach::Reference);
        }
    });
    gaps.extend(survey_gaps(&unread));
    gaps.extend(sink.into_parts().1);
    if full {
        let detail =
            format!("more than {MAX_SECRETS} different secrets in references; the rest is not reported");
        gaps.push(Gap::new(None, GapKind::BudgetHit, detail));
    }
    let told = |(finding, told): (Finding, Told)| Finding {
        history: Some(told.into_history(String::new(), 1)),
        ..finding
    };
    found.into_values().map(told).collect()
}

/// What stands in the name of a file and in the file.
fn look(engine: &SecretsEngine, path: &RepoPath, bytes: &[u8], sink: &mut Sink) -> Vec<(Mark, Finding)> {
    let meta = EntryMeta::file(path, bytes.len() as u64);
    let in_name = engine.name_findings(&meta).len();
    let entry = Entry { meta, bytes };
    // Rules for paths are for files of the project.
    let by_path: BTreeSet<_> = engine.path_findings(&entry).iter().map(|reported| reported.mark).collect();
    let reported = engine.reported(&entry, &engine.read(bytes), sink);
    let told = reported.into_iter().enumerate().map(|(at, reported)| {
        let message = if at < in_name { IN_NAME.to_owned() } else { reported.finding.message };
        (reported.mark, Finding { message, ..reported.finding })
    });
    told.filter(|(mark, _)| !by_path.contains(mark)).collect()
}

/// The findings in what references are called, of which `names` are the files.
pub(super) fn name_findings(engine: &SecretsEngine, names: &[RepoPath]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in names {
        for finding in engine.name_findings(&EntryMeta::file(name, 0)) {
            let mut told = Told::default();
            told.add([None, None], std::slice::from_ref(&finding.location.path), false, Reach::Reference);
            let history = Some(told.into_history(String::new(), 1));
            findings.push(Finding { message: IN_NAME.to_owned(), history, ..finding });
        }
    }
    findings
}
