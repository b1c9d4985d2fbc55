//! Manifests beside their lockfiles.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use palisade_model::{Package, PackageOrigin, Reading, Relation, Scope};

use super::package_json::{CATALOG, Catalogs, taken_elsewhere, without_catalog};
use super::request::{request, split_name};
use super::{Companion, Lock, Manifest};
use crate::displaced::{displace, is_elsewhere, place_back};
use crate::folders::fits;
use crate::graph::{spread, spread_relations};
use crate::neighbours::Neighbours;
use crate::record::{self, Asked, Asker, Record, Wish};

/// Tells lockfiles what their manifests ask for, and takes from the manifests what the lockfiles tell better.
pub(crate) fn link(records: &mut [Record]) {
    prefer_shrinkwraps(records);
    let locks = Neighbours::new(records, |record| lock_of(record).map(|_| project_folder(record)));
    let manifests = Neighbours::new(records, |record| manifest_of(record).map(|_| record.folder()));
    let mut covered: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for manifest in manifests.all() {
        let Some(record) = records.get(manifest) else { continue };
        let (tree, folder) = (record.tree(), record.folder());
        for (lock, way) in locks.above(&tree, &folder) {
            if covers(records, &manifests, lock, manifest, way) {
                covered.entry(lock).or_default().push(manifest);
            }
        }
    }
    let mut locked: Vec<(usize, Rc<Told>)> = Vec::new();
    for (lock, covered) in covered {
        tell(records, lock, &covered);
        let told = Rc::new(Told::by(records, lock, &covered));
        locked.extend(covered.into_iter().map(|manifest| (manifest, Rc::clone(&told))));
    }
    for (manifest, told) in locked {
        let Some(record) = records.get_mut(manifest) else { continue };
        record.reading.packages.retain(|package| told.lacks(package));
    }
}

/// What a lockfile tells, so that its manifests need not.
struct Told {
    /// Its packages.
    names: BTreeSet<String>,
    /// Names that it answers with packages of other names, and the project's own.
    others: BTreeSet<String>,
}

impl Told {
    fn by(records: &[Record], lock: usize, manifests: &[usize]) -> Self {
        let packages = records.get(lock).map_or(&[][..], |record| &record.reading.packages);
        let requests = records.get(lock).and_then(lock_of).into_iter().flat_map(|lock| lock.requests.keys());
        let answered =
            requests.map(|request| split_name(request).map_or(request.as_str(), |(name, _)| name).to_owned());
        let manifests = manifests.iter().filter_map(|index| records.get(*index)).filter_map(manifest_of);
        Self {
            names: packages.iter().map(|package| package.name.clone()).collect(),
            others: answered.chain(manifests.filter_map(|manifest| manifest.name.clone())).collect(),
        }
    }

    /// Whether only the manifest tells of a package: the lockfile has none of its name, and would have if it is needed.
    fn lacks(&self, package: &Package) -> bool {
        let optional = matches!(package.scope, Scope::Peer | Scope::Optional);
        let is_other = match &package.origin {
            // The project's own package has no path.
            PackageOrigin::Local { path } if path.is_empty() => false,
            PackageOrigin::Local { .. } => true,
            _ => self.others.contains(&package.name),
        };
        !self.names.contains(&package.name) && !optional && !is_other
    }
}

/// npm ignores package-lock.json where npm-shrinkwrap.json lies beside it.
fn prefer_shrinkwraps(records: &mut [Record]) {
    let name = |record: &Record| {
        let path = record.members.last().map_or_else(|| record.path.to_string(), Clone::clone);
        crate::text::file_name(&path).to_owned()
    };
    let preferred: BTreeSet<(String, String)> = records
        .iter()
        .filter(|record| name(record) == "npm-shrinkwrap.json")
        .map(|record| (record.tree(), record.folder()))
        .collect();
    for record in records.iter_mut().filter(|record| name(record) == "package-lock.json") {
        if preferred.contains(&(record.tree(), record.folder())) {
            record.reading = Reading::default();
            record.companion = None;
        }
    }
}

fn lock_of(record: &Record) -> Option<&Lock> {
    match &record.companion {
        Some(record::Companion::Javascript(Companion::Lock(lock))) => Some(lock),
        _ => None,
    }
}

fn manifest_of(record: &Record) -> Option<&Manifest> {
    match &record.companion {
        Some(record::Companion::Javascript(Companion::Manifest(manifest))) => Some(manifest),
        _ => None,
    }
}

/// The folder of the project that a lockfile is for.
fn project_folder(record: &Record) -> String {
    let folder = record.folder();
    let hidden = folder.strip_suffix("node_modules/.pnpm").or_else(|| folder.strip_suffix("node_modules"));
    hidden.map_or(folder.clone(), |above| above.trim_end_matches('/').to_owned())
}

/// Whether a lockfile is for a manifest that lies `way` below it: of the same folder, or of a workspace.
fn covers(records: &[Record], manifests: &Neighbours, lock: usize, manifest: usize, way: &str) -> bool {
    let (Some(lock), Some(manifest)) = (records.get(lock), records.get(manifest)) else { return false };
    let is_deno = |record: &Record| record.format.name().starts_with("deno");
    if way.is_empty() {
        return is_deno(lock) || !is_deno(manifest);
    }
    if lock_of(lock).is_some_and(|lock| lock.covers.contains(way) || lock.folders.contains(way)) {
        return true;
    }
    let roots =
        manifests.inside(&lock.tree(), &project_folder(lock)).iter().filter_map(|index| records.get(*index));
    roots.filter_map(manifest_of).any(|root| root.workspaces.iter().any(|pattern| fits(pattern, way)))
}

/// Tells a lockfile what the manifests ask for.
fn tell(records: &mut [Record], lock: usize, manifests: &[usize]) {
    tell_displaced(records, lock, manifests);
    let mut roots = Vec::new();
    let Some(own) = records.get(lock).and_then(lock_of) else { return };
    let (knows_direct, knows_scopes, limits) = (own.knows_direct, own.knows_scopes, own.limits.clone());
    let project = records.get(lock).map(project_folder).unwrap_or_default();
    let packages = records.get(lock).map_or(&[][..], |record| &record.reading.packages);
    let mut asked = Vec::new();
    for record in manifests.iter().filter_map(|index| records.get(*index)) {
        let Some(manifest) = manifest_of(record) else { continue };
        let place = record.folder();
        let folder = place.strip_prefix(project.as_str()).unwrap_or(&place).trim_start_matches('/');
        for (name, (spec, scope)) in &manifest.requests {
            let Some(package) = answer(own, name, spec) else { continue };
            roots.push((package, *scope));
            // Peers are for others to bring.
            if *scope != Scope::Peer {
                let wish = match packages.get(package as usize) {
                    Some(package) if package.name != request(name, spec).name => Wish::Replaced,
                    _ => wish(name, spec),
                };
                let own = manifest.name.clone().unwrap_or_default();
                let by = Asker { folder: folder.to_owned(), name: own, scope: *scope, wish };
                asked.push(Asked { package, by });
            }
        }
    }
    asked.sort_by_key(|asked| asked.package);
    let Some(record) = records.get_mut(lock).filter(|_| !roots.is_empty()) else { return };
    record.asked = asked;
    if !knows_scopes {
        // What the lockfile calls direct is, whether or not a manifest is found that asks for it.
        let answered: BTreeSet<u32> = roots.iter().map(|(root, _)| *root).collect();
        let direct = (0..)
            .zip(&record.reading.packages)
            .filter(|(index, package)| package.relation == Relation::Direct && !answered.contains(index));
        roots.extend(direct.map(|(index, package)| (index, package.scope)));
        spread(&mut record.reading.packages, &roots, &limits);
    } else if !knows_direct {
        let direct: Vec<u32> = roots.iter().map(|(root, _)| *root).collect();
        spread_relations(&mut record.reading.packages, &direct);
    }
}

/// Marks what the manifests ask of a registry and the lockfile takes from elsewhere. Where a manifest says that it is meant, it is not.
fn tell_displaced(records: &mut [Record], lock: usize, manifests: &[usize]) {
    let Some(own) = records.get(lock).and_then(lock_of) else { return };
    let (mut asked, mut meant) = (BTreeSet::new(), BTreeSet::new());
    let manifests = || manifests.iter().filter_map(|index| records.get(*index)).filter_map(manifest_of);
    let mut catalogs = Catalogs::new();
    for manifest in manifests() {
        catalogs.extend(manifest.catalogs.iter().map(|(key, spec)| (key.clone(), spec.clone())));
    }
    let overrides = manifests().flat_map(|manifest| &manifest.overrides);
    let overridden: BTreeSet<String> =
        overrides.filter_map(|written| taken_elsewhere(&catalogs, written)).map(str::to_owned).collect();
    for manifest in manifests() {
        let needed = manifest.requests.iter().filter(|(_, (_, scope))| *scope != Scope::Peer);
        for (name, (spec, _)) in needed {
            let Some(index) = answer(own, name, spec) else { continue };
            let Some(spec) = without_catalog(&catalogs, name, spec) else { continue };
            let is_usual = request(name, spec).origin == PackageOrigin::Default;
            if is_usual {
                asked.insert(index)
            } else {
                meant.insert(index)
            };
        }
    }
    let covers = own.covers.clone();
    let Some(record) = records.get_mut(lock) else { return };
    for (index, package) in (0..).zip(&mut record.reading.packages) {
        let is_part = matches!(&package.origin, PackageOrigin::Local { path } if covers.contains(path));
        if meant.contains(&index) || overridden.contains(&package.name) {
            place_back(package);
        } else if asked.contains(&index) && is_elsewhere(package) && !is_part {
            displace(package, super::ECOSYSTEM);
        }
    }
}

/// The words of a request.
fn wish(name: &str, spec: &str) -> Wish {
    match request(name, spec).name {
        _ if spec.trim().starts_with(CATALOG) => Wish::Catalogue,
        own if own != name => Wish::Alias(name.to_owned()),
        _ => Wish::Plain,
    }
}

/// The package that a request got.
fn answer(lock: &Lock, name: &str, spec: &str) -> Option<u32> {
    let keys = [
        format!("{name}@{spec}"),
        format!("{name}@npm:{spec}"),
        spec.to_owned(),
        name.to_owned(),
        request(name, spec).name.to_owned(),
        format!("npm:{name}@{spec}"),
    ];
    keys.iter().find_map(|key| lock.requests.get(key)).copied()
}
