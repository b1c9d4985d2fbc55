//! D: `dub.json`, the same in SDLang (`dub.sdl`), and what `dub.selections.json` pins.

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use crate::facts::git_at;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::spanned::json;
use crate::text::{lines, quoted};

const KIND: &str = "dub";
const LOCKS: &[&str] = &["dub-selections"];

pub(crate) fn read_selections(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Locked);
    let tree = json::parse(bytes);
    sheet.problems(tree.problems.clone());
    if tree.root().get("versions").is_none() {
        sheet.problem(0, "has no table of versions");
    }
    for member in tree.root().members_of("versions") {
        let entry = &member.value;
        let origin = match (entry.text_of("path"), entry.text_of("repository")) {
            (Some(path), _) => PackageOrigin::Local { path: path.to_owned() },
            (None, Some(url)) => git_at(url, entry.text_of("version")),
            (None, None) => PackageOrigin::Default,
        };
        let version = entry.scalar().or_else(|| entry.scalar_of("version"));
        if version.is_none() && origin == PackageOrigin::Default {
            sheet.problem(member.line, "a package without a version");
        } else if let Some(added) = sheet.add(member.line, &member.key, version) {
            added.package.origin = origin;
        }
    }
    (sheet.done(), None)
}

pub(crate) fn read_manifest(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Declared);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let own =
        root.text_of("name").and_then(|name| sheet.add_itself(root.line, name, root.text_of("version")));
    let inner = ["configurations", "subPackages"].into_iter().flat_map(|key| root.items_of(key));
    for part in std::iter::once(root).chain(inner) {
        for need in part.members_of("dependencies") {
            let wanted = need.value.text().or_else(|| need.value.text_of("version")).unwrap_or_default();
            let scope = if need.value.flag("optional") { Scope::Optional } else { Scope::Prod };
            ask(&mut sheet, need.line, &need.key, wanted, scope, need.value.text_of("path"));
        }
    }
    let (reading, asks) = sheet.done_asking(own, LOCKS);
    (reading, Some(Companion::Asks(asks)))
}

/// Adds what is asked for; parts of a package, `name:part`, come with it.
fn ask(sheet: &mut Sheet, line: u32, name: &str, wanted: &str, scope: Scope, path: Option<&str>) {
    let name = name.split(':').next().unwrap_or_default();
    // A part of the package itself.
    if name.is_empty() {
        return;
    }
    let exact = wanted.trim_start_matches("==").trim();
    if let Some(added) = sheet.ask(line, name, exact, scope)
        && let Some(path) = path
    {
        added.package.origin = PackageOrigin::Local { path: path.to_owned() };
    }
}

/// `dependency "name" version="~>1.0"`, one a line.
pub(crate) fn read_sdlang(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    for (number, line) in lines(&text) {
        let Some(call) = line.trim().strip_prefix("dependency ") else { continue };
        let Some(name) = quoted(call).first().copied() else {
            sheet.problem(number, "a dependency without a name");
            continue;
        };
        let option = |key: &str| call.split_once(key).and_then(|(_, value)| quoted(value).first().copied());
        let scope = if call.contains("optional=true") { Scope::Optional } else { Scope::Prod };
        ask(&mut sheet, number, name, option("version=").unwrap_or_default(), scope, option("path="));
    }
    let (reading, asks) = sheet.done_asking(None, LOCKS);
    (reading, Some(Companion::Asks(asks)))
}
