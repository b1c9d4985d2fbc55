//! What go.mod, go.sum, go.work and vendor/modules.txt say together.

use std::collections::BTreeSet;

use palisade_model::{Package, PackageOrigin, Relation, Scope};

use super::{Companion, Replacements, Work, go_mod, purl};
use crate::folders::joined;
use crate::neighbours::Neighbours;
use crate::record::{self, Asked, Asker, Record, Wish};

/// Applies the replacements of workspaces, and takes from go.sum and the vendored list what go.mod tells better.
pub(crate) fn link(records: &mut [Record]) {
    let modules = Neighbours::of_format(records, "go-mod");
    let sums = Neighbours::of_format(records, "go-sum");
    let vendored = Neighbours::of_format(records, "go-vendor-modules");
    for work in Neighbours::of_format(records, "go-work").all() {
        apply_work(records, &modules, work);
    }
    for index in modules.all() {
        let Some(record) = records.get(index) else { continue };
        let Some(record::Companion::Go(Companion::Module(module))) = &record.companion else { continue };
        let (tree, folder) = (record.tree(), record.folder());
        let (is_complete, names) = (module.is_complete, module.names.clone());
        let replaced: Vec<Asked> = module.replaced.iter().copied().map(stand_in).collect();
        let told: BTreeSet<String> =
            record.reading.packages.iter().map(|package| package.purl.to_string()).collect();
        for sum in sums.inside(&tree, &folder) {
            let Some(sum) = records.get_mut(*sum) else { continue };
            sum.reading.packages.retain(|package| {
                !is_complete && !names.contains(&package.name) && package.scope != Scope::Optional
            });
            sum.reading.packages.iter_mut().for_each(|package| package.relation = Relation::Transitive);
        }
        let below = if folder.is_empty() { "vendor".to_owned() } else { format!("{folder}/vendor") };
        if let Some(record) = records.get_mut(index) {
            record.asked.extend(replaced);
            record.asked.sort_by_key(|asked| asked.package);
        }
        for list in vendored.inside(&tree, &below) {
            let Some(list) = records.get_mut(*list) else { continue };
            list.reading.packages.retain(|package| !told.contains(&package.purl.to_string()));
        }
    }
}

/// Replaces modules in what the members of a workspace ask for.
fn apply_work(records: &mut [Record], modules: &Neighbours, work: usize) {
    let Some(record) = records.get(work) else { return };
    let Some(record::Companion::Go(Companion::Work(Work { uses, replacements }))) = &record.companion else {
        return;
    };
    let (tree, own) = (record.tree(), record.folder());
    let folders: BTreeSet<String> = uses.iter().filter_map(|folder| joined(&own, folder)).collect();
    let replacements = replacements.clone();
    let members: Vec<usize> =
        folders.iter().flat_map(|folder| modules.inside(&tree, folder)).copied().collect();
    for member in members {
        if let Some(record) = records.get_mut(member) {
            let replaced = replace(&mut record.reading.packages, &replacements);
            record.asked.extend(replaced.into_iter().map(stand_in));
        }
    }
}

/// The module at this place stands in for another.
const fn stand_in(package: u32) -> Asked {
    let by = Asker { folder: String::new(), name: String::new(), scope: Scope::Prod, wish: Wish::Replaced };
    Asked { package, by }
}

/// Gives the places of those that were replaced.
fn replace(packages: &mut [Package], replacements: &Replacements) -> Vec<u32> {
    let mut places = Vec::new();
    for (index, package) in (0..).zip(packages) {
        let (name, version) = (package.name.clone(), package.version.clone().unwrap_or_default());
        if go_mod::find(&name, &version, replacements).is_none() {
            continue;
        }
        let (new, new_version, origin) = go_mod::replaced(&name, &version, replacements);
        places.push(index);
        if let Ok(purl) = purl(new, new_version) {
            package.ecosystem = package.ecosystem.take().filter(|_| origin == PackageOrigin::Default);
            package.purl = purl;
            package.name = new.to_owned();
            package.version = new_version.map(str::to_owned);
            package.origin = origin;
        }
    }
    places
}
