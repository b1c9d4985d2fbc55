//! Manifests beside lockfiles: what a project asks for, and which of the locked packages that are.

use std::collections::BTreeMap;

use palisade_model::{Reading, ReadingProblem, Relation, Scope};

use crate::format::Parsed;
use crate::graph::follow_scopes;
use crate::record::{Companion, Record};
use crate::sheet::folded;

/// What a manifest asks for, and the formats of the lockfiles that tell more than it does.
#[derive(Debug)]
pub(crate) struct Asks {
    locks: &'static [&'static str],
    names: Vec<(String, Scope)>,
    /// Whether it is a program, which nothing but its lockfile tells of.
    is_program: bool,
    /// Whether it may ask for others that it does not write out.
    is_part: bool,
}

impl Asks {
    /// A manifest that asks for `names`.
    pub(crate) const fn of(locks: &'static [&'static str], names: Vec<(String, Scope)>) -> Self {
        Self { locks, names, is_program: false, is_part: false }
    }

    /// A manifest of which is not known what it asks for, or whose lockfile knows that itself.
    pub(crate) const fn nothing(locks: &'static [&'static str]) -> Self {
        Self::of(locks, Vec::new())
    }

    /// A manifest that may ask for more than its names.
    pub(crate) const fn in_part(mut self) -> Self {
        self.is_part = true;
        self
    }

    /// A manifest whose problems end when there is a lockfile.
    pub(crate) const fn of_program(mut self) -> Self {
        self.is_program = true;
        self
    }
}

/// A manifest that is a program, which is not run: without one of its lockfiles beside it nothing is known.
pub(crate) fn program(locks: &'static [&'static str]) -> Parsed {
    let detail = "is a program, which is not run, and no lockfile lies beside it".to_owned();
    let reading = Reading { packages: Vec::new(), problems: vec![ReadingProblem { line: None, detail }] };
    (reading, Some(Companion::Asks(Asks::nothing(locks).of_program())))
}

/// Lets manifests with a lockfile beside them tell which of the locked packages are asked for directly and what for; they bring no
/// packages of their own then.
pub(crate) fn link(records: &mut [Record]) {
    let mut locks: BTreeMap<(String, &str), Vec<usize>> = BTreeMap::new();
    for (index, record) in records.iter().enumerate() {
        locks.entry((folder(record), record.format.name())).or_default().push(index);
    }
    let mut asked: BTreeMap<usize, (Vec<(String, Scope)>, bool)> = BTreeMap::new();
    for (index, record) in records.iter_mut().enumerate() {
        let place = folder(record);
        let Some(Companion::Asks(asks)) = &record.companion else { continue };
        let beside: Vec<usize> = asks
            .locks
            .iter()
            .filter_map(|format| locks.get(&(place.clone(), format)))
            .flatten()
            .copied()
            .filter(|lock| *lock != index)
            .collect();
        if beside.is_empty() {
            continue;
        }
        record.reading.packages.clear();
        if asks.is_program {
            record.reading.problems.clear();
        }
        for lock in beside {
            let (names, is_part) = asked.entry(lock).or_default();
            names.extend(asks.names.iter().cloned());
            *is_part |= asks.is_part;
        }
    }
    for (lock, (names, is_part)) in asked {
        if let Some(record) = records.get_mut(lock).filter(|_| !names.is_empty()) {
            tell(&names, is_part, &mut record.reading);
        }
    }
}

/// The folder of a record, within its archive.
fn folder(record: &Record) -> String {
    let path = record.path.to_string();
    let (way, last) = match record.members.split_last() {
        Some((last, before)) => (format!("{path}!{}", before.join("!")), last.clone()),
        None => (String::new(), path),
    };
    let folder = last.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{way}!{folder}")
}

fn tell(names: &[(String, Scope)], is_part: bool, reading: &mut Reading) {
    let mut asked: BTreeMap<(String, String), Scope> = BTreeMap::new();
    for package in &mut reading.packages {
        let kind = package.purl.kind().to_owned();
        if !asked.keys().any(|(known, _)| *known == kind) {
            for (name, scope) in names {
                let known = asked.entry((kind.clone(), folded(&kind, name))).or_insert(*scope);
                *known = (*known).min(*scope);
            }
        }
        let name = folded(&kind, &package.name);
        if let Some(scope) = asked.get(&(kind, name)) {
            package.relation = Relation::Direct;
            package.scope = package.scope.max(*scope);
        } else if package.relation == Relation::Unknown && !is_part {
            package.relation = Relation::Transitive;
        }
    }
    if !is_part {
        follow_scopes(&mut reading.packages);
    }
}
