//! Findings in what a range of commits brings.

use std::collections::{BTreeMap, BTreeSet};

use palisade_git::{ObjectName, RangePath, RangePlace, Reach};
use palisade_model::{Coverage, Finding, Fingerprint, RepoPath};
use palisade_secrets::{Scope, SecretsEngine};

use super::report::{Report, allowed_by_commit};
use super::told::Told;

/// What was found so far in what a range brings.
pub(super) struct Brought<'a> {
    report: Report<'a>,
    findings: Vec<Finding>,
    coverage: Coverage,
    /// What was told of each object under each of its names that it was looked at under.
    told: BTreeMap<(ObjectName, RepoPath), BTreeSet<Fingerprint>>,
}

impl<'a> Brought<'a> {
    /// Nothing but `findings`.
    pub(super) fn new(report: Report<'a>, findings: Vec<Finding>) -> Self {
        Self { report, findings, coverage: Coverage::default(), told: BTreeMap::new() }
    }

    /// Looks at an object, under each of its names that may change what counts of it.
    pub(super) fn object(&mut self, object: ObjectName, places: &[RangePlace]) {
        let mut marks = BTreeSet::new();
        for (at, place) in telling(places).into_iter().enumerate() {
            let found = match self.report.look_again(object, &place.path) {
                Some(looked) => {
                    if at == 0 {
                        self.coverage.looked_at += 1;
                        self.coverage.bytes += looked.length;
                    }
                    let (own, found): (Vec<_>, Vec<_>) =
                        looked.found.into_iter().filter(|(mark, _)| !marks.contains(mark)).unzip();
                    marks.extend(own);
                    found
                }
                None if at == 0 => self.report.look_at_path(&place.path, Some(object)),
                None => return,
            };
            let told = found.iter().map(|finding| finding.fingerprint).collect();
            self.told.insert((object, place.path.clone()), told);
            self.bring(found, Some(object), place);
        }
    }

    /// Looks at a path, which may be one more of an object.
    pub(super) fn path(&mut self, RangePath { path, blob, commit }: &RangePath) {
        let mut found = self.report.look_at_path(path, *blob);
        if let Some(told) = blob.and_then(|blob| self.told.get(&(blob, path.clone()))) {
            found.retain(|finding| !told.contains(&finding.fingerprint));
        }
        self.bring(found, *blob, &RangePlace { path: path.clone(), commit: *commit });
    }

    fn bring(&mut self, found: Vec<Finding>, object: Option<ObjectName>, place: &RangePlace) {
        for mut finding in found {
            let mut told = Told::default();
            let commit = self.report.commit(place.commit).map(|commit| (0, commit));
            let in_head = object.is_some_and(|object| self.report.history.is_in_head(&place.path, object));
            let shown = [finding.location.path.clone()];
            told.add([commit.clone(), commit], &shown, in_head, Reach::Reference);
            let object = object.map(|object| object.to_string()).unwrap_or_default();
            finding.history = Some(told.into_history(object, 1));
            self.findings.extend(allowed_by_commit(self.report.engine, finding));
        }
    }

    /// The findings, and what was looked at.
    pub(super) fn finish(self) -> (Vec<Finding>, Coverage) {
        (self.findings, Coverage { gaps: self.report.into_gaps(), ..self.coverage })
    }
}

/// The places of an object under whose names all of it is told: the first, and those that scopes ask for.
fn telling(places: &[RangePlace]) -> Vec<&RangePlace> {
    let mut telling: Vec<_> = places.first().into_iter().collect();
    if places.len() > 1 {
        let paths: Vec<_> = places.iter().map(|place| place.path.clone()).collect();
        for scope in [Scope::Anywhere, Scope::Unquoted, Scope::Named] {
            let told = SecretsEngine::told_under(&paths, scope);
            let place = places.iter().find(|place| Some(&place.path) == told);
            telling.extend(place.filter(|place| !telling.contains(place)));
        }
    }
    telling
}
