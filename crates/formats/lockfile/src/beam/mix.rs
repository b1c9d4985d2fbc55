//! `mix.lock`, and what `mix.exs` asks for in plain words.

use palisade_model::{PackageEvidence, PackageHash, PackageOrigin, Purl, Scope};

use super::ECOSYSTEM;
use super::term::{self, Term};
use crate::asks::Asks;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::text::{lines, quoted, without_credentials};

pub(crate) fn read_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("hex", ECOSYSTEM, PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    let (terms, problems) = term::read(&text, '#');
    for pair in terms.iter().flat_map(Term::list) {
        match pair.tuple() {
            [name, entry] => locked(&mut sheet, pair.line, name.word().unwrap_or_default(), entry.tuple()),
            _ => sheet.problem(pair.line, "an entry that is no pair"),
        }
    }
    sheet.problems(problems);
    if !text.trim().is_empty() && terms.iter().all(|term| !matches!(term.kind, term::Kind::List(_))) {
        sheet.problem(0, "holds no map of packages");
    }
    (sheet.done(), None)
}

fn locked(sheet: &mut Sheet, line: u32, key: &str, entry: &[Term]) {
    let word = |at: usize| entry.get(at).and_then(Term::word);
    match word(0) {
        Some("hex") => hex(sheet, line, entry),
        Some("git") => {
            let commit = word(2).unwrap_or_default();
            // Not what Hex has under any version.
            let Some(added) = sheet.add(line, key, None) else { return };
            let url = without_credentials(word(1).unwrap_or_default());
            added.package.origin = PackageOrigin::Git { url, commit: Some(commit.to_owned()) };
        }
        Some("path") => {
            let Some(added) = sheet.add(line, key, None) else { return };
            added.package.origin = PackageOrigin::Local { path: word(1).unwrap_or_default().to_owned() };
        }
        _ => sheet.problem(line, "a package of a kind that is not known"),
    }
}

/// `{:hex, name, version, inner checksum, managers, needs, repository, outer checksum}`; older files end earlier.
fn hex(sheet: &mut Sheet, line: u32, entry: &[Term]) {
    let word = |at: usize| entry.get(at).and_then(Term::word);
    let (Some(name), Some(version)) = (word(1), word(2)) else {
        sheet.problem(line, "a package without name or version");
        return;
    };
    let repository = word(6).unwrap_or("hexpm");
    let organisation = repository.strip_prefix("hexpm:");
    let purl = Purl::new("hex", organisation, name, Some(version));
    let Some(added) = sheet.add_as(line, purl, name, ECOSYSTEM) else { return };
    if repository != "hexpm" {
        added.package.origin = PackageOrigin::Registry { url: repository.to_owned() };
    }
    added.package.hashes.extend(
        word(7)
            .filter(|sum| sum.len() == 64)
            .map(|sum| PackageHash { algorithm: "SHA-256".to_owned(), value: sum.to_ascii_lowercase() }),
    );
    let from = added.index;
    for need in entry.get(5).map_or(&[][..], Term::list) {
        if let Some(name) = need.tuple().first().and_then(Term::word) {
            sheet.edge(from, name, None);
        }
    }
}

/// `{:name, "~> 1.0", only: :test}`, one a line, as everybody writes them.
pub(crate) fn read_project(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("hex", ECOSYSTEM, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let mut names = Vec::new();
    for (number, line) in lines(&text) {
        // The first one may stand behind the bracket of the list.
        let line = line.trim().trim_start_matches('[').trim_start();
        let Some((name, rest)) = line.strip_prefix("{:").and_then(|rest| rest.split_once(',')) else {
            continue;
        };
        let options = rest.split_once("only:").map_or("", |(_, only)| only);
        let scope = match () {
            () if options.contains(":prod") || options.is_empty() => Scope::Prod,
            () if options.contains(":test") && !options.contains(":dev") => Scope::Test,
            () => Scope::Dev,
        };
        let wanted = quoted(rest).into_iter().next().unwrap_or_default();
        if let Some(mut added) = sheet.add_wanted(number, name.trim(), wanted) {
            added.scope(scope);
            added.direct();
        }
        names.push((name.trim().to_owned(), scope));
    }
    (sheet.done(), Some(Companion::Asks(Asks::of(&["mix-lock"], names))))
}
