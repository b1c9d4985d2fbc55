//! What a restore or a build of .NET leaves behind: `project.assets.json`, before that `project.lock.json`, and `*.deps.json`. All have a table
//! of libraries, keyed `name/version`, and for each target what every library needs.

use palisade_model::{PackageEvidence, PackageOrigin, Relation, Scope};

use super::{ECOSYSTEM, Versions, sha512};
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Member, Value, json};

pub(crate) fn read_deps(_: &str, bytes: &[u8]) -> Parsed {
    // Assemblies of the framework come with it.
    let (mut sheet, tree) = libraries(bytes, PackageEvidence::Installed, |kind| {
        !matches!(kind, "reference" | "referenceassembly")
    });
    edges(&mut sheet, tree.root());
    for project in tree.root().members_of("targets").iter().flat_map(|target| target.value.members()) {
        let is_project =
            tree.root().at(&["libraries", &project.key, "type"]).and_then(Value::text) == Some("project");
        if is_project {
            for need in project.value.members_of("dependencies") {
                sheet.asks_for(without_pack(&need.key), Scope::Prod);
            }
        }
    }
    (sheet.done(), None)
}

pub(crate) fn read_assets(_: &str, bytes: &[u8]) -> Parsed {
    // Projects of the same solution have records of their own.
    let (mut sheet, tree) = libraries(bytes, PackageEvidence::Locked, |kind| kind == "package");
    let root = tree.root();
    edges(&mut sheet, root);
    let frameworks = root.at(&["project", "frameworks"]).map_or(&[][..], Value::members);
    for need in frameworks.iter().flat_map(|framework| framework.value.members_of("dependencies")) {
        sheet.asks_for(&need.key, Scope::Prod);
    }
    // Until `project.json` went there was a list of `name >= 1.0` for each framework instead.
    let groups = if frameworks.is_empty() { root.members_of("projectFileDependencyGroups") } else { &[] };
    for need in groups.iter().flat_map(|group| group.value.items()).filter_map(Value::text) {
        sheet.asks_for(need.split_whitespace().next().unwrap_or_default(), Scope::Prod);
    }
    (sheet.done(), None)
}

fn libraries(
    bytes: &[u8],
    evidence: PackageEvidence,
    counts: fn(&str) -> bool,
) -> (Sheet, crate::spanned::Tree) {
    let mut sheet = Sheet::new("nuget", ECOSYSTEM, evidence);
    let tree = json::parse(bytes);
    sheet.problems(tree.problems.clone());
    if tree.root().get("libraries").is_none() {
        sheet.problem(0, "has no table of libraries");
    }
    for library in tree.root().members_of("libraries") {
        if counts(library.value.text_of("type").unwrap_or("package")) {
            add(&mut sheet, library);
        }
    }
    (sheet, tree)
}

fn add(sheet: &mut Sheet, library: &Member) {
    let Some((name, version)) =
        library.key.split_once('/').filter(|(name, version)| !name.is_empty() && !version.is_empty())
    else {
        sheet.problem(library.line, "a library without name and version");
        return;
    };
    let kind = library.value.text_of("type").unwrap_or("package");
    let Some(added) = sheet.add(library.line, without_pack(name), Some(version)) else { return };
    if kind == "project" {
        let path = library.value.text_of("path").unwrap_or(".").to_owned();
        added.package.origin = PackageOrigin::Local { path };
        added.package.relation = Relation::Direct;
    }
    let sum = library.value.text_of("sha512").and_then(sha512);
    added.package.hashes.extend(sum);
}

/// The name of a package that is part of the runtime which is shipped along.
fn without_pack(name: &str) -> &str {
    name.strip_prefix("runtimepack.").unwrap_or(name)
}

fn edges(sheet: &mut Sheet, root: &Value) {
    for target in root.members_of("targets") {
        let keys = target.value.members().iter().filter_map(|library| library.key.split_once('/'));
        let versions = Versions::of(keys.map(|(name, version)| (without_pack(name), version)));
        for library in target.value.members() {
            let Some((name, version)) = library.key.split_once('/') else { continue };
            let Some(from) = sheet.find_index(without_pack(name), version) else { continue };
            for need in library.value.members_of("dependencies") {
                let name = without_pack(&need.key);
                sheet.edge(from, name, versions.get(name).or_else(|| need.value.text()));
            }
        }
    }
}
