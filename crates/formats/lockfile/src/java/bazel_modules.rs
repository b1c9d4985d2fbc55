//! Modules of Bazel: what `MODULE.bazel` asks for, and what `MODULE.bazel.lock` says was chosen (Bazel, "External dependencies" and "Lockfile").

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{PackageEvidence, PackageHash, PackageOrigin, Purl, Relation, Scope};

use super::starlark::Call;
use crate::format::Parsed;
use crate::graph::{follow_scopes, spread_relations};
use crate::neighbours::Neighbours;
use crate::record::{Companion, Record};
use crate::sheet::Sheet;
use crate::spanned::{Kind, Member, Value, json};
use crate::text::without_credentials;

/// The name in results of the lockfile.
pub(super) const LOCK: &str = "bazel-module-lock";
const KIND: &str = "bazel";
/// What Bazel writes for the version of its own modules, and of those that are overridden by what is in no registry.
const NO_REGISTRY: &str = "@_";
/// Bazel's own modules, which it gives to every other.
const OWN: [&str; 2] = ["bazel_tools@_", "local_config_platform@_"];

fn purl(name: &str, version: Option<&str>) -> Result<Purl, palisade_model::PurlError> {
    Purl::new(KIND, None, name, version)
}

/// Adds the modules that `bazel_dep` asks for, from where the overrides say. The versions that it names are the least that do: which ones
/// were chosen, a lockfile knows.
pub(super) fn declared(sheet: &mut Sheet, calls: &[Call]) -> Vec<(String, Scope)> {
    let mut asks = Vec::new();
    let mut overrides: BTreeMap<&str, &Call> = BTreeMap::new();
    for call in calls {
        if let Some(name) = text(call, "module_name") {
            overrides.entry(name).or_insert(call);
        }
    }
    for call in calls.iter().filter(|call| call.name == "bazel_dep") {
        let Some(name) = text(call, "name") else {
            sheet.problem(call.line, "a module without a name");
            continue;
        };
        let overriding = overrides.get(name).copied();
        let version =
            |call: &Call| text(call, "version").filter(|version| !version.is_empty()).map(str::to_owned);
        let chosen = overriding.and_then(version);
        let Some(mut added) = sheet.add_as(call.line, purl(name, chosen.as_deref()), name, None) else {
            continue;
        };
        added.package.wanted = version(call).filter(|_| chosen.is_none());
        let scope = if text(call, "dev_dependency") == Some("True") { Scope::Dev } else { Scope::Prod };
        added.scope(scope);
        added.direct();
        added.package.origin = overriding.map_or(PackageOrigin::Default, origin);
        asks.push((name.to_owned(), scope));
    }
    asks
}

fn text<'c>(call: &'c Call, key: &str) -> Option<&'c str> {
    call.arguments.get(key)?.first().map(|(_, text)| text.as_str())
}

fn origin(call: &Call) -> PackageOrigin {
    let url = |key| without_credentials(text(call, key).unwrap_or_default());
    match call.name.as_str() {
        "git_override" => {
            PackageOrigin::Git { url: url("remote"), commit: text(call, "commit").map(str::to_owned) }
        }
        "archive_override" => PackageOrigin::Url { url: url("urls") },
        "local_path_override" => {
            PackageOrigin::Local { path: text(call, "path").unwrap_or_default().to_owned() }
        }
        _ => PackageOrigin::Default,
    }
}

/// Older lockfiles have the graph of modules; later ones the digests of what was read of registries: the source of each module that was
/// chosen, and the module files of all that were looked at.
pub(super) fn read_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Locked);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    match (root.get("moduleDepGraph"), root.get("registryFileHashes")) {
        (Some(graph), _) => graph_of(&mut sheet, graph),
        (None, Some(files)) => {
            if !matches!(files.kind, Kind::Table(_)) {
                sheet.problem(files.line, "does not list the files of registries by their addresses");
            }
            for file in files.members() {
                let Some((name, version)) = source_of(&file.key) else {
                    if !is_of_registry(&file.key) {
                        sheet.problem(file.line, "has a digest of what is no file of a registry");
                    }
                    continue;
                };
                let Some(added) = sheet.add(file.line, name, Some(version)) else { continue };
                let sum = file.value.text().filter(|sum| sum.len() == 64);
                added.package.hashes.extend(
                    sum.map(|sum| PackageHash { algorithm: "SHA-256".to_owned(), value: sum.to_owned() }),
                );
            }
        }
        (None, None) => sheet.problem(0, "has neither a graph of modules nor digests of registries"),
    }
    (sheet.done(), None)
}

/// The modules that the project brings, also by those that are in no registry and are told by `MODULE.bazel` alone; what only Bazel itself
/// needs is part of no product.
fn graph_of(sheet: &mut Sheet, graph: &Value) {
    let modules: BTreeMap<&str, &Member> =
        graph.members().iter().map(|module| (module.key.as_str(), module)).collect();
    let needs = |key: &str| {
        let module = modules.get(key).map_or(&[][..], |module| module.value.members_of("deps"));
        let keys = module.iter().filter_map(|need| need.value.text());
        keys.filter(|key| !OWN.contains(key)).collect::<Vec<_>>()
    };
    if !modules.contains_key("<root>") {
        sheet.problem(graph.line, "has a graph of modules without the project's own");
    }
    let direct: BTreeSet<&str> = needs("<root>").into_iter().collect();
    let (mut brought, mut open) = (BTreeSet::new(), needs("<root>"));
    while let Some(key) = open.pop() {
        if brought.insert(key) {
            open.extend(needs(key));
        }
    }
    let is_told = |key: &str| brought.contains(key) && !key.ends_with(NO_REGISTRY);
    for module in graph.members().iter().filter(|module| is_told(&module.key)) {
        let Some((name, version)) = module.key.rsplit_once('@') else { continue };
        let Some(added) = sheet.add(module.line, name, Some(version)) else { continue };
        let is_direct = direct.contains(module.key.as_str());
        added.package.relation = if is_direct { Relation::Direct } else { Relation::Transitive };
        let from = added.index;
        let told = needs(&module.key).into_iter().filter(|key| is_told(key));
        for (name, version) in told.filter_map(|key| key.rsplit_once('@')) {
            sheet.edge(from, name, Some(version));
        }
    }
}

/// Name and version of `.../modules/name/version/source.json`.
fn source_of(url: &str) -> Option<(&str, &str)> {
    let mut parts = url.strip_suffix("/source.json")?.rsplit('/');
    let (version, name) = (parts.next()?, parts.next()?);
    (parts.next() == Some("modules") && !name.is_empty()).then_some((name, version))
}

/// Whether a file of a registry says something else than where the source of a module is.
fn is_of_registry(url: &str) -> bool {
    url.ends_with("/bazel_registry.json") || url.ends_with("/MODULE.bazel")
}

/// A lockfile tells modules better than the file beside it, which says which of them are asked for.
pub(super) fn link(records: &mut [Record]) {
    let locks = Neighbours::of_format(records, LOCK);
    for index in Neighbours::of_format(records, "bazel-module").all() {
        let Some(record) = records.get(index) else { continue };
        let Some(lock) = locks.inside(&record.tree(), &record.folder()).first().copied() else { continue };
        let Some(Companion::Bazel(asks)) = &record.companion else { continue };
        let asks = asks.clone();
        let names = tell(records, lock, &asks);
        if let Some(record) = records.get_mut(index) {
            record
                .reading
                .packages
                .retain(|package| package.purl.kind() != KIND || !names.contains(&package.name));
        }
    }
}

/// Tells the lockfile what is asked for; gives the names that it has.
fn tell(records: &mut [Record], lock: usize, asks: &[(String, Scope)]) -> BTreeSet<String> {
    let Some(record) = records.get_mut(lock) else { return BTreeSet::new() };
    let packages = &mut record.reading.packages;
    let mut asked: BTreeMap<&str, Scope> = BTreeMap::new();
    for (name, scope) in asks {
        let known = asked.entry(name).or_insert(*scope);
        *known = (*known).min(*scope);
    }
    let scope = |name: &str| asked.get(name).copied();
    let roots: Vec<u32> =
        (0..).zip(packages.iter()).filter_map(|(at, package)| scope(&package.name).map(|_| at)).collect();
    if !roots.is_empty() {
        spread_relations(packages, &roots);
        for package in packages.iter_mut() {
            package.scope = scope(&package.name).unwrap_or(package.scope);
        }
        follow_scopes(packages);
    }
    packages.iter().map(|package| package.name.clone()).collect()
}
