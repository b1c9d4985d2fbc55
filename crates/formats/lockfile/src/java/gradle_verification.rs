//! `gradle/verification-metadata.xml`: every component that a build may use, with the digests of its files.

use palisade_model::{PackageEvidence, PackageHash};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::xml::{self, Element};

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("maven", super::ECOSYSTEM, PackageEvidence::Locked);
    let (root, problems) = xml::read(bytes);
    sheet.problems(problems);
    let root = root.unwrap_or_default();
    for component in root.named("components").flat_map(|components| components.named("component")) {
        let attributes = ["group", "name", "version"].map(|name| component.attribute(name));
        let [Some(group), Some(name), Some(version)] = attributes else {
            sheet.problem(component.line, "a component without group, name or version");
            continue;
        };
        let Some(added) = sheet.add(component.line, &format!("{group}:{name}"), Some(version)) else {
            continue;
        };
        added.package.hashes = jar_hashes(component, name, version);
    }
    (sheet.done(), None)
}

/// The digests of the component's own archive, not of its metadata.
fn jar_hashes(component: &Element, name: &str, version: &str) -> Vec<PackageHash> {
    let stem = format!("{name}-{version}.");
    let own = |artifact: &&Element| {
        artifact
            .attribute("name")
            .and_then(|file| file.strip_prefix(&stem))
            .is_some_and(|end| matches!(end, "jar" | "aar" | "war"))
    };
    let sums = component.named("artifact").find(own).map_or(&[][..], |artifact| &artifact.children);
    let hash = |sum: &Element| {
        let algorithm = match sum.name.as_str() {
            "sha256" => "SHA-256",
            "sha512" => "SHA-512",
            "sha1" => "SHA-1",
            "md5" => "MD5",
            _ => return None,
        };
        Some(PackageHash {
            algorithm: algorithm.to_owned(),
            value: sum.attribute("value")?.to_ascii_lowercase(),
        })
    };
    sums.iter().filter_map(hash).collect()
}
