//! go.sum: the modules whose content was checked. Before Go 1.17 it is the only file that knows those that others need.
//!
//! Of some modules only the go.mod was looked at, to choose versions. They are not built, as far as the file says, and optional.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use super::{put, sheet};
use crate::format::Parsed;
use crate::text::lines;

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet(PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    let mut modules: BTreeMap<&str, (u32, &str)> = BTreeMap::new();
    let mut asked: BTreeMap<&str, (u32, &str)> = BTreeMap::new();
    for (number, line) in lines(&text) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            [name, version, hash] if version.ends_with("/go.mod") && hash.starts_with("h1:") => {
                asked.insert(name, (number, version.trim_end_matches("/go.mod")));
            }
            // Lines are in the order of versions, and the highest one is built.
            [name, version, hash] if hash.starts_with("h1:") => {
                modules.insert(name, (number, version));
            }
            _ => sheet.problem(number, "a line that go.sum does not have"),
        }
    }
    asked.retain(|name, _| !modules.contains_key(name));
    let built = modules.into_iter().map(|(name, (line, version))| (line, name, version, Scope::Prod));
    let asked = asked.into_iter().map(|(name, (line, version))| (line, name, version, Scope::Optional));
    let mut ordered: Vec<(u32, &str, &str, Scope)> = built.chain(asked).collect();
    ordered.sort_unstable();
    for (line, name, version, scope) in ordered {
        if let Some(mut added) = put(&mut sheet, line, name, Some(version), PackageOrigin::Default) {
            added.scope(scope);
        }
    }
    (sheet.done(), None)
}
