//! Pipfile and Pipfile.lock.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use super::requirement::address;
use super::{Companion, Lock, Manifest, NamedIndex, declared, group_scope, index, normalised, put, sheet};
use crate::facts::{add_hashes, git_at, prefixed_hash};
use crate::format::Parsed;
use crate::record;
use crate::sheet::Sheet;
use crate::spanned::{Member, Value, json, toml};

pub(super) fn read_lock(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = json::parse(bytes);
    let root = tree.root();
    let mut sheet = sheet(PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    let sources = root.at(&["_meta", "sources"]).map_or(&[][..], Value::items);
    let sources: BTreeMap<&str, &str> =
        sources.iter().filter_map(|source| Some((source.text_of("name")?, source.text_of("url")?))).collect();
    if root.get("default").is_none() && root.get("develop").is_none() {
        sheet.problem(1, "has neither default nor develop packages");
    }
    for section in root.members().iter().filter(|section| section.key != "_meta") {
        let scope = if section.key == "develop" { Scope::Dev } else { group_scope(&section.key) };
        for member in section.value.members() {
            put_locked(&mut sheet, member, &sources, scope);
        }
    }
    let lock = Lock { knows_scopes: true, ..Lock::default() };
    (sheet.done(), Some(record::Companion::Python(Companion::Lock(lock))))
}

fn put_locked(sheet: &mut Sheet, member: &Member, sources: &BTreeMap<&str, &str>, scope: Scope) {
    let entry = &member.value;
    let own = elsewhere(entry);
    let from = || {
        entry
            .text_of("index")
            .and_then(|name| sources.get(name))
            .map_or(PackageOrigin::Default, |url| index(url))
    };
    // What no system asks for that was at hand when it was locked stands here as it was asked for.
    let is_open = |version: &&str| !version.starts_with("==") || version.contains('*');
    let written = entry.text_of("version").filter(|text| !text.trim_start_matches('=').is_empty());
    let wanted = written.filter(is_open);
    let version = written.filter(|_| wanted.is_none()).map(|text| text.trim_start_matches('='));
    if written.is_none() && own.is_none() {
        sheet.problem(member.line, "a package has no version");
    }
    let Some(mut added) = put(sheet, member.line, &member.key, version, own.unwrap_or_else(from)) else {
        return;
    };
    added.scope(scope);
    if let Some(wanted) = wanted.filter(|wanted| *wanted != "*") {
        added.package.wanted.get_or_insert_with(|| wanted.to_owned());
    }
    let hashes = entry.items_of("hashes").iter().filter_map(Value::text).filter_map(prefixed_hash);
    add_hashes(added.package, hashes);
}

/// The place of a package that comes from no index.
fn elsewhere(entry: &Value) -> Option<PackageOrigin> {
    if let Some(url) = ["git", "hg", "svn", "bzr"].iter().find_map(|key| entry.text_of(key)) {
        return Some(git_at(url, entry.text_of("ref")));
    }
    if let Some(path) = entry.text_of("path") {
        return Some(PackageOrigin::Local { path: path.to_owned() });
    }
    ["file", "uri"].iter().find_map(|key| entry.text_of(key)).map(address)
}

pub(super) fn read_pipfile(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = toml::parse(bytes);
    let mut sheet = sheet(PackageEvidence::Declared);
    sheet.problems(tree.problems.clone());
    let mut manifest = Manifest::default();
    let other = ["source", "requires", "pipenv", "scripts"];
    for section in tree.root().members().iter().filter(|section| !other.contains(&section.key.as_str())) {
        let scope = match section.key.as_str() {
            "packages" => Scope::Prod,
            "dev-packages" => Scope::Dev,
            group => group_scope(group),
        };
        for member in section.value.members() {
            put_asked(&mut sheet, member, scope);
            let known = manifest.requests.entry(normalised(&member.key)).or_insert(scope);
            *known = scope.min(*known);
        }
    }
    for source in tree.root().items_of("source") {
        let url = source.text_of("url").unwrap_or_default();
        let is_trusted = source.get("verify_ssl").is_some() && !source.flag("verify_ssl");
        manifest.indexes.push(NamedIndex { is_trusted, ..NamedIndex::of(source.line, url) });
    }
    declared(sheet, manifest)
}

/// Adds what a table of TOML asks for, as Pipenv and Poetry write it: a range, or a table with one.
pub(super) fn put_asked(sheet: &mut Sheet, member: &Member, scope: Scope) {
    let entry = &member.value;
    let wanted = entry.text().or_else(|| entry.text_of("version")).unwrap_or("*").trim();
    let exact = wanted.strip_prefix("==").map(str::trim).filter(|version| !version.contains([',', '*']));
    let origin = elsewhere(entry).or_else(|| entry.text_of("url").map(address)).unwrap_or_default();
    let Some(mut added) = put(sheet, member.line, &member.key, exact, origin) else { return };
    added.scope(if entry.flag("optional") { scope.max(Scope::Optional) } else { scope });
    added.direct();
    if exact.is_none() && wanted != "*" {
        added.package.wanted.get_or_insert_with(|| wanted.to_owned());
    }
}
