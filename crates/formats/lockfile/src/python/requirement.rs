use palisade_model::{PackageOrigin, Scope};

use super::put;
use crate::facts::{clean_url, git_at, is_git};
use crate::sheet::{Added, Sheet};

/// What one requirement asks for (PEP 508).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Requirement<'a> {
    pub(super) name: &'a str,
    /// The versions that will do, as written; empty for all.
    pub(super) versions: &'a str,
    pub(super) url: Option<&'a str>,
    /// The condition under which it is needed.
    pub(super) marker: &'a str,
}

/// Reads one requirement; none if it has no name or something after it that is no part of one.
pub(super) fn requirement(text: &str) -> Option<Requirement<'_>> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']')?.1.trim_start(),
        None => rest,
    };
    let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric());
    if !is_name {
        return None;
    }
    if let Some(url) = rest.strip_prefix('@') {
        let url = url.trim_start();
        let (url, marker) = url.split_once(" ;").or_else(|| url.split_once("; ")).unwrap_or((url, ""));
        return Some(Requirement { name, versions: "", url: Some(url.trim()), marker: marker.trim() });
    }
    let (versions, marker) = rest.split_once(';').unwrap_or((rest, ""));
    // Old tools wrote a version and an address both.
    let (versions, url) =
        versions.split_once(" @ ").map_or((versions, None), |(own, url)| (own, Some(url.trim())));
    // pip wants a blank before a comment; without one it is no version either.
    let versions = versions.split('#').next().unwrap_or_default();
    let versions = versions.trim().trim_start_matches('(').trim_end_matches(')').trim();
    let good =
        versions.is_empty() || versions.split(',').map(str::trim).all(|one| one.is_empty() || is_clause(one));
    good.then_some(Requirement { name, versions, url, marker: marker.trim() })
}

fn is_clause(text: &str) -> bool {
    const OPERATORS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];
    let version = OPERATORS.iter().find_map(|operator| text.strip_prefix(operator)).map(str::trim);
    version.is_some_and(|version| {
        !version.is_empty() && !version.contains(|c: char| c.is_whitespace() || "='\"".contains(c))
    })
}

impl Requirement<'_> {
    /// The version, when only one will do.
    pub(super) fn exact(&self) -> Option<&str> {
        let version = self.versions.strip_prefix("===").or_else(|| self.versions.strip_prefix("=="))?.trim();
        (!version.contains([',', '*', '$', '{']) && !version.is_empty()).then_some(version)
    }

    pub(super) fn origin(&self) -> PackageOrigin {
        self.url.map_or(PackageOrigin::Default, address)
    }
}

/// Where an address of pip leads: a repository with a revision behind `@`, a folder, or a file.
pub(super) fn address(url: &str) -> PackageOrigin {
    let bare = url.split('#').next().unwrap_or_default();
    if let Some(repository) = bare.strip_prefix("git+") {
        let after_host = repository
            .split_once("://")
            .map_or(0, |(scheme, rest)| scheme.len() + 3 + rest.find('/').unwrap_or(rest.len()));
        let at = repository.rfind('@').filter(|at| *at >= after_host);
        let (url, revision) = at.map_or((repository, ""), |at| {
            let (url, revision) = repository.split_at(at);
            (url, revision.trim_start_matches('@'))
        });
        return git_at(url, Some(revision));
    }
    if ["hg+", "svn+", "bzr+"].iter().any(|kind| bare.starts_with(kind)) {
        return PackageOrigin::Git { url: clean_url(bare), commit: None };
    }
    if is_git(bare) {
        return git_at(bare, None);
    }
    match bare.strip_prefix("file:") {
        Some(path) => PackageOrigin::Local { path: path.trim_start_matches("//").to_owned() },
        None if bare.contains("://") => PackageOrigin::Url { url: clean_url(bare) },
        None => PackageOrigin::Local { path: bare.to_owned() },
    }
}

/// Adds what a requirement asks for; one that cannot be read is a problem.
pub(super) fn put_requirement<'s>(
    sheet: &'s mut Sheet,
    line: u32,
    text: &str,
    scope: Scope,
) -> Option<Added<'s>> {
    let Some(wanted) = requirement(text) else {
        sheet.problem(line, "a requirement that cannot be read");
        return None;
    };
    let version = wanted.exact();
    let mut added = put(sheet, line, wanted.name, version, wanted.origin())?;
    if version.is_none() && !wanted.versions.is_empty() {
        added.package.wanted.get_or_insert_with(|| wanted.versions.to_owned());
    }
    added.scope(scope);
    added.direct();
    Some(added)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_of_all_forms() {
        let told = |text| requirement(text).map(|one| (one.name, one.versions, one.url, one.marker));
        assert_eq!(
            told("A.b_c [x, y] >= 1.0 , <2; python_version < '3'"),
            Some(("A.b_c", ">= 1.0 , <2", None, "python_version < '3'"))
        );
        assert_eq!(told("a (==1.0)"), Some(("a", "==1.0", None, "")));
        assert_eq!(
            told("a @ https://h/a.whl ; os_name == 'nt'"),
            Some(("a", "", Some("https://h/a.whl"), "os_name == 'nt'"))
        );
        assert_eq!(told("a"), Some(("a", "", None, "")));
        for text in ["", "-a", "a b", "a = 1", "a[x", "a >=", "a-", "\u{e9}"] {
            assert_eq!(told(text), None, "{text}");
        }
        assert_eq!(requirement("a == 1.0").unwrap().exact(), Some("1.0"));
        assert_eq!(requirement("a==1.*").unwrap().exact(), None);
        assert_eq!(requirement("a==1.0,!=2").unwrap().exact(), None);
    }

    #[test]
    fn addresses_of_pip() {
        let commit = Some("0123456789abcdef".to_owned());
        assert_eq!(
            address("git+ssh://git@host/a.git@0123456789abcdef#egg=a"),
            PackageOrigin::Git { url: "ssh://host/a.git".into(), commit }
        );
        assert_eq!(
            address("git+https://host/a@main"),
            PackageOrigin::Git { url: "https://host/a".into(), commit: None }
        );
        assert_eq!(address("file:///srv/a"), PackageOrigin::Local { path: "/srv/a".into() });
    }
}
