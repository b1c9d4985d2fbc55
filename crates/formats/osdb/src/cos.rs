//! What Container-Optimized OS says of itself: `/etc/cos-package-info.json`.

use palisade_model::{Package, PackageEvidence, Purl};
use serde::Deserialize;

use crate::Distribution;
use crate::field::{problem, text};
use crate::format::{BEYOND, Installed};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    #[serde(default)]
    installed_packages: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
}

pub(crate) fn packages(_: &str, bytes: &[u8], distribution: Option<&Distribution>) -> Installed {
    let mut installed = Installed::default();
    let record: Record = match serde_json::from_slice(bytes) {
        Ok(record) => record,
        Err(_) if bytes.is_empty() => return installed,
        Err(error) => return Installed::problem(&format!("is no list of packages: {error}")),
    };
    for entry in record.installed_packages {
        if installed.is_full() {
            problem(&mut installed.reading, 0, BEYOND);
            break;
        }
        match package(&entry, distribution) {
            Ok(package) => installed.reading.packages.push(package),
            Err(detail) => problem(&mut installed.reading, 0, detail),
        }
    }
    installed
}

fn package(entry: &Entry, distribution: Option<&Distribution>) -> Result<Package, String> {
    let name = text(entry.name.as_bytes()).map_err(|why| format!("the name of a package {why}"))?;
    let version =
        text(entry.version.as_bytes()).map_err(|why| format!("the version of package `{name}` {why}"))?;
    let purl = Purl::new("cos", None, &name, Some(&version))
        .map_err(|error| format!("package `{name}` has no address: {error}"))?
        .with_qualifier("distro", &distribution.map(Distribution::qualifier).unwrap_or_default());
    let mut package = Package::new(purl, name, PackageEvidence::Installed);
    package.ecosystem = distribution.map(|distribution| distribution.ecosystem.clone());
    Ok(package)
}
