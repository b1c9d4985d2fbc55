//! Haskell: Stack and Cabal. What a snapshot of Stackage adds is named by no record of the project.

use palisade_model::{PackageEvidence, PackageHash, PackageOrigin};

use crate::asks::Asks;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::spanned::{Value, yaml};
use crate::text::{lines, without_credentials};

const ECOSYSTEM: Option<&str> = Some("Hackage");

pub(crate) fn read_stack_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("hackage", ECOSYSTEM, PackageEvidence::Locked);
    let tree = yaml::parse(bytes);
    sheet.problems(tree.problems.clone());
    if tree.root().get("packages").is_none() {
        sheet.problem(0, "has no list of packages");
    }
    for entry in tree.root().items_of("packages") {
        let completed = entry.get("completed").unwrap_or(entry);
        if let Some(text) = completed.text_of("hackage") {
            hackage(&mut sheet, completed.line, text);
        } else {
            elsewhere(&mut sheet, completed);
        }
    }
    (sheet.done(), None)
}

/// `name-1.0@sha256:digest,size`; the digest is that of the description, not of the archive.
fn hackage(sheet: &mut Sheet, line: u32, text: &str) {
    let id = text.split('@').next().unwrap_or_default();
    match id.rsplit_once('-').filter(|(_, version)| version.starts_with(|c: char| c.is_ascii_digit())) {
        Some((name, version)) => {
            sheet.add(line, name, Some(version));
        }
        None => sheet.problem(line, "a package without a version"),
    }
}

fn elsewhere(sheet: &mut Sheet, entry: &Value) {
    let (Some(name), Some(version)) = (entry.text_of("name"), entry.scalar_of("version")) else {
        sheet.problem(entry.line, "a package without name or version");
        return;
    };
    let Some(added) = sheet.add(entry.line, name, Some(version)) else { return };
    if let Some(url) = entry.text_of("git") {
        let commit = entry.scalar_of("commit").map(str::to_owned);
        added.package.origin = PackageOrigin::Git { url: without_credentials(url), commit };
    } else if let Some(url) = entry.text_of("url") {
        added.package.origin = PackageOrigin::Url { url: without_credentials(url) };
        let sum = entry.text_of("sha256").filter(|sum| sum.len() == 64);
        added
            .package
            .hashes
            .extend(sum.map(|sum| PackageHash { algorithm: "SHA-256".to_owned(), value: sum.to_owned() }));
    }
}

pub(crate) fn read_stack(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("hackage", ECOSYSTEM, PackageEvidence::Declared);
    let tree = yaml::parse(bytes);
    sheet.problems(tree.problems.clone());
    for entry in tree.root().items_of("extra-deps") {
        match entry.text() {
            // A folder or an archive.
            Some(text) if text.contains('/') || text.starts_with('.') => {}
            Some(text) => hackage(&mut sheet, entry.line, text),
            None => {
                let url = entry.text_of("git").or_else(|| entry.text_of("github")).unwrap_or_default();
                let name = url.trim_end_matches(".git").rsplit('/').next().unwrap_or_default();
                if let Some(added) = sheet.add(entry.line, name, None) {
                    let commit = entry.scalar_of("commit").map(str::to_owned);
                    added.package.origin = PackageOrigin::Git { url: without_credentials(url), commit };
                }
            }
        }
    }
    (sheet.done(), Some(Companion::Asks(Asks::nothing(&["stack-lock"]))))
}

/// `constraints: any.name ==1.0,` and so on. Packages that are `installed` come with the compiler; flags name no version.
pub(crate) fn read_freeze(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("hackage", ECOSYSTEM, PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    let (mut in_constraints, mut is_open) = (false, false);
    for (number, line) in lines(&text) {
        let line = line.split("--").next().unwrap_or_default();
        if line.trim().is_empty() {
            continue;
        }
        let rest = match line.strip_prefix("constraints:") {
            Some(rest) => {
                (in_constraints, is_open) = (true, true);
                rest
            }
            None if line.starts_with([' ', '\t']) && is_open => line,
            None => {
                in_constraints = false;
                is_open = is_field(line);
                if !is_open {
                    sheet.problem(number, "a line that is no field of a project");
                }
                continue;
            }
        };
        for constraint in
            rest.split(',').map(str::trim).filter(|constraint| in_constraints && !constraint.is_empty())
        {
            if !begins_with_package(constraint) {
                sheet.problem(number, "a constraint that is none");
            } else if let Some((name, version)) = constraint.split_once("==") {
                let name = name.trim().trim_start_matches("any.");
                // One of several versions, whichever is chosen, is none that is pinned.
                if version.contains("||") {
                    sheet.add_wanted(number, name, &format!("=={}", version.trim()));
                } else {
                    sheet.add(number, name, Some(version.trim()));
                }
            } else if constraint.split_whitespace().nth(1).is_none() {
                sheet.problem(number, "a constraint that is none");
            }
        }
    }
    (sheet.done(), None)
}

/// Whether a line begins a field or a section, `with-compiler: ghc-9.4` or `package foo` (Cabal User Guide, "cabal.project").
fn is_field(line: &str) -> bool {
    let word = line.split([':', ' ', '\t']).next().unwrap_or_default();
    let has_colon = line.get(word.len()..).is_some_and(|rest| rest.trim_start().starts_with(':'));
    let is_section = matches!(
        word,
        "package" | "source-repository-package" | "if" | "elif" | "else" | "import" | "program-options"
    );
    let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_word && (has_colon || is_section)
}

/// Whether a constraint begins with the name of a package, which may have a qualifier before it.
fn begins_with_package(constraint: &str) -> bool {
    let end = constraint.find(|c: char| c.is_whitespace() || "=<>^".contains(c)).unwrap_or(constraint.len());
    let name = constraint.get(..end).unwrap_or_default();
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte))
}
