//! What a lockfile looks like when somebody has laid hands on it, and what runs code at installation.

use std::collections::BTreeMap;

use palisade_model::{
    Confidence, Displaced, InventoryFile, Package, PackageEvidence, PackageHash, PackageOrigin, Severity,
};

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
    let hashed = some_are_hashed(file, |_| true);
    let usual_hashes = some_are_hashed(file, |hash| !is_weak(hash));
    let mut found = Vec::new();
    for (index, package) in file.packages.iter().enumerate() {
        let mut suspect = |check, message: String, severity, confidence| {
            found.push(Suspicion { check, package, index, message, severity, confidence });
        };
        if package.runs_on_install && !is_own(package) {
            let message = match package.evidence {
                PackageEvidence::Locked => "the lockfile says that it runs a script when it is installed",
                _ => "it runs a script when it is installed",
            };
            suspect(Check::InstallScript, message.to_owned(), None, None);
        }
        // One place is told once, by the worst that it says.
        let place = [
            package.displaced.map(|why| displaced(package, why)),
            unprotected(package).map(|message| (message, Severity::Medium)),
            wrong_source(package, usual),
        ];
        let worst =
            place.into_iter().flatten().reduce(|worst, next| if next.1 > worst.1 { next } else { worst });
        if let Some((message, severity)) = worst {
            suspect(Check::WrongSource, message, Some(severity), None);
        }
        if package.evidence != PackageEvidence::Locked {
            continue;
        }
        if hashed.contains(&package.purl.kind()) && is_from_registry(package) && package.hashes.is_empty() {
            let message = "others in this lockfile have a hash, this one has none".to_owned();
            suspect(Check::MissingHash, message, None, None);
        }
    }
    found.extend(forgeable(file, &usual_hashes));
    found
}

/// Whether it is the project itself or a folder of it, whose scripts the project has written.
fn is_own(package: &Package) -> bool {
    const ARCHIVES: [&str; 3] = [".tgz", ".tar.gz", ".tar"];
    let PackageOrigin::Local { path } = &package.origin else { return false };
    let is_outside =
        path.starts_with('/') || path.split('/').any(|part| matches!(part, ".." | "node_modules"));
    !is_outside && !ARCHIVES.iter().any(|end| path.ends_with(end))
}

/// Packages with hashes that can be forged, where others have better: old lockfiles have hundreds, so that one speaks for all.
fn forgeable<'a>(file: &'a InventoryFile, better: &[&str]) -> Option<Suspicion<'a>> {
    let is_weakly_hashed = |package: &Package| {
        package.evidence == PackageEvidence::Locked
            && better.contains(&package.purl.kind())
            && !package.hashes.is_empty()
            && package.hashes.iter().all(is_weak)
    };
    let mut weak = file.packages.iter().enumerate().filter(|(_, package)| is_weakly_hashed(package));
    let (index, package) = weak.next()?;
    let others = match weak.count() {
        0 => String::new(),
        1 => ", and so has 1 more".to_owned(),
        count => format!(", and so have {count} more"),
    };
    let message = format!(
        "its hash can be forged: it has SHA-1 or MD5 alone{others}; others in this lockfile have better"
    );
    Some(Suspicion {
        check: Check::MissingHash,
        package,
        index,
        message,
        severity: Some(Severity::Low),
        confidence: None,
    })
}

/// Whether others can make a file with the same digest.
fn is_weak(hash: &PackageHash) -> bool {
    matches!(hash.algorithm.as_str(), "MD5" | "SHA-1")
}

/// The types of which at least one package has such a hash.
fn some_are_hashed(file: &InventoryFile, good: impl Fn(&PackageHash) -> bool) -> Vec<&'static str> {
    let has_hash = |kind: &&str| {
        file.packages.iter().any(|package| package.purl.kind() == *kind && package.hashes.iter().any(&good))
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

/// What is said of a package that anybody on the way can exchange.
fn unprotected(package: &Package) -> Option<String> {
    // What is installed has come already.
    if !matches!(package.evidence, PackageEvidence::Locked | PackageEvidence::Declared) {
        return None;
    }
    let (PackageOrigin::Registry { url } | PackageOrigin::Url { url } | PackageOrigin::Git { url, .. }) =
        &package.origin
    else {
        return None;
    };
    // The protocol of git alone checks neither who answers nor what.
    let is_open = is_plain(url) || url.starts_with("git://");
    let host = host(url).filter(|host| is_open && !is_this_machine(host))?;
    Some(format!("it is fetched from `{host}` without transport security"))
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

/// What the address of a locked package says against it.
fn wrong_source(package: &Package, usual: Option<&str>) -> Option<(String, Severity)> {
    if package.evidence != PackageEvidence::Locked {
        return None;
    }
    let (PackageOrigin::Registry { url } | PackageOrigin::Url { url }) = &package.origin else { return None };
    let host = host(url)?;
    if package.purl.kind() != "npm" {
        return None;
    }
    if let Some(message) = other_file(package, url) {
        return Some((message.to_owned(), Severity::High));
    }
    if NPM_REGISTRIES.contains(&host) {
        return None;
    }
    let other = usual.filter(|usual| *usual != host && package.purl.namespace().is_none())?;
    let message = format!("it comes from `{host}`, most others from `{other}`");
    Some((message, Severity::Medium))
}

/// What an address in a registry says against the package, `.../NAME/-/LAST-VERSION.tgz`.
fn other_file(package: &Package, url: &str) -> Option<&'static str> {
    let plain =
        |text: &str| text.to_ascii_lowercase().replace("%2f", "/").replace("%40", "@").replace("%2b", "+");
    let url = plain(url);
    let Some((place, file)) = url.split_once("/-/") else {
        // The usual registries have their files in no other place.
        let is_usual = host(&url).is_some_and(|host| NPM_REGISTRIES.contains(&host));
        return (is_usual && url.matches('/').count() > 2)
            .then_some("its address is that of another package");
    };
    if !place.ends_with(&format!("/{}", plain(&full_name(package)))) {
        return Some("its address is that of another package");
    }
    let last = format!("{}-", plain(package.purl.name()));
    let stem = file.rsplit('/').next()?.strip_suffix(".tgz")?.strip_prefix(&last)?;
    let bare = |version: &str| version.trim_start_matches(['=', 'v']).split('+').next().map(str::to_owned);
    let own = bare(&plain(package.version.as_deref()?));
    let is_version = stem.starts_with(|c: char| c.is_ascii_digit()) && stem.contains('.');
    (is_version && bare(stem) != own).then_some("its address is that of another version")
}

/// What is said of a package that a registry is asked for, and that the record takes from elsewhere.
fn displaced(package: &Package, why: Displaced) -> (String, Severity) {
    let from = match &package.origin {
        // Cargo's lockfile does not say which one.
        PackageOrigin::Local { path } if path.is_empty() => "a folder".to_owned(),
        PackageOrigin::Local { path } => format!("`{}`", shown(path)),
        PackageOrigin::Git { url, .. } => format!("the repository `{}`", shown(url)),
        PackageOrigin::Registry { url } | PackageOrigin::Url { url } => format!("`{}`", shown(url)),
        PackageOrigin::Default => "elsewhere".to_owned(),
    };
    let is_of_registry = matches!(package.origin, PackageOrigin::Default | PackageOrigin::Registry { .. });
    match why {
        Displaced::Asked if is_of_registry && package.purl.kind() == "npm" => {
            let message = "another package is asked for, and this record takes this one for it";
            (message.to_owned(), Severity::High)
        }
        Displaced::Asked => {
            (format!("a registry is asked for it, and this record takes it from {from}"), Severity::High)
        }
        Displaced::Alone => (
            format!("it comes from {from}, which no manifest names, and most others from elsewhere"),
            Severity::Medium,
        ),
    }
}

/// A place without what a terminal would obey, as far as it is short.
fn shown(place: &str) -> String {
    let shown = |c: char| if palisade_model::is_unprintable(c) { char::REPLACEMENT_CHARACTER } else { c };
    place.chars().take(120).map(shown).collect()
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
    use palisade_model::{Purl, RepoPath};

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
    fn a_weak_hash_among_better_ones_is_told() {
        let weak = |name: &str| {
            let mut package = usual(name);
            package.hashes = vec![PackageHash { algorithm: "SHA-1".to_owned(), value: "00".to_owned() }];
            package
        };
        assert_eq!(found(vec![usual("one"), weak("two")]), [("two".to_owned(), Check::MissingHash)]);
        assert_eq!(found(vec![weak("one"), weak("two")]), []);
    }

    #[test]
    fn old_lockfiles_without_any_hash_raise_nothing() {
        let old = |name: &str| package(name, &format!("https://registry.npmjs.org/{name}/-/x.tgz"), false);
        assert_eq!(found(vec![old("one"), old("two")]), []);
    }

    #[test]
    fn the_scripts_of_the_project_itself_are_none_of_a_package() {
        let running = |name: &str, origin: PackageOrigin, evidence| {
            let mut package = usual(name);
            (package.origin, package.evidence, package.runs_on_install) = (origin, evidence, true);
            package
        };
        let local = |path: &str| PackageOrigin::Local { path: path.to_owned() };
        let registry = usual("bought").origin;
        let told = [
            running("bought", registry.clone(), PackageEvidence::Locked),
            running("installed", PackageOrigin::Default, PackageEvidence::Installed),
            running("packed", local("vendor/packed-1.0.0.tgz"), PackageEvidence::Locked),
            running("beside", local("../beside"), PackageEvidence::Locked),
            running("rooted", local("/srv/rooted"), PackageEvidence::Locked),
            running("hidden", local("node_modules/hidden"), PackageEvidence::Locked),
        ];
        let expected: Vec<_> =
            told.iter().map(|package| (package.name.clone(), Check::InstallScript)).collect();
        assert_eq!(found(told.into()), expected);
        let own = [
            running("project", local(""), PackageEvidence::Declared),
            running("member", local("packages/member"), PackageEvidence::Locked),
            running("folder", local("./folder"), PackageEvidence::Locked),
        ];
        assert_eq!(found(own.into()), []);
    }

    #[test]
    fn hosts_are_taken_out_of_addresses() {
        assert_eq!(host("https://user:pass@example.com:8443/a"), Some("example.com"));
        assert_eq!(host("example.com/a"), None);
        assert_eq!(host("https:///a"), None);
    }
}
