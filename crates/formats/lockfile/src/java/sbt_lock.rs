//! `build.sbt.lock` of the sbt plugin `sbt-dependency-lock`.

use palisade_model::{PackageEvidence, PackageHash, Scope};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, json};

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("maven", super::ECOSYSTEM, PackageEvidence::Locked);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    if root.get("dependencies").is_none() {
        sheet.problem(0, "has no list of dependencies");
    }
    for module in root.items_of("dependencies") {
        let parts = ["org", "name", "version"].map(|key| module.text_of(key));
        let [Some(group), Some(name), Some(version)] = parts else {
            sheet.problem(module.line, "a dependency without org, name or version");
            continue;
        };
        let Some(mut added) = sheet.add(module.line, &format!("{group}:{name}"), Some(version)) else {
            continue;
        };
        let names = module.items_of("configurations").iter().filter_map(Value::text);
        added.scope(names.map(scope).min().unwrap_or_default());
        let hashes = module.items_of("artifacts").iter().filter_map(|artifact| artifact.text_of("hash"));
        let sha1 = |hash: &str| hash.strip_prefix("sha1:").map(str::to_ascii_lowercase);
        added.package.hashes = hashes
            .filter_map(sha1)
            .map(|value| PackageHash { algorithm: "SHA-1".to_owned(), value })
            .collect();
    }
    (sheet.done(), None)
}

fn scope(configuration: &str) -> Scope {
    match configuration {
        "test" => Scope::Test,
        "provided" => Scope::Peer,
        "optional" => Scope::Optional,
        _ => Scope::Prod,
    }
}
