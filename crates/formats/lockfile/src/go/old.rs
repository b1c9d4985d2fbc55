//! Lockfiles from before Go had modules: those of dep (TOML), Glide (YAML), godep and govendor (JSON), vndr and gpm (lines).

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use super::{put, sheet};
use crate::facts::git_at;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, json, toml, yaml};
use crate::text::lines;

pub(super) fn read_dep(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = toml::parse(bytes);
    let mut sheet = sheet(PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    for project in tree.root().items_of("projects") {
        let version = project.text_of("version").or_else(|| project.text_of("revision"));
        put_project(&mut sheet, project, version, project.text_of("source"), Scope::Prod);
    }
    (sheet.done(), None)
}

pub(super) fn read_glide(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = yaml::parse(bytes);
    let mut sheet = sheet(PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    for (section, scope) in [("imports", Scope::Prod), ("testImports", Scope::Test)] {
        for project in tree.root().items_of(section) {
            put_project(&mut sheet, project, project.scalar_of("version"), project.text_of("repo"), scope);
        }
    }
    (sheet.done(), None)
}

fn put_project(sheet: &mut Sheet, project: &Value, version: Option<&str>, from: Option<&str>, scope: Scope) {
    let (Some(name), Some(version)) = (project.text_of("name"), version) else {
        sheet.problem(project.line, "a project has no name and version");
        return;
    };
    let origin = from.map_or(PackageOrigin::Default, |url| git_at(url, project.text_of("revision")));
    if let Some(mut added) = put(sheet, project.line, name, Some(version), origin) {
        added.scope(scope);
    }
}

/// godep lists folders of packages, each with its repository's commit and what `git describe` says of that: a tag, or one further down
/// with the number of commits since.
pub(super) fn read_godep(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = json::parse(bytes);
    let mut sheet = sheet(PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    for entry in tree.root().items_of("Deps") {
        let name = entry.text_of("ImportPath").filter(|name| !name.is_empty());
        let (Some(name), Some(commit)) = (name, entry.text_of("Rev")) else {
            sheet.problem(entry.line, "a package without a path and a revision");
            continue;
        };
        let version = entry.text_of("Comment").filter(|tag| is_version(tag)).unwrap_or(commit);
        put(&mut sheet, entry.line, repository(name), Some(version), PackageOrigin::Default);
    }
    (sheet.done(), None)
}

/// govendor lists folders of packages as godep does; a version may be a range of one's own, and the exact one is the tag that was copied.
pub(super) fn read_govendor(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = json::parse(bytes);
    let mut sheet = sheet(PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    for entry in tree.root().items_of("package") {
        let name = entry.text_of("path").filter(|name| !name.is_empty());
        let version = ["versionExact", "revision"].into_iter().find_map(|key| entry.text_of(key));
        let (Some(name), Some(version)) = (name, version.filter(|version| !version.is_empty())) else {
            sheet.problem(entry.line, "a package without a path and a revision");
            continue;
        };
        put(&mut sheet, entry.line, repository(name), Some(version), PackageOrigin::Default);
    }
    (sheet.done(), None)
}

/// `vendor.conf` of vndr and trash and `Godeps` of gpm: a path, a tag or a commit, and maybe the repository that stands in for it. Other programs
/// have settings of that name, in which no line begins with the path of a package.
pub(super) fn read_pins(_path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet(PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    for (number, line) in lines(&text) {
        let words: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
        let (path, version, place) = match words[..] {
            [path, version] => (path, version, None),
            [path, version, place] => (path, version, Some(place)),
            _ => continue,
        };
        let path = path.trim_end_matches("/...");
        let has_host =
            path.split_once('/').is_some_and(|(host, _)| host.contains('.') && !host.contains(['=', ':']));
        if has_host {
            let origin = place.map_or(PackageOrigin::Default, |url| git_at(url, Some(version)));
            put(&mut sheet, number, repository(path), Some(version), origin);
        }
    }
    (sheet.done(), None)
}

/// Whether a description is that of a tag itself, and the tag that of a version.
fn is_version(described: &str) -> bool {
    let is_after_tag = described.rsplit_once("-g").is_some_and(|(before, commit)| {
        before.rsplit('-').next().is_some_and(|count| count.bytes().all(|byte| byte.is_ascii_digit()))
            && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    let number = described.strip_prefix('v').unwrap_or(described);
    number.starts_with(|first: char| first.is_ascii_digit()) && number.contains('.') && !is_after_tag
}

/// The path of the repository that a folder lies in, where the host's addresses tell. Modules and advisories have that name.
fn repository(path: &str) -> &str {
    let mut parts = path.match_indices('/').map(|(at, _)| at);
    let end = match path.split('/').next() {
        Some("github.com" | "gitlab.com" | "bitbucket.org") => parts.nth(2),
        Some("golang.org") if path.starts_with("golang.org/x/") => parts.nth(2),
        Some("code.google.com") if path.starts_with("code.google.com/p/") => parts.nth(2),
        // `gopkg.in/name.v1` or `gopkg.in/user/name.v1`.
        Some("gopkg.in") if path.split('/').nth(1).is_some_and(|name| name.contains(".v")) => parts.nth(1),
        Some("gopkg.in") => parts.nth(2),
        _ => None,
    };
    end.and_then(|end| path.get(..end)).unwrap_or(path)
}
