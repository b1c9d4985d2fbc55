//! Gleam: `gleam.toml`, which asks for ranges, and `manifest.toml`, which pins. Other tools have files of that name; theirs have no list of packages
//! with build tools.

use palisade_model::{PackageEvidence, PackageHash, PackageOrigin, Scope};

use super::ECOSYSTEM;
use crate::asks::Asks;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::spanned::{Value, toml};
use crate::text::without_credentials;

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("hex", ECOSYSTEM, PackageEvidence::Locked);
    let tree = toml::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let is_gleam = |entry: &Value| entry.get("build_tools").is_some() || entry.get("otp_app").is_some();
    for entry in root.items_of("packages").iter().filter(|entry| is_gleam(entry)) {
        locked(&mut sheet, entry);
    }
    for need in root.members_of("requirements") {
        sheet.asks_for(&need.key, Scope::Prod);
    }
    (sheet.done(), None)
}

pub(crate) fn read_project(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("hex", ECOSYSTEM, PackageEvidence::Declared);
    let tree = toml::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let mut names = Vec::new();
    for (key, scope) in
        [("dependencies", Scope::Prod), ("dev-dependencies", Scope::Dev), ("dev_dependencies", Scope::Dev)]
    {
        for need in root.members_of(key) {
            let wanted = need.value.text().or_else(|| need.value.text_of("version")).unwrap_or_default();
            let Some(mut added) = sheet.add_wanted(need.line, &need.key, wanted) else { continue };
            added.scope(scope);
            added.direct();
            let url = need.value.text_of("git").map(without_credentials);
            added.package.origin = match (url, need.value.text_of("path")) {
                (Some(url), _) => {
                    PackageOrigin::Git { url, commit: need.value.text_of("ref").map(str::to_owned) }
                }
                (None, Some(path)) => PackageOrigin::Local { path: path.to_owned() },
                _ => PackageOrigin::Default,
            };
            names.push((need.key.clone(), scope));
        }
    }
    (sheet.done(), Some(Companion::Asks(Asks::of(&["gleam-manifest"], names))))
}

fn locked(sheet: &mut Sheet, entry: &Value) {
    let (Some(name), Some(version)) = (entry.text_of("name"), entry.text_of("version")) else {
        sheet.problem(entry.line, "a package without name or version");
        return;
    };
    let Some(added) = sheet.add(entry.line, name, Some(version)) else { return };
    let from = added.index;
    added.package.origin = match entry.text_of("source") {
        Some("git") => PackageOrigin::Git {
            url: without_credentials(entry.text_of("repo").unwrap_or_default()),
            commit: entry.text_of("commit").map(str::to_owned),
        },
        Some("local") => PackageOrigin::Local { path: entry.text_of("path").unwrap_or_default().to_owned() },
        _ => PackageOrigin::Default,
    };
    added.package.hashes.extend(
        entry
            .text_of("outer_checksum")
            .filter(|sum| sum.len() == 64)
            .map(|sum| PackageHash { algorithm: "SHA-256".to_owned(), value: sum.to_ascii_lowercase() }),
    );
    for need in entry.items_of("requirements").iter().filter_map(Value::text) {
        sheet.edge(from, need, None);
    }
}
