//! Manifests beside their lockfiles.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use palisade_model::{Package, PackageOrigin, Relation, Scope};

use super::{Companion, Lock, Manifest, by_name, group_scope, normalised};
use crate::displaced::{Named, displace, host};
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
                && matches!(name, "pyproject" | "setup-cfg" | "setup-py" | "uv-settings")
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
    tell_displaced(records, lock, manifests);
    let Some(record) = records.get(lock) else { return };
    let (knows_direct, knows_scopes) =
        lock_of(record).map_or((false, true), |own| (own.knows_direct, own.knows_scopes));
    let names = by_name(&record.reading.packages);
    let grouped = of_extras(records, record, manifests);
    let mut roots = Vec::new();
    for manifest in manifests.iter().filter_map(|index| records.get(*index)).filter_map(manifest_of) {
        for (name, scope) in &manifest.requests {
            roots.extend(names.get(name).into_iter().flatten().map(|index| (*index, *scope)));
        }
    }
    let Some(record) = records.get_mut(lock).filter(|_| !roots.is_empty()) else { return };
    let packages = &mut record.reading.packages;
    for (index, scope) in grouped {
        if let Some(package) = packages.get_mut(index as usize) {
            package.scope = scope;
        }
    }
    let is_told = packages.iter().any(|package| package.relation == Relation::Direct);
    if !knows_scopes {
        spread(packages, &roots, &Limits::default());
    } else if !knows_direct && !is_told {
        let direct: Vec<u32> = roots.iter().map(|(root, _)| *root).collect();
        spread_relations(packages, &direct);
    }
}

/// What packages are for that extras of the manifests bring: a lockfile tells them and groups for developers alike.
fn of_extras(records: &[Record], lock: &Record, manifests: &[usize]) -> Vec<(u32, Scope)> {
    let manifests = manifests.iter().filter_map(|index| records.get(*index)).filter_map(manifest_of);
    let extras: BTreeSet<&String> = manifests.flat_map(|manifest| &manifest.extras).collect();
    let scope = |group: &String| if extras.contains(group) { Scope::Optional } else { group_scope(group) };
    let groups = lock_of(lock).into_iter().flat_map(|lock| &lock.groups);
    let of_some = groups.filter(|(_, groups)| groups.iter().any(|group| extras.contains(group)));
    of_some.filter_map(|(index, groups)| Some((*index, groups.iter().map(scope).min()?))).collect()
}

/// Marks what the manifests ask of an index and the lockfile takes from elsewhere, and what comes from elsewhere only for packages of an
/// index.
fn tell_displaced(records: &mut [Record], lock: usize, manifests: &[usize]) {
    let (mut asked, mut meant, mut named) = (BTreeSet::new(), BTreeSet::new(), Named::default());
    for record in manifests.iter().filter_map(|index| records.get(*index)) {
        let Some(manifest) = manifest_of(record) else { continue };
        meant.extend(manifest.elsewhere.iter().cloned());
        asked.extend(manifest.requests.keys().cloned());
        named.hosts.extend(manifest.indexes.iter().filter_map(|index| host(&index.url)).map(str::to_owned));
        let others =
            record.reading.packages.iter().filter(|package| package.origin != PackageOrigin::Default);
        meant.extend(others.map(|package| normalised(&package.name)));
    }
    let Some(record) = records.get_mut(lock) else { return };
    // These take indexes from their manifests alone.
    let is_strict = matches!(record.format.name(), "poetry-lock" | "pipfile-lock");
    let covers = lock_of(record).map(|lock| lock.covers.clone()).unwrap_or_default();
    let is_part = |package: &Package| matches!(&package.origin, PackageOrigin::Local { path } if covers.contains(path) && !path.starts_with(".."));
    let packages = &mut record.reading.packages;
    let mut needed: BTreeMap<u32, bool> = BTreeMap::new();
    for package in packages.iter() {
        let of_index = matches!(package.origin, PackageOrigin::Default | PackageOrigin::Registry { .. });
        for need in &package.dependencies {
            *needed.entry(*need).or_insert(true) &= of_index;
        }
    }
    for (index, package) in (0..).zip(packages) {
        let name = normalised(&package.name);
        let is_asked = asked.contains(&name) || needed.get(&index).copied().unwrap_or_default();
        let is_strange = match &package.origin {
            PackageOrigin::Default => false,
            PackageOrigin::Registry { url } => {
                is_strict && host(url).is_some_and(|host| !named.hosts.contains(host))
            }
            _ => !is_part(package),
        };
        if is_asked && is_strange && !meant.contains(&name) {
            displace(package, super::ECOSYSTEM);
        }
    }
    record.named = named;
}
