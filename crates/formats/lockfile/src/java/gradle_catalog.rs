//! Gradle's version catalogs, `libs.versions.toml`. Plugins are named by an id, which advisories do not know; they are passed over.

use palisade_model::{PackageEvidence, Scope};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, toml};

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("maven", super::ECOSYSTEM, PackageEvidence::Declared);
    let tree = toml::parse(bytes);
    let root = tree.root();
    let versions = root.get("versions");
    for member in root.members_of("libraries") {
        let library = &member.value;
        let text = library.text().map(|text| text.splitn(3, ':').collect::<Vec<_>>());
        let (name, version) = match text.as_deref() {
            Some([group, name, rest @ ..]) => (Some(format!("{group}:{name}")), rest.first().copied()),
            Some(_) => (None, None),
            None => (module(library), version(library.get("version"), versions)),
        };
        match name {
            Some(name) => declare(&mut sheet, member.line, &name, version, Scope::Prod),
            None => sheet.problem(member.line, "a library without group and name"),
        }
    }
    sheet.problems(tree.problems);
    (sheet.done(), None)
}

fn module(library: &Value) -> Option<String> {
    let written = library.text_of("module").map(str::to_owned);
    written.or_else(|| Some(format!("{}:{}", library.text_of("group")?, library.text_of("name")?)))
}

/// The version under the key `version`: a text, a reference, or a rich version.
fn version<'v>(version: Option<&'v Value>, versions: Option<&'v Value>) -> Option<&'v str> {
    let version = version?;
    let version = match version.text_of("ref") {
        Some(alias) => versions?.get(alias)?,
        None => version,
    };
    let rich = || ["strictly", "require", "prefer"].iter().find_map(|key| version.text_of(key));
    version.text().or_else(rich)
}

/// Adds what a manifest of Maven or Gradle asks for: a plain version is pinned, a range or a word is wanted.
pub(super) fn declare(sheet: &mut Sheet, line: u32, name: &str, version: Option<&str>, scope: Scope) {
    let added = match version.filter(|version| !version.is_empty()) {
        Some(version) => match pinned(version) {
            Some(pinned) => sheet.add(line, name, Some(pinned)),
            None => sheet.add_wanted(line, name, version),
        },
        None => sheet.add(line, name, None),
    };
    if let Some(mut added) = added {
        added.scope(scope);
        added.direct();
    }
}

/// The one version that is asked for: a plain one, or `[1.0]`; none of a range, of `1.+`, of `LATEST`, of an unknown property.
pub(super) fn pinned(version: &str) -> Option<&str> {
    let exact = version.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let version = exact.unwrap_or(version).trim();
    let is_open = version.is_empty()
        || version.contains(['[', ']', '(', ')', ',', '+', '$', '{', ' '])
        || version.starts_with("latest.")
        || matches!(version, "LATEST" | "RELEASE");
    (!is_open).then_some(version)
}
