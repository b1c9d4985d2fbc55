//! Nim: `nimble.lock`, and what a `.nimble` file, which is a program, asks for in plain words.

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use crate::asks::Asks;
use crate::facts::{bare_hash, clean_url, git_at};
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::spanned::{Member, Value, json};
use crate::text::{file_name, lines, quoted};

const KIND: &str = "nim";

pub(crate) fn read_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Locked);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    if root.get("packages").is_none() {
        sheet.problem(0, "has no table of packages");
    }
    for member in root.members_of("packages") {
        locked(&mut sheet, member, Scope::Prod);
    }
    for task in root.members_of("tasks") {
        for member in task.value.members() {
            locked(&mut sheet, member, if task.key == "test" { Scope::Test } else { Scope::Dev });
        }
    }
    (sheet.done(), None)
}

fn locked(sheet: &mut Sheet, member: &Member, scope: Scope) {
    let entry = &member.value;
    let commit = entry.text_of("vcsRevision");
    let (Some(version), true) = (entry.text_of("version").or(commit), member.key != "nim") else {
        // The compiler itself is no package of the project.
        if member.key != "nim" {
            sheet.problem(member.line, "a package without a version");
        }
        return;
    };
    let Some(mut added) = sheet.add(member.line, &member.key, Some(version)) else { return };
    added.scope(scope);
    added.package.origin = match entry.text_of("url") {
        Some(url) => git_at(url, commit),
        None => PackageOrigin::Default,
    };
    added.package.hashes.extend(entry.at(&["checksums", "sha1"]).and_then(Value::text).and_then(bare_hash));
    let from = added.index;
    for need in entry.items_of("dependencies").iter().filter_map(Value::text) {
        sheet.edge(from, need, None);
    }
}

/// `requires "name >= 1.0", "other == 2.0"`, also in brackets and over several lines, and for tasks `taskRequires "test", "name"`.
pub(crate) fn read_manifest(path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let name = file_name(path).trim_end_matches(".nimble");
    let own = lines(&text).find_map(|(number, line)| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "version").then_some((number, *quoted(value).first()?))
    });
    let own = own.and_then(|(line, version)| sheet.add_itself(line, name, Some(version)));
    let (mut names, mut open) = (Vec::new(), None);
    for (number, line) in lines(&text) {
        // A sign without a blank before it may begin a branch.
        let code = line.split(" #").next().unwrap_or_default().trim();
        let code = if code.starts_with('#') { "" } else { code };
        let call = match (code.strip_prefix("requires"), code.strip_prefix("taskRequires")) {
            (Some(rest), _) => Some((rest, Scope::Prod)),
            (None, Some(rest)) => rest
                .split_once(',')
                .map(|(task, rest)| (rest, if task.contains("test") { Scope::Test } else { Scope::Dev })),
            (None, None) => open.take().map(|scope| (code, scope)),
        };
        let Some((rest, scope)) = call else { continue };
        let is_literal =
            rest.contains('"') || rest.trim_matches(['(', ')', '[', ']', ':', '@', ',', ' ']).is_empty();
        if !is_literal {
            sheet.problem(number, "a package whose name has to be worked out");
        }
        for need in quoted(rest).into_iter().flat_map(|text| text.split(',')) {
            ask(&mut sheet, number, need.trim(), scope, &mut names);
        }
        let goes_on = code.ends_with(',') || code.ends_with('(') || code.ends_with("requires");
        open = goes_on.then_some(scope);
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), Some(Companion::Asks(Asks::of(&["nimble-lock"], names))))
}

fn ask(sheet: &mut Sheet, line: u32, need: &str, scope: Scope, names: &mut Vec<(String, Scope)>) {
    let is_place = need.contains("://") || need.starts_with("git@");
    let (written, wanted) = need.split_at(if is_place { end_of_place(need) } else { end_of_name(need) });
    let place = clean_url(written);
    // A repository is named by its address.
    let name =
        if is_place { file_name(place.trim_end_matches('/')).trim_end_matches(".git") } else { written };
    if name.is_empty() || name == "nim" {
        return;
    }
    let wanted = wanted.trim();
    let exact = wanted.strip_prefix("==").map_or(wanted, str::trim);
    let Some(added) = sheet.ask(line, name, exact, scope) else { return };
    if is_place {
        added.package.origin = git_at(written, wanted.strip_prefix('#'));
    }
    names.push((name.to_owned(), scope));
}

fn end_of_name(need: &str) -> usize {
    need.find(|c: char| c.is_whitespace() || "<>=~^#@".contains(c)).unwrap_or(need.len())
}

/// Where the address of a repository ends. Users and their passwords stand before its path, with the same sign as a version behind it.
fn end_of_place(need: &str) -> usize {
    let host = need.find("://").map_or(0, |at| at + "://".len());
    let path = need.split_at(host).1.find('/').map_or(need.len(), |at| host + at);
    let is_end = |(at, c): &(usize, char)| c.is_whitespace() || *c == '#' || (*c == '@' && *at > path);
    need.char_indices().find(is_end).map_or(need.len(), |(at, _)| at)
}
