//! pylock.toml (PEP 751).

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use super::{Companion, Lock, connect, group_scope, index, put, sheet};
use crate::facts::{add_hashes, clean_url, git_at, hex_hash};
use crate::format::Parsed;
use crate::record;
use crate::sheet::Sheet;
use crate::spanned::{Value, toml};

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = toml::parse(bytes);
    let root = tree.root();
    let mut sheet = sheet(PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    if !root.text_of("lock-version").is_some_and(|version| version == "1" || version.starts_with("1.")) {
        sheet.problem(root.line, "this version of pylock.toml is not known");
    }
    let mut needs = Vec::new();
    let mut lock = Lock::default();
    for entry in root.items_of("packages") {
        let Some(index) = put_entry(&mut sheet, entry) else { continue };
        lock.knows_scopes |= entry.text_of("marker").is_some_and(|marker| condition(marker).is_some());
        let names = entry.items_of("dependencies").iter().filter_map(|need| need.text_of("name"));
        needs.push((index, names.map(str::to_owned).collect()));
    }
    let mut reading = sheet.done();
    connect(&mut reading.packages, &needs);
    (reading, Some(record::Companion::Python(Companion::Lock(lock))))
}

fn put_entry(sheet: &mut Sheet, entry: &Value) -> Option<u32> {
    let Some(name) = entry.text_of("name") else {
        sheet.problem(entry.line, "a package has no name");
        return None;
    };
    let mut added = put(sheet, entry.line, name, entry.text_of("version"), origin(entry))?;
    added.scope(entry.text_of("marker").and_then(scope).unwrap_or(Scope::Prod));
    let files = ["sdist", "archive"].iter().filter_map(|key| entry.get(key)).chain(entry.items_of("wheels"));
    for digest in files.flat_map(|file| file.members_of("hashes")) {
        let hash = digest.value.text().and_then(|digits| hex_hash(&digest.key, digits));
        add_hashes(added.package, hash);
    }
    Some(added.index)
}

/// What a package is for by a marker that tells for which extras and groups it is there: of alternatives the most urgent. One that tells of
/// none is there always.
fn scope(marker: &str) -> Option<Scope> {
    marker.split(" or ").map(|way| condition(way).unwrap_or(Scope::Prod)).min()
}

/// What asks for `"name" in extras` and `"name" in dependency_groups`.
fn condition(marker: &str) -> Option<Scope> {
    let of = |list: &str| {
        let (before, _) = marker.split_once(&format!(" in {list}"))?;
        before.trim_end().strip_suffix(['"', '\''])?.rsplit(['"', '\'']).next()
    };
    of("dependency_groups").map(group_scope).or_else(|| of("extras").map(|_| Scope::Optional))
}

fn origin(entry: &Value) -> PackageOrigin {
    let place =
        |place: &Value| place.text_of("url").or_else(|| place.text_of("path")).unwrap_or_default().to_owned();
    if let Some(repository) = entry.get("vcs") {
        return git_at(&place(repository), repository.text_of("commit-id"));
    }
    if let Some(folder) = entry.get("directory") {
        return PackageOrigin::Local { path: place(folder) };
    }
    if let Some(archive) = entry.get("archive") {
        return match archive.text_of("url") {
            Some(url) => PackageOrigin::Url { url: clean_url(url) },
            None => PackageOrigin::Local { path: place(archive) },
        };
    }
    entry.text_of("index").map_or(PackageOrigin::Default, index)
}
