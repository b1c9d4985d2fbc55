//! Julia: `Manifest.toml` in both forms, and what `Project.toml` asks for. Parts of the standard library without a version come with
//! Julia itself.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, PackageOrigin, Purl, Scope};

use crate::asks::Asks;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::spanned::{Member, Value, toml};
use crate::text::without_credentials;

const ECOSYSTEM: Option<&str> = Some("Julia");
const LOCKS: &[&str] = &["julia-manifest"];

pub(crate) fn read_manifest(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("julia", ECOSYSTEM, PackageEvidence::Locked);
    let tree = toml::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let packages =
        if root.get("manifest_format").is_some() { root.members_of("deps") } else { root.members() };
    let julia = root.text_of("julia_version");
    let entries = packages.iter().filter(|member| member.value.is_list());
    let entries = entries.flat_map(|package| package.value.items().iter().map(move |entry| (package, entry)));
    let entries: Vec<(&Value, u32)> = entries
        .filter_map(|(package, entry)| Some((entry, locked(&mut sheet, package, entry, julia)?)))
        .collect();
    let by_uuid: BTreeMap<&str, u32> =
        entries.iter().filter_map(|(entry, index)| Some((entry.text_of("uuid")?, *index))).collect();
    for (entry, from) in &entries {
        edges(&mut sheet, entry, *from, &by_uuid);
    }
    (sheet.done(), None)
}

/// The needs of one package: names, or a table of names with uuids where a name alone is not clear.
fn edges(sheet: &mut Sheet, entry: &Value, from: u32, by_uuid: &BTreeMap<&str, u32>) {
    let Some(needs) = entry.get("deps") else { return };
    for need in needs.items().iter().filter_map(Value::text) {
        sheet.edge(from, need, None);
    }
    let uuids = needs.members().iter().filter_map(|need| need.value.text());
    let targets: Vec<u32> = uuids.filter_map(|uuid| by_uuid.get(uuid)).copied().collect();
    if let Some(package) = sheet.package(from) {
        package.dependencies.extend(targets);
    }
}

fn locked(sheet: &mut Sheet, package: &Member, entry: &Value, julia: Option<&str>) -> Option<u32> {
    let name = &package.key;
    let url = entry.text_of("repo-url");
    let is_placed = url.is_some() || ["path", "git-tree-sha1"].iter().any(|key| entry.get(key).is_some());
    // The standard library goes by the version of Julia itself.
    let version = entry.text_of("version").or(julia.filter(|_| !is_placed));
    let Some(uuid) = entry.text_of("uuid").filter(|uuid| !uuid.is_empty()) else {
        sheet.problem(entry.line, "a package without uuid");
        return None;
    };
    if version.is_none() && !is_placed {
        return None;
    }
    let purl = Purl::new("julia", None, name, version).map(|purl| purl.with_qualifier("uuid", uuid));
    let added = sheet.add_as(entry.line, purl, name, ECOSYSTEM)?;
    let index = added.index;
    added.package.origin = match (url, entry.text_of("path")) {
        (Some(url), _) => PackageOrigin::Git {
            url: without_credentials(url),
            commit: entry.text_of("repo-rev").map(str::to_owned),
        },
        (None, Some(path)) => PackageOrigin::Local { path: path.to_owned() },
        _ => PackageOrigin::Default,
    };
    Some(index)
}

pub(crate) fn read_project(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("julia", ECOSYSTEM, PackageEvidence::Declared);
    let tree = toml::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let own =
        root.text_of("name").and_then(|name| sheet.add_itself(root.line, name, root.text_of("version")));
    let mut names = Vec::new();
    for (key, scope) in [("deps", Scope::Prod), ("weakdeps", Scope::Optional), ("extras", Scope::Test)] {
        for need in root.members_of(key) {
            let wanted = root.at(&["compat", &need.key]).and_then(Value::text);
            let purl = Purl::new("julia", None, &need.key, None)
                .map(|purl| purl.with_qualifier("uuid", need.value.text().unwrap_or_default()));
            // Without a range it may be a part of the standard library.
            if let (Some(wanted), true) = (wanted, need.value.text().is_some())
                && let Some(mut added) = sheet.add_as(need.line, purl, &need.key, ECOSYSTEM)
            {
                added.scope(scope);
                added.direct();
                added.package.wanted = Some(wanted.to_owned());
            }
            names.push((need.key.clone(), scope));
        }
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), Some(Companion::Asks(Asks::of(LOCKS, names))))
}
