//! `*.nuspec`: what a package of NuGet says of itself. In a project it is what the package is made from; NuGet's store has one in the
//! folder of each package.

use palisade_model::{PackageEvidence, Scope};

use super::ECOSYSTEM;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::xml::{self, Element};

/// Whether the path is that of an unpacked package, `id/version/id.nuspec` in the store of a user, of a tool or of the offline packages.
pub(super) fn is_installed(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let (Some(file), Some(version), Some(id), Some(store)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    // Tools of .NET have a store of their own, with a store in it for each.
    let is_store = matches!(store, "packages" | "NuGetFallbackFolder")
        || store == version && parts.nth(1) == Some(".store");
    is_store
        && file.strip_suffix(".nuspec") == Some(id)
        && version.starts_with(|first: char| first.is_ascii_digit())
}

/// What it asks for is in the store too, and tells of itself.
pub(super) fn read_installed(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("nuget", ECOSYSTEM, PackageEvidence::Installed);
    let Some(metadata) = metadata(&mut sheet, bytes) else { return (sheet.done(), None) };
    match (metadata.child("id"), metadata.child_text("version")) {
        (Some(id), Some(version)) => {
            if let Some(added) = sheet.add(id.line, &id.text, Some(version)) {
                added.package.licences.extend(licence(&metadata));
            }
        }
        _ => sheet.problem(metadata.line, "a package without id or version"),
    }
    (sheet.done(), None)
}

pub(super) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("nuget", ECOSYSTEM, PackageEvidence::Declared);
    let Some(metadata) = metadata(&mut sheet, bytes) else { return (sheet.done(), None) };
    let version = metadata.child_text("version").filter(|version| !version.contains('$'));
    let own = metadata.child("id").filter(|id| !id.text.contains('$'));
    let own = own.and_then(|id| sheet.add_itself(id.line, &id.text, version));
    if let Some(package) = own.and_then(|own| sheet.package(own)) {
        package.licences.extend(licence(&metadata));
    }
    for need in metadata.descendants().into_iter().filter(|element| element.name == "dependency") {
        let Some(id) = need.attribute("id") else {
            sheet.problem(need.line, "a dependency without id");
            continue;
        };
        let wanted = need.attribute("version").unwrap_or_default();
        // A version alone is the least one; only in brackets it is one (NuGet, "Package versioning").
        let exact = wanted.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).map(str::trim);
        let added = match exact.filter(|version| !version.contains([',', '*'])) {
            Some(version) => sheet.add(need.line, id, Some(version)),
            None => sheet.add_wanted(need.line, id, wanted),
        };
        if let Some(mut added) = added {
            added.scope(Scope::Prod);
            added.direct();
        }
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), None)
}

fn metadata(sheet: &mut Sheet, bytes: &[u8]) -> Option<Element> {
    let (root, problems) = xml::read(bytes);
    let is_sound = problems.is_empty();
    sheet.problems(problems);
    let root = root?;
    let found = root.child("metadata").filter(|_| root.name == "package").cloned();
    if found.is_none() && is_sound {
        sheet.problem(root.line, "is no specification of NuGet");
    }
    found
}

fn licence(metadata: &Element) -> Option<String> {
    let said = metadata.child("license").filter(|said| said.attribute("type") == Some("expression"))?;
    Some(said.text.clone()).filter(|text| !text.is_empty())
}
