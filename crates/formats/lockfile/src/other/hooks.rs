//! Hooks of git from repositories: `.pre-commit-config.yaml`, and `prek.toml`, which says the same in TOML.

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use crate::facts::{git_at, repository};
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Tree, toml, yaml};

/// What stands for a repository and is none.
const NO_REPOSITORIES: [&str; 3] = ["local", "meta", "builtin"];

pub(crate) fn read_yaml(_: &str, bytes: &[u8]) -> Parsed {
    read(yaml::parse(bytes))
}

pub(crate) fn read_toml(_: &str, bytes: &[u8]) -> Parsed {
    read(toml::parse(bytes))
}

fn read(tree: Tree) -> Parsed {
    let mut sheet = Sheet::new("generic", None, PackageEvidence::Declared);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    // Before version 1 of pre-commit the list stood alone.
    for entry in root.items_of("repos").iter().chain(root.items()) {
        let Some(url) = entry.text_of("repo").filter(|url| !NO_REPOSITORIES.contains(url)) else { continue };
        let version = entry.scalar_of("rev").or_else(|| entry.scalar_of("sha"));
        if version.is_none() {
            sheet.problem(entry.line, "a repository without a revision");
        }
        let (purl, name) = repository(url, version);
        if let Some(mut added) = sheet.add_as(entry.line, purl, &name, None) {
            added.scope(Scope::Dev);
            added.direct();
            added.package.origin = match url.starts_with(['.', '/']) {
                true => PackageOrigin::Local { path: url.to_owned() },
                false => git_at(url, version),
            };
        }
    }
    (sheet.done(), None)
}
