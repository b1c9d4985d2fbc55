//! Manifests in folders that a lockfile takes packages from: what they ask for by ranges is pinned there.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{Package, PackageEvidence, PackageOrigin};

use crate::folders::joined;
use crate::record::Record;

/// A tree and a folder in it.
type Place = (String, String);

/// Lockfiles that are asked about one folder; real ones are one or two.
const MAX_LOCKS: usize = 8;

/// Takes from the manifests of such folders what the lockfile pins.
pub(crate) fn link(records: &mut [Record]) {
    let mut places: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
    let mut pinned = Vec::new();
    for record in records.iter().filter(|record| record.format.evidence == PackageEvidence::Locked) {
        let folders: BTreeSet<Place> = folders(record).collect();
        if folders.is_empty() {
            continue;
        }
        for folder in folders {
            let locks = places.entry(folder).or_default();
            if locks.len() < MAX_LOCKS {
                locks.push(pinned.len());
            }
        }
        let packages = record.reading.packages.iter().filter(|package| package.version.is_some());
        pinned.push(packages.map(name).collect::<BTreeSet<String>>());
    }
    for record in records.iter_mut().filter(|record| record.format.evidence == PackageEvidence::Declared) {
        let Some(locks) = places.get(&(record.tree(), record.folder())) else { continue };
        let locks: Vec<&BTreeSet<String>> = locks.iter().filter_map(|lock| pinned.get(*lock)).collect();
        let is_pinned = |package: &Package| locks.iter().any(|names| names.contains(&name(package)));
        leave(&mut record.reading.packages, |package| package.version.is_some() || !is_pinned(package));
    }
}

/// The folders that packages of a lockfile lie in.
fn folders(record: &Record) -> impl Iterator<Item = Place> {
    let (tree, own) = (record.tree(), record.folder());
    record.reading.packages.iter().filter_map(move |package| match &package.origin {
        PackageOrigin::Local { path } if !path.starts_with('/') => Some((tree.clone(), joined(&own, path)?)),
        _ => None,
    })
}

/// The address without what follows the name, as names are compared.
fn name(package: &Package) -> String {
    let purl = &package.purl;
    format!("{}/{}/{}", purl.kind(), purl.namespace().unwrap_or_default(), purl.name())
}

/// Keeps those that `stays` says, with the edges between them.
fn leave(packages: &mut Vec<Package>, stays: impl Fn(&Package) -> bool) {
    let mut places = BTreeMap::new();
    let staying = (0_u32..).zip(packages.iter()).filter(|(_, package)| stays(package));
    for (place, (index, _)) in (0_u32..).zip(staying) {
        places.insert(index, place);
    }
    if places.len() == packages.len() {
        return;
    }
    packages.retain(|package| stays(package));
    for package in packages {
        package.dependencies = package.dependencies.iter().filter_map(|to| places.get(to)).copied().collect();
    }
}
