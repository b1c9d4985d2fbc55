//! Helm: what a chart needs (`Chart.yaml`, before Helm 3 `requirements.yaml`), and what its lockfile pins.

use palisade_model::{PackageEvidence, PackageOrigin, Purl, Scope};

use crate::facts::clean_url;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::{Sheet, is_plain_version};
use crate::spanned::{Value, yaml};

const KIND: &str = "helm";

/// The name of the format of lockfiles.
pub(super) const LOCK: &str = "helm-lock";

pub(super) fn read_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Locked);
    let tree = yaml::parse(bytes);
    sheet.problems(tree.problems.clone());
    for entry in tree.root().items_of("dependencies") {
        if entry.scalar_of("version").is_none() {
            sheet.problem(entry.line, "a chart without a version");
        }
        put(&mut sheet, entry);
    }
    (sheet.done(), None)
}

pub(super) fn read_chart(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Declared);
    let tree = yaml::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let own =
        root.text_of("name").and_then(|name| sheet.add_itself(root.line, name, root.scalar_of("version")));
    needs(sheet, root, own)
}

/// `requirements.yaml` of charts before Helm 3.
pub(super) fn read_requirements(root: &Value) -> Parsed {
    needs(Sheet::new(KIND, None, PackageEvidence::Declared), root, None)
}

fn needs(mut sheet: Sheet, root: &Value, own: Option<u32>) -> Parsed {
    for entry in root.items_of("dependencies") {
        put(&mut sheet, entry);
    }
    let (reading, asks) = sheet.done_asking(own, &[LOCK]);
    (reading, Some(Companion::Asks(asks)))
}

/// Adds a chart; one that is switched on by a value is optional.
fn put(sheet: &mut Sheet, entry: &Value) {
    let Some(name) = entry.text_of("name") else {
        sheet.problem(entry.line, "a chart without a name");
        return;
    };
    let is_switched = entry.get("condition").is_some() || entry.get("tags").is_some();
    let scope = if is_switched { Scope::Optional } else { Scope::Prod };
    let place = entry.text_of("repository").unwrap_or_default();
    let origin = match place.strip_prefix("file://") {
        Some(path) => PackageOrigin::Local { path: path.to_owned() },
        // A name of a repository that whoever builds the chart has added.
        None if place.is_empty() || place.starts_with('@') || place.starts_with("alias:") => {
            PackageOrigin::Default
        }
        None => PackageOrigin::Registry { url: clean_url(place) },
    };
    let wanted = entry.scalar_of("version").unwrap_or_default();
    let exact = Some(wanted).filter(|wanted| is_plain_version(wanted));
    let purl = Purl::new(KIND, None, name, exact).map(|purl| match &origin {
        PackageOrigin::Registry { url } => purl.with_qualifier("repository_url", url),
        _ => purl,
    });
    let Some(mut added) = sheet.add_as(entry.line, purl, name, None) else { return };
    added.scope(scope);
    added.direct();
    added.package.origin = origin;
    if exact.is_none() && !wanted.is_empty() {
        added.package.wanted = Some(wanted.to_owned());
    }
}
