use std::collections::BTreeMap;

use jiff::civil::Date;
use palisade_model::Ecosystem;

use crate::field::{lines, split_once, text};
use crate::lifetimes;
use crate::os_release::fields;

/// The files that tell which distribution a root is, the most telling one first. Some are links to others.
pub const IDENTITY_FILES: &[&str] = &[
    "etc/os-release",
    "usr/lib/os-release",
    "etc/alpine-release",
    "etc/debian_version",
    "etc/redhat-release",
    "etc/centos-release",
    "etc/system-release",
    "etc/lsb-release",
];

/// How long a distribution gets free security updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// Up to and with this day.
    Until(Date),
    /// There are no releases that could end.
    Rolling,
    /// Nothing is known of this release, which may be newer than this program, or of the distribution.
    Unknown,
}

/// Which distribution a root is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// `ID` of os-release(5), such as `debian`.
    pub id: String,
    /// `VERSION_ID`, such as `12`; none for rolling ones.
    pub version_id: Option<String>,
    /// `VERSION_CODENAME`, such as `bookworm`.
    pub codename: Option<String>,
    /// What is shown, `PRETTY_NAME`.
    pub name: String,
    /// The advisories' name, such as `Debian:12`. A distribution that no public advisories know has one too, of its own `ID`, so that
    /// the missing feed is seen.
    pub ecosystem: Ecosystem,
    /// How long it gets security updates.
    pub lifetime: Lifetime,
}

impl Distribution {
    /// The namespace of its packages' addresses.
    pub fn namespace(&self) -> &str {
        match self.id.as_str() {
            "rhel" => "redhat",
            "amzn" => "amazon",
            id => id,
        }
    }

    /// The `distro` qualifier of its packages' addresses, such as `debian-12`.
    pub fn qualifier(&self) -> String {
        match self.version_id.as_ref().or(self.codename.as_ref()) {
            Some(version) => format!("{}-{version}", self.id),
            None => self.id.clone(),
        }
    }

    fn of(id: &str, version_id: Option<String>, fields: &BTreeMap<String, String>) -> Self {
        let get = |name: &str| fields.get(name).cloned();
        let id = id.to_ascii_lowercase();
        let mut codename = get("VERSION_CODENAME").or_else(|| get("DISTRIB_CODENAME"));
        let version_id = version_id.or_else(|| debian_version(&id, codename.as_deref()));
        if codename.is_none() && id == "debian" {
            codename = version_id.as_deref().and_then(debian_codename);
        }
        let ecosystem = ecosystem(&id, version_id.as_deref(), codename.as_deref(), fields);
        let lifetime = lifetimes::of(&id, version_id.as_deref(), fields);
        let name = get("PRETTY_NAME").unwrap_or_else(|| match &version_id {
            Some(version) => format!("{id} {version}"),
            None => id.clone(),
        });
        Self { id, version_id, codename, name, ecosystem, lifetime }
    }
}

/// The distribution that the given files tell of: each with its path from the root, of [`IDENTITY_FILES`], in any order. None when there
/// is none of them, or none tells anything.
pub fn identify(files: &[(&str, &[u8])]) -> Option<Distribution> {
    let file = |wanted: &str| files.iter().find(|(path, _)| *path == wanted).map(|(_, bytes)| *bytes);
    IDENTITY_FILES.iter().find_map(|path| read(path, file(path)?, &file))
}

fn read<'a>(path: &str, bytes: &[u8], file: &dyn Fn(&str) -> Option<&'a [u8]>) -> Option<Distribution> {
    match path {
        "etc/os-release" | "usr/lib/os-release" => of_os_release(&fields(bytes), file("etc/debian_version")),
        "etc/alpine-release" => Some(Distribution::of("alpine", Some(first_line(bytes)?), &BTreeMap::new())),
        "etc/debian_version" => of_debian_version(&first_line(bytes)?),
        "etc/lsb-release" => {
            let fields = fields(bytes);
            let version = fields.get("DISTRIB_RELEASE").cloned();
            Some(Distribution::of(fields.get("DISTRIB_ID")?, version, &fields))
        }
        _ => of_release_line(&first_line(bytes)?),
    }
}

fn of_os_release(fields: &BTreeMap<String, String>, debian_version: Option<&[u8]>) -> Option<Distribution> {
    let id = fields.get("ID")?;
    let version = fields.get("VERSION_ID").cloned();
    if id == "debian" && version.is_none() && !fields.contains_key("VERSION_CODENAME") {
        // Testing and unstable leave their os-release without a version.
        let told = debian_version.and_then(first_line).and_then(|line| of_debian_version(&line));
        return told.or_else(|| Some(Distribution::of(id, None, fields)));
    }
    Some(Distribution::of(id, version, fields))
}

/// `12.5`, `bookworm/sid` or a codename.
fn of_debian_version(line: &str) -> Option<Distribution> {
    let mut fields = BTreeMap::new();
    if line.starts_with(|first: char| first.is_ascii_digit()) {
        let major = line.split('.').next().map(str::to_owned);
        return Some(Distribution::of("debian", major, &fields));
    }
    let codename = line.split('/').next().filter(|name| !name.is_empty())?;
    fields.insert("VERSION_CODENAME".to_owned(), codename.to_owned());
    Some(Distribution::of("debian", None, &fields))
}

/// `NAME release VERSION (CODENAME)`, as Red Hat's family writes it.
fn of_release_line(line: &str) -> Option<Distribution> {
    const NAMES: &[(&str, &str)] = &[
        ("red hat enterprise linux", "rhel"),
        ("centos", "centos"),
        ("rocky linux", "rocky"),
        ("almalinux", "almalinux"),
        ("fedora", "fedora"),
        ("oracle linux", "ol"),
        ("amazon linux", "amzn"),
    ];
    let (name, version) = line.split_once(" release ")?;
    let lower = name.to_ascii_lowercase();
    let (_, id) = NAMES.iter().find(|(name, _)| lower.starts_with(name))?;
    let version = version.split_whitespace().next().map(str::to_owned);
    let mut fields = BTreeMap::new();
    fields.insert("PRETTY_NAME".to_owned(), line.to_owned());
    Some(Distribution::of(id, version, &fields))
}

fn first_line(bytes: &[u8]) -> Option<String> {
    let (_, line) = lines(bytes.get(..4096).unwrap_or(bytes)).next()?;
    text(line).ok()
}

/// Debian's releases, the newest first.
const DEBIAN: &[(&str, &str)] = &[
    ("forky", "14"),
    ("trixie", "13"),
    ("bookworm", "12"),
    ("bullseye", "11"),
    ("buster", "10"),
    ("stretch", "9"),
    ("jessie", "8"),
    ("wheezy", "7"),
];

fn debian_version(id: &str, codename: Option<&str>) -> Option<String> {
    let (_, version) = DEBIAN.iter().find(|(name, _)| id == "debian" && Some(*name) == codename)?;
    Some((*version).to_owned())
}

fn debian_codename(version: &str) -> Option<String> {
    DEBIAN.iter().find(|(_, known)| *known == version).map(|(name, _)| (*name).to_owned())
}

/// The name in OSV (<https://ossf.github.io/osv-schema/#affectedpackage-field>, "Ecosystem"), with the release as OSV writes it.
fn ecosystem(
    id: &str,
    version: Option<&str>,
    codename: Option<&str>,
    fields: &BTreeMap<String, String>,
) -> Ecosystem {
    let release = version.or(codename).unwrap_or_default();
    let major = release.split('.').next().unwrap_or_default();
    let named = |base: &str, suffix: &str| {
        Ecosystem::new(if suffix.is_empty() { base.to_owned() } else { format!("{base}:{suffix}") })
    };
    match id {
        "debian" => named("Debian", major),
        "ubuntu" => named("Ubuntu", &ubuntu(release)),
        "alpine" => named("Alpine", &alpine(release)),
        "wolfi" => named("Wolfi", ""),
        "chainguard" => named("Chainguard", ""),
        "minimos" => named("MinimOS", ""),
        "echo" => named("Echo", ""),
        "rocky" => named("Rocky Linux", major),
        "almalinux" => named("AlmaLinux", major),
        "rhel" => named("Red Hat", &red_hat(major, fields)),
        "opensuse-leap" | "opensuse" => named("openSUSE", &format!("Leap {release}")),
        "opensuse-tumbleweed" => named("openSUSE", "Tumbleweed"),
        "sles" | "sles_sap" | "suse" => named("SUSE", &suse(release)),
        "photon" => named("Photon OS", release),
        "mageia" => named("Mageia", major),
        "openeuler" => named("openEuler", &open_euler(release, fields)),
        "azurelinux" | "mariner" => named("Azure Linux", major),
        "alpaquita" => named("Alpaquita", release),
        "bellsoft-hardened-containers" => named("BellSoft Hardened Containers", release),
        "amzn" => named("Amazon Linux", release),
        "fedora" => named("Fedora", release),
        "centos" => named("CentOS", major),
        "ol" => named("Oracle Linux", major),
        "arch" => named("Arch Linux", ""),
        // A name of its own, so that none of a feed's can be claimed.
        id => named(&format!("unknown distribution {}", id.replace(':', "_")), release),
    }
}

/// Releases of April in even years get long-term support.
fn ubuntu(release: &str) -> String {
    let year = release.strip_suffix(".04").and_then(|year| year.parse::<u32>().ok());
    match year {
        Some(year) if year % 2 == 0 => format!("{release}:LTS"),
        _ => release.to_owned(),
    }
}

/// `3.20.3` is of branch `v3.20`; what is built after it, such as `3.21.0_alpha20240807`, is of `edge`.
fn alpine(release: &str) -> String {
    let mut parts = release.split('.');
    match (parts.next(), parts.next()) {
        (Some(major), Some(minor)) if !release.contains('_') => format!("v{major}.{minor}"),
        _ => "edge".to_owned(),
    }
}

/// OSV names Red Hat's products by their CPE without `cpe:/o:redhat:`; which repository a package is of is not told by the database, so
/// the part for it is left away: `enterprise_linux:9`.
fn red_hat(major: &str, fields: &BTreeMap<String, String>) -> String {
    let product = fields
        .get("CPE_NAME")
        .and_then(|cpe| split_once(cpe.as_bytes(), b'/'))
        .and_then(|(_, cpe)| std::str::from_utf8(cpe).ok())
        .and_then(|cpe| cpe.split(':').nth(2));
    format!("{}:{major}", product.unwrap_or("enterprise_linux"))
}

/// `15.5` is service pack 5 of 15.
fn suse(release: &str) -> String {
    match release.split_once('.') {
        Some((major, "0")) | Some((major, "")) => format!("Linux Enterprise Server {major}"),
        Some((major, pack)) if major.parse::<u32>().is_ok_and(|major| major < 16) => {
            format!("Linux Enterprise Server {major} SP{pack}")
        }
        _ => format!("Linux Enterprise Server {release}"),
    }
}

/// `22.03 (LTS-SP3)` in `VERSION` is `22.03-LTS-SP3`.
fn open_euler(release: &str, fields: &BTreeMap<String, String>) -> String {
    let kind = fields.get("VERSION").and_then(|version| version.split_once('(')).map(|(_, kind)| kind);
    match kind.map(|kind| kind.trim_end_matches(')')) {
        Some(kind) if !kind.is_empty() => format!("{release}-{kind}"),
        _ => release.to_owned(),
    }
}
