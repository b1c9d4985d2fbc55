//! Whether a statement names what a finding is about.

use std::collections::BTreeSet;

use palisade_model::{PackageHash, Purl};
use palisade_version::{Scheme, Vers};
use serde::{Deserialize, Serialize};

use crate::vex::VexComponent;
use crate::vex::applying::NotApplied;
use crate::vex::cpe::{Cpe, CpeMatch};

/// What was scanned, by every name that it has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VexSubject {
    /// Its addresses.
    pub purls: Vec<Purl>,
    /// Its digests: of an image that of the manifest and of the index.
    pub hashes: Vec<PackageHash>,
    /// Other names of it.
    pub ids: Vec<String>,
}

/// Something that a statement may name.
pub(super) struct Target<'a> {
    pub(super) purls: &'a [Purl],
    pub(super) hashes: &'a [PackageHash],
    pub(super) ids: &'a [String],
    /// None when they are not asked for.
    pub(super) cpes: Option<&'a [String]>,
}

impl Target<'_> {
    /// The names of it.
    pub(super) fn keys(&self) -> BTreeSet<Key> {
        let purls = self.purls.iter().map(Key::of_purl);
        let hashes = self.hashes.iter().map(Key::of_hash);
        let ids = self.ids.iter().cloned().map(Key::Id);
        let cpes = self.cpes.unwrap_or_default().iter().filter_map(|cpe| Key::of_cpe(cpe));
        purls.chain(hashes).chain(ids).chain(cpes).collect()
    }
}

/// A name of software without what tells its versions apart. What [`names`] a target, or comes near to it, shares one with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// Type, namespace and name of a package.
    Package(String, String, String),
    /// The last part of an image's name.
    Image(String),
    /// Algorithm and value.
    Hash(String, String),
    /// A name that is no address.
    Id(String),
    /// The product in a name of NIST's dictionary.
    Cpe(String),
}

impl Key {
    /// Those of what a statement names.
    pub(super) fn of_component(stated: &VexComponent) -> BTreeSet<Self> {
        let purls = stated.purls.iter().map(Self::of_purl);
        let digests = stated.purls.iter().filter_map(digest_of_image);
        let hashes = stated.hashes.iter().cloned().chain(digests).map(|hash| Self::of_hash(&hash));
        let ids = stated.id.iter().cloned().map(Self::Id);
        let cpes = stated.cpes.iter().filter_map(|cpe| Self::of_cpe(cpe));
        purls.chain(hashes).chain(ids).chain(cpes).collect()
    }

    fn of_purl(purl: &Purl) -> Self {
        if let Some(image) = Image::of(purl) {
            return Self::Image(image.name);
        }
        let (namespace, name) = identity(purl);
        Self::Package(purl.kind().to_owned(), namespace, name)
    }

    fn of_hash(hash: &PackageHash) -> Self {
        Self::Hash(algorithm(hash), hash.value.to_ascii_lowercase())
    }

    fn of_cpe(text: &str) -> Option<Self> {
        Cpe::parse(text)?.into_product().map(Self::Cpe)
    }
}

/// Whether `stated` names the target, and by what; if not, how near it came: [`NotApplied::OnlyCpe`] or less when no [`Key`] is common to
/// both.
pub(super) fn names(stated: &VexComponent, target: &Target<'_>) -> Result<String, NotApplied> {
    if let Some(hash) =
        stated.hashes.iter().find(|hash| target.hashes.iter().any(|other| same_hash(hash, other)))
    {
        return Ok(format!("digest {}:{}", hash.algorithm, hash.value));
    }
    if let Some(id) = stated.id.as_ref().filter(|id| target.ids.contains(id)) {
        return Ok(format!("name `{id}`"));
    }
    let mut nearest = NotApplied::UnknownProduct;
    let is_named = target.purls.iter().any(|purl| Image::of(purl).is_some());
    for purl in &stated.purls {
        // An image on a disk may have no name, and the digest in the address is that of its manifest.
        let digest = digest_of_image(purl).filter(|_| !is_named);
        if digest.is_some_and(|digest| target.hashes.iter().any(|other| same_hash(&digest, other))) {
            return Ok(format!("the digest of `{purl}`"));
        }
        for actual in target.purls {
            match purl_names(purl, actual, target.hashes).and_then(|()| version_is_meant(stated, actual)) {
                Ok(()) => return Ok(format!("`{purl}`")),
                Err(reason) => nearest = nearest.max(reason),
            }
        }
    }
    // An address says more than a name that others made of it.
    if !stated.purls.is_empty() || stated.cpes.is_empty() {
        return Err(nearest);
    }
    if target.cpes.is_some_and(<[String]>::is_empty) && stated.id.is_none() {
        nearest = nearest.max(NotApplied::OnlyCpe);
    }
    by_cpe(stated, target).map_err(|reason| nearest.max(reason))
}

fn by_cpe(stated: &VexComponent, target: &Target<'_>) -> Result<String, NotApplied> {
    let mut nearest = NotApplied::UnknownProduct;
    for name in &stated.cpes {
        for actual in target.cpes.unwrap_or_default() {
            let (Some(one), Some(other)) = (Cpe::parse(name), Cpe::parse(actual)) else { continue };
            let matched = match (one.names(&other), target.purls.first()) {
                (CpeMatch::Same, Some(purl)) => version_is_meant(stated, purl),
                (CpeMatch::Same, None) => Ok(()),
                (CpeMatch::OtherVersion(stated, found), _) => Err(NotApplied::OtherVersion { stated, found }),
                (CpeMatch::Other, _) => Err(NotApplied::UnknownProduct),
            };
            match matched {
                Ok(()) => return Ok(format!("`{name}`")),
                Err(reason) => nearest = nearest.max(reason),
            }
        }
    }
    Err(nearest)
}

fn same_hash(one: &PackageHash, other: &PackageHash) -> bool {
    algorithm(one) == algorithm(other) && one.value.eq_ignore_ascii_case(&other.value)
}

/// Its name in one spelling.
fn algorithm(hash: &PackageHash) -> String {
    hash.algorithm.replace(['-', '_'], "").to_ascii_lowercase()
}

/// The versions that CycloneDX names beside the component.
fn version_is_meant(stated: &VexComponent, actual: &Purl) -> Result<(), NotApplied> {
    let found = actual.version().unwrap_or_default();
    if stated.versions.is_empty() && stated.ranges.is_empty()
        || stated.versions.iter().any(|version| version == found)
    {
        return Ok(());
    }
    let mut nearest =
        NotApplied::OtherVersion { stated: stated.versions.join(", "), found: found.to_owned() };
    for range in &stated.ranges {
        let range = range.clone();
        match is_within(&range, actual.kind(), found) {
            Ok(true) => return Ok(()),
            Ok(false) if matches!(nearest, NotApplied::Range { .. }) => {}
            Ok(false) => nearest = NotApplied::OutOfRange { range, found: found.to_owned() },
            Err(why) => nearest = NotApplied::Range { range, why },
        }
    }
    Err(nearest)
}

/// Whether a range in VERS holds a version of a package of type `kind`; why that cannot be told. What it orders versions by must be
/// the order of the package's ecosystem, or one that belongs to none.
fn is_within(range: &str, kind: &str, version: &str) -> Result<bool, String> {
    let vers = Vers::parse(range).map_err(|error| error.to_string())?;
    if vers.constraints().is_none() && version.is_empty() {
        return Ok(true);
    }
    let scheme = Scheme::of_purl_type(vers.scheme());
    let is_neutral = matches!(vers.scheme(), "generic" | "semver" | "intdot");
    if !is_neutral && vers.scheme() != kind && scheme != Scheme::of_purl_type(kind) {
        return Err(format!("it is of `{}`, and the package of `{kind}`", vers.scheme()));
    }
    vers.contains(version).map_err(|error| error.to_string())
}

/// Whether an address in a statement names the other: without a version it names every one, and what it says in qualifiers must be so.
fn purl_names(stated: &Purl, actual: &Purl, hashes: &[PackageHash]) -> Result<(), NotApplied> {
    if let (Some(one), Some(other)) = (Image::of(stated), Image::of(actual)) {
        return image_names(&one, &other, stated, actual, hashes);
    }
    if stated.kind() != actual.kind() || identity(stated) != identity(actual) {
        return Err(NotApplied::UnknownProduct);
    }
    if let Some(version) = stated.version()
        && Some(version) != actual.version()
    {
        let found = actual.version().unwrap_or_default().to_owned();
        return Err(NotApplied::OtherVersion { stated: version.to_owned(), found });
    }
    qualifiers_agree(stated, actual)?;
    match stated.subpath() {
        Some(subpath) if Some(subpath) != actual.subpath() => Err(NotApplied::UnknownProduct),
        _ => Ok(()),
    }
}

/// Namespace and name, as far as the ecosystem tells them apart.
fn identity(purl: &Purl) -> (String, String) {
    let namespace = purl.namespace().unwrap_or_default();
    match purl.kind() {
        "pypi" => (String::new(), purl.name().replace(['.', '_'], "-").to_lowercase()),
        "golang" | "nuget" | "swift" => (namespace.to_lowercase(), purl.name().to_lowercase()),
        _ => (namespace.to_owned(), purl.name().to_owned()),
    }
}

fn qualifiers_agree(stated: &Purl, actual: &Purl) -> Result<(), NotApplied> {
    for (key, value) in stated.qualifiers() {
        let found = actual.qualifiers().get(key);
        let same = match (key.as_str(), found) {
            ("repository_url", Some(found)) => repository(value) == repository(found),
            ("repository_url", None) => usual_registry(stated.kind()) == Some(repository(value).as_str()),
            (_, found) => found == Some(value),
        };
        if !same {
            return Err(NotApplied::Qualifier {
                key: key.clone(),
                stated: value.clone(),
                found: found.cloned(),
            });
        }
    }
    Ok(())
}

/// The registry that a type means when an address names none.
fn usual_registry(kind: &str) -> Option<&'static str> {
    match kind {
        "cargo" => Some("crates.io"),
        "composer" => Some("packagist.org"),
        "gem" => Some("rubygems.org"),
        "maven" => Some("repo.maven.apache.org/maven2"),
        "npm" => Some("registry.npmjs.org"),
        "nuget" => Some("www.nuget.org"),
        "pypi" => Some("pypi.org"),
        _ => None,
    }
}

/// The address of a registry or repository in one spelling: no scheme, host in lower case, Docker Hub by its short name.
fn repository(url: &str) -> String {
    let url = url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/');
    let (host, path) = url.split_once('/').map_or((url, ""), |(host, path)| (host, path));
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(":443").unwrap_or(&host);
    let hub =
        ["index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com", "docker.io"];
    let host = if hub.contains(&host) { "docker.io" } else { host };
    if path.is_empty() { host.to_owned() } else { format!("{host}/{path}") }
}

/// An image as either of the two types of addresses names it.
struct Image {
    name: String,
    /// The repositories that may be meant, as writers disagree whether the last part of the name belongs to the address of the
    /// repository; none for any.
    repositories: BTreeSet<String>,
}

impl Image {
    fn of(purl: &Purl) -> Option<Self> {
        let name = purl.name().to_lowercase();
        let url = purl.qualifiers().get("repository_url").map(|url| repository(url));
        let repositories = match (purl.kind(), url) {
            ("oci", None) => BTreeSet::new(),
            ("oci", Some(url)) => {
                let longer = format!("{url}/{name}");
                // Without the name behind it, the address is that of a registry or of a folder in it.
                if url.rsplit('/').next() == Some(name.as_str()) {
                    BTreeSet::from([with_library(&url), with_library(&longer)])
                } else {
                    BTreeSet::from([with_library(&longer)])
                }
            }
            ("docker", url) => {
                let path = purl.namespace().map_or_else(|| name.clone(), |space| format!("{space}/{name}"));
                let host = url.unwrap_or_else(|| "docker.io".to_owned());
                BTreeSet::from([with_library(&format!("{host}/{path}"))])
            }
            _ => return None,
        };
        Some(Self { name, repositories })
    }
}

/// The digest that the address of an image has for a version.
fn digest_of_image(purl: &Purl) -> Option<PackageHash> {
    let version = purl.version().filter(|_| matches!(purl.kind(), "oci" | "docker"))?;
    let (algorithm, value) = version.split_once(':')?;
    Some(PackageHash { algorithm: algorithm.to_owned(), value: value.to_owned() })
}

/// On Docker Hub an image without a folder lies in `library`.
fn with_library(repository: &str) -> String {
    match repository.strip_prefix("docker.io/") {
        Some(path) if !path.contains('/') => format!("docker.io/library/{path}"),
        _ => repository.to_owned(),
    }
}

fn image_names(
    stated: &Image,
    actual: &Image,
    stated_purl: &Purl,
    actual_purl: &Purl,
    hashes: &[PackageHash],
) -> Result<(), NotApplied> {
    if stated.name != actual.name {
        return Err(NotApplied::UnknownProduct);
    }
    let any = stated.repositories.is_empty();
    if !any && stated.repositories.is_disjoint(&actual.repositories) {
        let list = |image: &Image| image.repositories.iter().next().cloned();
        return Err(NotApplied::Qualifier {
            key: "repository_url".to_owned(),
            stated: list(stated).unwrap_or_default(),
            found: list(actual),
        });
    }
    if let Some(version) = stated_purl.version() {
        let digest = digest_of_image(stated_purl);
        let same = Some(version) == actual_purl.version()
            || actual_purl.qualifiers().get("tag").map(String::as_str) == Some(version)
            || digest.is_some_and(|digest| hashes.iter().any(|other| same_hash(&digest, other)));
        if !same {
            let found = actual_purl.version().unwrap_or_default().to_owned();
            return Err(NotApplied::OtherVersion { stated: version.to_owned(), found });
        }
    }
    for (key, value) in stated_purl.qualifiers().iter().filter(|(key, _)| *key != "repository_url") {
        let found = actual_purl.qualifiers().get(key);
        if found != Some(value) {
            return Err(NotApplied::Qualifier {
                key: key.clone(),
                stated: value.clone(),
                found: found.cloned(),
            });
        }
    }
    Ok(())
}
