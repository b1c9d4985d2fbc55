//! Paket's lockfile and what it is made from.

use palisade_model::{PackageEvidence, PackageOrigin, Purl, Relation, Scope};

use super::ECOSYSTEM;
use crate::asks::Asks;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::text::{lines, without_credentials};

pub(crate) fn read_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("nuget", ECOSYSTEM, PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    let (mut section, mut remote, mut last) = (String::new(), String::new(), None);
    for (number, line) in lines(&text).filter(|(_, line)| !line.trim().is_empty()) {
        let word = line.trim();
        match line.len() - line.trim_start().len() {
            0 => {
                section = word.split(' ').next().unwrap_or_default().trim_end_matches(':').to_owned();
                remote.clear();
                last = None;
                let known = [
                    "NUGET",
                    "GITHUB",
                    "GIT",
                    "GIST",
                    "HTTP",
                    "GROUP",
                    "RESTRICTION",
                    "STORAGE",
                    "REDIRECTS",
                    "CONTENT",
                    "FRAMEWORK",
                    "LOWEST_MATCHING",
                    "STRATEGY",
                    "COPY-LOCAL",
                    "COPY-CONTENT-TO-OUTPUT-DIR",
                    "IMPORT-TARGETS",
                    "SPECIFIC-VERSION",
                    "LICENSE-DOWNLOAD",
                    "EXTERNAL-LOCK",
                    "VERSION-IN-PATH",
                ];
                if !known.contains(&section.as_str()) {
                    sheet.problem(number, "a section that is not known");
                }
            }
            2 => remote = word.split_once(": ").map_or("", |(_, remote)| remote).to_owned(),
            4 => last = locked(&mut sheet, number, &section, &remote, word),
            _ => {
                let name = word.split(' ').next().unwrap_or_default();
                if let Some(from) = last.filter(|_| section == "NUGET") {
                    sheet.edge(from, name, None);
                }
            }
        }
    }
    (sheet.done(), None)
}

/// `name (version) - restrictions`.
fn locked(sheet: &mut Sheet, line: u32, section: &str, remote: &str, word: &str) -> Option<u32> {
    let named = word.split_once(" (").and_then(|(name, rest)| Some((name, rest.split_once(')')?.0)));
    let Some((name, version)) = named else {
        sheet.problem(line, "a package without a version");
        return None;
    };
    if section == "NUGET" {
        let added = sheet.add(line, name, Some(version))?;
        if !remote.is_empty() && !remote.contains("nuget.org") {
            added.package.origin = PackageOrigin::Registry { url: without_credentials(remote) };
        }
        return Some(added.index);
    }
    let (owner, project) = remote.rsplit_once('/').unwrap_or(("", remote));
    let kind = if section == "GITHUB" { "github" } else { "generic" };
    let purl = Purl::new(kind, Some(owner).filter(|_| kind == "github"), project, Some(version));
    let added = sheet.add_as(line, purl, remote, None)?;
    added.package.origin = match section {
        "GITHUB" => PackageOrigin::Git {
            url: format!("https://github.com/{remote}"),
            commit: Some(version.to_owned()),
        },
        "GIT" => PackageOrigin::Git { url: without_credentials(remote), commit: Some(version.to_owned()) },
        _ => PackageOrigin::Url { url: without_credentials(remote) },
    };
    None
}

pub(crate) fn read_dependencies(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("nuget", ECOSYSTEM, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let mut names = Vec::new();
    for (number, line) in lines(&text) {
        let line = line.split(" #").next().unwrap_or_default();
        let line = line
            .find("//")
            .filter(|at| !line.split_at(*at).0.ends_with(':'))
            .map_or(line, |at| line.split_at(at).0);
        let mut words = line.split_whitespace();
        match words.next() {
            Some("nuget") => {
                let Some(name) = words.next() else {
                    sheet.problem(number, "a package without a name");
                    continue;
                };
                let wanted: Vec<&str> = words.take_while(|word| !word.ends_with(':')).collect();
                names.push((name.to_owned(), Scope::Prod));
                asked(&mut sheet, number, name, &wanted);
            }
            Some("github") => {
                let Some(project) = words.next() else { continue };
                let (project, version) =
                    project.split_once(':').map_or((project, None), |(name, version)| (name, Some(version)));
                let (owner, name) = project.split_once('/').unwrap_or(("", project));
                let purl = Purl::new("github", Some(owner), name, version);
                if let Some(added) = sheet.add_as(number, purl, project, None) {
                    added.package.relation = Relation::Direct;
                }
            }
            _ => {}
        }
    }
    (sheet.done(), Some(Companion::Asks(Asks::of(&["paket-lock"], names))))
}

fn asked(sheet: &mut Sheet, line: u32, name: &str, wanted: &[&str]) {
    let added = match wanted {
        [] => sheet.add(line, name, None),
        ["=" | "==", version] => sheet.add(line, name, Some(version)),
        [version] if version.starts_with(|c: char| c.is_ascii_digit()) => {
            sheet.add(line, name, Some(version))
        }
        _ => sheet.add_wanted(line, name, &wanted.join(" ")),
    };
    if let Some(mut added) = added {
        added.direct();
    }
}
