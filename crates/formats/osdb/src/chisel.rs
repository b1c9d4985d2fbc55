//! The manifest that Chisel leaves in images cut from Ubuntu's packages: lines of JSON, compressed
//! (<https://documentation.ubuntu.com/chisel/en/latest/reference/manifest/>).

use palisade_archive::{Budget, Limits, members, recognise};
use palisade_model::{Package, PackageEvidence, Purl};
use serde::Deserialize;

use crate::Distribution;
use crate::field::{lines, problem, text};
use crate::format::{BEYOND, Installed};

/// One line; those of slices, paths and contents have another kind.
#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    arch: String,
}

pub(crate) fn manifest(path: &str, bytes: &[u8], distribution: Option<&Distribution>) -> Installed {
    let mut installed = Installed::default();
    if bytes.is_empty() {
        return installed;
    }
    let Some(format) = recognise(path.as_bytes(), bytes) else {
        return Installed::problem("is no compressed manifest");
    };
    members(
        format,
        path.as_bytes(),
        bytes,
        &mut Budget::new(Limits::default()),
        &mut |_, member| match member {
            Ok(member) => entries(&member.bytes, distribution, &mut installed),
            Err(trouble) => problem(&mut installed.reading, 0, format!("the manifest {}", trouble.trouble)),
        },
    );
    if !installed.reading.packages.is_empty() {
        // Advisories of Ubuntu go by source packages.
        problem(
            &mut installed.reading,
            0,
            "does not tell what packages were built from, so advisories may be missed",
        );
    }
    installed
}

fn entries(text: &[u8], distribution: Option<&Distribution>, installed: &mut Installed) {
    for (number, line) in lines(text).filter(|(_, line)| !line.is_empty()) {
        match serde_json::from_slice::<Entry>(line) {
            Ok(entry) if entry.kind != "package" => {}
            Ok(_) if installed.is_full() => return problem(&mut installed.reading, number, BEYOND),
            Ok(entry) => match package(&entry, number, distribution) {
                Ok(package) => installed.reading.packages.push(package),
                Err(detail) => problem(&mut installed.reading, number, detail),
            },
            Err(_) => problem(&mut installed.reading, number, "a line that is no entry"),
        }
    }
}

fn package(entry: &Entry, line: u32, distribution: Option<&Distribution>) -> Result<Package, String> {
    let name = text(entry.name.as_bytes()).map_err(|why| format!("the name of a package {why}"))?;
    let version =
        text(entry.version.as_bytes()).map_err(|why| format!("the version of package `{name}` {why}"))?;
    let purl = Purl::new("deb", distribution.map(Distribution::namespace), &name, Some(&version))
        .map_err(|error| format!("package `{name}` has no address: {error}"))?
        .with_qualifier("arch", &entry.arch)
        .with_qualifier("distro", &distribution.map(Distribution::qualifier).unwrap_or_default());
    let mut package = Package::new(purl, name, PackageEvidence::Installed);
    package.ecosystem = distribution.map(|distribution| distribution.ecosystem.clone());
    package.line = line;
    Ok(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_too_many_is_told() {
        let mut installed = Installed::default();
        let line = br#"{"kind":"package","name":"a","version":"1","arch":"amd64"}"#;
        entries(line, None, &mut installed);
        assert_eq!(installed.reading.problems, []);
        let one = installed.reading.packages[0].clone();
        while !installed.is_full() {
            installed.reading.packages.push(one.clone());
        }
        entries(line, None, &mut installed);
        assert_eq!(installed.reading.problems[0].to_string(), format!("line 1: {BEYOND}"));
    }
}
