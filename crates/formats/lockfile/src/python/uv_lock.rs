//! uv.lock, also that of a script.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use super::{Companion, Lock, MAX_VERSIONS, group_scope, index, put, sheet};
use crate::facts::{add_hashes, clean_url, git, prefixed_hash};
use crate::format::Parsed;
use crate::graph::{Limits, spread};
use crate::record;
use crate::sheet::Sheet;
use crate::spanned::{Value, toml};

/// The packages of each name, with their versions.
type ByName<'a> = BTreeMap<&'a str, Vec<(Option<&'a str>, u32)>>;

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = toml::parse(bytes);
    let root = tree.root();
    let mut sheet = sheet(PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    if root.scalar_of("version").is_some_and(|version| version != "1") {
        sheet.problem(root.line, "this version of uv.lock is not known");
    }
    let mut lock = Lock { knows_direct: true, knows_scopes: true, ..Lock::default() };
    let mut names = ByName::new();
    let mut entries = Vec::new();
    for entry in root.items_of("package") {
        let Some(index) = put_entry(&mut sheet, entry) else { continue };
        let named = names.entry(entry.text_of("name").unwrap_or_default()).or_default();
        if named.len() < MAX_VERSIONS {
            named.push((entry.text_of("version"), index));
        }
        entries.push((entry, index));
    }
    let mut roots = Vec::new();
    let mut own = BTreeSet::new();
    let members = members(root);
    for (entry, index) in entries {
        let asked = asked(entry, &names);
        let folder = entry.get("source").and_then(project_folder);
        if let Some(folder) = folder {
            lock.covers.insert(if folder == "." { String::new() } else { folder.to_owned() });
        }
        if folder.is_some_and(|folder| is_project(entry, folder, &members)) {
            own.insert(index);
            roots.push((index, Scope::Prod));
            roots.extend(&asked);
        }
        if let Some(package) = sheet.package(index) {
            package
                .dependencies
                .extend(asked.iter().map(|(target, _)| *target).filter(|target| *target != index));
        }
    }
    script_requests(root, &names, &mut roots);
    let mut reading = sheet.done();
    spread(&mut reading.packages, &roots, &Limits { own, ..Limits::default() });
    (reading, Some(record::Companion::Python(Companion::Lock(lock))))
}

/// The packages of a workspace; none where the project is alone.
fn members(root: &Value) -> BTreeSet<&str> {
    root.at(&["manifest", "members"]).map_or(&[][..], Value::items).iter().filter_map(Value::text).collect()
}

/// Whether a package in a folder is what the lockfile is for, and not one beside it that is installed in place.
fn is_project(entry: &Value, folder: &str, members: &BTreeSet<&str>) -> bool {
    match entry.text_of("name") {
        Some(name) if !members.is_empty() => members.contains(name),
        _ => folder == ".",
    }
}

/// What a script asks for stands in the manifest section.
fn script_requests(root: &Value, names: &ByName<'_>, roots: &mut Vec<(u32, Scope)>) {
    let asked = root.at(&["manifest", "requirements"]).map_or(&[][..], Value::items);
    roots.extend(asked.iter().filter_map(|need| target(names, need)).map(|index| (index, Scope::Prod)));
}

/// What a package needs: always, for extras, and to be worked on.
fn asked(entry: &Value, names: &ByName<'_>) -> Vec<(u32, Scope)> {
    let always = entry.items_of("dependencies").iter().map(|need| (need, Scope::Prod));
    let extras = entry.members_of("optional-dependencies").iter().flat_map(|extra| extra.value.items());
    let groups =
        ["dev-dependencies", "dependency-groups"].iter().flat_map(|section| entry.members_of(section));
    let groups = groups.flat_map(|group| {
        group.value.items().iter().map(|need| (need, group_scope(&group.key).max(Scope::Test)))
    });
    let all = always.chain(extras.map(|need| (need, Scope::Optional))).chain(groups);
    all.filter_map(|(need, scope)| Some((target(names, need)?, scope))).collect()
}

fn target(names: &ByName<'_>, need: &Value) -> Option<u32> {
    let named = names.get(need.text_of("name")?)?;
    let version = need.text_of("version");
    let exact = named.iter().find(|(own, _)| version.is_some() && *own == version);
    exact.or_else(|| named.first()).map(|(_, index)| *index)
}

fn put_entry(sheet: &mut Sheet, entry: &Value) -> Option<u32> {
    let Some(name) = entry.text_of("name") else {
        sheet.problem(entry.line, "a package has no name");
        return None;
    };
    let origin = entry.get("source").map_or(PackageOrigin::Default, origin);
    let version = entry.text_of("version");
    if version.is_none() && !matches!(origin, PackageOrigin::Local { .. }) {
        sheet.problem(entry.line, "a package has no version");
    }
    let mut added = put(sheet, entry.line, name, version, origin)?;
    added.scope(Scope::Prod);
    let files = entry.get("sdist").into_iter().chain(entry.items_of("wheels"));
    add_hashes(added.package, files.filter_map(|file| file.text_of("hash").and_then(prefixed_hash)));
    Some(added.index)
}

/// The folder of a package that is installed in place.
fn project_folder(source: &Value) -> Option<&str> {
    ["editable", "virtual"].iter().find_map(|key| source.text_of(key))
}

fn origin(source: &Value) -> PackageOrigin {
    if let Some(url) = source.text_of("registry") {
        return index(url);
    }
    if let Some(url) = source.text_of("git") {
        return git(url);
    }
    if let Some(url) = source.text_of("url") {
        return PackageOrigin::Url { url: clean_url(url) };
    }
    let path = ["path", "directory", "editable", "virtual"].iter().find_map(|key| source.text_of(key));
    path.map_or(PackageOrigin::Default, |path| PackageOrigin::Local { path: path.to_owned() })
}
