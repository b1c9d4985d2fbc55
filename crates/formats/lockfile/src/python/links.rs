//! Manifests beside their lockfiles.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use palisade_model::{Package, PackageOrigin, Relation, Scope};

use super::{Companion, Lock, Manifest, by_name, normalised};
use crate::graph::{Limits, spread, spread_relations};
use crate::neighbours::Neighbours;
use crate::record::{self, Record};

/// Tells lockfiles what their manifests ask for, and takes from the manifests what the lockfiles tell better.
pub(crate) fn link(records: &mut [Record]) {
    let locks = Neighbours::new(records, |record| lock_of(record).map(|_| record.folder()));
    let compiled = Neighbours::of_format(records, "pip-requirements");
    let manifests = Neighbours::new(records, |record| manifest_of(record).map(|_| record.folder()));
    let mut covered: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for manifest in manifests.all() {
        let Some(record) = records.get(manifest) else { continue };
        let (tree, folder) = (record.tree(), record.folder());
        let beside = compiled.inside(&tree, &folder).iter().map(|lock| (*lock, ""));
        for (lock, way) in locks.above(&tree, &folder).into_iter().chain(beside) {
            if records.get(lock).is_some_and(|lock| covers(lock, record, way)) {
                covered.entry(lock).or_default().push(manifest);
            }
        }
    }
    let mut locked = Vec::new();
    for (lock, covered) in covered {
        tell(records, lock, &covered);
        let names = records.get(lock).map(|record| by_name(&record.reading.packages).into_keys().collect());
        let names: Rc<BTreeSet<String>> = Rc::new(names.unwrap_or_default());
        locked.extend(covered.into_iter().map(|manifest| (manifest, Rc::clone(&names))));
    }
    for (manifest, names) in locked {
        if let Some(record) = records.get_mut(manifest) {
            record.reading.packages.retain(|package| stands_alone(package, &names));
        }
    }
}

fn stands_alone(package: &Package, names: &BTreeSet<String>) -> bool {
    let optional = matches!(package.scope, Scope::Optional);
    let local = matches!(package.origin, PackageOrigin::Local { .. });
    package.purl.kind() != "pypi" || !names.contains(&normalised(&package.name)) && !optional && !local
}

fn manifest_of(record: &Record) -> Option<&Manifest> {
    match &record.companion {
        Some(record::Companion::Python(Companion::Manifest(manifest))) => Some(manifest),
        _ => None,
    }
}

fn lock_of(record: &Record) -> Option<&Lock> {
    match &record.companion {
        Some(record::Companion::Python(Companion::Lock(lock))) => Some(lock),
        _ => None,
    }
}

/// Whether a record covers a manifest that lies `way` below it: a lockfile those of its project, and compiled requirements the one
/// that they were compiled from.
fn covers(lock: &Record, manifest: &Record, way: &str) -> bool {
    let name = manifest.format.name();
    match (lock_of(lock), lock.format.name()) {
        (_, "pip-requirements") => name == "pip-requirements-in" && in_file(lock) == Some(shown(manifest)),
        (_, "pipfile-lock") => way.is_empty() && name == "pipfile",
        (Some(own), _) => {
            (way.is_empty() || own.covers.contains(way))
                && matches!(name, "pyproject" | "setup-cfg" | "setup-py")
        }
        (None, _) => false,
    }
}

fn shown(record: &Record) -> String {
    record.members.last().map_or_else(|| record.path.to_string(), Clone::clone)
}

/// The path that requirements were compiled from.
fn in_file(record: &Record) -> Option<String> {
    Some(format!("{}.in", shown(record).strip_suffix(".txt")?))
}

fn tell(records: &mut [Record], lock: usize, manifests: &[usize]) {
    let Some(record) = records.get(lock) else { return };
    let (knows_direct, knows_scopes) =
        lock_of(record).map_or((false, true), |own| (own.knows_direct, own.knows_scopes));
    let names = by_name(&record.reading.packages);
    let mut roots = Vec::new();
    for manifest in manifests.iter().filter_map(|index| records.get(*index)).filter_map(manifest_of) {
        for (name, scope) in &manifest.requests {
            roots.extend(names.get(name).into_iter().flatten().map(|index| (*index, *scope)));
        }
    }
    let Some(record) = records.get_mut(lock).filter(|_| !roots.is_empty()) else { return };
    let packages = &mut record.reading.packages;
    let is_told = packages.iter().any(|package| package.relation == Relation::Direct);
    if !knows_scopes {
        spread(packages, &roots, &Limits::default());
    } else if !knows_direct && !is_told {
        let direct: Vec<u32> = roots.iter().map(|(root, _)| *root).collect();
        spread_relations(packages, &direct);
    }
}
