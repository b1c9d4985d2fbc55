//! The smallest change that mends a flaw.

use std::collections::BTreeSet;

use palisade_advisory::{AdvisoryKind, Database, DatabaseError, Entry, Judgement};
use palisade_model::{Ecosystem, FixAdvice, Package};
use palisade_version::{Scheme, Version};

use crate::matching::Hit;
use crate::wording::{Change, Way, wording};

/// Versions that are listed besides the one that is advised.
const MAX_OTHERS: usize = 8;

/// Versions that are judged to find one without flaws.
const MAX_CANDIDATES: usize = 512;
/// Questions that are asked of records to find one.
const MAX_QUESTIONS: usize = 500_000;

/// Versions of a package, after its present one, that no record calls affected.
pub(crate) struct Free(Vec<String>);

impl Free {
    /// Follows what the records call fixed: what mends one flaw may have another, which then tells what mends it.
    pub(crate) fn of(
        database: &Database<'_>,
        ecosystem: &Ecosystem,
        name: &str,
        version: &str,
        hits: &[Hit<'_>],
    ) -> Result<Self, DatabaseError> {
        let Some(scheme) = Scheme::of_ecosystem(ecosystem.base()) else { return Ok(Self(Vec::new())) };
        let Ok(present) = Version::parse(scheme, version) else { return Ok(Self(Vec::new())) };
        let is_flaw = |entry: &Entry<'_>| {
            matches!(entry.record.kind(), AdvisoryKind::Vulnerability | AdvisoryKind::Malicious)
        };
        let mut entries: Vec<Entry<'_>> =
            database.lookup(ecosystem, name)?.into_iter().filter(is_flaw).collect();
        let fixed =
            hits.iter().flat_map(|hit| &hit.entries).flat_map(|(_, affected)| affected.fixed.iter().cloned());
        let mut open: Vec<String> = fixed.collect();
        let (mut known, mut free) = (BTreeSet::new(), Vec::new());
        let mut questions = 0;
        while let Some(text) = open.pop() {
            let is_later = Version::parse(scheme, &text).is_ok_and(|candidate| candidate > present);
            if known.len() >= MAX_CANDIDATES
                || questions >= MAX_QUESTIONS
                || !known.insert(text.clone())
                || !is_later
            {
                continue;
            }
            let flaw = entries.iter().enumerate().find_map(|(at, entry)| match entry.judge(&text) {
                Judgement::Affected(affected) => Some((at, affected.fixed)),
                _ => None,
            });
            questions += flaw.as_ref().map_or(entries.len(), |(at, _)| at + 1);
            match flaw {
                // What has no mend says so of every version: it is asked first from now on.
                Some((at, fixed)) => {
                    entries.swap(0, at);
                    open.extend(fixed);
                }
                None => free.push(text),
            }
        }
        Ok(Self(free))
    }
}

/// Said of a version that mends one flaw and has others.
const NONE_IS_FREE: &str = "it has other known flaws, as every version does that advisories name";

/// What mends `hit` in `package`, whose version advisories know as `version`; none when no version is known to. It is one of `free`, if there
/// are any. `way` is how it comes into the product.
pub(crate) fn advice(
    hit: &Hit<'_>,
    free: &Free,
    package: &Package,
    ecosystem: &Ecosystem,
    version: &str,
    way: Way<'_>,
) -> Option<FixAdvice> {
    let scheme = Scheme::of_ecosystem(ecosystem.base())?;
    let present = Version::parse(scheme, version).ok()?;
    let mut candidates = mended(hit, free.0.iter(), scheme, &present);
    let is_free = !candidates.is_empty();
    if !is_free {
        let fixed = hit.entries.iter().flat_map(|(_, affected)| &affected.fixed);
        candidates = mended(hit, fixed, scheme, &present);
    }
    let branch = candidates.iter().position(|candidate| is_same_branch(&present, candidate));
    let chosen = (!candidates.is_empty()).then(|| candidates.remove(branch.unwrap_or(0)))?;
    let version = chosen.as_str().to_owned();
    let wording = wording(&Change { package, version: &version, same_branch: branch.is_some(), way });
    let is_flaw = matches!(hit.kind, AdvisoryKind::Vulnerability | AdvisoryKind::Malicious);
    Some(FixAdvice {
        advice: if is_free || !is_flaw { wording } else { format!("{wording}; {NONE_IS_FREE}") },
        same_branch: branch.is_some(),
        others: candidates.iter().take(MAX_OTHERS).map(|version| version.as_str().to_owned()).collect(),
        version,
    })
}

/// Those of `versions` after `present` that none of the records calls affected, in order.
fn mended<'v>(
    hit: &Hit<'_>,
    versions: impl Iterator<Item = &'v String>,
    scheme: Scheme,
    present: &Version,
) -> Vec<Version> {
    let sound =
        |text: &&String| hit.entries.iter().all(|(entry, _)| entry.judge(text) == Judgement::NotAffected);
    let mut versions: Vec<Version> =
        versions.filter(sound).filter_map(|text| Version::parse(scheme, text).ok()).collect();
    versions.retain(|version| version > present);
    versions.sort();
    versions.dedup();
    versions
}

/// Whether the two agree in what semantic versioning calls compatible: the first number that is not zero, and those before it.
fn is_same_branch(present: &Version, other: &Version) -> bool {
    let leading_zero = present.as_str().trim_start_matches('v').starts_with("0.");
    present.same_branch(other) >= if leading_zero { 2 } else { 1 }
}
