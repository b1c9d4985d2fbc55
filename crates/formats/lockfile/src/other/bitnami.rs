//! What Bitnami's images tell of the components under `/opt/bitnami`, which no package manager of a system knows: an SPDX document for
//! each, or one list of all of them in older images.

use palisade_model::{PackageEvidence, Purl};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::json;
use crate::text::{file_name, lines};

const ECOSYSTEM: Option<&str> = Some("Bitnami");

fn is_there(path: &str) -> bool {
    path.starts_with("opt/bitnami/") || path.contains("/opt/bitnami/")
}

pub(crate) fn is_document(path: &str) -> bool {
    let name = file_name(path);
    is_there(path) && name.starts_with(".spdx-") && name.ends_with(".spdx")
}

pub(crate) fn is_list(path: &str) -> bool {
    is_there(path) && file_name(path) == ".bitnami_components.json"
}

/// `{"name": {"version": "1.0-1"}}`.
pub(crate) fn read_list(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("bitnami", ECOSYSTEM, PackageEvidence::Installed);
    let tree = json::parse(bytes);
    sheet.problems(tree.problems.clone());
    for component in tree.root().members() {
        match component.value.text_of("version") {
            Some(version) => drop(sheet.add(component.line, &component.key, Some(version))),
            None => sheet.problem(component.line, "a component without a version"),
        }
    }
    (sheet.done(), None)
}

/// SPDX 2, as JSON or as lines of tags (SPDX 2.3, clause 7).
pub(crate) fn read_document(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("bitnami", ECOSYSTEM, PackageEvidence::Installed);
    if bytes.trim_ascii_start().starts_with(b"{") {
        let tree = json::parse(bytes);
        sheet.problems(tree.problems.clone());
        for entry in tree.root().items_of("packages") {
            let references = entry.items_of("externalRefs").iter();
            let purl = references.filter(|one| one.text_of("referenceType") == Some("purl"));
            let purl = purl.filter_map(|one| one.text_of("referenceLocator")).next();
            let told = Told {
                line: entry.line,
                name: entry.text_of("name"),
                version: entry.text_of("versionInfo"),
                purl,
            };
            told.add(&mut sheet);
        }
    } else {
        tags(&mut sheet, bytes);
    }
    if sheet.is_without_packages() {
        sheet.problem(0, "tells of no component");
    }
    (sheet.done(), None)
}

fn tags(sheet: &mut Sheet, bytes: &[u8]) {
    let text = sheet.decode(bytes);
    let mut told = Told::default();
    for (line, content) in lines(&text) {
        let Some((tag, value)) = content.split_once(':') else { continue };
        let value = value.trim();
        match tag {
            "PackageName" => {
                std::mem::replace(&mut told, Told { line, name: Some(value), ..Told::default() }).add(sheet);
            }
            "PackageVersion" => told.version = Some(value),
            "ExternalRef" => told.purl = told.purl.or(value.split_once("purl ").map(|(_, purl)| purl.trim())),
            _ => {}
        }
    }
    told.add(sheet);
}

/// What a document says of one package.
#[derive(Default)]
struct Told<'d> {
    line: u32,
    name: Option<&'d str>,
    version: Option<&'d str>,
    purl: Option<&'d str>,
}

impl Told<'_> {
    fn add(&self, sheet: &mut Sheet) {
        let (Some(name), Some(version)) = (self.name, self.version) else { return };
        let purl: Option<Purl> = self.purl.and_then(|purl| purl.parse().ok());
        // Packages that a component is made of have addresses of their own kind.
        let (name, ecosystem) = match &purl {
            Some(purl) if purl.kind() == "bitnami" => (purl.name().to_owned(), ECOSYSTEM),
            Some(purl) if purl.kind() == "maven" => {
                (format!("{}:{}", purl.namespace().unwrap_or_default(), purl.name()), Some("Maven"))
            }
            _ => (name.to_owned(), None),
        };
        let purl = purl.map_or_else(|| Purl::new("generic", None, &name, Some(version)), Ok);
        let Some(added) = sheet.add_as(self.line, purl, &name, ecosystem) else { return };
        added.package.version.get_or_insert_with(|| version.to_owned());
    }
}
