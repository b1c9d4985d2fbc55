//! Bower: `bower.json`, and the `.bower.json` that it leaves in each package that it installed.

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use crate::facts::{git_at, is_git};
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::json;
use crate::text::file_name;

const KIND: &str = "bower";

pub(super) fn read(path: &str, bytes: &[u8]) -> Parsed {
    if file_name(path) == ".bower.json" {
        return read_installed(path, bytes);
    }
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Declared);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let own =
        root.text_of("name").and_then(|name| sheet.add_itself(root.line, name, root.text_of("version")));
    for (key, scope) in [("dependencies", Scope::Prod), ("devDependencies", Scope::Dev)] {
        for need in root.members_of(key) {
            let wanted = need.value.text().unwrap_or_default();
            // `name#range` of another name, or a place with a tag or a range behind it.
            let (place, range) = wanted.split_once('#').unwrap_or(("", wanted));
            let is_place = |text: &str| is_git(text) || text.contains('/');
            let (place, range) = if is_place(range) { (range, "") } else { (place, range) };
            let name = if place.is_empty() || is_place(place) { need.key.as_str() } else { place };
            if let Some(added) = sheet.ask(need.line, name, range, scope)
                && is_place(place)
            {
                added.package.origin = origin(place, range);
            }
        }
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), None)
}

/// A repository or an archive; `owner/name` is one of GitHub.
fn origin(place: &str, range: &str) -> PackageOrigin {
    match () {
        () if place.starts_with(['.', '/']) => PackageOrigin::Local { path: place.to_owned() },
        () if place.contains("://") || place.contains(':') => git_at(place, Some(range)),
        () => git_at(&format!("https://github.com/{place}"), Some(range)),
    }
}

fn read_installed(path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Installed);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let folder = path.rsplit('/').nth(1);
    let version = ["version", "_release"].into_iter().find_map(|key| root.text_of(key));
    match root.text_of("name").or(folder) {
        Some(name) => {
            if let Some(added) = sheet.add(root.line, name, version) {
                added.package.licences.extend(root.text_of("license").map(str::to_owned));
            }
        }
        None => sheet.problem(0, "a package without a name"),
    }
    (sheet.done(), None)
}
