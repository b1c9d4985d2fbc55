//! What projects asked for before Go had modules: `Gopkg.toml` of dep and `glide.yaml`.

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use super::{put, sheet};
use crate::facts::git_at;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::{Sheet, is_plain_version};
use crate::spanned::{Value, toml, yaml};

/// dep reads `1.0` as `^1.0` and `=1.0` as that version (dep, "Gopkg.toml").
pub(super) fn read_dep(_: &str, bytes: &[u8]) -> Parsed {
    let tree = toml::parse(bytes);
    let mut sheet = sheet(PackageEvidence::Declared);
    sheet.problems(tree.problems.clone());
    for list in ["constraint", "override"] {
        for entry in tree.root().items_of(list) {
            let wanted = ["version", "branch", "revision"].into_iter().find_map(|key| entry.text_of(key));
            let wanted = wanted.unwrap_or_default();
            let exact = wanted.strip_prefix('=').filter(|version| is_plain_version(version));
            ask(&mut sheet, entry, "name", (exact, wanted), "source", Scope::Prod);
        }
    }
    let (reading, asks) = sheet.done_asking(None, &["go-dep-lock"]);
    (reading, Some(Companion::Asks(asks.in_part())))
}

pub(super) fn read_glide(_: &str, bytes: &[u8]) -> Parsed {
    let tree = yaml::parse(bytes);
    let mut sheet = sheet(PackageEvidence::Declared);
    sheet.problems(tree.problems.clone());
    for (list, scope) in [("import", Scope::Prod), ("testImport", Scope::Test)] {
        for entry in tree.root().items_of(list) {
            let wanted = entry.scalar_of("version").unwrap_or_default();
            let exact = Some(wanted).filter(|version| is_plain_version(version));
            ask(&mut sheet, entry, "package", (exact, wanted), "repo", scope);
        }
    }
    let (reading, asks) = sheet.done_asking(None, &["go-glide-lock"]);
    (reading, Some(Companion::Asks(asks.in_part())))
}

fn ask(
    sheet: &mut Sheet,
    entry: &Value,
    key: &str,
    (exact, wanted): (Option<&str>, &str),
    place: &str,
    scope: Scope,
) {
    let Some(name) = entry.text_of(key).filter(|name| !name.is_empty()) else {
        sheet.problem(entry.line, "a package without a name");
        return;
    };
    let origin = entry.text_of(place).map_or(PackageOrigin::Default, |url| git_at(url, Some(wanted)));
    let Some(mut added) = put(sheet, entry.line, name, exact, origin) else { return };
    added.scope(scope);
    added.direct();
    if exact.is_none() && !wanted.is_empty() {
        added.package.wanted = Some(wanted.to_owned());
    }
}
