//! go.sum: the modules whose content was checked. Before Go 1.17 it is the only file that knows those that others need.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, PackageOrigin};

use super::{put, sheet};
use crate::format::Parsed;
use crate::text::lines;

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet(PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    let mut modules: BTreeMap<&str, (u32, &str)> = BTreeMap::new();
    for (number, line) in lines(&text) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            [_, version, hash] if version.ends_with("/go.mod") && hash.starts_with("h1:") => {}
            // Lines are in the order of versions, and the highest one is built.
            [name, version, hash] if hash.starts_with("h1:") => {
                modules.insert(name, (number, version));
            }
            _ => sheet.problem(number, "a line that go.sum does not have"),
        }
    }
    let mut ordered: Vec<(u32, &str, &str)> =
        modules.into_iter().map(|(name, (line, version))| (line, name, version)).collect();
    ordered.sort_unstable();
    for (line, name, version) in ordered {
        put(&mut sheet, line, name, Some(version), PackageOrigin::Default);
    }
    (sheet.done(), None)
}
