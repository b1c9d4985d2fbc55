//! What is said of the packages of one record.

use std::collections::BTreeMap;

use palisade_advisory::{AdvisoryKind, Database, DatabaseError};
use palisade_model::{
    AffectedPackage, Ecosystem, GapKind, InventoryFile, Package, Severity, Sink, Timestamp,
};

use crate::advice::advice;
use crate::engine::{Advisories, DepsSetting};
use crate::matching::{Hit, identity, is_named, matched};
use crate::owning::Settled;
use crate::path::{Paths, label};
use crate::priority::{priority, rated};
use crate::rules::Check;
use crate::tampering::suspicions;
use crate::told::{Teller, Told};

/// Packages that a gap lists by name.
const MAX_NAMED: usize = 5;

/// References that a finding carries.
const MAX_REFERENCES: usize = 10;

/// What is said of packages whose flaws are told, or known to be mended, under the name of another.
const SETTLED: &str = "packages of the distribution bring these, and its own advisories, which know what it mended, were asked for flaws that they name";

/// One record under judgement.
pub(crate) struct Judging<'a> {
    pub(crate) teller: &'a Teller<'a>,
    pub(crate) file: &'a InventoryFile,
    /// The package of a distribution that brought the record.
    pub(crate) owner: Option<&'a Package>,
    pub(crate) paths: Paths<'a>,
    pub(crate) sink: &'a mut Sink,
    /// What could not be judged for want of advisories, in the whole source.
    pub(crate) wanting: &'a mut Unjudged,
}

/// Why some packages could not be judged, and which.
#[derive(Default)]
pub(crate) struct Unjudged(BTreeMap<(GapKind, String), Vec<String>>);

impl Unjudged {
    fn add(&mut self, kind: GapKind, why: String, package: &Package) {
        self.0.entry((kind, why)).or_default().push(label(package));
    }

    /// One gap for each reason, with some of the packages by name.
    pub(crate) fn into_gaps(self) -> impl Iterator<Item = (GapKind, String)> {
        self.0.into_iter().map(|((kind, why), mut packages)| {
            packages.sort();
            packages.dedup();
            let named: Vec<_> = packages.iter().take(MAX_NAMED).map(String::as_str).collect();
            let more = match packages.len().saturating_sub(MAX_NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            (kind, format!("{}{more}: {why}", named.join(", ")))
        })
    }
}

impl Judging<'_> {
    pub(crate) fn judge(mut self, setting: &DepsSetting<'_>) {
        for suspicion in suspicions(self.file) {
            let told = Told {
                check: suspicion.check,
                file: self.file,
                package: suspicion.package,
                about: "",
                title: None,
                message: suspicion.message,
                severity: suspicion.severity,
                confidence: suspicion.confidence,
                affected: self.affected(suspicion.index, suspicion.package),
            };
            self.tell(told);
        }
        for (index, check, message) in setting.licences.objections(self.file) {
            let Some(package) = self.file.packages.get(index) else { continue };
            let affected = self.affected(index, package);
            let file = self.file;
            self.tell(Told {
                check,
                file,
                package,
                about: "",
                title: None,
                message,
                severity: None,
                confidence: None,
                affected,
            });
        }
        let mut unjudged = Unjudged::default();
        for (index, package) in self.file.packages.iter().enumerate() {
            if let Err(error) = self.ask(setting, index, package, &mut unjudged) {
                let why = format!("the database of advisories {error}; run `palisade db update`");
                unjudged.add(GapKind::DataMissing, why, package);
            }
        }
        for (kind, detail) in unjudged.into_gaps() {
            self.sink.gap(&self.file.path, kind, detail);
        }
    }

    fn tell(&mut self, told: Told<'_>) {
        if let Some(finding) = self.teller.finding(told) {
            self.sink.finding(finding);
        }
    }

    /// Asks what is known of one package.
    fn ask(
        &mut self,
        setting: &DepsSetting<'_>,
        index: usize,
        package: &Package,
        unjudged: &mut Unjudged,
    ) -> Result<(), DatabaseError> {
        let Some((ecosystem, name, version)) = identity(package) else {
            if package.ecosystem.is_none() && !is_local(package) {
                let why = "no public advisories know packages of this kind".to_owned();
                self.wanting.add(GapKind::Noted, why, package);
            }
            return Ok(());
        };
        let (database, oldest) = match &setting.advisories {
            Advisories::Known { database, oldest } => (database, *oldest),
            Advisories::NotAsked => return Ok(()),
            Advisories::Missing(why) => {
                self.wanting.add(GapKind::DataMissing, why.clone(), package);
                return Ok(());
            }
        };
        match database.covers(ecosystem) {
            None => self.wanting.add(GapKind::DataMissing, uncovered(ecosystem), package),
            Some(facts) if facts.feed.taken < oldest => {
                self.wanting.add(GapKind::DataMissing, stale(ecosystem, facts.feed.taken), package);
            }
            Some(facts) if facts.feed.unread > 0 => {
                self.wanting.add(GapKind::DataMissing, unread(ecosystem, facts.feed.unread), package);
            }
            Some(_) => {}
        }
        if version.is_empty() {
            if is_named(database, ecosystem, name)? {
                let why = "no version is pinned, and advisories name it: lock it".to_owned();
                unjudged.add(GapKind::DataMissing, why, package);
            }
            return Ok(());
        }
        let matched = matched(database, ecosystem, name, version)?;
        for (id, reason) in matched.open {
            unjudged.add(GapKind::DataMissing, format!("{id}: {reason}"), package);
        }
        let settled = match self.owner.filter(|_| !matched.hits.is_empty()) {
            Some(owner) => Some(Settled::of(database, owner)?),
            None => None,
        };
        for hit in &matched.hits {
            if settled.as_ref().is_some_and(|settled| settled.holds(hit)) {
                self.wanting.add(GapKind::Noted, SETTLED.to_owned(), package);
                continue;
            }
            self.tell_hit(hit, index, package, ecosystem, version, database)?;
        }
        Ok(())
    }

    fn tell_hit(
        &mut self,
        hit: &Hit<'_>,
        index: usize,
        package: &Package,
        ecosystem: &Ecosystem,
        version: &str,
        database: &Database<'_>,
    ) -> Result<(), DatabaseError> {
        let advisories = hit.advisories()?;
        let mut affected = self.affected(index, package);
        affected.advisories = hit.names();
        affected.fix = advice(hit, package, ecosystem, version, &affected.path);
        let rated = rated(hit, &advisories)?;
        affected.scores = rated.scores;
        let priority = priority(database, &hit.ids)?;
        let exploited = priority.known_exploited.is_some();
        affected.known_exploited = priority.known_exploited;
        affected.exploitation = priority.exploitation;
        affected.references = references(&advisories);
        let check = check(hit.kind);
        let severity = match (hit.kind, rated.counts) {
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
        };
        let summary =
            advisories.iter().map(|advisory| advisory.summary.trim()).find(|summary| !summary.is_empty());
        let title = match summary {
            Some(summary) => format!("{}: {}", hit.primary(), one_line(summary)),
            None => format!("{}: {}", hit.primary(), label(package)),
        };
        let told = Told {
            check,
            file: self.file,
            package,
            about: hit.primary(),
            title: Some(title),
            message: self.message(&affected),
            severity,
            confidence: None,
            affected,
        };
        self.tell(told);
        Ok(())
    }

    fn message(&self, affected: &AffectedPackage) -> String {
        let message = message(affected);
        match self.owner {
            Some(owner) => {
                format!(
                    "{message}; `{}` brings it, and the advisories of its distribution do not name this flaw",
                    owner.name
                )
            }
            None => message,
        }
    }

    fn affected(&self, index: usize, package: &Package) -> AffectedPackage {
        affected(package, self.paths.to(index))
    }
}

fn is_local(package: &Package) -> bool {
    matches!(package.origin, palisade_model::PackageOrigin::Local { .. })
}

fn uncovered(ecosystem: &Ecosystem) -> String {
    // What stands in the place of an ecosystem that OSV has no name for.
    if ecosystem.base().starts_with("unknown distribution") {
        return format!("nobody publishes advisories that we read for the {ecosystem}");
    }
    format!(
        "the database of advisories has no feed for {ecosystem}; run `palisade db update --ecosystem '{}'`",
        ecosystem.base()
    )
}

fn unread(ecosystem: &Ecosystem, count: u64) -> String {
    let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
    format!("{records} of the advisories for {ecosystem} could not be read when the database was built")
}

fn stale(ecosystem: &Ecosystem, taken: Timestamp) -> String {
    let day: String = taken.to_string().chars().take(10).collect();
    format!(
        "the advisories for {ecosystem} were taken on {day}, which is too long ago; run `palisade db update --ecosystem '{}'`",
        ecosystem.base()
    )
}

const fn check(kind: AdvisoryKind) -> Check {
    match kind {
        AdvisoryKind::Malicious => Check::MaliciousPackage,
        AdvisoryKind::Vulnerability => Check::KnownVulnerability,
        AdvisoryKind::Unsound => Check::UnsoundPackage,
        AdvisoryKind::Unmaintained => Check::UnmaintainedPackage,
        AdvisoryKind::Notice => Check::Notice,
    }
}

/// What is so about this finding: who brings the package, what mends it, whether it is abused.
fn message(affected: &AffectedPackage) -> String {
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

fn references(advisories: &[palisade_advisory::Advisory]) -> Vec<String> {
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
    let shown = |c: char| if palisade_model::is_unprintable(c) { char::REPLACEMENT_CHARACTER } else { c };
    text.lines().next().unwrap_or_default().chars().take(160).map(shown).collect()
}

/// What a finding says of a package that no advisory names.
pub(crate) fn affected(package: &Package, path: Vec<String>) -> AffectedPackage {
    AffectedPackage {
        purl: package.purl.clone(),
        scope: package.scope,
        relation: package.relation,
        path,
        advisories: Vec::new(),
        scores: Vec::new(),
        severity_source: None,
        base_tenths: None,
        severity_unknown: false,
        exploitation: None,
        known_exploited: None,
        fix: None,
        references: Vec::new(),
    }
}
