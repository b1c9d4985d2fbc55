//! Carthage: `github "owner/name" "version"` in `Cartfile.resolved`, and what `Cartfile` asks for, `github "owner/name" ~> 1.0`.

use palisade_model::{PackageEvidence, PackageOrigin, Purl, Scope};

use super::{ECOSYSTEM, purl};
use crate::asks::Asks;
use crate::facts::{clean_url, git_at, repository_place};
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::{Added, Sheet};
use crate::text::{file_name, lines, next_quoted, quoted};

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("swift", ECOSYSTEM, PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    for (number, line) in lines(&text).filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#')) {
        let kind = line.split_whitespace().next().unwrap_or_default();
        let [place, version] = quoted(line)[..] else {
            sheet.problem(number, "a line names no version of a package");
            continue;
        };
        if let Some(added) = put(&mut sheet, number, kind, place, Some(version)) {
            added.package.origin = origin(kind, place);
        }
    }
    (sheet.done(), None)
}

/// `== 1.0` pins a version; a text behind the place is a branch, a tag or a commit.
pub(crate) fn read_manifest(path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("swift", ECOSYSTEM, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let scope = if file_name(path) == "Cartfile.private" { Scope::Dev } else { Scope::Prod };
    let mut names = Vec::new();
    for (number, line) in lines(&text) {
        let code = line.split(" #").next().unwrap_or_default().trim();
        if code.is_empty() || code.starts_with('#') {
            continue;
        }
        let Some((place, rest)) = next_quoted(code) else {
            sheet.problem(number, "a line names no package");
            continue;
        };
        let kind = code.split_whitespace().next().unwrap_or_default();
        let rest = rest.trim();
        let exact = rest.strip_prefix("==").map(str::trim);
        let Some(mut added) = put(&mut sheet, number, kind, place, exact) else { continue };
        added.package.origin = origin(kind, place);
        added.scope(scope);
        added.direct();
        if exact.is_none() && !rest.is_empty() {
            added.package.wanted = Some(rest.trim_matches('"').to_owned());
        }
        names.push((added.package.name.clone(), scope));
    }
    (sheet.done(), Some(Companion::Asks(Asks::of(&["cartfile-resolved"], names).in_part())))
}

fn put<'s>(
    sheet: &'s mut Sheet,
    line: u32,
    kind: &str,
    place: &str,
    version: Option<&str>,
) -> Option<Added<'s>> {
    match kind {
        // A description of archives to download: no repository, and known to nobody by its name.
        "binary" => {
            let place = clean_url(place);
            let name = file_name(&place).trim_end_matches(".json");
            sheet.add_as(line, Purl::new("generic", None, name, version), name, None)
        }
        // Advisories name packages by their place.
        _ => {
            let url = address(kind, place);
            sheet.add_as(line, purl(&url, version), &repository_place(&url), ECOSYSTEM)
        }
    }
}

fn address(kind: &str, place: &str) -> String {
    match kind {
        "github" if !place.contains("://") => format!("https://github.com/{place}"),
        _ => place.to_owned(),
    }
}

fn origin(kind: &str, place: &str) -> PackageOrigin {
    match kind {
        "binary" if !place.contains("://") => PackageOrigin::Local { path: place.to_owned() },
        "binary" => PackageOrigin::Url { url: clean_url(place) },
        _ => git_at(&address(kind, place), None),
    }
}
