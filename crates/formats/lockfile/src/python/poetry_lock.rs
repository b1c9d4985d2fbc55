//! poetry.lock.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, PackageOrigin};

use super::{Companion, Lock, connect, group_scope, index, put, sheet};
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
    let apart = ["hashes", "files"].iter().filter_map(|key| root.at(&["metadata", key]));
    let apart = apart.flat_map(Value::members).map(|member| (member.key.as_str(), &member.value)).collect();
    let mut needs = Vec::new();
    let mut lock = Lock::default();
    for entry in root.items_of("package") {
        let Some(index) = put_entry(&mut sheet, &apart, entry) else { continue };
        lock.knows_scopes |= entry.get("groups").is_some() || entry.get("category").is_some();
        let names = entry.members_of("dependencies").iter().map(|member| member.key.clone());
        needs.push((index, names.collect()));
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
    let origin = entry.get("source").map_or(PackageOrigin::Default, origin);
    let mut added = put(sheet, entry.line, name, Some(version), origin)?;
    let groups = entry.items_of("groups").iter().filter_map(Value::text).map(group_scope).min();
    let optional = entry.flag("optional").then_some(palisade_model::Scope::Optional);
    let scope = groups.or_else(|| entry.text_of("category").map(group_scope)).unwrap_or_default();
    added.scope(scope.max(optional.unwrap_or_default()));
    // Older versions keep the files apart, and the oldest only their digests.
    let files = entry.items_of("files").iter().chain(apart.get(name).map_or(&[][..], |files| files.items()));
    for file in files {
        let hash = match file.text_of("hash").or_else(|| file.text()) {
            Some(text) if text.contains(':') => prefixed_hash(text),
            Some(text) => crate::facts::bare_hash(text),
            None => None,
        };
        add_hashes(added.package, hash);
    }
    Some(added.index)
}

fn origin(source: &Value) -> PackageOrigin {
    let url = source.text_of("url").unwrap_or_default();
    match source.text_of("type") {
        Some("git") => {
            git_at(url, source.text_of("resolved_reference").or_else(|| source.text_of("reference")))
        }
        Some("directory" | "file") => PackageOrigin::Local { path: url.to_owned() },
        Some("url") => PackageOrigin::Url { url: clean_url(url) },
        _ => index(url),
    }
}
