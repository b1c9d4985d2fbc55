//! What a lockfile looks like when somebody has laid hands on it, and what runs code at installation.

use std::collections::BTreeMap;

use palisade_model::{Confidence, InventoryFile, Package, PackageEvidence, PackageOrigin, Severity};

use crate::rules::Check;

/// A suspicion about a package of a record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Suspicion<'a> {
    pub(crate) check: Check,
    pub(crate) package: &'a Package,
    pub(crate) index: usize,
    pub(crate) message: String,
    pub(crate) severity: Option<Severity>,
    pub(crate) confidence: Option<Confidence>,
}

/// Hosts that hand out npm packages under their own names, at `/NAME/-/FILE`.
const NPM_REGISTRIES: [&str; 2] = ["registry.npmjs.org", "registry.yarnpkg.com"];

/// Ecosystems whose lockfiles give every package of a registry a hash, by type of package address.
const HASHED: [&str; 3] = ["npm", "cargo", "pypi"];

/// Every suspicion about `file`, in its order.
pub(crate) fn suspicions(file: &InventoryFile) -> Vec<Suspicion<'_>> {
    let usual = usual_host(file);
    let hashed = some_are_hashed(file);
    let mut found = Vec::new();
    for (index, package) in file.packages.iter().enumerate() {
        let mut suspect = |check, message: String, severity, confidence| {
            found.push(Suspicion { check, package, index, message, severity, confidence });
        };
        if package.runs_on_install {
            let message = "the lockfile says that it runs a script when it is installed".to_owned();
            suspect(Check::InstallScript, message, None, None);
        }
        if package.evidence != PackageEvidence::Locked {
            continue;
        }
        if hashed.contains(&package.purl.kind()) && is_from_registry(package) && package.hashes.is_empty() {
            let message = "others in this lockfile have a hash, this one has none".to_owned();
            suspect(Check::MissingHash, message, None, None);
        }
        if let Some((message, severity)) = wrong_source(package, usual) {
            suspect(Check::WrongSource, message, Some(severity), None);
        }
    }
    found
}

/// The types of which at least one package has a hash.
fn some_are_hashed(file: &InventoryFile) -> Vec<&str> {
    let has_hash = |kind: &&str| {
        file.packages.iter().any(|package| package.purl.kind() == *kind && !package.hashes.is_empty())
    };
    HASHED.into_iter().filter(has_hash).collect()
}

/// Whether a registry hands it out. Packages that come inside of others have no address in npm's lockfiles.
fn is_from_registry(package: &Package) -> bool {
    match package.origin {
        PackageOrigin::Registry { .. } => true,
        PackageOrigin::Default => package.purl.kind() != "npm",
        _ => false,
    }
}

/// The host that most packages of the record come from, if it is more than half of them.
fn usual_host(file: &InventoryFile) -> Option<&str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for host in file.packages.iter().filter_map(registry_host) {
        *counts.entry(host).or_default() += 1;
    }
    let total: usize = counts.values().sum();
    counts.into_iter().find(|(_, count)| count * 2 > total).map(|(host, _)| host)
}

fn registry_host(package: &Package) -> Option<&str> {
    match &package.origin {
        PackageOrigin::Registry { url } => host(url),
        PackageOrigin::Default if package.purl.kind() == "npm" => NPM_REGISTRIES.first().copied(),
        _ => None,
    }
}

/// The host of an address, without user, port and path.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Some(host.split_once(':').map_or(host, |(host, _)| host)).filter(|host| !host.is_empty())
}

fn wrong_source(package: &Package, usual: Option<&str>) -> Option<(String, Severity)> {
    let (PackageOrigin::Registry { url } | PackageOrigin::Url { url }) = &package.origin else { return None };
    let host = host(url)?;
    if is_plain(url) && !is_this_machine(host) {
        return Some((format!("it is fetched from `{host}` without transport security"), Severity::Medium));
    }
    if package.purl.kind() != "npm" {
        return None;
    }
    if NPM_REGISTRIES.contains(&host) {
        let own = format!("/{}/-/", full_name(package));
        let is_own = url.to_ascii_lowercase().replace("%2f", "/").contains(&own.to_ascii_lowercase());
        return (!is_own).then(|| ("its address is that of another package".to_owned(), Severity::High));
    }
    let other = usual.filter(|usual| *usual != host && package.purl.namespace().is_none())?;
    let message = format!("it comes from `{host}`, most others from `{other}`");
    Some((message, Severity::Medium))
}

fn full_name(package: &Package) -> String {
    match package.purl.namespace() {
        Some(namespace) => format!("{namespace}/{}", package.purl.name()),
        None => package.purl.name().to_owned(),
    }
}

fn is_plain(url: &str) -> bool {
    url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.starts_with("127.") || host == "[" || host == "[::1]"
}

#[cfg(test)]
mod tests {
    use palisade_model::{PackageHash, Purl, RepoPath};

    use super::*;

    fn package(name: &str, url: &str, hashed: bool) -> Package {
        let (namespace, name) =
            name.split_once('/').map_or((None, name), |(space, name)| (Some(space), name));
        let purl = Purl::new("npm", namespace, name, Some("1.0.0")).unwrap();
        let mut package = Package::new(purl, name, PackageEvidence::Locked);
        package.origin = PackageOrigin::Registry { url: url.to_owned() };
        if hashed {
            package.hashes = vec![PackageHash { algorithm: "SHA-512".to_owned(), value: "00".to_owned() }];
        }
        package
    }

    fn found(packages: Vec<Package>) -> Vec<(String, Check)> {
        let path = RepoPath::from_bytes("package-lock.json").unwrap();
        let file = InventoryFile {
            path,
            members: vec![],
            format: "npm-lock".to_owned(),
            layer: None,
            owner: None,
            packages,
        };
        suspicions(&file).into_iter().map(|it| (it.package.name.clone(), it.check)).collect()
    }

    fn usual(name: &str) -> Package {
        package(name, &format!("https://registry.npmjs.org/{name}/-/x-1.0.0.tgz"), true)
    }

    #[test]
    fn an_honest_lockfile_raises_nothing() {
        let scoped = package("@a/b", "https://npm.example.com/@a%2fb/-/b-1.0.0.tgz", true);
        let encoded = package("@c/d", "https://registry.npmjs.org/@c%2fd/-/d-1.0.0.tgz", true);
        assert_eq!(found(vec![usual("one"), usual("two"), scoped, encoded]), []);
        assert_eq!(found(vec![package("one", "http://localhost:4873/one/-/one-1.0.0.tgz", true)]), []);
    }

    #[test]
    fn a_lockfile_that_was_edited_is_told() {
        let swapped = package("three", "https://registry.npmjs.org/four/-/four-1.0.0.tgz", true);
        let foreign = package("five", "https://evil.example/five/-/five-1.0.0.tgz", true);
        let plain = package("six", "http://registry.npmjs.org/six/-/six-1.0.0.tgz", true);
        let unhashed = package("seven", "https://registry.npmjs.org/seven/-/seven-1.0.0.tgz", false);
        let all = vec![
            usual("one"),
            usual("two"),
            usual("eight"),
            usual("nine"),
            swapped,
            foreign,
            plain,
            unhashed,
        ];
        let expected = [
            ("three", Check::WrongSource),
            ("five", Check::WrongSource),
            ("six", Check::WrongSource),
            ("seven", Check::MissingHash),
        ];
        let expected: Vec<_> = expected.map(|(name, check)| (name.to_owned(), check)).into();
        assert_eq!(found(all), expected);
    }

    #[test]
    fn old_lockfiles_without_any_hash_raise_nothing() {
        let old = |name: &str| package(name, &format!("https://registry.npmjs.org/{name}/-/x.tgz"), false);
        assert_eq!(found(vec![old("one"), old("two")]), []);
    }

    #[test]
    fn hosts_are_taken_out_of_addresses() {
        assert_eq!(host("https://user:pass@example.com:8443/a"), Some("example.com"));
        assert_eq!(host("example.com/a"), None);
        assert_eq!(host("https:///a"), None);
    }
}
