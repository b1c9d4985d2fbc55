//! `pubspec.lock`, `pubspec.yaml`, and the graph that pub leaves beside them.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{Package, PackageEvidence, PackageHash, PackageOrigin, Reading, Relation, Scope};

use crate::asks::Asks;
use crate::format::Parsed;
use crate::graph::{Limits, spread};
use crate::neighbours::Neighbours;
use crate::record::{Companion, Record};
use crate::sheet::Sheet;
use crate::spanned::{Member, Value, json, yaml};
use crate::text::without_credentials;

const ECOSYSTEM: Option<&str> = Some("Pub");

pub(crate) fn read_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("pub", ECOSYSTEM, PackageEvidence::Locked);
    let tree = yaml::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    if root.get("packages").is_none() {
        sheet.problem(0, "has no table of packages");
    }
    for member in root.members_of("packages") {
        locked(&mut sheet, member);
    }
    let mut reading = sheet.done();
    bring_for_developers(&mut reading.packages);
    (reading, None)
}

/// `.dart_tool/package_graph.json`, which newer versions of pub write beside their other results: what each package needs. It names
/// no packages that the lockfile has not: what cannot be read in it takes nothing from the inventory.
pub(super) fn read_graph(_: &str, bytes: &[u8]) -> Parsed {
    let tree = json::parse(bytes);
    let list = |entry: &Value, key: &str| -> Vec<String> {
        entry.items_of(key).iter().filter_map(Value::text).map(str::to_owned).collect()
    };
    let roots = list(tree.root(), "roots").into_iter().collect();
    let mut graph = Graph { roots, ..Graph::default() };
    for entry in tree.root().items_of("packages") {
        let Some(name) = entry.text_of("name") else { continue };
        graph.needs.insert(name.to_owned(), list(entry, "dependencies"));
        graph.developers_need.insert(name.to_owned(), list(entry, "devDependencies"));
    }
    (Reading::default(), Some(Companion::Pub(graph)))
}

/// What packages of pub need, by their names, of which each stands once in a project.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// The project's own packages.
    roots: BTreeSet<String>,
    needs: BTreeMap<String, Vec<String>>,
    developers_need: BTreeMap<String, Vec<String>>,
}

/// Adds the edges to lockfiles, and what follows from them for scopes. A graph of other packages than the lockfile's is of another
/// time and tells nothing.
pub(crate) fn link(records: &mut [Record]) {
    let graphs = Neighbours::new(records, |record| {
        let folder = matches!(record.companion, Some(Companion::Pub(_))).then(|| record.folder())?;
        Some(folder.strip_suffix(".dart_tool")?.trim_end_matches('/').to_owned())
    });
    for lock in Neighbours::of_format(records, "pubspec-lock").all() {
        let Some(record) = records.get(lock) else { continue };
        let beside = graphs.inside(&record.tree(), &record.folder()).first();
        let graph = beside.and_then(|graph| records.get(*graph)).and_then(|record| match &record.companion {
            Some(Companion::Pub(graph)) => Some(graph),
            _ => None,
        });
        let packages = &record.reading.packages;
        let told = graph.and_then(|graph| Some((graph.edges(packages)?, graph.asked(packages))));
        let Some((edges, asked)) = told.filter(|(_, asked)| !asked.is_empty()) else { continue };
        let Some(record) = records.get_mut(lock) else { continue };
        for (package, needs) in record.reading.packages.iter_mut().zip(edges) {
            package.dependencies = needs;
        }
        spread(&mut record.reading.packages, &asked, &Limits::default());
    }
}

impl Graph {
    /// What each of `packages` needs; none where one of them is not in the graph.
    fn edges(&self, packages: &[Package]) -> Option<Vec<Vec<u32>>> {
        let places = places(packages);
        packages.iter().map(|package| Some(found(&places, self.needs.get(&package.name)?))).collect()
    }

    /// What the project itself asks for.
    fn asked(&self, packages: &[Package]) -> Vec<(u32, Scope)> {
        let places = places(packages);
        let mut asked = BTreeSet::new();
        for (all, scope) in [(&self.needs, Scope::Prod), (&self.developers_need, Scope::Dev)] {
            let names = self.roots.iter().filter_map(|root| all.get(root));
            asked.extend(names.flat_map(|names| found(&places, names)).map(|index| (index, scope)));
        }
        asked.into_iter().collect()
    }
}

fn places(packages: &[Package]) -> BTreeMap<&str, u32> {
    packages.iter().map(|package| package.name.as_str()).zip(0..).collect()
}

/// The places of packages by their names, in order.
fn found(places: &BTreeMap<&str, u32>, names: &[String]) -> Vec<u32> {
    let found = names.iter().filter_map(|name| places.get(name.as_str())).copied();
    found.collect::<BTreeSet<u32>>().into_iter().collect()
}

/// The file has no edges. Where developers alone ask for something, whatever that brings is for them too.
fn bring_for_developers(packages: &mut [Package]) {
    let is_direct = |package: &&Package| package.relation == Relation::Direct;
    let mut direct = packages.iter().filter(is_direct).peekable();
    if direct.peek().is_some() && direct.all(|package| package.scope == Scope::Dev) {
        for package in packages.iter_mut().filter(|package| package.relation == Relation::Transitive) {
            package.scope = Scope::Dev;
        }
    }
}

fn locked(sheet: &mut Sheet, member: &Member) {
    let entry = &member.value;
    let Some(version) = entry.scalar_of("version") else {
        sheet.problem(member.line, "a package without a version");
        return;
    };
    let Some(mut added) = sheet.add(member.line, &member.key, Some(version)) else { return };
    let (relation, scope) = match entry.text_of("dependency").unwrap_or_default() {
        "direct dev" => (Relation::Direct, Scope::Dev),
        dependency if dependency.starts_with("direct") => (Relation::Direct, Scope::Prod),
        "transitive" => (Relation::Transitive, Scope::Prod),
        _ => (Relation::Unknown, Scope::Prod),
    };
    added.package.relation = relation;
    added.scope(scope);
    let described = |key: &str| entry.at(&["description", key]).and_then(Value::scalar);
    added.package.origin = match entry.text_of("source") {
        Some("git") => PackageOrigin::Git {
            url: without_credentials(described("url").unwrap_or_default()),
            commit: described("resolved-ref").map(str::to_owned),
        },
        Some("path") => PackageOrigin::Local { path: described("path").unwrap_or_default().to_owned() },
        Some("hosted") => match described("url").map(without_credentials) {
            Some(url)
                if !["https://pub.dev", "https://pub.dartlang.org"].contains(&url.trim_end_matches('/')) =>
            {
                PackageOrigin::Registry { url }
            }
            _ => PackageOrigin::Default,
        },
        _ => PackageOrigin::Default,
    };
    if entry.text_of("source") == Some("sdk") {
        added.package.ecosystem = None;
    }
    let sum = described("sha256").filter(|sum| sum.len() == 64);
    added.package.hashes.extend(
        sum.map(|sum| PackageHash { algorithm: "SHA-256".to_owned(), value: sum.to_ascii_lowercase() }),
    );
}

pub(crate) fn read_manifest(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("pub", ECOSYSTEM, PackageEvidence::Declared);
    let tree = yaml::parse(bytes);
    sheet.problems(tree.problems.clone());
    let root = tree.root();
    let own = root.members().iter().find(|member| member.key == "name");
    let own = own.and_then(|own| sheet.add_itself(own.line, own.value.text()?, root.scalar_of("version")));
    let mut names = Vec::new();
    for (key, scope) in [("dependencies", Scope::Prod), ("dev_dependencies", Scope::Dev)] {
        for need in tree.root().members_of(key) {
            let wanted = need.value.scalar().or_else(|| need.value.scalar_of("version")).unwrap_or_default();
            let is_exact = wanted.starts_with(|c: char| c.is_ascii_digit()) && !wanted.contains(' ');
            let added = if is_exact {
                sheet.add(need.line, &need.key, Some(wanted))
            } else {
                sheet.add_wanted(need.line, &need.key, wanted)
            };
            if let Some(mut added) = added {
                added.scope(scope);
                added.direct();
                if need.value.get("sdk").is_some() {
                    added.package.ecosystem = None;
                }
                if let Some(path) = need.value.text_of("path") {
                    added.package.origin = PackageOrigin::Local { path: path.to_owned() };
                }
            }
            names.push((need.key.clone(), scope));
        }
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), Some(Companion::Asks(Asks::of(&["pubspec-lock"], names))))
}
