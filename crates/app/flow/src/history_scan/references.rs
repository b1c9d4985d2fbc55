//! Secrets in what branches, tags and other references are called, in their logs, and in what else a git folder holds beside objects.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use palisade_git::{History, Reach};
use palisade_model::{Entry, EntryMeta, Finding, Gap, GapKind, RepoPath, Sink};
use palisade_secrets::{Mark, SecretsEngine};
use palisade_tree::{Inner, for_each_member};

use super::gaps::survey_gaps;
use super::looking::MAX_SECRETS;
use super::told::Told;

/// What is said of a secret in a name.
const IN_NAME: &str = "it stands in the name of a branch, tag or other reference";

/// How users and tokens of jobs begin: those of GitLab's runner (`glcbt-`, or a JSON Web Token), and those of an application of GitHub, in
/// base 64.
const JOB_TOKENS: [&[u8]; 3] = [
    b"//gitlab-ci-token:glcbt-",
    b"//gitlab-ci-token:eyJ",
    b"AUTHORIZATION: basic eC1hY2Nlc3MtdG9rZW46Z2hzX",
];

/// The findings in references and in the git folder's own files, each secret once, with every place of it in references; none of a secret
/// that was `told` of an object. Own files that are archives are opened, `archive_depth` deep.
pub(super) fn reference_findings(
    history: &History,
    engine: &SecretsEngine,
    archive_depth: u32,
    told: &BTreeSet<Mark>,
    gaps: &mut Vec<Gap>,
) -> Vec<Finding> {
    let mut found: BTreeMap<Mark, (Finding, Option<Told>)> = BTreeMap::new();
    let mut sink = Sink::new();
    let mut full = false;
    let mut add = |entry: &Entry<'_>, is_reference: bool| {
        for (mark, finding, is_in_name) in look(engine, entry, &mut sink) {
            let message = if is_in_name && is_reference { IN_NAME.to_owned() } else { finding.message };
            let finding = Finding { message, ..finding };
            if told.contains(&mark) {
                continue;
            }
            if found.len() >= MAX_SECRETS && !found.contains_key(&mark) {
                full = true;
                continue;
            }
            let place = [finding.location.path.clone()];
            let (shown, told) =
                found.entry(mark).or_insert_with(|| (finding.clone(), is_reference.then(Told::default)));
            // What is let pass in one place counts in another.
            if shown.marker.is_some() && finding.marker.is_none() {
                *shown = finding;
            }
            if let Some(told) = told {
                told.add([None, None], &place, false, Reach::Reference);
            }
        }
    };
    let unread = history.for_each_reference_file(&mut |path, bytes| add(&file(path, bytes), true));
    gaps.extend(survey_gaps(&unread));
    // A file of the git folder is no part of a history: mending it mends it.
    let unread = history.for_each_own_file(&mut |path, bytes| {
        add(&file(path, &without_job_tokens(path, bytes)), false);
        // Known by its first bytes alone, as the objects are.
        for_each_member(b"", bytes, archive_depth, &mut |inner| match inner {
            Inner::Member { members, kind, bytes } => {
                let meta = EntryMeta { path, kind, size: bytes.len() as u64, members };
                add(&Entry { meta, bytes }, false);
            }
            Inner::Closed { kind, detail } => gaps.push(Gap::new(None, kind, format!("{path}: {detail}"))),
        });
    });
    gaps.extend(survey_gaps(&unread));
    gaps.extend(sink.into_parts().1);
    if full {
        let detail =
            format!("more than {MAX_SECRETS} different secrets in references; the rest is not reported");
        gaps.push(Gap::new(None, GapKind::BudgetHit, detail));
    }
    let told = |(finding, told): (Finding, Option<Told>)| Finding {
        history: told.map(|told| told.into_history(String::new(), 1)),
        ..finding
    };
    found.into_values().map(told).collect()
}

fn file<'f>(path: &'f RepoPath, bytes: &'f [u8]) -> Entry<'f> {
    Entry { meta: EntryMeta::file(path, bytes.len() as u64), bytes }
}

/// A configuration without the tokens by which a CI service lets a job fetch. Such a token ends with the job, and each job would be told of
/// its own. What somebody else put there may last, whatever user stands before it.
fn without_job_tokens<'b>(path: &RepoPath, bytes: &'b [u8]) -> Cow<'b, [u8]> {
    let is_config = path.as_bytes().ends_with(b"/config") || path.as_bytes().ends_with(b"/config.worktree");
    let mut kept = Cow::Borrowed(bytes);
    for token in JOB_TOKENS.iter().filter(|_| is_config) {
        let places = bytes.windows(token.len()).enumerate().filter(|(_, part)| part == token);
        for (at, _) in places {
            let of_token = |byte: &&mut u8| byte.is_ascii_alphanumeric() || b"+/=_.-".contains(byte);
            let rest = kept.to_mut().iter_mut().skip(at + token.len());
            rest.take_while(of_token).for_each(|byte| *byte = b' ');
        }
    }
    kept
}

/// What stands in the name of a file and in the file, and whether it is in the name.
fn look(engine: &SecretsEngine, entry: &Entry<'_>, sink: &mut Sink) -> Vec<(Mark, Finding, bool)> {
    let in_name = engine.name_findings(&entry.meta).len();
    // Rules for paths are for files of the project.
    let by_path: BTreeSet<_> = engine.path_findings(entry).iter().map(|reported| reported.mark).collect();
    let reported = engine.reported(entry, &engine.read(entry.bytes), sink);
    let told = reported.into_iter().enumerate();
    let told = told.map(|(at, reported)| (reported.mark, reported.finding, at < in_name));
    told.filter(|(mark, ..)| !by_path.contains(mark)).collect()
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
