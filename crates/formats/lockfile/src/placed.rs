//! Manifests in folders that a lockfile takes packages from: what they ask for by ranges is pinned there.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{Package, PackageEvidence, PackageOrigin};

use crate::folders::joined;
use crate::record::Record;

/// A tree and a folder in it.
type Place = (String, String);

/// Takes from the manifests of such folders what the lockfile pins.
pub(crate) fn link(records: &mut [Record]) {
    let mut pinned: BTreeMap<Place, BTreeSet<String>> = BTreeMap::new();
    for record in records.iter().filter(|record| record.format.evidence == PackageEvidence::Locked) {
        let folders: BTreeSet<Place> = folders(record).collect();
        for folder in folders {
            let packages = record.reading.packages.iter().filter(|package| package.version.is_some());
            pinned.entry(folder).or_default().extend(packages.map(name));
        }
    }
    for record in records.iter_mut().filter(|record| record.format.evidence == PackageEvidence::Declared) {
        if let Some(names) = pinned.get(&(record.tree(), record.folder())) {
            leave(&mut record.reading.packages, |package| {
                package.version.is_some() || !names.contains(&name(package))
            });
        }
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
    for (index, _) in (0_u32..).zip(packages.iter()).filter(|(_, package)| stays(package)) {
        let place = u32::try_from(places.len()).unwrap_or(u32::MAX);
        places.insert(index, place);
    }
    packages.retain(|package| stays(package));
    for package in packages {
        package.dependencies = package.dependencies.iter().filter_map(|to| places.get(to)).copied().collect();
    }
}
