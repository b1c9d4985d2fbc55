//! Bazel's `rules_jvm_external`: the pinned `maven_install.json` in both forms, and what `MODULE.bazel` asks for.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, PackageHash, PackageOrigin, Scope};

use super::{bazel_modules, gradle_catalog::declare, starlark};
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::spanned::{Member, Value, json};
use crate::text::without_credentials;

pub(crate) fn read_install(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("maven", super::ECOSYSTEM, PackageEvidence::Locked);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    match (root.get("artifacts"), root.at(&["dependency_tree", "dependencies"])) {
        (Some(artifacts), _) => pinned(&mut sheet, artifacts.members(), root),
        (None, Some(dependencies)) => resolved(&mut sheet, dependencies.items()),
        _ => sheet.problem(0, "has neither artifacts nor a tree of dependencies"),
    }
    (sheet.done(), None)
}

/// The second form: a table of artifacts and one of what they need.
fn pinned(sheet: &mut Sheet, artifacts: &[Member], root: &Value) {
    let mut indexes = BTreeMap::new();
    for member in artifacts {
        let (Some(name), Some(version)) = (module(&member.key), member.value.text_of("version")) else {
            sheet.problem(member.line, "an artifact without a version");
            continue;
        };
        let Some(added) = sheet.add(member.line, &name, Some(version)) else { continue };
        indexes.entry(name).or_insert(added.index);
        let sum = member.value.at(&["shasums", "jar"]).and_then(Value::text);
        added.package.hashes.extend(sum.map(sha256));
    }
    for member in root.members_of("dependencies") {
        let Some(from) = module(&member.key).and_then(|name| indexes.get(&name)) else { continue };
        for name in member.value.items().iter().filter_map(Value::text).filter_map(module) {
            sheet.edge(*from, &name, None);
        }
    }
}

/// The first form: a list of whole coordinates.
fn resolved(sheet: &mut Sheet, dependencies: &[Value]) {
    for entry in dependencies {
        let coordinates = entry.text_of("coord").and_then(coordinates);
        let Some((name, version)) = coordinates else {
            sheet.problem(entry.line, "a dependency without whole coordinates");
            continue;
        };
        let Some(added) = sheet.add(entry.line, &name, Some(version)) else { continue };
        added.package.hashes.extend(entry.text_of("sha256").map(sha256));
        if let Some(url) = entry.text_of("url").filter(|url| !url.starts_with("https://repo1.maven.org/")) {
            added.package.origin = PackageOrigin::Registry { url: without_credentials(url) };
        }
        let from = added.index;
        let needs = entry.items_of("dependencies").iter().filter_map(Value::text);
        for (name, version) in needs.filter_map(self::coordinates) {
            sheet.edge(from, &name, Some(version));
        }
    }
}

fn sha256(sum: &str) -> PackageHash {
    PackageHash { algorithm: "SHA-256".to_owned(), value: sum.to_ascii_lowercase() }
}

/// `group:artifact` of a key that may go on with packaging and classifier.
fn module(key: &str) -> Option<String> {
    let mut parts = key.split(':');
    Some(format!("{}:{}", parts.next()?, parts.next()?))
}

/// Name and version of `group:artifact[:packaging[:classifier]]:version`.
fn coordinates(text: &str) -> Option<(String, &str)> {
    let (rest, version) = text.rsplit_once(':')?;
    Some((module(rest)?, version)).filter(|(_, version)| !version.is_empty())
}

/// `MODULE.bazel`: what `install` and `artifact` of the extension for Maven are called with, as far as that is written out.
pub(crate) fn read_module(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("maven", super::ECOSYSTEM, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let module = starlark::read(&text);
    let asks = bazel_modules::declared(&mut sheet, &module.modules);
    if module.is_cut {
        sheet.problem(0, "ends within a call");
    }
    for call in &module.calls {
        let texts = |key: &str| call.arguments.get(key).map_or(&[][..], |texts| texts.as_slice());
        for (line, text) in texts("artifacts") {
            if let [group, name, version] = text.split(':').collect::<Vec<_>>().as_slice() {
                declare(&mut sheet, *line, &format!("{group}:{name}"), Some(version), Scope::Prod);
            }
        }
        let one = |key: &str| texts(key).first().map(|(_, text)| text.as_str());
        if let (true, Some(group), Some(name)) = (call.name == "artifact", one("group"), one("artifact")) {
            declare(&mut sheet, call.line, &format!("{group}:{name}"), one("version"), Scope::Prod);
        }
    }
    (sheet.done(), Some(Companion::Bazel(asks)))
}
