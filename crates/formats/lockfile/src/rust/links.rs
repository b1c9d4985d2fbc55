//! Cargo.toml beside Cargo.lock.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use palisade_model::{Package, PackageOrigin, Scope};

use super::Manifest;
use super::cargo_toml::Need;
use crate::displaced::{Named, displace, host, place_back};
use crate::graph::{Limits, spread};
use crate::neighbours::Neighbours;
use crate::record::{Companion, Record};

/// Tells lockfiles what the manifests of their crates ask for and why, and takes from the manifests what a lockfile tells better.
pub(crate) fn link(records: &mut [Record]) {
    let manifests = Neighbours::of_format(records, "cargo-toml");
    let locks = Neighbours::of_format(records, "cargo-lock");
    let configs = Neighbours::new(records, |record| {
        (record.format.name() == "cargo-config").then(|| parent(&record.folder()).to_owned())
    });
    let mut below: BTreeMap<usize, Vec<(usize, bool)>> =
        locks.all().into_iter().map(|lock| (lock, Vec::new())).collect();
    for manifest in manifests.all() {
        inherit(records, &manifests, manifest);
        let Some(record) = records.get(manifest) else { continue };
        for (lock, way) in locks.above(&record.tree(), &record.folder()) {
            below.entry(lock).or_default().push((manifest, way.is_empty()));
        }
    }
    let mut covered = Vec::new();
    for (lock, manifests) in below {
        let above = records.get(lock).map(|record| (record.tree(), record.folder())).unwrap_or_default();
        let configs: Vec<usize> =
            configs.above(&above.0, &above.1).into_iter().map(|(config, _)| config).collect();
        covered.extend(tell(records, &manifests, &configs, lock));
    }
    for (manifest, names) in covered {
        if let Some(record) = records.get_mut(manifest) {
            record.reading.packages.retain(|package| stands_alone(package, &names));
        }
    }
}

fn parent(folder: &str) -> &str {
    folder.rsplit_once('/').map_or("", |(above, _)| above)
}

fn stands_alone(package: &Package, names: &BTreeSet<String>) -> bool {
    // Optional needs of features that nobody turns on may be missing from a lockfile.
    let local = matches!(&package.origin, PackageOrigin::Local { path } if !path.is_empty());
    !names.contains(&package.name) && !local && package.scope != Scope::Optional
}

fn manifest_of(record: &Record) -> Option<&Manifest> {
    match &record.companion {
        Some(Companion::Rust(manifest)) => Some(manifest),
        _ => None,
    }
}

/// Fills in what a crate takes over from its workspace.
fn inherit(records: &mut [Record], manifests: &Neighbours, manifest: usize) {
    let Some(record) = records.get(manifest) else { return };
    let Some(own) = manifest_of(record).filter(|own| own.needs.iter().any(|need| need.inherits)) else {
        return;
    };
    let folder = record.folder();
    let above =
        manifests.above(&record.tree(), &folder).into_iter().filter_map(|(index, _)| records.get(index));
    let Some(offers) = above.filter_map(manifest_of).find(|root| !root.offers.is_empty()) else { return };
    let offers: BTreeMap<&str, &Need> =
        offers.offers.iter().map(|offer| (offer.alias.as_str(), offer)).collect();
    let inherited = own.needs.iter().filter(|need| need.inherits);
    let found: BTreeMap<String, (String, Option<String>, PackageOrigin)> = inherited
        .filter_map(|need| {
            let offer = offers.get(need.alias.as_str())?;
            Some((need.alias.clone(), (offer.name.clone(), offer.wanted.clone(), offer.origin.clone())))
        })
        .collect();
    let Some(record) = records.get_mut(manifest) else { return };
    // What the workspace offers stands in its own manifest, with its version.
    record.reading.packages.retain(|package| !found.contains_key(&package.name));
    if let Some(Companion::Rust(own)) = &mut record.companion {
        for need in own.needs.iter_mut().filter(|need| need.inherits) {
            if let Some((name, wanted, origin)) = found.get(&need.alias) {
                need.name.clone_from(name);
                need.wanted.clone_from(wanted);
                need.origin.clone_from(origin);
            }
        }
    }
}

/// Tells one lockfile what the manifests of its crates ask for, and what Cargo's configurations around it say. Gives these manifests, with
/// the names that the lockfile has.
fn tell(
    records: &mut [Record],
    manifests: &[(usize, bool)],
    configs: &[usize],
    lock: usize,
) -> Vec<(usize, Rc<BTreeSet<String>>)> {
    let Some(record) = records.get(lock) else { return Vec::new() };
    let packages = &record.reading.packages;
    let names: Rc<BTreeSet<String>> = Rc::new(packages.iter().map(|package| package.name.clone()).collect());
    let local =
        (0..).zip(packages).filter(|(_, package)| matches!(package.origin, PackageOrigin::Local { .. }));
    let crates: BTreeMap<&str, (u32, &Package)> =
        local.map(|(index, package)| (package.name.as_str(), (index, package))).collect();
    let mut covered = Vec::new();
    let mut roots = Vec::new();
    let mut own = BTreeSet::new();
    let (mut asked_for, mut patched, mut named) = (BTreeSet::new(), BTreeSet::new(), Named::default());
    let mut registries: BTreeMap<String, String> = BTreeMap::new();
    for config in configs.iter().filter_map(|index| records.get(*index)).filter_map(manifest_of) {
        patched.extend(config.patched.iter().cloned());
        for (name, index) in &config.registries {
            registries.entry(name.clone()).or_insert_with(|| index.clone());
        }
    }
    for (manifest, is_root) in manifests {
        let Some(asks) = records.get(*manifest).and_then(manifest_of) else { continue };
        let name = asks.name.as_deref().unwrap_or_default();
        if !is_root && !names.contains(name) {
            continue;
        }
        covered.push((*manifest, Rc::clone(&names)));
        patched.extend(asks.patched.iter().cloned());
        name_registries(asks, &registries, &mut named);
        let Some((index, package)) = crates.get(name) else { continue };
        own.insert(*index);
        roots.push((*index, Scope::Prod));
        roots.extend(asked(packages, package, asks));
        asked_for.extend(asked_of_registry(packages, package, asks));
    }
    if let Some(record) = records.get_mut(lock) {
        record.named = named;
        for (index, package) in (0..).zip(&mut record.reading.packages) {
            if patched.contains(&package.name) {
                place_back(package);
            } else if asked_for.contains(&index) && package.origin != PackageOrigin::Default {
                displace(package, super::ECOSYSTEM);
            }
        }
    }
    if let Some(record) = records.get_mut(lock).filter(|_| !roots.is_empty()) {
        spread(&mut record.reading.packages, &roots, &Limits { own, ..Limits::default() });
    }
    covered
}

/// Notes the registries that a manifest names. Most stand there by a name that Cargo's configuration gives them.
fn name_registries(manifest: &Manifest, registries: &BTreeMap<String, String>, named: &mut Named) {
    for need in manifest.needs.iter().chain(&manifest.offers) {
        if let PackageOrigin::Registry { url } = &need.origin {
            match host(registries.get(url).unwrap_or(url)) {
                Some(host) => drop(named.hosts.insert(host.to_owned())),
                None => named.others = true,
            }
        }
    }
}

/// The packages that a crate asks crates.io for, and nobody else.
fn asked_of_registry(packages: &[Package], package: &Package, manifest: &Manifest) -> Vec<u32> {
    let is_asked = |name: &str| {
        let mut needs = manifest.needs.iter().filter(|need| need.name == name).peekable();
        needs.peek().is_some()
            && needs.all(|need| {
                need.origin == PackageOrigin::Default && (need.wanted.is_some() || !need.inherits)
            })
    };
    let known =
        package.dependencies.iter().filter_map(|target| Some((*target, packages.get(*target as usize)?)));
    known.filter(|(_, needed)| is_asked(&needed.name)).map(|(target, _)| target).collect()
}

/// The packages that a crate asks for, and why.
fn asked(packages: &[Package], package: &Package, manifest: &Manifest) -> Vec<(u32, Scope)> {
    let mut scopes: BTreeMap<&str, Scope> = BTreeMap::new();
    for need in &manifest.needs {
        let scope = scopes.entry(&need.name).or_insert(need.scope);
        *scope = need.scope.min(*scope);
    }
    let known =
        package.dependencies.iter().filter_map(|target| Some((*target, packages.get(*target as usize)?)));
    known
        .map(|(target, needed)| (target, scopes.get(needed.name.as_str()).copied().unwrap_or_default()))
        .collect()
}
