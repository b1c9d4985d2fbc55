//! package.json: what a project asks for, or the description of an installed package.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{PackageEvidence, PackageOrigin, Reading, Scope};

use super::request::{put_request, request, split_name};
use super::{Companion, put, resolved, sheet};
use crate::facts::{add_hashes, integrity};
use crate::format::Parsed;
use crate::record;
use crate::sheet::Sheet;
use crate::spanned::{Value, json, yaml};

/// Whether it describes an installed package: it lies in `node_modules`, or where distributions put theirs.
pub(super) fn is_installed(path: &str) -> bool {
    let distributions = ["usr/share/nodejs/", "usr/lib/nodejs/"];
    let in_folder = |folder: &str| path.starts_with(folder) || path.contains(&format!("/{folder}"));
    let in_modules = path.split('/').any(|part| part == "node_modules");
    crate::text::file_name(path) == "package.json"
        && (in_modules || distributions.iter().any(|folder| in_folder(folder)))
}

/// What a project asks for.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    /// By the name in the manifest, which may be an alias: the range as written, and what it is for.
    pub(crate) requests: BTreeMap<String, (String, Scope)>,
    /// The folders of its workspaces, as patterns.
    pub(crate) workspaces: Vec<String>,
    /// The project's own name.
    pub(crate) name: Option<String>,
    /// What it takes for a package, whoever asks for that: overrides of npm and pnpm, resolutions of Yarn. By the name of the package, what
    /// is written for it.
    pub(crate) overrides: BTreeSet<(String, String)>,
    /// What `catalog:` means, by the name of the catalogue, `default` for the one without, and that of the package.
    pub(crate) catalogs: Catalogs,
}

/// Ranges and places by the name of a catalogue and that of a package.
pub(super) type Catalogs = BTreeMap<(String, String), String>;

/// Where a catalogue is asked for: the spec without the word.
pub(super) const CATALOG: &str = "catalog:";

/// What `spec` of `name` means: itself, or what stands in its catalogue; none where that is not known.
pub(super) fn without_catalog<'s>(catalogs: &'s Catalogs, name: &str, spec: &'s str) -> Option<&'s str> {
    let Some(catalog) = spec.trim().strip_prefix(CATALOG) else { return Some(spec) };
    let catalog = if catalog.is_empty() { "default" } else { catalog };
    catalogs.get(&(catalog.to_owned(), name.to_owned())).map(String::as_str)
}

/// Takes over the catalogues that `place` has: one without a name, and others. A lockfile has more of each package than what is asked for.
pub(super) fn collect_catalogs(place: &Value, catalogs: &mut Catalogs) {
    let only = place.get("catalog").map(|catalog| ("default", catalog));
    let named = place.members_of("catalogs").iter().map(|member| (member.key.as_str(), &member.value));
    for (catalog, packages) in only.into_iter().chain(named) {
        for member in packages.members() {
            let spec = member.value.scalar().or_else(|| member.value.text_of("specifier"));
            let key = (catalog.to_owned(), member.key.clone());
            catalogs.extend(spec.map(|spec| (key, spec.to_owned())));
        }
    }
}

const SECTIONS: &[(&str, Scope)] = &[
    ("dependencies", Scope::Prod),
    ("optionalDependencies", Scope::Optional),
    ("peerDependencies", Scope::Peer),
    ("devDependencies", Scope::Dev),
];

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet(PackageEvidence::Declared);
    let tree = json::parse(bytes);
    let root = tree.root();
    let manifest = manifest(root);
    put_own(&mut sheet, root);
    for (section, scope) in SECTIONS {
        declare(&mut sheet, root, section, *scope);
    }
    sheet.problems(tree.problems);
    (sheet.done(), Some(record::Companion::Javascript(Companion::Manifest(manifest))))
}

/// Adds the project's own package, if it has a name and a version.
fn put_own(sheet: &mut Sheet, root: &Value) {
    let line = root.members().iter().find(|member| member.key == "name").map_or(1, |member| member.line);
    let (Some(name), Some(version)) = (root.text_of("name"), root.text_of("version")) else { return };
    let origin = PackageOrigin::Local { path: String::new() };
    if let Some(mut added) = put(sheet, line, name, Some(version), origin) {
        added.direct();
        added.package.licences = licences(root);
        added.package.runs_on_install = runs_on_install(root);
    }
}

/// Whether npm runs something when the package is installed.
fn runs_on_install(root: &Value) -> bool {
    ["preinstall", "install", "postinstall"].iter().any(|script| root.at(&["scripts", script]).is_some())
}

fn declare(sheet: &mut Sheet, root: &Value, section: &str, scope: Scope) {
    for member in root.members_of(section) {
        let Some(spec) = member.value.scalar() else {
            sheet.problem(member.line, "a dependency asks for no version");
            continue;
        };
        let Some(mut added) = put_request(sheet, member.line, &member.key, spec) else { continue };
        added.scope(scope);
        added.direct();
    }
}

/// What the project asks for, by name. A name in several sections counts for the most urgent one, but that optional ones stand twice.
pub(super) fn manifest(root: &Value) -> Manifest {
    let mut manifest = Manifest::default();
    for (section, scope) in SECTIONS {
        for member in root.members_of(section) {
            // Yarn from version 2 on has what is optional in a section of its own too.
            let meta = root.at(&["dependenciesMeta", &member.key]);
            let is_optional = *scope == Scope::Prod && meta.is_some_and(|meta| meta.flag("optional"));
            let scope = if is_optional { Scope::Optional } else { *scope };
            let request = || (member.value.scalar().unwrap_or_default().to_owned(), scope);
            if *section == "optionalDependencies" {
                manifest.requests.insert(member.key.clone(), request());
            } else {
                manifest.requests.entry(member.key.clone()).or_insert_with(request);
            }
        }
    }
    let workspaces = root.get("workspaces");
    let patterns = workspaces
        .map_or(&[][..], |list| if list.is_list() { list.items() } else { list.items_of("packages") });
    manifest.workspaces = patterns.iter().filter_map(|pattern| pattern.text().map(str::to_owned)).collect();
    manifest.name = root.text_of("name").map(str::to_owned);
    let overrides = [root.get("overrides"), root.get("resolutions"), root.at(&["pnpm", "overrides"])];
    for overrides in overrides.into_iter().flatten() {
        collect_overrides(overrides, "", &mut manifest.overrides);
    }
    // Bun has catalogues beside the workspaces, or at the top.
    for place in [Some(root), workspaces].into_iter().flatten() {
        collect_catalogs(place, &mut manifest.catalogs);
    }
    manifest
}

/// Reads pnpm-workspace.yaml, where pnpm has catalogues, and overrides since version 10, or .yarnrc.yml, where Yarn has catalogues since 4.10.
/// They name no packages: what cannot be read in them takes nothing from the inventory.
pub(super) fn read_catalogs(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = yaml::parse(bytes);
    let root = tree.root();
    let mut manifest = Manifest::default();
    collect_catalogs(root, &mut manifest.catalogs);
    if let Some(overrides) = root.get("overrides") {
        collect_overrides(overrides, "", &mut manifest.overrides);
    }
    (Reading::default(), Some(record::Companion::Javascript(Companion::Manifest(manifest))))
}

/// Takes over what stands for packages; npm nests it by what needs the package. Depth is bounded by the reader of JSON.
pub(super) fn collect_overrides(overrides: &Value, above: &str, found: &mut BTreeSet<(String, String)>) {
    for member in overrides.members() {
        let name = if member.key == "." { above } else { overridden(&member.key) };
        match member.value.scalar() {
            Some(spec) => {
                found.insert((name.to_owned(), spec.to_owned()));
            }
            None => collect_overrides(&member.value, name, found),
        }
    }
}

/// The package that an override takes from elsewhere than a registry, or for another one. What stands in no catalogue that is known is asked
/// of the registry.
pub(super) fn taken_elsewhere<'o>(
    catalogs: &'o Catalogs,
    (name, spec): &'o (String, String),
) -> Option<&'o str> {
    let request = request(name, without_catalog(catalogs, name, spec)?);
    (request.origin != PackageOrigin::Default || request.name != name).then_some(request.name)
}

/// The package of keys such as `a>b@1`, `a/**/@s/b` and `b`.
fn overridden(key: &str) -> &str {
    let last = key.rsplit('>').next().unwrap_or(key);
    let slashes: Vec<usize> = last.match_indices('/').map(|(at, _)| at + 1).rev().take(2).collect();
    let from = |at: usize| last.get(at..).unwrap_or_default();
    let before = slashes.get(1).copied().unwrap_or_default();
    let start = match slashes.first() {
        Some(_) if from(before).starts_with('@') => before,
        Some(start) => *start,
        None => 0,
    };
    split_name(from(start)).map_or(from(start), |(name, _)| name)
}

/// Reads the description of an installed package. Files without name and version describe parts of packages.
pub(super) fn read_installed(_path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet(PackageEvidence::Installed);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let (Some(name), Some(version)) = (root.text_of("name"), root.text_of("version")) else {
        return (sheet.done(), None);
    };
    let line = root.members().iter().find(|member| member.key == "name").map_or(1, |member| member.line);
    let origin = root
        .text_of("_resolved")
        .map_or(PackageOrigin::Default, |address| resolved(name, Some(version), address));
    if let Some(added) = put(&mut sheet, line, name, Some(version), origin) {
        add_hashes(added.package, root.text_of("_integrity").map(integrity).unwrap_or_default());
        added.package.licences = licences(root);
        added.package.runs_on_install = runs_on_install(root);
    }
    (sheet.done(), None)
}

/// Licences in all the forms that were ever used: an expression, a table with `type`, a list of these.
pub(super) fn licences(root: &Value) -> Vec<String> {
    let one = |value: &Value| value.text().or_else(|| value.text_of("type")).map(str::to_owned);
    let values = ["license", "licenses", "licence"].iter().filter_map(|key| root.get(key));
    let mut all = Vec::new();
    for value in values {
        all.extend(one(value));
        all.extend(value.items().iter().filter_map(one));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::overridden;

    #[test]
    fn keys_of_overrides() {
        for (key, name) in [
            ("b", "b"),
            ("b@^1", "b"),
            ("a>b@1", "b"),
            ("a@1>@s/b", "@s/b"),
            ("@s/b", "@s/b"),
            ("@s/b@1", "@s/b"),
            ("a/**/b", "b"),
            ("**/@s/b", "@s/b"),
            ("@s/a/b", "b"),
            ("@s/a/@t/b", "@t/b"),
        ] {
            assert_eq!(overridden(key), name, "{key}");
        }
    }
}
