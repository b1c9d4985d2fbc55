//! Findings in what a range of commits brings.

use std::collections::{BTreeMap, BTreeSet};

use palisade_git::{ObjectName, RangePath, RangePlace, Reach};
use palisade_model::{Coverage, Finding, Fingerprint, RepoPath};
use palisade_secrets::Mark;

use super::report::{Report, allowed_by_commit, lets_pass};
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

    /// Looks at an object under its names, of which each may change what counts of it: a secret is told under the first at which nothing
    /// lets it pass.
    pub(super) fn object(&mut self, object: ObjectName, places: &[RangePlace]) {
        let mut told: BTreeMap<Mark, (&RangePlace, Vec<Finding>)> = BTreeMap::new();
        for (at, place) in places.iter().enumerate() {
            let Some(looked) = self.report.look_again(object, &place.path) else {
                let found = self.report.look_at_path(&place.path, Some(object));
                self.tell(found, object, place);
                continue;
            };
            if at == 0 {
                self.coverage.looked_at += 1;
                self.coverage.bytes += looked.length;
            }
            for (mark, found) in by_mark(looked.found) {
                let is_better = |known: &[Finding]| lets_pass(known) && !lets_pass(&found);
                if told.get(&mark).is_none_or(|(_, known)| is_better(known)) {
                    told.insert(mark, (place, found));
                }
            }
        }
        for (place, found) in told.into_values() {
            self.tell(found, object, place);
        }
    }

    /// Takes what was found in an object under one of its names.
    fn tell(&mut self, found: Vec<Finding>, object: ObjectName, place: &RangePlace) {
        let told = self.told.entry((object, place.path.clone())).or_default();
        told.extend(found.iter().map(|finding| finding.fingerprint));
        self.bring(found, Some(object), place);
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

fn by_mark(found: Vec<(Mark, Finding)>) -> BTreeMap<Mark, Vec<Finding>> {
    let mut by_mark: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (mark, finding) in found {
        by_mark.entry(mark).or_default().push(finding);
    }
    by_mark
}
