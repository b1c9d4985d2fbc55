//! Facts that records of every family write in the same ways: digests and addresses.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use palisade_model::{Package, PackageHash, PackageOrigin, Purl, PurlError};

use crate::text::{hex, without_credentials};

/// Digests by the length of their hexadecimal form, where a record does not name them.
const BY_LENGTH: &[(usize, &str)] =
    &[(32, "MD5"), (40, "SHA-1"), (56, "SHA-224"), (64, "SHA-256"), (96, "SHA-384"), (128, "SHA-512")];

/// The name that CycloneDX has for an algorithm, from names such as `sha512` and `sha-256`.
fn algorithm(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().replace(['-', '_'], "").as_str() {
        "md5" => "MD5",
        "sha1" => "SHA-1",
        "sha224" => "SHA-224",
        "sha256" => "SHA-256",
        "sha384" => "SHA-384",
        "sha512" => "SHA-512",
        "blake2b" => "BLAKE2b-512",
        _ => return None,
    })
}

/// A digest in hexadecimal digits, if it is one.
pub(crate) fn hex_hash(name: &str, digits: &str) -> Option<PackageHash> {
    let algorithm = algorithm(name)?;
    let good = digits.len() >= 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    good.then(|| PackageHash { algorithm: algorithm.to_owned(), value: digits.to_ascii_lowercase() })
}

/// A digest in hexadecimal digits of an algorithm that only its length tells.
pub(crate) fn bare_hash(digits: &str) -> Option<PackageHash> {
    let (_, name) = BY_LENGTH.iter().find(|(length, _)| *length == digits.len())?;
    hex_hash(name, digits)
}

/// A digest written as `sha256:…` or `sha256=…`.
pub(crate) fn prefixed_hash(text: &str) -> Option<PackageHash> {
    let (name, digits) = text.split_once([':', '='])?;
    hex_hash(name, digits)
}

/// A digest in base64.
pub(crate) fn base64_hash(name: &str, digest: &str) -> Option<PackageHash> {
    hex_hash(name, &hex(&STANDARD.decode(digest).ok()?))
}

/// The digests of an integrity attribute (Subresource Integrity, W3C): `sha512-…` in base64, several with blanks between.
pub(crate) fn integrity(text: &str) -> Vec<PackageHash> {
    let one = |part: &str| {
        let (name, digest) = part.split_once('-')?;
        base64_hash(name, digest.split('?').next().unwrap_or_default())
    };
    text.split_ascii_whitespace().filter_map(one).collect()
}

/// Digests of one package that are kept; the package with the most files on PyPI has a tenth of it.
const MAX_HASHES: usize = 1024;

/// Takes over the digests that are not known yet.
pub(crate) fn add_hashes(package: &mut Package, hashes: impl IntoIterator<Item = PackageHash>) {
    for hash in hashes.into_iter().take(MAX_HASHES) {
        if package.hashes.len() < MAX_HASHES && !package.hashes.contains(&hash) {
            package.hashes.push(hash);
        }
    }
}

/// An address without user, password, query and fragment.
pub(crate) fn clean_url(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    without_credentials(url.split_at(end).0)
}

/// A repository with the commit in the fragment of its address, which may be written `commit=…`; a `git+` before it goes.
pub(crate) fn git(url: &str) -> PackageOrigin {
    let (address, fragment) = url.split_once('#').unwrap_or((url, ""));
    let named = fragment.split('&').find_map(|part| part.strip_prefix("commit="));
    git_at(address, Some(named.unwrap_or(fragment)))
}

/// A repository at a commit; something that is no commit's name is left out.
pub(crate) fn git_at(url: &str, commit: Option<&str>) -> PackageOrigin {
    let is_commit = |name: &&str| name.len() >= 7 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let commit = commit.filter(is_commit).map(str::to_owned);
    let url = clean_url(url.strip_prefix("git+").unwrap_or(url));
    PackageOrigin::Git { url: without_password(&url).to_owned(), commit }
}

/// An address that has no scheme, without a user name and a password. A user name alone is part of the form that scp has.
fn without_password(url: &str) -> &str {
    let end = url.find('/').unwrap_or(url.len());
    let host = url.split_at(end).0;
    match (host.split_once('@'), host.rfind('@')) {
        (Some((user, _)), Some(at)) if user.contains(':') && !url.contains("://") => url.split_at(at + 1).1,
        _ => url,
    }
}

/// The address and the name of what lies in the repository at `url`: the forge's own type where the specification has one.
pub(crate) fn repository(url: &str, version: Option<&str>) -> (Result<Purl, PurlError>, String) {
    let place = repository_place(url);
    let parts: Vec<&str> = place.split('/').collect();
    let kind = match parts.first() {
        Some(&"github.com") => "github",
        Some(&"gitlab.com") => "gitlab",
        Some(&"bitbucket.org") => "bitbucket",
        _ => "generic",
    };
    let purl = match parts.as_slice() {
        [_, space @ .., name] if kind != "generic" => Purl::new(kind, Some(&space.join("/")), name, version),
        [.., name] => {
            Purl::new("generic", None, name, version).map(|purl| with_origin(purl, &git_at(url, version)))
        }
        [] => Purl::new("generic", None, "", version),
    };
    (purl, place)
}

/// `host/path` of an address of git, with a scheme or in the form of scp.
pub(crate) fn repository_place(url: &str) -> String {
    let url = clean_url(url);
    let url = without_password(&url);
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) if !host.contains(':') || url.contains("://") => (host, path),
        _ => rest.split_once(':').unwrap_or((rest, "")),
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host).to_ascii_lowercase();
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    if path.is_empty() { host } else { format!("{host}/{path}") }
}

/// Whether an address is one of a git repository.
pub(crate) fn is_git(url: &str) -> bool {
    let forges = ["github:", "gitlab:", "bitbucket:", "gist:"];
    let address = url.split(['#', '?']).next().unwrap_or_default();
    url.starts_with("git+")
        || url.starts_with("git://")
        || url.starts_with("git@")
        || url.starts_with("ssh://")
        || forges.iter().any(|forge| url.starts_with(forge))
        || address.ends_with(".git")
}

/// The address with the origin in the qualifiers that the package-url specification has for it.
pub(crate) fn with_origin(purl: Purl, origin: &PackageOrigin) -> Purl {
    match origin {
        PackageOrigin::Default | PackageOrigin::Local { .. } => purl,
        PackageOrigin::Registry { url } => purl.with_qualifier("repository_url", url),
        PackageOrigin::Git { url, commit: Some(commit) } => {
            purl.with_qualifier("vcs_url", &format!("git+{url}@{commit}"))
        }
        PackageOrigin::Git { url, commit: None } => purl.with_qualifier("vcs_url", &format!("git+{url}")),
        PackageOrigin::Url { url } => purl.with_qualifier("download_url", url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_repositories_hold_nothing_that_opens_them() {
        for (url, place) in [
            ("https://me:pw@h.test/o/r.git?t=pw#pw", "h.test/o/r"),
            ("ssh://git@H.test:22/o/r", "h.test:22/o/r"),
            ("git@h.test:o/r.git", "h.test/o/r"),
            ("git@h.test:a@b/r", "h.test/a@b/r"),
            ("me:p@w@h.test/o/r", "h.test/o/r"),
            ("me:pw@h.test:o/r", "h.test/o/r"),
            ("h.test", "h.test"),
        ] {
            assert_eq!(repository_place(url), place, "{url}");
            let PackageOrigin::Git { url: kept, .. } = git_at(url, None) else { panic!("{url}") };
            assert!(!kept.contains("pw") && !kept.contains("p@w"), "{kept}");
        }
    }

    #[test]
    fn integrity_attributes_become_hexadecimal() {
        // The digests of nothing, from RFC 3174 and FIPS 180-4.
        let hashes = integrity(
            "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=?x md4-xx",
        );
        let told: Vec<_> = hashes.iter().map(|hash| (hash.algorithm.as_str(), hash.value.as_str())).collect();
        assert_eq!(
            told,
            [
                ("SHA-1", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
                ("SHA-256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
            ]
        );
    }

    #[test]
    fn addresses_lose_their_secrets() {
        assert_eq!(clean_url("https://me:word@host/x.tgz?token=1#y"), "https://host/x.tgz");
        let origin = git("git+ssh://git@host/a/b.git#0123456789abcdef0123456789abcdef01234567");
        let commit = Some("0123456789abcdef0123456789abcdef01234567".to_owned());
        assert_eq!(origin, PackageOrigin::Git { url: "ssh://host/a/b.git".into(), commit });
        assert_eq!(
            git("git+https://h/a#v1.0"),
            PackageOrigin::Git { url: "https://h/a".into(), commit: None }
        );
    }
}
