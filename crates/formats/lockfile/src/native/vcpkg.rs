//! vcpkg: what a manifest asks for, and the record of what is installed.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, Purl, Relation, Scope};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, json};
use crate::text::lines;

/// The keys of a version, one for each way to order it.
const VERSIONS: [&str; 4] = ["version", "version-string", "version-semver", "version-date"];

/// Ports are pinned by a commit of the registry; only overrides name versions.
pub(crate) fn read_manifest(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("vcpkg", None, PackageEvidence::Declared);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let overrides: BTreeMap<&str, (&str, &str)> = root
        .items_of("overrides")
        .iter()
        .filter_map(|entry| {
            let version = VERSIONS.iter().find_map(|key| entry.text_of(key))?;
            Some((entry.text_of("name")?, (version, entry.scalar_of("port-version").unwrap_or_default())))
        })
        .collect();
    let version = VERSIONS.iter().find_map(|key| root.text_of(key));
    let own = root.text_of("name").and_then(|name| sheet.add_itself(root.line, name, version));
    let features = root.members_of("features").iter().map(|feature| (&feature.value, Scope::Optional));
    for (part, scope) in std::iter::once((root, Scope::Prod)).chain(features) {
        for entry in part.items_of("dependencies") {
            port(&mut sheet, entry, scope, &overrides);
        }
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), None)
}

fn port(sheet: &mut Sheet, entry: &Value, scope: Scope, overrides: &BTreeMap<&str, (&str, &str)>) {
    let Some(name) = entry.text().or_else(|| entry.text_of("name")) else {
        sheet.problem(entry.line, "a dependency without a name");
        return;
    };
    let pinned = overrides.get(name);
    let purl = Purl::new("vcpkg", None, name, pinned.map(|(version, _)| *version));
    let purl = purl.map(|purl| purl.with_qualifier("port_version", pinned.map_or("", |(_, port)| port)));
    let Some(mut added) = sheet.add_as(entry.line, purl, name, None) else { return };
    added.scope(if entry.flag("host") { Scope::Build } else { scope });
    added.package.relation = Relation::Direct;
    if pinned.is_none() {
        added.package.wanted = entry.text_of("version>=").map(|version| format!(">={version}"));
    }
}

/// `installed/vcpkg/status`: paragraphs as those of dpkg; one for each feature besides that of the port.
pub(crate) fn read_status(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("vcpkg", None, PackageEvidence::Installed);
    let text = sheet.decode(bytes);
    let mut fields: BTreeMap<&str, &str> = BTreeMap::new();
    let mut begin = 0;
    for (number, line) in lines(&text).chain([(0, "")]) {
        if let Some((key, value)) = line.split_once(':').filter(|_| !line.starts_with(' ')) {
            if fields.is_empty() {
                begin = number;
            }
            fields.insert(key, value.trim());
        } else if line.trim().is_empty() {
            paragraph(&mut sheet, begin, &std::mem::take(&mut fields));
        } else if !line.starts_with(' ') {
            sheet.problem(number, "a line that is no field");
        }
    }
    (sheet.done(), None)
}

fn paragraph(sheet: &mut Sheet, line: u32, fields: &BTreeMap<&str, &str>) {
    let is_installed = fields.get("Status").is_some_and(|status| status.ends_with(" installed"));
    if fields.is_empty() || fields.contains_key("Feature") || !is_installed {
        return;
    }
    let (Some(name), Some(version)) = (fields.get("Package"), fields.get("Version")) else {
        sheet.problem(line, "a port without name or version");
        return;
    };
    let purl = Purl::new("vcpkg", None, name, Some(version)).map(|purl| {
        let field = |key| fields.get(key).copied().unwrap_or_default();
        purl.with_qualifier("port_version", field("Port-Version"))
            .with_qualifier("triplet", field("Architecture"))
    });
    let Some(added) = sheet.add_as(line, purl, name, None) else { return };
    let from = added.index;
    for need in fields.get("Depends").map_or("", |needs| needs).split(',') {
        let name = need.trim().split([':', '[', ' ']).next().unwrap_or_default();
        sheet.edge(from, name, None);
    }
}
