//! Elm: `elm.json`, which pins all packages of an application and asks for ranges in a package, and what came before it.

use palisade_model::{PackageEvidence, Relation, Scope};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, json};

fn open(bytes: &[u8]) -> (Sheet, crate::spanned::Tree) {
    let mut sheet = Sheet::new("elm", None, PackageEvidence::Declared);
    let tree = json::parse(bytes);
    sheet.problems(tree.problems.clone());
    (sheet, tree)
}

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let (mut sheet, tree) = open(bytes);
    let root = tree.root();
    let own =
        root.text_of("name").and_then(|name| sheet.add_itself(root.line, name, root.text_of("version")));
    for (key, scope) in [("dependencies", Scope::Prod), ("test-dependencies", Scope::Test)] {
        let Some(asked) = root.get(key) else { continue };
        for part in [Some(asked), asked.get("direct")].into_iter().flatten() {
            list(&mut sheet, part, scope);
        }
        for need in asked.members_of("indirect") {
            if let Some(mut added) = sheet.add(need.line, &need.key, need.value.text()) {
                added.scope(scope);
                added.package.relation = Relation::Transitive;
            }
        }
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), None)
}

/// `elm-package.json` until Elm 0.18, `elm_dependencies.json` before that; neither has the name of its package.
pub(crate) fn read_package(_: &str, bytes: &[u8]) -> Parsed {
    let (mut sheet, tree) = open(bytes);
    if let Some(asked) = tree.root().get("dependencies") {
        list(&mut sheet, asked, Scope::Prod);
    }
    (sheet.done(), None)
}

fn list(sheet: &mut Sheet, asked: &Value, scope: Scope) {
    for need in asked.members() {
        if let Some(wanted) = need.value.text() {
            sheet.ask(need.line, &need.key, wanted, scope);
        }
    }
}
