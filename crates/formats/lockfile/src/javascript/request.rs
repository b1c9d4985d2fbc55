use palisade_model::PackageOrigin;

use super::{purl, resolved};
use crate::facts::{clean_url, git, is_git};
use crate::sheet::{Added, Sheet};

/// What a manifest asks for under a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request<'a> {
    /// The package's name in its registry, which an alias hides.
    pub(super) name: &'a str,
    pub(super) wanted: &'a str,
    pub(super) origin: PackageOrigin,
}

/// Reads what stands behind a name in a manifest (npm's documentation of package.json, "dependencies").
pub(super) fn request<'a>(name: &'a str, spec: &'a str) -> Request<'a> {
    let spec = spec.trim();
    if let Some(alias) = spec.strip_prefix("npm:") {
        let (name, wanted) = split_name(alias).unwrap_or((name, alias));
        return Request { name, wanted, origin: PackageOrigin::Default };
    }
    let folders = ["file:", "link:", "portal:", "workspace:", "exec:", "./", "../", "/", "~/"];
    // What ends as an archive is a file, not a repository (npm-package-arg).
    let is_archive = !spec.contains(':') && [".tgz", ".tar.gz", ".tar"].iter().any(|end| spec.ends_with(end));
    let origin = if is_archive || folders.iter().any(|start| spec.starts_with(start)) {
        resolved(name, None, spec)
    } else if is_git(spec) {
        git(spec)
    } else if spec.starts_with("http://") || spec.starts_with("https://") {
        PackageOrigin::Url { url: clean_url(spec) }
    } else if is_forge_path(spec) {
        let (path, commit) = spec.split_once('#').unwrap_or((spec, ""));
        git(&format!("https://github.com/{path}#{commit}"))
    } else {
        PackageOrigin::Default
    };
    Request { name, wanted: spec, origin }
}

/// Whether it is `owner/repository` on GitHub.
fn is_forge_path(spec: &str) -> bool {
    let path = spec.split('#').next().unwrap_or_default();
    !path.contains([':', ' ', '@', '*', '>', '<', '|']) && path.matches('/').count() == 1
}

/// A name and what stands behind the `@` after it.
pub(super) fn split_name(text: &str) -> Option<(&str, &str)> {
    let scope = usize::from(text.starts_with('@'));
    let at = scope + text.get(scope..)?.find('@')?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// The version, when only one will do.
pub(super) fn exact(wanted: &str) -> Option<&str> {
    let version = wanted.trim_start_matches(['=', 'v']);
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let numbers = || core.split('.');
    let good = numbers().count() == 3
        && numbers().all(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        && !version.contains([' ', '|', '<', '>', ',']);
    good.then_some(version)
}

/// Adds what a manifest asks for.
pub(super) fn put_request<'s>(sheet: &'s mut Sheet, line: u32, name: &str, spec: &str) -> Option<Added<'s>> {
    let request = request(name, spec);
    let version = exact(request.wanted).filter(|_| request.origin == PackageOrigin::Default);
    if purl(request.name, version).is_err() {
        sheet.problem(line, "a dependency has no usable name");
        return None;
    }
    let added = super::put(sheet, line, request.name, version, request.origin)?;
    if version.is_none() && !request.wanted.is_empty() {
        added.package.wanted.get_or_insert_with(|| crate::text::without_credentials(request.wanted));
    }
    Some(added)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_all_kinds() {
        assert_eq!(request("a", "npm:@s/b@^1").name, "@s/b");
        assert_eq!(request("a", "npm:@s/b@^1").wanted, "^1");
        let commit = Some("0123456789".to_owned());
        assert_eq!(
            request("a", "o/r#0123456789").origin,
            PackageOrigin::Git { url: "https://github.com/o/r".into(), commit }
        );
        assert_eq!(request("a", "file:../b").origin, PackageOrigin::Local { path: "../b".into() });
        assert_eq!(
            request("a", "https://h/b.tgz?t=1").origin,
            PackageOrigin::Url { url: "https://h/b.tgz".into() }
        );
        assert_eq!(request("a", "vendor/b.tgz").origin, PackageOrigin::Local { path: "vendor/b.tgz".into() });
        assert_eq!(request("a", ">=1 <2 || 3.x").origin, PackageOrigin::Default);
        assert_eq!(exact("=1.2.3-rc.1+b"), Some("1.2.3-rc.1+b"));
        for range in ["^1.2.3", "1.2", "1.2.x", "latest", "1.2.3 || 2.0.0", "1.2.3 - 2", ""] {
            assert_eq!(exact(range), None, "{range}");
        }
    }
}
