//! vendor/modules.txt: the modules whose packages were copied.

use palisade_model::{PackageEvidence, PackageOrigin, Relation};

use super::{is_folder, put, sheet};
use crate::format::Parsed;
use crate::text::lines;

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet(PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    let mut last: Option<u32> = None;
    // What is replaced for all versions stands at the end once more, without one; it is only used if packages follow.
    let mut standing_in: Option<(u32, &str, &str)> = None;
    for (number, line) in lines(&text) {
        if let Some(notes) = line.strip_prefix("## ") {
            let explicit = notes.split(';').any(|note| note.trim() == "explicit");
            if let Some(package) = last.and_then(|index| sheet.package(index)).filter(|_| explicit) {
                package.relation = Relation::Direct;
            }
            continue;
        }
        let Some(module) = line.strip_prefix("# ") else {
            if let Some((number, name, version)) = standing_in.take().filter(|_| !line.trim().is_empty()) {
                put(&mut sheet, number, name, Some(version), PackageOrigin::Default);
            }
            continue;
        };
        standing_in = None;
        let words: Vec<&str> = module.split_whitespace().collect();
        let added = match words.as_slice() {
            [name, version] => put(&mut sheet, number, name, Some(version), PackageOrigin::Default),
            [name, version, "=>", new] | [name, version, "=>", new, _] if is_folder(new) => {
                put(&mut sheet, number, name, Some(version), PackageOrigin::Local { path: (*new).to_owned() })
            }
            [_, _, "=>", new, version] => put(&mut sheet, number, new, Some(version), PackageOrigin::Default),
            [_, "=>", new, version] => {
                standing_in = Some((number, new, version));
                None
            }
            [_, "=>", _] => None,
            _ => {
                sheet.problem(number, "a line names no module and version");
                None
            }
        };
        last = added.map(|mut added| {
            added.scope(palisade_model::Scope::Prod);
            if added.package.relation == Relation::Unknown {
                added.package.relation = Relation::Transitive;
            }
            added.index
        });
    }
    (sheet.done(), None)
}
