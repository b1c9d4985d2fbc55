//! Packages that a registry is asked for, and that a lockfile takes from elsewhere: the mark of a lockfile that somebody edited.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{Displaced, Ecosystem, Package, PackageOrigin};

use crate::record::Record;

/// Formats whose packages name their registries, and whose manifests do where it is another than the usual one. What npm has of this is
/// told by its addresses.
const NAMING: [&str; 8] = [
    "cargo-lock",
    "composer-lock",
    "gemfile-lock",
    "pdm-lock",
    "pipfile-lock",
    "poetry-lock",
    "pylock",
    "uv-lock",
];

/// The registries that the manifests of a lockfile name.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// Their hosts.
    pub(crate) hosts: BTreeSet<String>,
    /// There are some whose address stands elsewhere.
    pub(crate) others: bool,
}

impl Named {
    fn has(&self, host: &str) -> bool {
        self.others || self.hosts.contains(host)
    }
}

/// Marks a package that a registry is asked for. Nobody but the project knows what lies elsewhere; under the name of this one advisories
/// are asked all the same.
pub(crate) fn displace(package: &mut Package, ecosystem: &str) {
    package.displaced = Some(Displaced::Asked);
    package.ecosystem = Some(Ecosystem::new(ecosystem));
}

/// Takes the mark away: another record says that it is meant.
pub(crate) fn place_back(package: &mut Package) {
    if package.displaced.take().is_some() {
        package.ecosystem = package.ecosystem.take().filter(|_| !is_local(package));
    }
}

/// Whether it comes from a folder, a file or a repository.
pub(crate) const fn is_elsewhere(package: &Package) -> bool {
    matches!(package.origin, PackageOrigin::Local { .. } | PackageOrigin::Git { .. })
}

const fn is_local(package: &Package) -> bool {
    matches!(package.origin, PackageOrigin::Local { .. })
}

/// The host of an address.
pub(crate) fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Some(host).filter(|host| !host.is_empty())
}

/// The host of the registry that a package comes from; empty for the usual one, none where it comes from no registry.
pub(crate) fn registry(package: &Package) -> Option<&str> {
    match &package.origin {
        PackageOrigin::Default => Some(""),
        PackageOrigin::Registry { url } => host(url),
        // Of an archive of Composer's only its own address is told.
        PackageOrigin::Url { url } if package.purl.kind() == "composer" => host(url),
        _ => None,
    }
}

/// Marks packages of registries that most others of their lockfile do not come from and that no manifest names.
pub(crate) fn link(records: &mut [Record]) {
    for record in records.iter_mut().filter(|record| NAMING.contains(&record.format.name())) {
        let packages = &mut record.reading.packages;
        let Some(usual) = usual(packages) else { continue };
        for package in packages {
            let stranger = registry(package)
                .is_some_and(|host| host != usual && !host.is_empty() && !record.named.has(host));
            if stranger {
                package.displaced.get_or_insert(Displaced::Alone);
            }
        }
    }
}

/// The host that more than half of the packages come from.
fn usual(packages: &[Package]) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for host in packages.iter().filter_map(registry) {
        *counts.entry(host).or_default() += 1;
    }
    let total: usize = counts.values().sum();
    counts.into_iter().find(|(_, count)| count * 2 > total).map(|(host, _)| host.to_owned())
}
