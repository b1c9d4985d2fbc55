//! pnpm-lock.yaml, versions 5 to 9, and shrinkwrap.yaml, versions 3 and 4, which it was called before.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use super::asked::Asked;
use super::file::put_fetched;
use super::package_json::{Catalogs, collect_catalogs, collect_overrides, taken_elsewhere, without_catalog};
use super::request::{exact, request, split_name};
use super::{Companion, Lock, put, resolved, sheet};
use crate::displaced::{displace, is_elsewhere};
use crate::facts::{add_hashes, git_at, integrity};
use crate::folders::joined;
use crate::format::Parsed;
use crate::graph::{Limits, spread, spread_relations};
use crate::record;
use crate::sheet::Sheet;
use crate::spanned::{Member, Value, yaml};

const SECTIONS: &[(&str, Scope)] = &[
    ("dependencies", Scope::Prod),
    ("optionalDependencies", Scope::Optional),
    ("devDependencies", Scope::Dev),
    ("configDependencies", Scope::Dev),
    ("packageManagerDependencies", Scope::Dev),
];

/// What pnpm itself is and is set up with, in a document of its own. Other versions list it elsewhere.
const OF_PNPM: [&str; 2] = ["configDependencies", "packageManagerDependencies"];

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    read_as(bytes, PackageEvidence::Locked)
}

pub(super) fn read_installed(_path: &str, bytes: &[u8]) -> Parsed {
    read_as(bytes, PackageEvidence::Installed)
}

fn read_as(bytes: &[u8], evidence: PackageEvidence) -> Parsed {
    let tree = yaml::parse(bytes);
    let mut sheet = sheet(evidence);
    sheet.problems(tree.problems.clone());
    let mut lock = Lock { knows_direct: true, knows_scopes: true, ..Lock::default() };
    let mut roots = Vec::new();
    let mut has_flags = false;
    let mut optional = BTreeSet::new();
    let mut asked = Asked::default();
    for root in &tree.roots {
        check_version(&mut sheet, root);
        // Since version 9 the packages have no flags of their own.
        has_flags |= root.get("snapshots").is_none();
        let known = put_packages(&mut sheet, root);
        connect(&mut sheet, root, &known, &mut optional);
        roots.extend(importers(&mut sheet, root, &known, &mut lock, &mut asked));
    }
    if tree.roots.is_empty() {
        sheet.problem(1, "is empty");
    }
    let mut reading = sheet.done();
    if has_flags {
        let direct: Vec<u32> = roots.iter().map(|(root, _)| *root).collect();
        spread_relations(&mut reading.packages, &direct);
    } else {
        spread(&mut reading.packages, &roots, &Limits { optional, ..Limits::default() });
    }
    asked.mark(&mut reading.packages, |folder| lock.covers.contains(folder));
    (reading, Some(record::Companion::Javascript(Companion::Lock(lock))))
}

fn check_version(sheet: &mut Sheet, root: &Value) {
    let number = |key| root.scalar_of(key).and_then(|version| version.split('.').next()?.parse().ok());
    let known = match number("shrinkwrapVersion") {
        Some(version) => (3..=4).contains(&version),
        None => number("lockfileVersion").is_some_and(|version: u32| (5..=9).contains(&version)),
    };
    if !known {
        sheet.problem(root.line, "this version of pnpm-lock.yaml is not known");
    }
}

/// Adds all packages; their indexes by their keys in the file.
fn put_packages<'a>(sheet: &mut Sheet, root: &'a Value) -> BTreeMap<&'a str, u32> {
    let mut known = BTreeMap::new();
    for member in root.members_of("packages") {
        known.extend(put_package(sheet, member).map(|index| (member.key.as_str(), index)));
    }
    for member in root.members_of("snapshots") {
        let bare = member.key.split('(').next().unwrap_or_default();
        match known.get(bare).copied() {
            Some(index) => {
                known.insert(&member.key, index);
            }
            None => known.extend(put_package(sheet, member).map(|index| (member.key.as_str(), index))),
        }
    }
    known
}

fn put_package(sheet: &mut Sheet, member: &Member) -> Option<u32> {
    let entry = &member.value;
    let key = name_and_version(&member.key);
    let name = entry.text_of("name").or(key.map(|(name, _)| name));
    let version = entry.scalar_of("version").or(key.map(|(_, version)| version));
    let is_address = |version: &str| version.contains([':', '/']);
    let is_version = |version: &&str| {
        entry.get("version").is_some()
            || is_address(version)
            || version.starts_with(|c: char| c.is_ascii_digit())
    };
    let (name, version) = (name.filter(|name| !name.contains(':')), version.filter(is_version));
    // A folder beside the project needs no version.
    let is_folder = entry.at(&["resolution", "type"]).and_then(Value::text) == Some("directory");
    let (Some(name), Some(version)) = (name, version.or(is_folder.then_some(&member.key))) else {
        sheet.problem(member.line, "a package has no name and version");
        return None;
    };
    let origin = entry
        .get("resolution")
        .map_or(PackageOrigin::Default, |resolution| origin(name, version, resolution));
    // Without a version of its own, what stands after the name is an address.
    let version = Some(version).filter(|version| entry.get("version").is_some() || !is_address(version));
    let mut added = put(sheet, member.line, name, version, origin)?;
    added.scope(match () {
        () if entry.flag("dev") => Scope::Dev,
        () if entry.flag("optional") => Scope::Optional,
        () => Scope::Prod,
    });
    let hash = entry.at(&["resolution", "integrity"]).and_then(Value::text).map(integrity);
    add_hashes(added.package, hash.unwrap_or_default());
    added.package.runs_on_install |= entry.flag("requiresBuild");
    // What comes from elsewhere has its place in the key.
    let of_registry = key.is_some_and(|(_, version)| {
        !is_address(version) && version.starts_with(|c: char| c.is_ascii_digit())
    });
    if of_registry && is_elsewhere(added.package) {
        displace(added.package, super::ECOSYSTEM);
    }
    let index = added.index;
    if let Some(address) = entry.at(&["resolution", "tarball"]).and_then(Value::text) {
        put_fetched(sheet, index, address);
    }
    Some(index)
}

fn origin(name: &str, version: &str, resolution: &Value) -> PackageOrigin {
    if let Some(path) = resolution.text_of("directory") {
        return PackageOrigin::Local { path: path.to_owned() };
    }
    if let Some(repository) = resolution.text_of("repo") {
        return git_at(repository, resolution.scalar_of("commit"));
    }
    resolution
        .text_of("tarball")
        .map_or(PackageOrigin::Default, |address| resolved(name, Some(version), address))
}

/// Name and version of keys such as `/a/1.0.0_peer@2.0.0`, `host/a/1.0.0` (version 5), `/a@1.0.0(peer@2.0.0)` (6) and `a@1.0.0` (9).
fn name_and_version(key: &str) -> Option<(&str, &str)> {
    let bare = key.split('(').next()?;
    let bare = bare.strip_prefix('/').unwrap_or(bare);
    let is_name = |name: &str| name.matches('/').count() == usize::from(name.starts_with('@'));
    if let Some((name, version)) = split_name(bare).filter(|(name, _)| is_name(name)) {
        return Some((name, version));
    }
    let (name, version) = version_segment(bare)?;
    // The first part is the host of a registry when it has a dot and no scope stands before it.
    let host = name.split_once('/').filter(|(host, _)| host.contains('.') && !key.starts_with(['/', '@']));
    Some((host.map_or(name, |(_, rest)| rest), version.split('_').next().unwrap_or(version)))
}

/// The name, and the segment that begins with the version; peers behind an underscore may bring more slashes.
fn version_segment(bare: &str) -> Option<(&str, &str)> {
    let mut starts = bare.match_indices('/').map(|(at, _)| at);
    let is_version =
        |at: &usize| bare.get(at + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let at = starts.clone().find(is_version).or_else(|| starts.next_back())?;
    Some((bare.get(..at)?, bare.get(at + 1..)?))
}

/// Adds the edges, and notes those to what is optional.
fn connect(
    sheet: &mut Sheet,
    root: &Value,
    known: &BTreeMap<&str, u32>,
    optional: &mut BTreeSet<(u32, u32)>,
) {
    for member in root.members_of("packages").iter().chain(root.members_of("snapshots")) {
        let Some(from) = known.get(member.key.as_str()).copied() else { continue };
        for section in ["dependencies", "optionalDependencies"] {
            let needs = member.value.members_of(section).iter();
            let targets: Vec<u32> =
                needs.filter_map(|need| target(known, &need.key, need.value.scalar()?)).collect();
            if section == "optionalDependencies" {
                optional.extend(targets.iter().map(|to| (from, *to)));
            }
            if let Some(package) = sheet.package(from) {
                package.dependencies.extend(targets);
            }
        }
    }
}

/// The package that a reference leads to: a version with its peers, or a whole key when it goes by another name.
fn target(known: &BTreeMap<&str, u32>, name: &str, reference: &str) -> Option<u32> {
    let keys = [
        format!("{name}@{reference}"),
        format!("/{name}@{reference}"),
        format!("/{name}/{reference}"),
        reference.to_owned(),
    ];
    keys.iter().find_map(|key| known.get(key.as_str())).copied()
}

/// What the project's own folders ask for.
fn importers(
    sheet: &mut Sheet,
    root: &Value,
    known: &BTreeMap<&str, u32>,
    lock: &mut Lock,
    asked: &mut Asked,
) -> Vec<(u32, Scope)> {
    let mut roots = Vec::new();
    let mut catalogs = Catalogs::new();
    collect_catalogs(root, &mut catalogs);
    let mut overrides = BTreeSet::new();
    if let Some(written) = root.get("overrides") {
        collect_overrides(written, "", &mut overrides);
    }
    let overridden: BTreeSet<&str> =
        overrides.iter().filter_map(|written| taken_elsewhere(&catalogs, written)).collect();
    let folders = root.members_of("importers");
    lock.covers.extend(folders.iter().map(|folder| folder_of(&folder.key).to_owned()));
    let alone = [(String::new(), root)];
    let each = folders.iter().map(|folder| (folder.key.as_str(), &folder.value));
    let only = alone.iter().map(|(name, root)| (name.as_str(), *root));
    for (folder, asks) in each.chain(only.filter(|_| folders.is_empty())) {
        let folder = folder_of(folder);
        lock.covers.insert(folder.to_owned());
        for (section, scope) in SECTIONS {
            for need in asks.members_of(section) {
                let reference = need.value.scalar().or_else(|| need.value.scalar_of("version"));
                let Some(reference) = reference else { continue };
                let spec =
                    need.value.text_of("specifier").or_else(|| asks.at(&["specifiers", &need.key])?.text());
                let spec = spec.and_then(|spec| without_catalog(&catalogs, &need.key, spec));
                let known = target(known, &need.key, reference)
                    .or_else(|| put_linked(sheet, lock, folder, need, spec, reference));
                if known.is_none() && OF_PNPM.contains(section) {
                    continue;
                }
                let Some(index) = known.or_else(|| put_unlisted(sheet, need, reference, *scope)) else {
                    continue;
                };
                if let Some(spec) = spec.filter(|_| !overridden.contains(need.key.as_str())) {
                    asked.note(index, &need.key, spec, true);
                }
                lock.requests.insert(need.key.clone(), index);
                roots.push((index, *scope));
            }
        }
    }
    roots
}

/// The folder of an importer, empty for the lockfile's own.
fn folder_of(importer: &str) -> &str {
    if importer == "." { "" } else { importer }
}

/// Adds a folder that is no part of the project, and that stands for a package of a registry.
fn put_linked(
    sheet: &mut Sheet,
    lock: &Lock,
    folder: &str,
    need: &Member,
    spec: Option<&str>,
    reference: &str,
) -> Option<u32> {
    let path = reference.strip_prefix("link:")?;
    let asked = request(&need.key, spec?);
    let is_part = joined(folder, path).is_some_and(|path| lock.covers.contains(&path));
    if is_part || asked.origin != PackageOrigin::Default {
        return None;
    }
    let origin = PackageOrigin::Local { path: path.to_owned() };
    Some(put(sheet, need.line, asked.name, exact(asked.wanted), origin)?.index)
}

/// Adds a package that the project asks for and that is missing from the list of packages. It is in the product all the same, but for
/// what only developers need: that is told to be missing.
fn put_unlisted(sheet: &mut Sheet, need: &Member, reference: &str, scope: Scope) -> Option<u32> {
    if reference.starts_with("link:") || reference.starts_with("workspace:") {
        return None;
    }
    let version = reference.split(['(', '_']).next().unwrap_or_default();
    let named = version.strip_prefix('/').and_then(name_and_version).unwrap_or((&need.key, version));
    if scope == Scope::Dev || !named.1.starts_with(|c: char| c.is_ascii_digit()) {
        sheet.problem(need.line, "asks for a package that is not in the list of packages");
        return None;
    }
    put(sheet, need.line, named.0, Some(named.1), PackageOrigin::Default).map(|added| added.index)
}

#[cfg(test)]
mod tests {
    use super::name_and_version;

    #[test]
    fn keys_of_all_versions() {
        let keys = [
            ("/a/1.0.0", "a", "1.0.0"),
            ("/@s/a/1.0.0_b@2.0.0+@c+d@1.0.0", "@s/a", "1.0.0"),
            ("/string_decoder/1.3.0", "string_decoder", "1.3.0"),
            ("/a_b/1.3.0_c@1.0.0", "a_b", "1.3.0"),
            ("registry.example/@s/a/1.0.0", "@s/a", "1.0.0"),
            ("registry.example/a/1.0.0", "a", "1.0.0"),
            ("/a@1.0.0(b@2.0.0)(@c/d@3.0.0)", "a", "1.0.0"),
            ("/@s/a@1.0.0(b@2.0.0)", "@s/a", "1.0.0"),
            ("a@1.0.0", "a", "1.0.0"),
            ("@s/a@1.0.0-rc.1(b@1.0.0)", "@s/a", "1.0.0-rc.1"),
            ("a@https://host/x/y.tgz", "a", "https://host/x/y.tgz"),
            ("/lodash.merge/4.6.2", "lodash.merge", "4.6.2"),
        ];
        for (key, name, version) in keys {
            assert_eq!(name_and_version(key), Some((name, version)), "{key}");
        }
    }
}
