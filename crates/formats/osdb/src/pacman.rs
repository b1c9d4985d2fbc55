//! pacman's local database: a folder for each package, `desc` with what it is, `files` with what it owns
//! (<https://wiki.archlinux.org/title/Pacman/Tips_and_tricks>, alpm's `be_local`).

use std::collections::BTreeMap;

use palisade_model::{Package, PackageEvidence, Purl, SourcePackage};

use crate::Distribution;
use crate::field::{lines, optional, problem, text};
use crate::format::Installed;
use crate::owners::Belonging;

const LOCAL: &str = "var/lib/pacman/local/";

pub(crate) fn is_record(path: &str, name: &str) -> bool {
    let parts = path.strip_prefix(LOCAL).and_then(|path| path.split_once('/'));
    parts.is_some_and(|(folder, file)| !folder.is_empty() && file == name)
}

/// The values of each section: `%NAME%`, a value on each line, an empty line.
fn sections(bytes: &[u8]) -> BTreeMap<&[u8], Vec<&[u8]>> {
    let mut sections: BTreeMap<&[u8], Vec<&[u8]>> = BTreeMap::new();
    let mut current = None;
    for (_, line) in lines(bytes) {
        match line {
            [] => current = None,
            [b'%', .., b'%'] if current.is_none() => current = Some(line),
            line => {
                if let Some(name) = current {
                    sections.entry(name).or_default().push(line);
                }
            }
        }
    }
    sections
}

pub(crate) fn desc(_: &str, bytes: &[u8], distribution: Option<&Distribution>) -> Installed {
    let mut installed = Installed::default();
    match package(&sections(bytes), distribution) {
        Ok(package) => installed.reading.packages.push(package),
        Err(detail) => problem(&mut installed.reading, 0, detail),
    }
    installed
}

fn package(
    sections: &BTreeMap<&[u8], Vec<&[u8]>>,
    distribution: Option<&Distribution>,
) -> Result<Package, String> {
    let first = |name: &[u8]| sections.get(name).and_then(|values| values.first()).copied();
    let name = first(b"%NAME%").ok_or("is a package without a name")?;
    let name = text(name).map_err(|why| format!("the name of the package {why}"))?;
    let version = first(b"%VERSION%").ok_or_else(|| format!("package `{name}` has no version"))?;
    let version = text(version).map_err(|why| format!("the version of package `{name}` {why}"))?;
    let purl = Purl::new("alpm", distribution.map(Distribution::namespace), &name, Some(&version))
        .map_err(|error| format!("package `{name}` has no address: {error}"))?
        .with_qualifier("arch", &optional(first(b"%ARCH%")).unwrap_or_default())
        .with_qualifier("distro", &distribution.map(Distribution::qualifier).unwrap_or_default());
    let mut package = Package::new(purl, name, PackageEvidence::Installed);
    package.ecosystem = distribution.map(|distribution| distribution.ecosystem.clone());
    let base = optional(first(b"%BASE%")).unwrap_or_else(|| package.name.clone());
    package.source = Some(SourcePackage { name: base, version });
    package.line = 1;
    let licences = sections.get(b"%LICENSE%".as_slice()).into_iter().flatten();
    package.licences = licences.filter_map(|licence| text(licence).ok()).take(100).collect();
    Ok(package)
}

pub(crate) fn files(path: &str, bytes: &[u8], _: Option<&Distribution>) -> Installed {
    let record = path.strip_suffix("files").map(|folder| format!("{folder}desc")).unwrap_or_default();
    let mut installed = Installed { belonging: Belonging::Record(record), ..Installed::default() };
    for file in sections(bytes).get(b"%FILES%".as_slice()).into_iter().flatten() {
        if !file.ends_with(b"/") {
            installed.owners.add(file, 0);
        }
    }
    installed
}
