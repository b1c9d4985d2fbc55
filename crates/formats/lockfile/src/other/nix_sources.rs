//! Sources that niv and npins pin for Nix, both in a file `sources.json`.

use palisade_model::{PackageEvidence, PackageOrigin, Purl, Relation};

use crate::facts::clean_url;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, json};

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("github", None, PackageEvidence::Locked);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    // npins keeps its pins under a key of their own.
    for member in root.get("pins").unwrap_or(root).members() {
        let entry = &member.value;
        let part = |keys: &[&str]| entry.at(keys).and_then(Value::text);
        let owner = part(&["owner"]).or_else(|| part(&["repository", "owner"]));
        let name = part(&["repo"]).or_else(|| part(&["repository", "repo"]));
        let commit = part(&["rev"]).or_else(|| part(&["revision"]));
        let url = clean_url(part(&["url"]).or_else(|| part(&["repository", "url"])).unwrap_or_default());
        if commit.is_none() && part(&["sha256"]).or_else(|| part(&["hash"])).is_none() {
            // A setting of some other tool.
            continue;
        }
        let version = commit.or_else(|| part(&["version"]));
        let is_github = part(&["repository", "type"]).is_none_or(|kind| kind == "GitHub");
        let purl = match (owner, name) {
            (Some(owner), Some(name)) if is_github => Purl::new("github", Some(owner), name, version),
            _ => Purl::new("generic", None, &member.key, version)
                .map(|purl| purl.with_qualifier("download_url", &url)),
        };
        let called = match (owner, name) {
            (Some(owner), Some(name)) if is_github => format!("{owner}/{name}"),
            _ => member.key.clone(),
        };
        if let Some(added) = sheet.add_as(member.line, purl, &called, None) {
            added.package.relation = Relation::Direct;
            added.package.origin = match (owner, name) {
                (Some(owner), Some(name)) if is_github => PackageOrigin::Git {
                    url: format!("https://github.com/{owner}/{name}"),
                    commit: commit.map(str::to_owned),
                },
                _ => PackageOrigin::Url { url },
            };
        }
    }
    (sheet.done(), None)
}
