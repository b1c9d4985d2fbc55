//! pdm.lock.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use super::requirement::requirement;
use super::{Companion, Lock, connect, group_scope, put, sheet};
use crate::facts::{add_hashes, clean_url, git_at, prefixed_hash};
use crate::format::Parsed;
use crate::record;
use crate::sheet::Sheet;
use crate::spanned::{Value, toml};

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = toml::parse(bytes);
    let root = tree.root();
    let mut sheet = sheet(PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    let apart = root.at(&["metadata", "files"]).map_or(&[][..], Value::members);
    let apart: BTreeMap<&str, &Value> =
        apart.iter().map(|member| (member.key.as_str(), &member.value)).collect();
    let mut needs = Vec::new();
    let mut lock = Lock::default();
    for entry in root.items_of("package") {
        let Some(index) = put_entry(&mut sheet, &apart, entry) else { continue };
        lock.knows_scopes |= entry.get("groups").is_some();
        let groups = entry.items_of("groups").iter().filter_map(Value::text);
        lock.groups.entry(index).or_default().extend(groups.map(str::to_owned));
        let asked = entry.items_of("dependencies").iter().filter_map(Value::text);
        needs.push((index, asked.filter_map(|text| Some(requirement(text)?.name.to_owned())).collect()));
    }
    let mut reading = sheet.done();
    connect(&mut reading.packages, &needs);
    (reading, Some(record::Companion::Python(Companion::Lock(lock))))
}

fn put_entry(sheet: &mut Sheet, apart: &BTreeMap<&str, &Value>, entry: &Value) -> Option<u32> {
    let (Some(name), Some(version)) = (entry.text_of("name"), entry.text_of("version")) else {
        sheet.problem(entry.line, "a package has no name and version");
        return None;
    };
    let mut added = put(sheet, entry.line, name, Some(version), origin(entry))?;
    let groups = entry.items_of("groups").iter().filter_map(Value::text);
    added.scope(groups.map(group_scope).min().unwrap_or(Scope::Prod));
    // Until version 4 of the format the files stand apart.
    let key = format!("{name} {version}");
    let apart = apart.get(key.as_str()).map_or(&[][..], |files| files.items());
    for file in entry.items_of("files").iter().chain(apart) {
        let hash = file.text_of("hash").and_then(prefixed_hash);
        add_hashes(added.package, hash);
    }
    Some(added.index)
}

fn origin(entry: &Value) -> PackageOrigin {
    if let Some(url) = entry.text_of("git") {
        return git_at(url, entry.text_of("revision").or_else(|| entry.text_of("ref")));
    }
    if let Some(path) = entry.text_of("path") {
        return PackageOrigin::Local { path: path.to_owned() };
    }
    entry.text_of("url").map_or(PackageOrigin::Default, |url| PackageOrigin::Url { url: clean_url(url) })
}
