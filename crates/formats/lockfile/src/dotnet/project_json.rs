//! `project.json` of the first .NET Core and of NuGet 3. Other tools have files of that name, which ask for nothing here.

use palisade_model::{PackageEvidence, Scope};

use super::ECOSYSTEM;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::spanned::{Member, Value, json};

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("nuget", ECOSYSTEM, PackageEvidence::Declared);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let frameworks = root.members_of("frameworks").iter().map(|framework| &framework.value);
    for part in std::iter::once(root).chain(frameworks) {
        for (key, scope) in [("dependencies", Scope::Prod), ("tools", Scope::Build)] {
            for need in part.members_of(key) {
                ask(&mut sheet, need, scope);
            }
        }
    }
    let (reading, asks) = sheet.done_asking(None, &["nuget-project-lock"]);
    (reading, Some(Companion::Asks(asks)))
}

/// `"name": "1.0"` or `"name": {"version": "1.0", "type": "build"}`. Projects of the same solution have a target and no version.
fn ask(sheet: &mut Sheet, need: &Member, scope: Scope) {
    let version = need.value.text().or_else(|| need.value.text_of("version")).unwrap_or_default();
    let is_project = matches!(need.value.text_of("target"), Some("project"));
    let is_build = need.value.text_of("type") == Some("build")
        || need
            .value
            .get("type")
            .map_or(&[][..], Value::items)
            .iter()
            .any(|kind| kind.text() == Some("build"));
    if is_project || version.is_empty() && need.value.text().is_some() {
        return;
    }
    let exact = version.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(version);
    sheet.ask(need.line, &need.key, exact, if is_build { Scope::Build } else { scope });
}
