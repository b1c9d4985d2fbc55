//! vendor/modules.txt: the modules whose packages were copied.

use palisade_model::{PackageEvidence, PackageOrigin, Relation, Scope};

use super::{is_folder, put, sheet};
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::lines;

/// A module that was named, until a package of it follows. One without packages was not copied: go.mod asks for it, or replaces it, and
/// nothing needs it.
struct Named<'a> {
    line: u32,
    name: &'a str,
    version: Option<&'a str>,
    origin: PackageOrigin,
    is_explicit: bool,
}

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet(PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    let mut named: Option<Named<'_>> = None;
    for (number, line) in lines(&text) {
        if let Some(notes) = line.strip_prefix("## ") {
            if let Some(module) = &mut named {
                module.is_explicit |= notes.split(';').any(|note| note.trim() == "explicit");
            }
        } else if let Some(module) = line.strip_prefix("# ") {
            named = module_of(&mut sheet, number, module);
        } else if !line.trim().is_empty() {
            named.take().into_iter().for_each(|module| copied(&mut sheet, module));
        }
    }
    (sheet.done(), None)
}

/// The module of one line. What is replaced for all versions stands at the end once more, without one.
fn module_of<'a>(sheet: &mut Sheet, line: u32, text: &'a str) -> Option<Named<'a>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_version = |version: &str| {
        version.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let (name, version, origin) = match *words.as_slice() {
        [name, version] if is_version(version) => (name, Some(version), PackageOrigin::Default),
        [name, _, "=>", new] | [name, _, "=>", new, _] | [name, "=>", new] if is_folder(new) => {
            (name, None, PackageOrigin::Local { path: new.to_owned() })
        }
        [_, _, "=>", new, version] | [_, "=>", new, version] => (new, Some(version), PackageOrigin::Default),
        _ => {
            sheet.problem(line, "a line names no module and version");
            return None;
        }
    };
    Some(Named { line, name, version, origin, is_explicit: false })
}

fn copied(sheet: &mut Sheet, module: Named<'_>) {
    let Some(mut added) = put(sheet, module.line, module.name, module.version, module.origin) else { return };
    added.scope(Scope::Prod);
    if module.is_explicit {
        added.direct();
    } else if added.package.relation == Relation::Unknown {
        added.package.relation = Relation::Transitive;
    }
}
