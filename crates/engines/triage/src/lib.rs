//! Decides which findings count: drops repeats, applies waivers, VEX statements, baseline, inline markers and what other tools' ignore
//! files say, and compares with a threshold.
//!
//! Pure: findings, what the repository says about them and a date go in; the same findings come out, each with the reason why it
//! does not count, if there is one. A suppressed finding stays in every result. It reads no file and knows no file format, does not
//! know where a base revision comes from, and gives no verdict: the gate's policy does.
//!
//! Suppressions lie in the repository, so the change under judgement may have brought them itself. [`Suppressions`] says which
//! count; [`Sources`] holds both sides, what the change says and what the target revision said before it.
//!
//! Start at [`triage`].

#![forbid(unsafe_code)]

mod exploitability;
mod ignored;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use palisade_model::{
    Baseline, Finding, Fingerprint, IgnoreEntry, Listed, RuleId, Severity, Side, Suppression,
    SuppressionKind, Suppressions, VexNote, Waiver,
};

pub use exploitability::{ScannedProducts, VexStatements};
pub use ignored::{FilePatterns, Ignored, PatternError};

use crate::exploitability::Exploitability;
use crate::ignored::Places;

/// What one revision says about findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revision {
    /// Its waivers.
    pub waivers: Vec<Waiver>,
    /// Its baseline.
    pub baseline: Baseline,
    /// Findings with an inline marker in it. Read for the target revision only: the change's markers are on its findings.
    pub markers: BTreeSet<Fingerprint>,
    /// What other tools were told to ignore in it.
    pub ignored: Ignored,
    /// Its VEX statements.
    pub vex: VexStatements,
}

/// Everything that may suppress a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// What counts.
    pub suppressions: Suppressions,
    /// The day in UTC for which it is decided. A waiver holds to the end of its last day.
    pub today: Date,
    /// What the change says.
    pub change: Revision,
    /// What the target revision says; empty when there is none.
    pub base: Revision,
    /// The rules that were asked. An entry of another tool for one of them is for its findings alone; under another name it is for
    /// any finding at that place.
    pub rules: BTreeSet<RuleId>,
    /// What was scanned.
    pub products: ScannedProducts,
}

/// The findings, with the reasons why some do not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Triaged {
    /// Every finding once, in the order of [`Finding::sort_key`].
    pub findings: Vec<Finding>,
    /// Waivers of the change that match no finding, sorted.
    pub unused: Vec<Waiver>,
    /// Waivers of the change that match a finding and have run out, sorted.
    pub expired: Vec<Waiver>,
    /// How many entries of the change's baseline match no finding.
    pub unused_baseline: usize,
    /// Entries of other tools' files in the change that match no finding, sorted. Patterns of files are not among them, nor what is for
    /// one commit.
    pub unused_ignores: Vec<IgnoreEntry>,
    /// VEX statements of the change that decide about no finding, sorted.
    pub unused_vex: Vec<VexNote>,
    /// VEX statements of the change about the vulnerability of a finding that do not let it pass, sorted.
    pub passed_over_vex: Vec<VexNote>,
}

/// Suppresses what `sources` lets pass.
///
/// A waiver goes before a VEX statement, that before a baseline, that before another tool's ignore file, and all before an inline
/// marker, because it says most.
/// With several waivers for one finding the last to end is the reason. Under [`Suppressions::Own`] a suppression is self-granted
/// unless the base grants the finding too.
pub fn triage(findings: Vec<Finding>, sources: &Sources) -> Triaged {
    let mut findings = distinct(findings);
    let change = Granted::of(&findings, &sources.change, Side::Change, sources);
    let base = Granted::of(&findings, &sources.base, Side::Base, sources);
    let mut used = BTreeSet::new();
    for (index, finding) in findings.iter_mut().enumerate() {
        let listed = std::mem::take(&mut finding.listed);
        let case = Case { index, finding, listed: &listed };
        used.extend(change.entries(&case).cloned());
        finding.suppression = match sources.suppressions {
            Suppressions::Own => granted_by_change(&case, &change, &base),
            Suppressions::Base => granted_by_base(&case, &base),
            Suppressions::None => None,
        };
    }
    let seen: BTreeSet<_> = findings.iter().map(|finding| finding.fingerprint).collect();
    let (waivers, unused): (Vec<_>, Vec<_>) =
        sorted(&sources.change.waivers).into_iter().partition(|waiver| seen.contains(&waiver.fingerprint));
    Triaged {
        findings,
        unused,
        expired: waivers.into_iter().filter(|waiver| waiver.until < sources.today).collect(),
        unused_baseline: sources.change.baseline.fingerprints.difference(&seen).count(),
        unused_ignores: sources.change.ignored.entries().difference(&used).cloned().collect(),
        unused_vex: change.vex.unused,
        passed_over_vex: change.vex.passed_over,
    }
}

/// Whether a finding that counts is as bad as `threshold`, or worse.
pub fn fails(findings: &[Finding], threshold: Severity) -> bool {
    findings.iter().any(|finding| finding.suppression.is_none() && finding.severity >= threshold)
}

/// A finding under judgement.
struct Case<'f> {
    /// Its place among all.
    index: usize,
    finding: &'f Finding,
    /// The entries of other tools' files that list its secret.
    listed: &'f [Listed],
}

/// A revision's suppressions that hold today, by finding.
struct Granted<'a> {
    waivers: BTreeMap<Fingerprint, &'a Waiver>,
    places: Places<'a>,
    vex: Exploitability<'a>,
    revision: &'a Revision,
    side: Side,
}

impl<'a> Granted<'a> {
    fn of(findings: &[Finding], revision: &'a Revision, side: Side, sources: &'a Sources) -> Self {
        let mut waivers = BTreeMap::new();
        for waiver in revision.waivers.iter().filter(|waiver| waiver.until >= sources.today) {
            let kept = waivers.entry(waiver.fingerprint).or_insert(waiver);
            *kept = last(kept, waiver);
        }
        let places = Places::new(&revision.ignored, &sources.rules);
        let vex = Exploitability::of(findings, &revision.vex, &sources.products);
        Self { waivers, places, vex, revision, side }
    }

    /// By a waiver, a VEX statement, the baseline or another tool's file.
    fn granted(&self, case: &Case<'_>, self_granted: bool) -> Option<Suppression> {
        let finding = case.finding;
        let waiver = self.waivers.get(&finding.fingerprint).map(|waiver| waived(waiver, self_granted));
        let known = || {
            let is_known = self.revision.baseline.fingerprints.contains(&finding.fingerprint);
            is_known.then(|| known_before(self_granted))
        };
        let ignored = || {
            let entry = self.entries(case).next();
            let entry = entry.or_else(|| self.revision.ignored.files.matching(&finding.location.path));
            entry.map(|entry| ignored(entry, self_granted))
        };
        let stated = || Some(not_exploitable(self.vex.reason(case.index)?, self_granted));
        waiver.or_else(stated).or_else(known).or_else(ignored)
    }

    /// The entries of other tools' files that name this very finding.
    fn entries<'l>(&'l self, case: &Case<'l>) -> impl Iterator<Item = &'l IgnoreEntry> {
        let listed = case.listed.iter().filter(|listed| listed.side == self.side).map(|listed| &listed.entry);
        self.places.matching(case.finding).chain(listed)
    }
}

/// Of two waivers for one finding, the one that ends last.
fn last<'a>(one: &'a Waiver, other: &'a Waiver) -> &'a Waiver {
    if (other.until, other) > (one.until, one) { other } else { one }
}

/// The change's word counts. What the base grants too is shown as the base says it: the change may have rewritten reason or date.
fn granted_by_change(case: &Case<'_>, change: &Granted<'_>, base: &Granted<'_>) -> Option<Suppression> {
    let finding = case.finding;
    let own = change.granted(case, true);
    let granted = own.map(|own| base.granted(case, false).unwrap_or(own));
    granted.or_else(|| marked(finding, !base.revision.markers.contains(&finding.fingerprint)))
}

fn granted_by_base(case: &Case<'_>, base: &Granted<'_>) -> Option<Suppression> {
    let finding = case.finding;
    let was_marked = base.revision.markers.contains(&finding.fingerprint);
    let granted = base.granted(case, false);
    granted.or_else(|| marked(finding, false).filter(|_| was_marked))
}

fn waived(waiver: &Waiver, self_granted: bool) -> Suppression {
    Suppression {
        kind: SuppressionKind::Waiver,
        reason: waiver.reason.clone(),
        owner: waiver.owner.clone(),
        until: Some(waiver.until.to_string()),
        self_granted,
    }
}

fn not_exploitable((reason, owner): (String, Option<String>), self_granted: bool) -> Suppression {
    Suppression { kind: SuppressionKind::Vex, reason, owner, until: None, self_granted }
}

fn known_before(self_granted: bool) -> Suppression {
    let reason = "was there when the baseline was made".into();
    Suppression { kind: SuppressionKind::Baseline, reason, owner: None, until: None, self_granted }
}

fn ignored(entry: &IgnoreEntry, self_granted: bool) -> Suppression {
    let reason = format!("listed in {entry}");
    Suppression { kind: SuppressionKind::IgnoreFile, reason, owner: None, until: None, self_granted }
}

/// By the comment on its line; one without a reason does not count.
fn marked(finding: &Finding, self_granted: bool) -> Option<Suppression> {
    let reason = finding.marker.as_ref()?.reason.as_deref()?.trim();
    let suppression = |reason: &str| Suppression {
        kind: SuppressionKind::Inline,
        reason: reason.into(),
        owner: None,
        until: None,
        self_granted,
    };
    (!reason.is_empty()).then(|| suppression(reason))
}

/// Each finding once, in order. Of findings that differ only in what is said about them, the worst stays.
fn distinct(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|one, other| {
        let worst_first = (other.severity, other.confidence).cmp(&(one.severity, one.confidence));
        one.sort_key().cmp(&other.sort_key()).then(worst_first)
    });
    findings.dedup_by(|one, other| one.sort_key() == other.sort_key());
    findings
}

fn sorted(waivers: &[Waiver]) -> Vec<Waiver> {
    waivers.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect()
}

#[cfg(test)]
mod tests;
