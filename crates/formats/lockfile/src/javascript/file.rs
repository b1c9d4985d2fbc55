//! Files of npm registries, by their addresses.

use palisade_model::PackageOrigin;

use super::REGISTRIES;
use super::request::exact;
use crate::facts::clean_url;
use crate::sheet::Sheet;

/// The file of a package in a registry, `REGISTRY/NAME/-/LAST-VERSION.tgz`, where `LAST` is the name without its scope.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File<'u> {
    pub(super) registry: &'u str,
    pub(super) name: String,
    /// As far as the file is called as such files are.
    pub(super) version: Option<String>,
}

impl<'u> File<'u> {
    /// What an address without query says; none where it is no registry's.
    pub(super) fn of(url: &'u str) -> Option<Self> {
        let (place, file) = url.split_once("/-/")?;
        let (mut registry, last) = place.rsplit_once('/')?;
        let mut name = decoded(last);
        if let Some((above, scope)) = registry.rsplit_once('/').filter(|_| !name.contains('/')) {
            let scope = decoded(scope);
            if scope.starts_with('@') {
                name = format!("{scope}/{name}");
                registry = above;
            }
        }
        if name.is_empty() || registry.ends_with('/') {
            return None;
        }
        let file = decoded(file.rsplit('/').next().unwrap_or(file));
        let last = name.rsplit('/').next().unwrap_or_default();
        let stem = file.strip_suffix(".tgz").unwrap_or(&file);
        let begins = stem.get(..last.len()).is_some_and(|head| head.eq_ignore_ascii_case(last));
        let version = stem.get(last.len()..).filter(|_| begins).and_then(|rest| rest.strip_prefix('-'));
        let version = version.and_then(exact).map(str::to_owned);
        Some(Self { registry, name, version })
    }

    /// Whether it is that of the package, as far as it tells. Without a name it may be any package's.
    pub(super) fn is_of(&self, name: &str, version: Option<&str>) -> bool {
        let same_version = match (self.version.as_deref(), version) {
            (Some(own), Some(version)) => plain(own).eq_ignore_ascii_case(plain(version)),
            _ => true,
        };
        name.is_empty() || self.name.eq_ignore_ascii_case(name) && same_version
    }

    /// The registry that it is in.
    pub(super) fn origin(&self) -> PackageOrigin {
        let usual = REGISTRIES.iter().any(|usual| usual.trim_end_matches('/') == self.registry);
        match usual {
            true => PackageOrigin::Default,
            false => PackageOrigin::Registry { url: self.registry.to_owned() },
        }
    }
}

/// A version without what does not tell versions apart.
fn plain(version: &str) -> &str {
    version.trim_start_matches(['=', 'v']).split('+').next().unwrap_or_default()
}

/// The characters that addresses of packages have escaped.
fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for (escaped, meant) in [("%2f", "/"), ("%2F", "/"), ("%40", "@"), ("%2b", "+"), ("%2B", "+")] {
        text = text.replace(escaped, meant);
    }
    text
}

/// The address without credentials, query and the port that its scheme has anyway.
pub(super) fn usual_url(address: &str) -> String {
    let url = clean_url(address);
    let Some((scheme, rest)) = url.split_once("://") else { return url };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let port = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    let host = host.strip_suffix(port).unwrap_or(host);
    format!("{}://{}{path}", scheme.to_ascii_lowercase(), host.to_ascii_lowercase())
}

/// The version of `name` whose file in the usual registry is at an address. On other servers a file may be called anything.
pub(super) fn version_at(name: &str, address: &str) -> Option<String> {
    let url = usual_url(address);
    let file = File::of(&url)?;
    file.version.clone().filter(|_| file.is_of(name, None) && file.origin() == PackageOrigin::Default)
}

/// Adds the package that really comes, where the address of the one at `index` is that of another package or version.
pub(super) fn put_fetched(sheet: &mut Sheet, index: u32, address: &str) {
    let url = usual_url(address);
    let Some(file) = File::of(&url) else { return };
    let Some(package) = sheet.package(index) else { return };
    let Some(version) = file.version.as_deref().filter(|_| !is_own(package, &file)) else { return };
    let (line, scope, hashes) = (package.line, package.scope, package.hashes.clone());
    let Some(mut added) = super::put(sheet, line, &file.name, Some(version), file.origin()) else { return };
    added.scope(scope);
    crate::facts::add_hashes(added.package, hashes);
    let fetched = added.index;
    if let Some(package) = sheet.package(index) {
        package.dependencies.push(fetched);
    }
}

fn is_own(package: &palisade_model::Package, file: &File<'_>) -> bool {
    file.is_of(&package.name, package.version.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_files_in_registries() {
        let told = |url| File::of(url).map(|file| (file.registry, file.name, file.version));
        let some =
            |registry, name: &str, version: &str| Some((registry, name.to_owned(), Some(version.to_owned())));
        assert_eq!(told("https://r.test/aa/-/aa-1.0.1.tgz"), some("https://r.test", "aa", "1.0.1"));
        assert_eq!(
            told("https://r.test/api/npm/@s/aa/-/@s/aa-1.0.1-rc.1.tgz"),
            some("https://r.test/api/npm", "@s/aa", "1.0.1-rc.1")
        );
        assert_eq!(
            told("https://r.test/@s%2faa/-/aa-1.0.0%2Bb.tgz"),
            some("https://r.test", "@s/aa", "1.0.0+b")
        );
        assert_eq!(told("https://r.test/aa/-/x-1.tgz"), Some(("https://r.test", "aa".to_owned(), None)));
        assert_eq!(
            told("https://r.test/JSONStream/-/jsonstream-1.0.0.tgz").unwrap().2,
            Some("1.0.0".to_owned())
        );
        assert_eq!(told("https://r.test/download/aa/1.0.0/hash"), None);
        assert_eq!(told("https://aa/-/x.tgz"), None);
        assert_eq!(usual_url("HTTPS://me:pw@R.test:443/A?b#c"), "https://r.test/A");
        assert_eq!(usual_url("http://r.test:8080/a"), "http://r.test:8080/a");
    }
}
