//! Bundles of Homebrew: `Brewfile`, a program that names formulas in plain words, and the versions that `Brewfile.lock.json` has seen.

use palisade_model::{PackageEvidence, Scope};

use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::spanned::json;
use crate::text::{lines, quoted};

pub(crate) fn read_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("brew", None, PackageEvidence::Locked);
    let tree = json::parse(bytes);
    sheet.problems(tree.problems.clone());
    let Some(entries) = tree.root().get("entries") else {
        sheet.problem(0, "has no table of entries");
        return (sheet.done(), None);
    };
    for member in ["brew", "cask"].into_iter().flat_map(|key| entries.members_of(key)) {
        let version = member.value.scalar_of("version").filter(|version| !version.is_empty());
        if let Some(mut added) = sheet.add(member.line, &member.key, version) {
            added.scope(Scope::Dev);
            added.direct();
        }
    }
    (sheet.done(), None)
}

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("brew", None, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    for (number, line) in lines(&text) {
        let code = line.trim();
        let call = ["brew ", "brew(", "cask ", "cask("].into_iter().find_map(|word| code.strip_prefix(word));
        let Some(call) = call else { continue };
        let Some(name) = quoted(call).first().copied().filter(|name| !name.contains("#{")) else {
            sheet.problem(number, "a formula whose name has to be worked out");
            continue;
        };
        if let Some(mut added) = sheet.add(number, name, None) {
            added.scope(Scope::Dev);
            added.direct();
        }
    }
    let (reading, asks) = sheet.done_asking(None, &["brewfile-lock"]);
    (reading, Some(Companion::Asks(asks)))
}
