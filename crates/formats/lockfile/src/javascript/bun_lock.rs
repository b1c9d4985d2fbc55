//! bun.lock, Bun's lockfile in text: JSON with comments.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use super::file::{usual_url, version_at};
use super::request::split_name;
use super::{Companion, Lock, MAX_CLIMB, MAX_NEEDS, note_limit, put, resolved, sheet};
use crate::facts::{add_hashes, git, integrity, is_git};
use crate::format::Parsed;
use crate::graph::{Limits, spread};
use crate::record;
use crate::sheet::Sheet;
use crate::spanned::{Member, Value, json};

/// Bytes of a key; real ones have a tenth of it.
const MAX_KEY: usize = 1024;

const SECTIONS: &[(&str, Scope)] = &[
    ("dependencies", Scope::Prod),
    ("optionalDependencies", Scope::Optional),
    ("peerDependencies", Scope::Peer),
    ("devDependencies", Scope::Dev),
];

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = json::parse(bytes);
    let root = tree.root();
    let mut sheet = sheet(PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    if !matches!(root.scalar_of("lockfileVersion"), Some("0" | "1" | "2" | "3")) {
        sheet.problem(root.line, "this version of bun.lock is not known");
    }
    let versions = workspace_versions(root);
    let mut places = BTreeMap::new();
    for member in root.members_of("packages") {
        places.extend(put_entry(&mut sheet, &versions, member).map(|index| (member.key.as_str(), index)));
    }
    let mut left = MAX_NEEDS;
    let mut optional = BTreeSet::new();
    for member in root.members_of("packages") {
        let needs =
            member.value.items().iter().filter(|item| matches!(item.kind, crate::spanned::Kind::Table(_)));
        let names = needs.flat_map(|table| {
            SECTIONS
                .iter()
                .flat_map(|(section, scope)| table.members_of(section).iter().map(|name| (name, *scope)))
        });
        let names = names.take(left).inspect(|_| left -= 1);
        let found =
            names.filter_map(|(name, scope)| Some((nearest(&places, &member.key, &name.key)?, scope)));
        let targets: Vec<(u32, Scope)> = found.collect();
        let Some(from) = places.get(member.key.as_str()).copied() else { continue };
        let is_optional = |(_, scope): &&(u32, Scope)| *scope == Scope::Optional;
        optional.extend(targets.iter().filter(is_optional).map(|(to, _)| (from, *to)));
        if let Some(package) = sheet.package(from) {
            package.dependencies.extend(targets.into_iter().map(|(to, _)| to));
        }
    }
    note_limit(&mut sheet, left);
    let mut lock = Lock { knows_direct: true, knows_scopes: true, ..Lock::default() };
    let (roots, own) = workspaces(root, &places, &mut lock, &mut sheet);
    let mut reading = sheet.done();
    spread(&mut reading.packages, &roots, &Limits { own, optional });
    (reading, Some(record::Companion::Javascript(Companion::Lock(lock))))
}

/// What the project and its workspaces ask for, and the packages that workspaces are. Each of these needs what it asks for.
fn workspaces(
    root: &Value,
    places: &BTreeMap<&str, u32>,
    lock: &mut Lock,
    sheet: &mut Sheet,
) -> (Vec<(u32, Scope)>, BTreeSet<u32>) {
    let (mut roots, mut members) = (Vec::new(), BTreeSet::new());
    for workspace in root.members_of("workspaces") {
        lock.covers.insert(workspace.key.clone());
        let own = workspace.value.text_of("name").unwrap_or_default();
        let package = places.get(own).copied().filter(|_| !workspace.key.is_empty());
        members.extend(package);
        roots.extend(package.map(|package| (package, Scope::Prod)));
        for (section, scope) in SECTIONS {
            for need in workspace.value.members_of(section) {
                let Some(index) = nearest(places, own, &need.key) else { continue };
                lock.requests.insert(need.key.clone(), index);
                roots.push((index, *scope));
                if let Some(package) = package.and_then(|package| sheet.package(package)) {
                    package.dependencies.push(index);
                }
            }
        }
    }
    (roots, members)
}

/// The versions of workspaces by their folders: they stand where the requests do.
fn workspace_versions(root: &Value) -> BTreeMap<&str, &str> {
    let workspaces = root.members_of("workspaces").iter();
    workspaces
        .filter_map(|workspace| Some((workspace.key.as_str(), workspace.value.text_of("version")?)))
        .collect()
}

fn put_entry(sheet: &mut Sheet, versions: &BTreeMap<&str, &str>, member: &Member) -> Option<u32> {
    let parts = member.value.items();
    if member.key.len() > MAX_KEY {
        sheet.problem(member.line, "the key of a package is longer than is read");
        return None;
    }
    let Some((name, place)) = parts.first().and_then(Value::text).and_then(split_name) else {
        sheet.problem(member.line, "a package has no name and version");
        return None;
    };
    if place.starts_with("root:") {
        return None;
    }
    let local = ["workspace:", "file:", "link:"].iter().any(|kind| place.starts_with(kind));
    let of_file = version_at(name, place);
    let (version, origin) = match parts.get(1).and_then(Value::text) {
        _ if local => {
            let folder = place.strip_prefix("workspace:");
            (folder.and_then(|folder| versions.get(folder)).copied(), resolved(name, None, place))
        }
        _ if is_git(place) => (None, git(&repository(place))),
        _ if place.contains([':', '/']) => (of_file.as_deref(), at(name, place)),
        Some(address) if !address.is_empty() => (Some(place), registry(name, place, address)),
        _ => (Some(place), PackageOrigin::Default),
    };
    let mut added = put(sheet, member.line, name, version, origin)?;
    added.scope(Scope::Prod);
    let digests = parts.iter().skip(1).filter_map(Value::text).map(integrity);
    add_hashes(added.package, digests.flatten());
    Some(added.index)
}

/// The address of `github:owner/name#commit` and the like.
fn repository(place: &str) -> String {
    place
        .strip_prefix("github:")
        .map_or_else(|| place.to_owned(), |path| format!("https://github.com/{path}"))
}

/// Where a package comes from that is asked for by an address: what a server has there is told as that, whatever its file is called.
fn at(name: &str, address: &str) -> PackageOrigin {
    match resolved(name, None, address) {
        PackageOrigin::Registry { .. } => PackageOrigin::Url { url: usual_url(address) },
        other => other,
    }
}

/// A registry, or the file in it.
fn registry(name: &str, version: &str, address: &str) -> PackageOrigin {
    match resolved(name, Some(version), address) {
        PackageOrigin::Url { url } => PackageOrigin::Registry { url },
        other => other,
    }
}

/// What `name` is to the package at `key`: the deepest entry on the way to it.
fn nearest(places: &BTreeMap<&str, u32>, key: &str, name: &str) -> Option<u32> {
    let mut above = key;
    for _ in 0..MAX_CLIMB {
        if above.is_empty() {
            break;
        }
        if let Some(index) = places.get(format!("{above}/{name}").as_str()) {
            return Some(*index);
        }
        above = parent(above);
    }
    places.get(name).copied()
}

/// The key without its last name, which has a slash in it if it has a scope.
fn parent(key: &str) -> &str {
    let above = key.rsplit_once('/').map_or("", |(above, _)| above);
    let last = above.rsplit('/').next().unwrap_or_default();
    if last.starts_with('@') { above.rsplit_once('/').map_or("", |(above, _)| above) } else { above }
}
