//! Nix: the inputs that `flake.lock` pins, each a commit of a repository.

use std::collections::BTreeSet;

use palisade_model::{PackageEvidence, PackageOrigin, Purl, Relation};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, json};
use crate::text::without_credentials;

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("github", None, PackageEvidence::Locked);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    if root.get("nodes").is_none() {
        sheet.problem(0, "has no table of nodes");
    }
    let top = root.text_of("root").unwrap_or("root");
    let inputs = root.at(&["nodes", top, "inputs"]).map_or(&[][..], Value::members);
    let direct: BTreeSet<&str> = inputs.iter().filter_map(|input| input.value.text()).collect();
    for node in root.members_of("nodes") {
        let Some(locked) = node.value.get("locked") else { continue };
        let part = |key: &str| locked.text_of(key);
        let commit = part("rev");
        let url = match (part("type"), part("owner"), part("repo")) {
            (Some(host @ ("github" | "gitlab" | "sourcehut")), Some(owner), Some(name)) => {
                let host = if host == "sourcehut" { "git.sr.ht".to_owned() } else { format!("{host}.com") };
                format!("https://{host}/{owner}/{name}")
            }
            _ => without_credentials(part("url").or_else(|| part("path")).unwrap_or_default()),
        };
        let purl = match (part("type"), part("owner"), part("repo")) {
            (Some("github"), Some(owner), Some(name)) => Purl::new("github", Some(owner), name, commit),
            _ => {
                Purl::new("generic", None, &node.key, commit).map(|purl| purl.with_qualifier("vcs_url", &url))
            }
        };
        // What the project calls an input says nothing of what it is.
        let name = match (part("type"), part("owner"), part("repo")) {
            (Some("github"), Some(owner), Some(name)) => format!("{owner}/{name}"),
            _ => node.key.clone(),
        };
        let Some(added) = sheet.add_as(node.line, purl, &name, None) else { continue };
        added.package.relation =
            if direct.contains(node.key.as_str()) { Relation::Direct } else { Relation::Transitive };
        added.package.origin = match part("type") {
            Some("path") => PackageOrigin::Local { path: url },
            Some("tarball" | "file") => PackageOrigin::Url { url },
            _ => PackageOrigin::Git { url, commit: commit.map(str::to_owned) },
        };
    }
    (sheet.done(), None)
}
