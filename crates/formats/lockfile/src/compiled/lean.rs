//! Lean: `lakefile.toml` and the commits that `lake-manifest.json` pins.

use palisade_model::{PackageEvidence, PackageOrigin, Purl, Relation};

use crate::asks::Asks;
use crate::facts::{git_at, with_origin};
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::spanned::{Value, json, toml};

/// The package-url specification has no type for Lean; a repository tells what is meant.
const KIND: &str = "generic";

pub(crate) fn read_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Locked);
    let tree = json::parse(bytes);
    sheet.problems(tree.problems.clone());
    if tree.root().get("packages").is_none() {
        sheet.problem(0, "has no list of packages");
    }
    for entry in tree.root().items_of("packages") {
        // Until the fifth version of the format the kind was a key around the rest.
        let entry = entry
            .get("git")
            .or_else(|| entry.get("path"))
            .filter(|inner| !inner.members().is_empty())
            .unwrap_or(entry);
        let relation = if entry.flag("inherited") { Relation::Transitive } else { Relation::Direct };
        put(&mut sheet, entry, entry.text_of("rev"), relation);
    }
    (sheet.done(), None)
}

fn put(sheet: &mut Sheet, entry: &Value, version: Option<&str>, relation: Relation) {
    let Some(name) = entry.text_of("name") else {
        sheet.problem(entry.line, "a package without a name");
        return;
    };
    let name = match entry.text_of("scope").filter(|scope| !scope.is_empty()) {
        Some(scope) => format!("{scope}/{name}"),
        None => name.to_owned(),
    };
    let url = ["url", "git"].into_iter().find_map(|key| entry.text_of(key));
    let url =
        url.or_else(|| entry.at(&["source", "git"])?.text()).or_else(|| entry.at(&["git", "url"])?.text());
    let folder = ["dir", "path"].into_iter().find_map(|key| entry.text_of(key));
    let origin = match (folder, url) {
        (Some(path), _) => PackageOrigin::Local { path: path.to_owned() },
        (None, Some(url)) => git_at(url, version),
        (None, None) => PackageOrigin::Default,
    };
    let (namespace, last) =
        name.rsplit_once('/').map_or((None, name.as_str()), |(space, last)| (Some(space), last));
    let purl = Purl::new(KIND, namespace, last, version).map(|purl| with_origin(purl, &origin));
    if let Some(added) = sheet.add_as(entry.line, purl, &name, None) {
        added.package.origin = origin;
        added.package.relation = relation;
    }
}

pub(crate) fn read_manifest(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Declared);
    let tree = toml::parse(bytes);
    sheet.problems(tree.problems.clone());
    for entry in tree.root().items_of("require") {
        let source = |key: &str| entry.at(&["source", key]).and_then(Value::text);
        let version =
            ["version", "rev"].into_iter().find_map(|key| entry.text_of(key)).or_else(|| source("rev"));
        put(&mut sheet, entry, version, Relation::Direct);
    }
    (sheet.done(), Some(Companion::Asks(Asks::nothing(&["lake-manifest"]))))
}
