//! What a finding says of a flaw: how bad it is, what it is called, who brings the package and what mends it.

use palisade_advisory::{Advisory, AdvisoryKind, Database, DatabaseError};
use palisade_model::{AffectedPackage, Package, Severity, printable};

use crate::matching::Hit;
use crate::path::label;
use crate::priority::{priority, rated};
use crate::rules::Check;

/// References that a finding carries.
const MAX_REFERENCES: usize = 10;

/// The check that a kind of advisory belongs to.
pub(crate) const fn check(kind: AdvisoryKind) -> Check {
    match kind {
        AdvisoryKind::Malicious => Check::MaliciousPackage,
        AdvisoryKind::Vulnerability => Check::KnownVulnerability,
        AdvisoryKind::Unsound => Check::UnsoundPackage,
        AdvisoryKind::Unmaintained => Check::UnmaintainedPackage,
        AdvisoryKind::Notice => Check::Notice,
    }
}

/// Fills in what scores and lists say of the flaw; gives its severity, none when that is the rule's.
pub(crate) fn weigh(
    hit: &Hit<'_>,
    advisories: &[Advisory],
    database: &Database<'_>,
    affected: &mut AffectedPackage,
) -> Result<Option<Severity>, DatabaseError> {
    let rated = rated(hit, advisories)?;
    let priority = priority(database, &hit.ids)?;
    let exploited = priority.known_exploited.is_some();
    affected.scores = rated.scores;
    affected.known_exploited = priority.known_exploited;
    affected.exploitation = priority.exploitation;
    Ok(match (hit.kind, rated.counts) {
        (AdvisoryKind::Vulnerability, Some(counts)) => {
            affected.severity_source = Some(counts.source);
            affected.base_tenths = counts.base_tenths;
            Some(if exploited { counts.severity.max(Severity::High) } else { counts.severity })
        }
        (AdvisoryKind::Vulnerability, None) => {
            // What is exploited is bad, whatever nobody says.
            affected.severity_unknown = !exploited;
            None
        }
        _ => None,
    })
}

/// The flaw's name, and what it is in a few words.
pub(crate) fn title(hit: &Hit<'_>, advisories: &[Advisory], package: &Package) -> String {
    let mut summaries = advisories.iter().map(|advisory| advisory.summary.trim());
    match summaries.find(|summary| !summary.is_empty()) {
        Some(summary) => format!("{}: {}", hit.primary(), one_line(summary)),
        None => format!("{}: {}", hit.primary(), label(package)),
    }
}

/// What is so about this finding: who brings the package, what mends it, whether it is abused.
pub(crate) fn message(affected: &AffectedPackage) -> String {
    let mut parts = Vec::new();
    match affected.path.as_slice() {
        [] | [_] => {}
        [head, .., _] => parts.push(format!("brought by {head}")),
    }
    match &affected.fix {
        Some(fix) if fix.same_branch => parts.push(format!("mended in {}", fix.version)),
        Some(fix) => parts.push(format!("mended in {}, of another branch", fix.version)),
        None => parts.push("no mended version is known".to_owned()),
    }
    if affected.known_exploited.is_some() {
        parts.push("known to be exploited".to_owned());
    }
    if affected.severity_unknown {
        parts.push("how severe it is, nobody says".to_owned());
    }
    parts.join("; ")
}

/// Where more is said of the flaw.
pub(crate) fn references(advisories: &[Advisory]) -> Vec<String> {
    let mut urls: Vec<String> = Vec::new();
    for reference in advisories.iter().flat_map(|advisory| &advisory.references) {
        if urls.len() < MAX_REFERENCES && !urls.contains(&reference.url) {
            urls.push(reference.url.clone());
        }
    }
    urls
}

/// The first line, without what a terminal would obey.
fn one_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(160).map(printable).collect()
}

/// What a finding says of a package that no advisory names.
pub(crate) fn affected(package: &Package, path: Vec<String>) -> AffectedPackage {
    AffectedPackage { path, ..AffectedPackage::new(package.purl.clone(), package.scope, package.relation) }
}
