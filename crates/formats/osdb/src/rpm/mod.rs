//! rpm's database: a table of package headers (<https://rpm-software-management.github.io/rpm/manual/format_header.html>).
//!
//! It is kept by SQLite, before that by rpm itself (ndb), and before that by Berkeley DB.

mod bdb;
mod header;
mod manifest;
mod ndb;

use std::borrow::Cow;

use palisade_archive::{SqliteValue, sqlite_rows};
use palisade_model::{Package, PackageEvidence, Purl, SourcePackage};

use crate::Distribution;
use crate::edges::Edges;
use crate::field::{optional, problem, text};
use crate::format::{BEYOND, Installed};
use header::{Header, Tag};

pub(crate) use manifest::manifest;

/// Where rpm keeps its database, by distribution and age.
const FOLDERS: &[&str] = &["var/lib/rpm/", "usr/lib/sysimage/rpm/", "usr/share/rpm/"];

pub(crate) fn is_named(path: &str, name: &str) -> bool {
    FOLDERS.iter().any(|folder| path.strip_prefix(folder) == Some(name))
}

pub(crate) fn sqlite(_: &str, bytes: &[u8], distribution: Option<&Distribution>) -> Installed {
    let mut installed = Installed::default();
    if bytes.is_empty() {
        return installed;
    }
    let mut edges = Edges::default();
    let mut row_number = 0_u64;
    let troubles = sqlite_rows(bytes, b"Packages", &mut |row| {
        row_number += 1;
        let blob =
            row.iter().find_map(|value| if let SqliteValue::Blob(blob) = value { Some(*blob) } else { None });
        let read = match blob {
            Some(blob) => add(blob, distribution, &mut installed, &mut edges),
            None => Err("has no header".to_owned()),
        };
        if let Err(detail) = read {
            problem(&mut installed.reading, 0, format!("row {row_number} of the packages {detail}"));
        }
    });
    for trouble in troubles {
        problem(&mut installed.reading, 0, trouble.to_string());
    }
    edges.settle(&mut installed.reading);
    installed
}

/// The headers of packages in a file, and what is wrong with it.
#[derive(Debug, Default)]
struct Blobs<'b> {
    found: Vec<Cow<'b, [u8]>>,
    problems: Vec<&'static str>,
}

impl Blobs<'_> {
    /// With one more thing that is wrong; each is told once.
    fn broken(mut self, detail: &'static str) -> Self {
        if !self.problems.contains(&detail) {
            self.problems.push(detail);
        }
        self
    }
}

/// rpm's own database of packages, `Packages.db`.
pub(crate) fn ndb(_: &str, bytes: &[u8], distribution: Option<&Distribution>) -> Installed {
    if bytes.is_empty() { Installed::default() } else { of_blobs(&ndb::blobs(bytes), distribution) }
}

/// The database of packages in Berkeley DB, `Packages`.
pub(crate) fn bdb(_: &str, bytes: &[u8], distribution: Option<&Distribution>) -> Installed {
    if bytes.is_empty() { Installed::default() } else { of_blobs(&bdb::blobs(bytes), distribution) }
}

fn of_blobs(blobs: &Blobs<'_>, distribution: Option<&Distribution>) -> Installed {
    let mut installed = Installed::default();
    let mut edges = Edges::default();
    for (number, blob) in (1_u64..).zip(&blobs.found) {
        if let Err(detail) = add(blob, distribution, &mut installed, &mut edges) {
            problem(&mut installed.reading, 0, format!("package {number} of the database {detail}"));
        }
    }
    for detail in &blobs.problems {
        problem(&mut installed.reading, 0, *detail);
    }
    edges.settle(&mut installed.reading);
    installed
}

fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}

/// Changes that SQLite has not yet taken over into the database beside it.
pub(crate) fn wal(_: &str, bytes: &[u8], _: Option<&Distribution>) -> Installed {
    if bytes.is_empty() {
        return Installed::default();
    }
    Installed::problem(
        "holds changes of the database beside it, which are not read; `rpm --rebuilddb` takes them over",
    )
}

/// Adds the package of one header. The keys that signatures are checked with are kept as packages and are none.
fn add(
    blob: &[u8],
    distribution: Option<&Distribution>,
    installed: &mut Installed,
    edges: &mut Edges,
) -> Result<(), String> {
    let header = Header::parse(blob)?;
    let name = header.string(Tag::NAME).ok_or("has a header without a name")?;
    if name == b"gpg-pubkey" {
        return Ok(());
    }
    if installed.is_full() {
        return Err(BEYOND.to_owned());
    }
    let package = package(name, &header, distribution)?;
    let index = u32::try_from(installed.reading.packages.len()).unwrap_or(u32::MAX);
    for (folder, name) in header.files() {
        installed.owners.add_parts(folder, name, index);
    }
    let names = |tag| header.strings(tag).filter_map(|name| text(name).ok());
    let wants = names(Tag::REQUIRE_NAME).map(|name| vec![name]).collect();
    edges.add(std::iter::once(package.name.clone()).chain(names(Tag::PROVIDE_NAME)), wants);
    installed.reading.packages.push(package);
    Ok(())
}

fn package(name: &[u8], header: &Header<'_>, distribution: Option<&Distribution>) -> Result<Package, String> {
    let name = text(name).map_err(|why| format!("has a name that {why}"))?;
    let part = |tag, what: &str| {
        let value = header.string(tag).ok_or_else(|| format!("holds `{name}` without a {what}"))?;
        text(value).map_err(|why| format!("holds `{name}` with a {what} that {why}"))
    };
    let version = format!("{}-{}", part(Tag::VERSION, "version")?, part(Tag::RELEASE, "release")?);
    let epoch = header.number(Tag::EPOCH);
    let arch = optional(header.string(Tag::ARCH)).unwrap_or_default();
    let mut package = addressed(&name, &version, epoch, &arch, distribution)?;
    let module = optional(header.string(Tag::MODULARITY_LABEL)).unwrap_or_default();
    package.purl = package.purl.with_qualifier("rpmmod", &module);
    package.source = header.string(Tag::SOURCE_RPM).and_then(|file| source(&text(file).ok()?, epoch));
    package.licences = optional(header.string(Tag::LICENSE)).into_iter().collect();
    Ok(package)
}

/// The package of that name, version with release, and epoch.
fn addressed(
    name: &str,
    version: &str,
    epoch: Option<u32>,
    arch: &str,
    distribution: Option<&Distribution>,
) -> Result<Package, String> {
    let namespace = distribution.map(Distribution::namespace);
    let purl = Purl::new("rpm", namespace, name, Some(version))
        .map_err(|error| format!("holds `{name}` without an address: {error}"))?
        .with_qualifier("arch", arch)
        .with_qualifier("epoch", &epoch.map(|epoch| epoch.to_string()).unwrap_or_default())
        .with_qualifier("distro", &distribution.map(Distribution::qualifier).unwrap_or_default());
    let mut package = Package::new(purl, name, PackageEvidence::Installed);
    package.version = Some(match epoch {
        Some(epoch) => format!("{epoch}:{version}"),
        None => version.to_owned(),
    });
    package.ecosystem = distribution.map(|distribution| distribution.ecosystem.clone());
    Ok(package)
}

/// The package that a file `NAME-VERSION-RELEASE.src.rpm` holds. Its epoch is not told; it is the binary package's in all but a few.
fn source(file: &str, epoch: Option<u32>) -> Option<SourcePackage> {
    let stem = file.strip_suffix(".rpm")?;
    let (stem, _) = stem.rsplit_once('.')?;
    let (rest, release) = stem.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    let version = match epoch {
        Some(epoch) => format!("{epoch}:{version}-{release}"),
        None => format!("{version}-{release}"),
    };
    Some(SourcePackage { name: name.to_owned(), version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_file_tells_name_and_version() {
        let package = source("java-17-openjdk-17.0.1.0.12-2.el8_5.src.rpm", Some(1)).unwrap();
        assert_eq!(
            (package.name.as_str(), package.version.as_str()),
            ("java-17-openjdk", "1:17.0.1.0.12-2.el8_5")
        );
        assert_eq!(source("(none)", None), None);
    }
}
