//! requirements.txt, in the format of pip, with the notes that pip-compile and uv leave in it.

use palisade_model::{PackageEvidence, PackageOrigin, Relation, Scope};

use super::requirement::{address, put_requirement, requirement};
use super::{Manifest, NamedIndex, by_name, connect, declared, normalised, put, sheet};
use crate::facts::{add_hashes, prefixed_hash};
use crate::folders::joined;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{file_name, lines};

/// Whether a path is one, with the ending `.txt` or `.in`.
pub(super) fn is_one(path: &str, ending: &str) -> bool {
    let Some(name) = file_name(path).strip_suffix(ending) else { return false };
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    let installed = folder.ends_with(".dist-info") || folder.ends_with(".egg-info");
    !installed
        && (name.contains("requirements") || matches!(folder, "requirements" | "reqs") || name == "requires")
}

/// One line as pip sees it, with what stands behind `\` joined.
struct Logical {
    line: u32,
    content: String,
}

/// Who asks for the last package, as the notes say.
#[derive(Default)]
struct Notes {
    needs: Vec<(u32, String)>,
    in_list: bool,
}

pub(super) fn read(path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet(PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let scope = scope(path);
    let mut notes = Notes::default();
    let mut indexes = Vec::new();
    let mut last = None;
    let mut pending: Option<Logical> = None;
    for (number, line) in lines(&text) {
        if let (None, Some(note)) = (&pending, line.trim_start().strip_prefix('#')) {
            notes.take(&mut sheet, last, note);
            continue;
        }
        let (content, comment) = uncommented(line);
        let goes_on = content.ends_with('\\');
        let content = content.trim_end_matches('\\');
        match &mut pending {
            Some(logical) => logical.content.push_str(content),
            None => pending = Some(Logical { line: number, content: content.to_owned() }),
        }
        if goes_on {
            continue;
        }
        let Some(logical) = pending.take() else { continue };
        indexes.extend(index_of(&logical));
        if !logical.content.trim().is_empty() {
            last = put_line(&mut sheet, path, &logical, scope);
            notes.in_list = false;
        }
        notes.take(&mut sheet, last, comment);
    }
    if let Some(logical) = pending {
        indexes.extend(index_of(&logical));
        put_line(&mut sheet, path, &logical, scope);
    }
    let mut reading = sheet.done();
    // The notes name who needs a package; edges go the other way.
    let names = by_name(&reading.packages);
    let edges: Vec<(u32, Vec<String>)> = notes
        .needs
        .into_iter()
        .filter_map(|(needed, parent)| {
            let needed = reading.packages.get(needed as usize)?.name.clone();
            Some((*names.get(&parent)?.first()?, vec![needed]))
        })
        .collect();
    connect(&mut reading.packages, &edges);
    let names = reading.packages.iter().map(|package| (normalised(&package.name), package.scope));
    let manifest = Manifest { requests: names.collect(), indexes, ..Manifest::default() };
    let (_, companion) = declared(super::sheet(PackageEvidence::Declared), manifest);
    (reading, companion)
}

/// What a file of this name is for.
fn scope(path: &str) -> Scope {
    let name = file_name(path).to_ascii_lowercase();
    let has = |word: &str| name.split(['-', '_', '.']).any(|part| part == word);
    match () {
        () if has("test") || has("tests") || has("testing") => Scope::Test,
        () if has("dev") || has("develop") || has("development") || has("lint") || has("docs") => Scope::Dev,
        () if has("build") => Scope::Build,
        () => Scope::Prod,
    }
}

/// The content of a line and the comment behind it, which begins with `#` after a blank.
fn uncommented(line: &str) -> (&str, &str) {
    let at = line
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|at| line.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with([' ', '\t'])));
    let (content, comment) = line.split_at(at.unwrap_or(line.len()));
    (content.trim_end(), comment.trim_start_matches('#'))
}

impl Notes {
    /// Takes over a comment: `via a`, or `via` with one name on each line that follows.
    fn take(&mut self, sheet: &mut Sheet, last: Option<u32>, comment: &str) {
        let words = comment.trim();
        let list = match words.strip_prefix("via") {
            Some(rest) if rest.is_empty() || rest.starts_with(' ') => {
                self.in_list = rest.is_empty();
                rest
            }
            _ if self.in_list && !words.is_empty() => words,
            _ => return,
        };
        let Some(index) = last else { return };
        for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let own = name.starts_with('-') || name.contains([' ', '(', '/']);
            let Some(package) = sheet.package(index) else { return };
            if own {
                package.relation = Relation::Direct;
            } else {
                package.relation = package.relation.min(Relation::Transitive);
                self.needs.push((index, normalised(name)));
            }
        }
    }
}

fn put_line(sheet: &mut Sheet, path: &str, logical: &Logical, scope: Scope) -> Option<u32> {
    let content = logical.content.trim();
    let line = logical.line;
    let (content, editable) =
        match ["-e ", "--editable ", "--editable="].iter().find_map(|flag| content.strip_prefix(flag)) {
            Some(rest) => (rest.trim(), true),
            None => (content, false),
        };
    if content.starts_with('-') {
        option(sheet, path, line, content);
        return None;
    }
    let (asked, options) = content.split_once(" -").unwrap_or((content, ""));
    let asked = asked.trim();
    let hashes = options
        .split_whitespace()
        .filter_map(|word| word.trim_start_matches('-').strip_prefix("hash=").and_then(prefixed_hash));
    let added = if editable || requirement(asked).is_none() && is_address(asked) {
        put_address(sheet, line, asked, scope)
    } else {
        put_requirement(sheet, line, asked, scope)
    };
    let added = added?;
    add_hashes(added.package, hashes);
    added.package.relation = Relation::Unknown;
    if added.package.version.is_some() && !added.package.hashes.is_empty() {
        added.package.evidence = PackageEvidence::Locked;
    }
    Some(added.index)
}

fn is_address(text: &str) -> bool {
    text.contains("://")
        || text.starts_with(['.', '/', '~'])
        || text.ends_with(".whl")
        || text.ends_with(".tar.gz")
        || text.ends_with(".zip")
}

/// The place that an option lets packages come from.
fn index_of(logical: &Logical) -> Option<NamedIndex> {
    const PLACES: [&str; 5] = ["--index-url", "--extra-index-url", "--find-links", "-i", "-f"];
    let content = logical.content.trim();
    let value = |flag: &str| {
        let rest = content.strip_prefix(flag)?;
        let value = rest.trim_start_matches(['=', ' ', '\t']);
        (rest.len() > value.len() || flag.len() == 2).then_some(value).filter(|value| !value.is_empty())
    };
    if let Some(host) = value("--trusted-host") {
        return Some(NamedIndex { is_trusted: true, ..NamedIndex::of(logical.line, host) });
    }
    PLACES.iter().find_map(|flag| value(flag)).map(|url| NamedIndex::of(logical.line, url))
}

/// Files that are taken in have to be read too; other options say where packages come from.
fn option(sheet: &mut Sheet, path: &str, line: u32, content: &str) {
    let file = ["-r", "--requirement"].iter().find_map(|flag| content.strip_prefix(flag));
    let Some(file) = file.map(|file| file.trim_start_matches(['=', ' ', '\t'])) else { return };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let known = joined(folder, file).is_some_and(|path| is_one(&path, ".txt") || is_one(&path, ".in"));
    if !known || file.contains("://") {
        sheet.problem(line, "takes in a file that is not read");
    }
}

/// Adds what is asked for by an address or a path. The name stands in `#egg=`, or in the file's own name.
pub(super) fn put_address<'s>(
    sheet: &'s mut Sheet,
    line: u32,
    text: &str,
    scope: Scope,
) -> Option<crate::sheet::Added<'s>> {
    let bare = text.split([';', ' ']).next().unwrap_or_default();
    let origin = address(bare);
    let egg =
        bare.split('#').nth(1).and_then(|rest| rest.split('&').find_map(|part| part.strip_prefix("egg=")));
    let egg = egg.map(|egg| egg.split('[').next().unwrap_or(egg));
    let file = bare.split(['#', '?']).next().unwrap_or_default().trim_end_matches('/');
    let file = file.strip_prefix("file:").unwrap_or(file);
    // The project itself, whose name stands in its own manifest.
    if egg.is_none() && matches!(file, "." | "./") {
        return None;
    }
    let (name, version) = match egg {
        Some(name) => (name, None),
        None => distribution(file_name(file)),
    };
    let name = if matches!(name, "" | "." | "..") { file } else { name };
    let name = if matches!(origin, PackageOrigin::Git { .. }) && egg.is_none() {
        name.split('@').next().unwrap_or(name).trim_end_matches(".git")
    } else {
        name
    };
    let mut added = put(sheet, line, name, version, origin)?;
    added.scope(scope);
    Some(added)
}

/// Name and version in the name of a wheel or a source archive.
fn distribution(file: &str) -> (&str, Option<&str>) {
    let wheel = file.strip_suffix(".whl");
    if let Some((name, rest)) = wheel.and_then(|stem| stem.split_once('-')) {
        return (name, rest.split('-').next());
    }
    let stem = [".tar.gz", ".zip", ".tar.bz2", ".tgz"].iter().find_map(|ending| file.strip_suffix(ending));
    match stem.and_then(|stem| stem.rsplit_once('-')) {
        Some((name, version)) if version.starts_with(|c: char| c.is_ascii_digit()) => (name, Some(version)),
        _ => (stem.unwrap_or(file), None),
    }
}
