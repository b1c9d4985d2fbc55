//! `packages.lock.json` of NuGet, versions 1 and 2: for each framework the packages that a restore resolved.

use palisade_model::PackageEvidence;

use super::{ECOSYSTEM, Versions, sha512};
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Member, json};

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("nuget", ECOSYSTEM, PackageEvidence::Locked);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    if root.get("dependencies").is_none() {
        sheet.problem(0, "has no table of dependencies");
    }
    sheet.rest_is_transitive();
    for framework in root.members_of("dependencies") {
        let members = framework.value.members();
        let versions = Versions::of(members.iter().filter_map(resolved_of));
        for member in members {
            package(&mut sheet, member, &versions);
        }
    }
    (sheet.done(), None)
}

fn resolved_of(member: &Member) -> Option<(&str, &str)> {
    Some((member.key.as_str(), member.value.text_of("resolved")?))
}

fn package(sheet: &mut Sheet, member: &Member, versions: &Versions<'_>) {
    let entry = &member.value;
    let kind = entry.text_of("type").unwrap_or_default();
    // Projects of the same solution have records of their own.
    if kind.eq_ignore_ascii_case("project") {
        return;
    }
    let Some(version) = entry.text_of("resolved") else {
        sheet.problem(member.line, "a package without the version that it was resolved to");
        return;
    };
    let Some(mut added) = sheet.add(member.line, &member.key, Some(version)) else { return };
    if kind.eq_ignore_ascii_case("direct") {
        added.direct();
    }
    if added.package.hashes.is_empty() {
        added.package.hashes.extend(entry.text_of("contentHash").and_then(sha512));
    }
    let from = added.index;
    for need in entry.members_of("dependencies") {
        sheet.edge(from, &need.key, versions.get(&need.key).or_else(|| need.value.text()));
    }
}
