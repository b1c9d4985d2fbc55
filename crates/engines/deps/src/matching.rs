//! Asks the database about one package.

use std::collections::BTreeMap;

use palisade_advisory::{
    Advisory, AdvisoryKind, Affected, Database, DatabaseError, Entry, Incomparable, Judgement, Record,
};
use palisade_model::{Ecosystem, Package, PackageOrigin};

/// Distributions whose advisories name binary packages. All others name what packages are built from.
const SPEAK_BINARY: [&str; 6] = ["AlmaLinux", "Photon OS", "Red Hat", "Rocky Linux", "SUSE", "openSUSE"];

/// What the database says of a package.
#[derive(Debug, Default)]
pub(crate) struct Matched<'d> {
    /// What it is affected by, by group.
    pub(crate) hits: Vec<Hit<'d>>,
    /// What cannot be told: the identifier and why.
    pub(crate) open: Vec<(&'d str, Incomparable)>,
}

/// One flaw, under all its names.
#[derive(Debug)]
pub(crate) struct Hit<'d> {
    /// Every name, those of records and those that are only aliases, sorted.
    pub(crate) ids: Vec<&'d str>,
    /// What it is: the most urgent of what its records say.
    pub(crate) kind: AdvisoryKind,
    /// The records that say that the version is affected, by identifier.
    pub(crate) entries: Vec<(Entry<'d>, Affected)>,
}

impl<'d> Hit<'d> {
    /// The name it goes by: one that says that the package is malicious, else a CVE, else the first record's.
    pub(crate) fn primary(&self) -> &'d str {
        let called = |prefix: &str| self.ids.iter().copied().find(|id| id.starts_with(prefix));
        let malicious = called("MAL-").filter(|_| self.kind == AdvisoryKind::Malicious);
        let first = self.entries.first().map_or("", |(entry, _)| entry.record.id());
        malicious.or_else(|| called("CVE-")).unwrap_or(first)
    }

    /// The whole records, in the order of the entries.
    pub(crate) fn advisories(&self) -> Result<Vec<Advisory>, DatabaseError> {
        self.entries.iter().map(|(entry, _)| entry.record.advisory()).collect()
    }

    /// The other records of the same flaw that are in force: those that do not name the package, or not this version.
    pub(crate) fn others(&self) -> Result<Vec<Advisory>, DatabaseError> {
        let Some((first, _)) = self.entries.first() else { return Ok(Vec::new()) };
        let is_entry = |record: &Record<'_>| {
            self.entries.iter().any(|(entry, _)| entry.record.index() == record.index())
        };
        let records = first.record.group()?.records;
        let others = records.iter().filter(|record| !record.is_withdrawn() && !is_entry(record));
        others.map(Record::advisory).collect()
    }

    /// Every name, the one it goes by first.
    pub(crate) fn names(&self) -> Vec<String> {
        let primary = self.primary();
        let others = self.ids.iter().copied().filter(|id| *id != primary);
        std::iter::once(primary).chain(others).map(str::to_owned).collect()
    }
}

/// The name and version under which advisories know `package`; none when nobody but the project knows it, or it has no version.
pub(crate) fn identity(package: &Package) -> Option<(&Ecosystem, &str, &str)> {
    let ecosystem = package.ecosystem.as_ref()?;
    if matches!(package.origin, PackageOrigin::Local { .. }) && package.displaced.is_none() {
        return None;
    }
    match &package.source {
        Some(source) if !SPEAK_BINARY.contains(&ecosystem.base()) => {
            Some((ecosystem, &source.name, &source.version))
        }
        _ => Some((ecosystem, name(package), package.version.as_deref().unwrap_or_default())),
    }
}

/// The name as its registry knows it: an alias is the project's own word.
fn name(package: &Package) -> &str {
    &package.name
}

/// What `database` says of this package in this version.
pub(crate) fn matched<'d>(
    database: &Database<'d>,
    ecosystem: &Ecosystem,
    name: &str,
    version: &str,
) -> Result<Matched<'d>, DatabaseError> {
    let mut matched = Matched::default();
    let mut by_group: BTreeMap<u32, Vec<(Entry<'d>, Affected)>> = BTreeMap::new();
    for entry in database.lookup(ecosystem, name)? {
        match entry.judge(version) {
            Judgement::NotAffected => {}
            Judgement::Incomparable(reason) => matched.open.push((entry.record.id(), reason)),
            Judgement::Affected(affected) => {
                by_group.entry(entry.record.group_number()).or_default().push((entry, affected));
            }
        }
    }
    for entries in by_group.into_values() {
        let Some((first, _)) = entries.first() else { continue };
        let ids = first.record.group()?.ids;
        let kind = entries.iter().map(|(entry, _)| entry.record.kind()).min().unwrap_or_default();
        matched.hits.push(Hit { ids, kind, entries });
    }
    matched.hits.sort_by(|one, other| one.primary().cmp(other.primary()));
    Ok(matched)
}

/// Whether any record in force names the package at all.
pub(crate) fn is_named(
    database: &Database<'_>,
    ecosystem: &Ecosystem,
    name: &str,
) -> Result<bool, DatabaseError> {
    let entries = database.lookup(ecosystem, name)?;
    Ok(entries.iter().any(|entry| !entry.record.is_withdrawn()))
}
