//! `Package.resolved` of the Swift package manager, versions 1 to 3.

use palisade_model::{PackageEvidence, PackageOrigin, Purl};

use super::{ECOSYSTEM, purl};
use crate::facts::clean_url;
use crate::facts::repository_place;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, json};

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("swift", ECOSYSTEM, PackageEvidence::Locked);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let pins = match root.scalar_of("version") {
        Some("1") => root.at(&["object", "pins"]),
        Some("2" | "3") => root.get("pins"),
        _ => {
            sheet.problem(0, "is of a version that is not known");
            root.get("pins").or_else(|| root.at(&["object", "pins"]))
        }
    };
    match pins {
        Some(pins) => pins.items().iter().for_each(|entry| pin(&mut sheet, entry)),
        None => sheet.problem(0, "has no list of pins"),
    }
    (sheet.done(), None)
}

fn pin(sheet: &mut Sheet, entry: &Value) {
    let url = entry.text_of("location").or_else(|| entry.text_of("repositoryURL")).unwrap_or_default();
    let name = entry.text_of("identity").or_else(|| entry.text_of("package")).unwrap_or(url);
    let state = |key: &str| entry.at(&["state", key]).and_then(Value::text);
    let (version, commit) = (state("version"), state("revision"));
    let is_registry = entry.text_of("kind") == Some("registry");
    let address = match name.split_once('.') {
        Some((scope, name)) if is_registry => Purl::new("swift", Some(scope), name, version),
        _ => purl(url, version),
    };
    // Advisories name packages by their place.
    let place = repository_place(url);
    let written = if is_registry || place.is_empty() { name } else { &place };
    let Some(added) = sheet.add_as(entry.line, address, written, ECOSYSTEM) else { return };
    if version.is_none() {
        // A branch is pinned by a commit, which is no version.
        added.package.wanted = state("branch").map(str::to_owned);
    }
    added.package.origin = match entry.text_of("kind") {
        Some("registry") => PackageOrigin::Default,
        Some("localSourceControl") => PackageOrigin::Local { path: url.to_owned() },
        _ => PackageOrigin::Git { url: clean_url(url), commit: commit.map(str::to_owned) },
    };
}
