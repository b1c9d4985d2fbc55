//! Julia: `Manifest.toml` in both forms, and what `Project.toml` asks for. Parts of the standard library without a version come with
//! Julia itself.

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
    for package in packages.iter().filter(|member| member.value.is_list()) {
        for entry in package.value.items() {
            locked(&mut sheet, package, entry);
        }
    }
    (sheet.done(), None)
}

fn locked(sheet: &mut Sheet, package: &Member, entry: &Value) {
    let name = &package.key;
    let version = entry.text_of("version");
    let url = entry.text_of("repo-url");
    if version.is_none() && url.is_none() && entry.get("path").is_none() {
        if entry.get("uuid").is_none() {
            sheet.problem(entry.line, "a package without uuid and version");
        }
        return;
    }
    let uuid = entry.text_of("uuid").unwrap_or_default();
    let purl = Purl::new("julia", None, name, version).map(|purl| purl.with_qualifier("uuid", uuid));
    let Some(added) = sheet.add_as(entry.line, purl, name, ECOSYSTEM) else { return };
    let from = added.index;
    added.package.origin = match (url, entry.text_of("path")) {
        (Some(url), _) => PackageOrigin::Git {
            url: without_credentials(url),
            commit: entry.text_of("repo-rev").map(str::to_owned),
        },
        (None, Some(path)) => PackageOrigin::Local { path: path.to_owned() },
        _ => PackageOrigin::Default,
    };
    let needs = entry.get("deps");
    let listed = needs.map_or(&[][..], Value::items).iter().filter_map(Value::text);
    let keyed = needs.map_or(&[][..], Value::members).iter().map(|member| member.key.as_str());
    for need in listed.chain(keyed) {
        sheet.edge(from, need, None);
    }
}

pub(crate) fn read_project(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("julia", ECOSYSTEM, PackageEvidence::Declared);
    let tree = toml::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
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
    (sheet.done(), Some(Companion::Asks(Asks::of(LOCKS, names))))
}
