//! Which versions of languages and tools a project is built with: `.tool-versions` of asdf, `mise.toml`, `.nvmrc`, `.node-version`.

use palisade_model::{PackageEvidence, Scope};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::toml;
use crate::text::lines;

fn sheet() -> Sheet {
    Sheet::new("generic", None, PackageEvidence::Declared)
}

/// A word that begins with a digit, a `v` before it or not. Others are names of whatever is newest, or places.
fn number(word: &str) -> Option<&str> {
    let bare = word.strip_prefix('v').unwrap_or(word);
    bare.starts_with(|first: char| first.is_ascii_digit()).then_some(bare)
}

fn put(sheet: &mut Sheet, line: u32, name: &str, word: &str) {
    if let Some(mut added) = number(word).and_then(|version| sheet.add(line, name, Some(version))) {
        added.scope(Scope::Build);
        added.direct();
    }
}

/// `name version version ...`, later ones where the first is not installed.
pub(crate) fn read_asdf(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet();
    let text = sheet.decode(bytes);
    for (number, line) in lines(&text) {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let Some(name) = words.next() else { continue };
        for version in words {
            put(&mut sheet, number, name, version);
        }
    }
    (sheet.done(), None)
}

/// The table `tools`: a version, a list of them, or a table with one.
pub(crate) fn read_mise(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet();
    let tree = toml::parse(bytes);
    sheet.problems(tree.problems.clone());
    for tool in tree.root().members_of("tools") {
        let one = tool.value.text().or_else(|| tool.value.text_of("version"));
        let several =
            tool.value.items().iter().filter_map(|item| item.text().or_else(|| item.text_of("version")));
        let versions: Vec<&str> = one.into_iter().chain(several).collect();
        for version in versions {
            put(&mut sheet, tool.line, &tool.key, version);
        }
    }
    (sheet.done(), None)
}

/// One version of Node.js; the rest of the lines are comments or empty.
pub(crate) fn read_node(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet();
    let text = sheet.decode(bytes);
    for (number, line) in lines(&text) {
        let word = line.split('#').next().unwrap_or_default().trim();
        put(&mut sheet, number, "nodejs", word);
    }
    (sheet.done(), None)
}
