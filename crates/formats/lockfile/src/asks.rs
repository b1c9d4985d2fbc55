//! Manifests beside lockfiles: what a project asks for, and which of the locked packages that are.

use std::collections::BTreeMap;

use palisade_model::{Reading, ReadingProblem, Relation, Scope};

use crate::format::Parsed;
use crate::record::{Companion, Record};
use crate::sheet::folded;

/// What a manifest asks for, and the formats of the lockfiles that tell more than it does.
#[derive(Debug)]
pub(crate) struct Asks {
    locks: &'static [&'static str],
    names: Vec<(String, Scope)>,
    /// Whether it is a program, which nothing but its lockfile tells of.
    is_program: bool,
}

impl Asks {
    /// A manifest that asks for `names`.
    pub(crate) const fn of(locks: &'static [&'static str], names: Vec<(String, Scope)>) -> Self {
        Self { locks, names, is_program: false }
    }

    /// A manifest of which is not known what it asks for, or whose lockfile knows that itself.
    pub(crate) const fn nothing(locks: &'static [&'static str]) -> Self {
        Self::of(locks, Vec::new())
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

/// Lets each manifest with a lockfile beside it tell which of the locked packages are asked for directly; it brings no packages of
/// its own then.
pub(crate) fn link(records: &mut [Record]) {
    let mut locks: BTreeMap<(String, &str), Vec<usize>> = BTreeMap::new();
    for (index, record) in records.iter().enumerate() {
        locks.entry((folder(record), record.format.name())).or_default().push(index);
    }
    for index in 0..records.len() {
        let Some(record) = records.get_mut(index) else { continue };
        let Some(Companion::Asks(asks)) = record.companion.take() else { continue };
        let place = folder(record);
        let beside: Vec<usize> = asks
            .locks
            .iter()
            .filter_map(|format| locks.get(&(place.clone(), format)))
            .flatten()
            .copied()
            .filter(|lock| *lock != index)
            .collect();
        if beside.is_empty() {
            record.companion = Some(Companion::Asks(asks));
            continue;
        }
        record.reading.packages.clear();
        if asks.is_program {
            record.reading.problems.clear();
        }
        for lock in beside {
            if let Some(record) = records.get_mut(lock) {
                tell(&asks, &mut record.reading);
            }
        }
        if let Some(record) = records.get_mut(index) {
            record.companion = Some(Companion::Asks(asks));
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

fn tell(asks: &Asks, reading: &mut Reading) {
    if asks.names.is_empty() {
        return;
    }
    let mut asked: BTreeMap<(String, String), Scope> = BTreeMap::new();
    for package in &mut reading.packages {
        let kind = package.purl.kind().to_owned();
        if !asked.keys().any(|(known, _)| *known == kind) {
            for (name, scope) in &asks.names {
                let known = asked.entry((kind.clone(), folded(&kind, name))).or_insert(*scope);
                *known = (*known).min(*scope);
            }
        }
        let name = folded(&kind, &package.name);
        if let Some(scope) = asked.get(&(kind, name)) {
            package.relation = Relation::Direct;
            package.scope = package.scope.max(*scope);
        } else if package.relation == Relation::Unknown {
            package.relation = Relation::Transitive;
        }
    }
}
