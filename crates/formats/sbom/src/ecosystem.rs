//! What the addresses and properties that other tools write say of ecosystems and source packages.

use palisade_model::{Ecosystem, Purl, SourcePackage};

use crate::bom::Component;

/// Types of addresses and the names that OSV has for their ecosystems.
const ECOSYSTEMS: [(&str, &str); 19] = [
    ("bitnami", "Bitnami"),
    ("cargo", "crates.io"),
    ("composer", "Packagist"),
    ("conan", "ConanCenter"),
    ("cran", "CRAN"),
    ("gem", "RubyGems"),
    ("githubactions", "GitHub Actions"),
    ("golang", "Go"),
    ("hackage", "Hackage"),
    ("hex", "Hex"),
    ("julia", "Julia"),
    ("maven", "Maven"),
    ("npm", "npm"),
    ("nuget", "NuGet"),
    ("opam", "opam"),
    ("pub", "Pub"),
    ("pypi", "PyPI"),
    ("swift", "SwiftURL"),
    ("vscode-extension", "VSCode"),
];

/// The ecosystem of an address. A distribution whose release is not told, or that has no name in OSV, gets a name that no advisories
/// have, so that a missing database shows instead of nothing being found.
pub(crate) fn of_purl(purl: &Purl) -> Option<Ecosystem> {
    let known = ECOSYSTEMS.iter().find(|(kind, _)| *kind == purl.kind());
    if let Some((_, name)) = known {
        return Some(Ecosystem::new(*name));
    }
    if !matches!(purl.kind(), "apk" | "deb" | "rpm") {
        return None;
    }
    let vendor = purl.namespace().unwrap_or_default();
    let distro = purl.qualifiers().get("distro").map_or("", String::as_str);
    // `debian-12`, `12`, `alpine-3.20.1`.
    let release = distro.rsplit('-').next().filter(|text| text.starts_with(|c: char| c.is_ascii_digit()));
    let parts: Vec<&str> = release.unwrap_or_default().split('.').collect();
    let major = parts.first().copied().filter(|part| !part.is_empty());
    let both = || Some(format!("{}.{}", parts.first()?, parts.get(1)?));
    let (name, suffix) = match vendor {
        "debian" => ("Debian", major.map(str::to_owned)),
        "ubuntu" => ("Ubuntu", both().map(|release| with_support(&release))),
        "alpine" => ("Alpine", both().map(|release| format!("v{release}"))),
        "wolfi" => return Some(Ecosystem::new("Wolfi")),
        "chainguard" => return Some(Ecosystem::new("Chainguard")),
        "almalinux" => ("AlmaLinux", major.map(str::to_owned)),
        "rocky" | "rockylinux" => ("Rocky Linux", major.map(str::to_owned)),
        "" => return Some(Ecosystem::new(purl.kind())),
        other => (other, release.map(str::to_owned)),
    };
    Some(Ecosystem::new(suffix.map_or_else(|| name.to_owned(), |suffix| format!("{name}:{suffix}"))))
}

/// Releases of Ubuntu in April of even years are supported for long, and OSV says so.
fn with_support(release: &str) -> String {
    let year = release.split('.').next().and_then(|year| year.parse::<u32>().ok());
    let long = release.ends_with(".04") && year.is_some_and(|year| year % 2 == 0);
    format!("{release}{}", if long { ":LTS" } else { "" })
}

/// The source package of one of a distribution, from the address as Syft writes it or from the properties of Trivy.
pub(crate) fn source_of(component: &Component, purl: &Purl) -> Option<SourcePackage> {
    if let Some(name) = component.property("aquasecurity:trivy:SrcName") {
        let part = |key: &str| component.property(&format!("aquasecurity:trivy:{key}")).unwrap_or_default();
        let mut version = part("SrcVersion").to_owned();
        let (epoch, release) = (part("SrcEpoch"), part("SrcRelease"));
        if !matches!(epoch, "" | "0") {
            version = format!("{epoch}:{version}");
        }
        if !release.is_empty() {
            version = format!("{version}-{release}");
        }
        return Some(SourcePackage { name: name.to_owned(), version });
    }
    let upstream = purl.qualifiers().get("upstream")?;
    let own = component.version.as_deref().or(purl.version()).unwrap_or_default();
    let (name, version) = match upstream.strip_suffix(".src.rpm") {
        Some(file) => {
            let (rest, release) = file.rsplit_once('-')?;
            let (name, version) = rest.rsplit_once('-')?;
            (name, format!("{version}-{release}"))
        }
        None => match upstream.split_once('@') {
            Some((name, version)) => (name, version.to_owned()),
            None => (upstream.as_str(), own.to_owned()),
        },
    };
    Some(SourcePackage { name: name.to_owned(), version })
}
