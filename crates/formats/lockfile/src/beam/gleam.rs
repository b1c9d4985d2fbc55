//! Gleam's `manifest.toml`. Other tools have files of that name; theirs have no list of packages with build tools.

use palisade_model::{PackageEvidence, PackageHash, PackageOrigin, Scope};

use super::ECOSYSTEM;
use crate::format::Parsed;
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
