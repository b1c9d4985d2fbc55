//! Conda: the records of an installation, and environment.yml.

use palisade_model::{PackageEvidence, PackageHash, PackageOrigin, Purl, Scope};

use super::requirement::put_requirement;
use super::{Manifest, declared};
use crate::facts::{clean_url, hex_hash};
use crate::format::Parsed;
use crate::sheet::{Sheet, is_plain_version};
use crate::spanned::{Value, json, yaml};

fn sheet(evidence: PackageEvidence) -> Sheet {
    Sheet::new("conda", None, evidence)
}

pub(super) fn read_meta(path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet(PackageEvidence::Installed);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let (Some(name), Some(version)) = (root.text_of("name"), root.text_of("version")) else {
        // Other files of the folder, such as the state of the environment, are lists of something else.
        if path.rsplit('/').next().is_some_and(|name| name.contains('-')) {
            sheet.problem(1, "has no name and version");
        }
        return (sheet.done(), None);
    };
    let field = |key: &str| root.text_of(key).map(clean_url).unwrap_or_default();
    let purl = Purl::new("conda", None, name, Some(version)).map(|purl| {
        let build = root.text_of("build").or_else(|| root.text_of("build_string")).unwrap_or_default();
        purl.with_qualifier("build", build)
            .with_qualifier("channel", &field("channel"))
            .with_qualifier("subdir", &field("subdir"))
    });
    let line = root.members().iter().find(|member| member.key == "name").map_or(1, |member| member.line);
    if let Some(added) = sheet.add_as(line, purl, name, None) {
        let hash = |key: &str| -> Option<PackageHash> { hex_hash(key, root.text_of(key)?) };
        added.package.hashes.extend(["sha256", "md5"].into_iter().filter_map(hash));
        added.package.licences.extend(root.text_of("license").map(str::to_owned));
        if let Some(url) = root.text_of("url") {
            added.package.origin = PackageOrigin::Registry { url: clean_url(url) };
        }
    }
    (sheet.done(), None)
}

pub(super) fn read_environment(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = yaml::parse(bytes);
    let mut sheet = sheet(PackageEvidence::Declared);
    sheet.problems(tree.problems.clone());
    let mut pip = super::sheet(PackageEvidence::Declared);
    for item in tree.root().items_of("dependencies") {
        for wanted in item.items_of("pip") {
            match wanted.scalar() {
                Some(text) if text.starts_with('-') => {
                    pip.problem(wanted.line, "takes in a file that is not read")
                }
                Some(text) => {
                    put_requirement(&mut pip, wanted.line, text, Scope::Prod);
                }
                None => {}
            }
        }
        if let Some(text) = item.scalar() {
            put_match(&mut sheet, item, text, Scope::Prod);
        }
    }
    let mut reading = sheet.done();
    let pip = pip.done();
    reading.packages.extend(pip.packages);
    reading.problems.extend(pip.problems);
    let (_, companion) = declared(super::sheet(PackageEvidence::Declared), Manifest::default());
    (reading, companion)
}

/// Adds what `channel::name=version=build` or `name version build` asks for.
pub(super) fn put_match(sheet: &mut Sheet, item: &Value, text: &str, scope: Scope) {
    let (channel, asked) = text.split_once("::").unwrap_or(("", text));
    let end = asked.find(|c: char| " =<>!~[".contains(c)).unwrap_or(asked.len());
    let (name, wanted) = asked.split_at(end);
    let wanted = wanted.trim();
    let alone = wanted.split_whitespace().next().filter(|version| is_plain_version(version));
    let pinned = wanted.trim_start_matches('=').split('=').next().unwrap_or_default().trim();
    let equal = Some(pinned).filter(|version| {
        wanted.starts_with('=') && version.contains('.') && !version.contains(['*', ',', '|', '<', '>', ' '])
    });
    let exact = equal.or(alone);
    let purl = Purl::new("conda", None, name, exact).map(|purl| purl.with_qualifier("channel", channel));
    if let Some(mut added) = sheet.add_as(item.line, purl, name, None) {
        added.scope(scope);
        added.direct();
        if exact.is_none() && !wanted.is_empty() {
            added.package.wanted = Some(wanted.to_owned());
        }
    }
}
