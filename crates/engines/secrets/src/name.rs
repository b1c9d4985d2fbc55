//! Secrets in the names of files: a name is a text like any other, and the only one that must be masked wherever it is shown.

use palisade_model::{Entry, EntryMeta, RepoPath, Span};

use crate::candidate::Candidate;
use crate::compile::Tier;
use crate::engine::SecretsEngine;
use crate::excerpt::Masker;
use crate::overlap;
use crate::report::{Reported, Reporter};
use crate::view::View;

/// What a byte of a secret in a path is replaced by.
const HIDDEN: u8 = b'*';

/// Secrets in the path itself. Only formats that nothing else has: words such as `password` are no secret in a name.
pub(crate) fn secrets(engine: &SecretsEngine, name: &[u8]) -> Vec<Candidate> {
    let certain =
        |candidate: &Candidate| engine.rule(candidate).is_some_and(|rule| rule.tier > Tier::Generic);
    engine.matchers.name(name).into_iter().filter(certain).collect()
}

/// The findings in the name of an entry. Their place is in the name: line 1, and columns of the path.
pub(crate) fn findings(engine: &SecretsEngine, meta: &EntryMeta<'_>) -> Vec<Reported> {
    let name = match meta.members.last() {
        Some(member) => member.as_bytes(),
        None => meta.path.as_bytes(),
    };
    let candidates = secrets(engine, name);
    if candidates.is_empty() {
        return Vec::new();
    }
    let (entry, view) = (Entry { meta: *meta, bytes: name }, View::of(name));
    let masker = Masker::new(name, &candidates);
    let named =
        |candidate: Candidate| Candidate { message: "it stands in the file's name".to_owned(), ..candidate };
    let settled: Vec<_> =
        overlap::settle(&engine.matchers.rules, candidates).into_iter().map(named).collect();
    let reporter = Reporter::new(engine, &entry, &view, masker, &settled, false);
    settled.iter().filter_map(|candidate| reporter.reported(candidate)).collect()
}

pub(crate) fn masked(engine: &SecretsEngine, name: &[u8]) -> Vec<u8> {
    let mut shown = name.to_vec();
    for candidate in secrets(engine, name) {
        hide(&mut shown, candidate.secret);
    }
    shown
}

/// Overwrites `secret` in `text`.
pub(crate) fn hide(text: &mut [u8], secret: Span) {
    text.get_mut(secret.start..secret.end).into_iter().flatten().for_each(|byte| *byte = HIDDEN);
}

/// Where an entry lies, as it may be shown.
pub(crate) fn shown(engine: &SecretsEngine, meta: &EntryMeta<'_>) -> (RepoPath, Vec<String>) {
    let member = |member: &String| String::from_utf8_lossy(&masked(engine, member.as_bytes())).into_owned();
    (engine.concealed_path(meta.path), meta.members.iter().map(member).collect())
}
