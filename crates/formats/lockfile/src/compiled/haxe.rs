//! Haxe: `haxelib.json`. A version that is empty is whatever is newest.

use palisade_model::{PackageEvidence, Scope};

use crate::facts::git_at;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::json;

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("haxe", None, PackageEvidence::Declared);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let own =
        root.text_of("name").and_then(|name| sheet.add_itself(root.line, name, root.text_of("version")));
    for need in root.members_of("dependencies") {
        let wanted = need.value.text().unwrap_or_default();
        let place = wanted.strip_prefix("git:");
        if let Some(added) =
            sheet.ask(need.line, &need.key, if place.is_some() { "" } else { wanted }, Scope::Prod)
            && let Some(place) = place
        {
            let (url, at) = place.split_once('#').unwrap_or((place, ""));
            added.package.origin = git_at(url, Some(at));
        }
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), None)
}
