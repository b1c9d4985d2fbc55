//! R: `renv.lock`, before that `packrat.lock`, and `DESCRIPTION`.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, PackageOrigin, Purl, Scope};

use crate::asks::Asks;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::spanned::{Member, Value, json};
use crate::text::lines;

const ECOSYSTEM: Option<&str> = Some("CRAN");

pub(crate) fn read_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("cran", ECOSYSTEM, PackageEvidence::Locked);
    let tree = json::parse(bytes);
    sheet.problems(tree.problems.clone());
    if tree.root().get("Packages").is_none() {
        sheet.problem(0, "has no table of packages");
    }
    for member in tree.root().members_of("Packages") {
        locked(&mut sheet, member);
    }
    (sheet.done(), None)
}

fn locked(sheet: &mut Sheet, member: &Member) {
    let entry = &member.value;
    let name = entry.text_of("Package").unwrap_or(&member.key);
    let Some(version) = entry.scalar_of("Version") else {
        sheet.problem(member.line, "a package without a version");
        return;
    };
    let (kind, ecosystem) = match entry.text_of("Source") {
        Some("Bioconductor") => ("bioconductor", Some("Bioconductor")),
        _ => ("cran", ECOSYSTEM),
    };
    let purl = Purl::new(kind, None, name, Some(version));
    let Some(added) = sheet.add_as(member.line, purl, name, ecosystem) else { return };
    let from = added.index;
    let remote = |key: &str| entry.text_of(key).unwrap_or_default();
    added.package.origin = match entry.text_of("Source") {
        Some(source @ ("GitHub" | "GitLab" | "Bitbucket")) => PackageOrigin::Git {
            url: format!(
                "https://{}.{}/{}/{}",
                source.to_ascii_lowercase(),
                if source == "Bitbucket" { "org" } else { "com" },
                remote("RemoteUsername"),
                remote("RemoteRepo")
            ),
            commit: entry.text_of("RemoteSha").map(str::to_owned),
        },
        Some("Local") => PackageOrigin::Local { path: remote("RemoteUrl").to_owned() },
        _ => PackageOrigin::Default,
    };
    let needs = ["Requirements", "Depends", "Imports", "LinkingTo"].into_iter();
    for need in needs.flat_map(|key| entry.items_of(key)).filter_map(Value::text) {
        sheet.edge(from, word(need), None);
    }
}

/// A paragraph for packrat itself, and one for each package (Debian Control File format, as that of `DESCRIPTION`).
pub(crate) fn read_packrat(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("cran", ECOSYSTEM, PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    let mut open: Vec<(u32, &str)> = Vec::new();
    for (number, line) in lines(&text).chain([(0, "")]) {
        if line.trim().is_empty() {
            snapshot(&mut sheet, &fields(std::mem::take(&mut open).into_iter()));
        } else {
            open.push((number, line));
        }
    }
    (sheet.done(), None)
}

fn snapshot(sheet: &mut Sheet, fields: &BTreeMap<&str, (u32, String)>) {
    let field = |key: &str| fields.get(key).map_or("", |(_, value)| value.as_str());
    let Some((line, name)) = fields.get("Package") else { return };
    if field("Version").is_empty() {
        sheet.problem(*line, "a package without a version");
        return;
    }
    let (kind, ecosystem) = match field("Source") {
        "Bioconductor" => ("bioconductor", Some("Bioconductor")),
        _ => ("cran", ECOSYSTEM),
    };
    let purl = Purl::new(kind, None, name, Some(field("Version")));
    let Some(added) = sheet.add_as(*line, purl, name, ecosystem) else { return };
    let from = added.index;
    added.package.origin = match field("Source") {
        "github" => PackageOrigin::Git {
            url: format!("https://github.com/{}/{}", field("GithubUsername"), field("GithubRepo")),
            commit: fields.get("GithubSha1").map(|(_, commit)| commit.clone()),
        },
        "source" => PackageOrigin::Local { path: field("SourcePath").to_owned() },
        _ => PackageOrigin::Default,
    };
    for need in field("Requires").split(',').map(str::trim).filter(|need| !need.is_empty()) {
        sheet.edge(from, word(need), None);
    }
}

/// The fields of a paragraph with their lines; one that begins with a blank goes on with the field before it.
fn fields<'t>(lines: impl Iterator<Item = (u32, &'t str)>) -> BTreeMap<&'t str, (u32, String)> {
    let mut fields: BTreeMap<&str, (u32, String)> = BTreeMap::new();
    let mut last = "";
    for (number, line) in lines {
        match line.split_once(':') {
            _ if line.starts_with([' ', '\t']) => {
                if let Some((_, value)) = fields.get_mut(last) {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            }
            Some((key, value)) => {
                last = key;
                fields.insert(key, (number, value.trim().to_owned()));
            }
            None => {}
        }
    }
    fields
}

/// An installed package's own record, or that of a project, which asks for packages. Other files of that name have no `Package`.
pub(crate) fn read_description(path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("cran", ECOSYSTEM, PackageEvidence::Installed);
    let text = sheet.decode(bytes);
    let fields = fields(lines(&text));
    let field = |key: &str| fields.get(key).map(|(_, value)| value.as_str());
    let Some((line, name)) = fields.get("Package") else { return (sheet.done(), None) };
    // A library has a folder for each package.
    let is_in_library = path.rsplit('/').nth(1) == Some(name);
    let is_installed = is_in_library || field("Built").is_some() || field("Packaged").is_some();
    if is_installed {
        match field("Version") {
            Some(version) => {
                if let Some(added) = sheet.add(*line, name, Some(version)) {
                    added.package.licences = field("License").map(str::to_owned).into_iter().collect();
                }
            }
            None => sheet.problem(*line, "a package without a version"),
        }
        return (sheet.done(), None);
    }
    let mut sheet = Sheet::new("cran", ECOSYSTEM, PackageEvidence::Declared);
    let own = sheet.add_itself(*line, name, field("Version"));
    let mut names = Vec::new();
    for (key, scope) in [
        ("Depends", Scope::Prod),
        ("Imports", Scope::Prod),
        ("LinkingTo", Scope::Build),
        ("Suggests", Scope::Dev),
    ] {
        let Some((line, needs)) = fields.get(key) else { continue };
        for need in needs.split(',').map(str::trim).filter(|need| !need.is_empty() && word(need) != "R") {
            let wanted = need.split_once('(').map_or("", |(_, wanted)| wanted.trim_end_matches(')').trim());
            if let Some(mut added) = sheet.add_wanted(*line, word(need), wanted) {
                added.scope(scope);
                added.direct();
            }
            names.push((word(need).to_owned(), scope));
        }
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), Some(Companion::Asks(Asks::of(&["renv-lock"], names))))
}

/// The name of `name (>= 1.0)`.
fn word(need: &str) -> &str {
    need.split(['(', ' ']).next().unwrap_or_default().trim()
}
