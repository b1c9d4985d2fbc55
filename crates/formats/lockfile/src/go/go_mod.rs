//! go.mod and go.work (Go Modules Reference, "go.mod files" and "go.work files").

use std::collections::BTreeSet;

use palisade_model::{PackageEvidence, PackageOrigin, Relation};

use super::{
    Companion, Module, Replacement, Replacements, Work, is_folder, put, put_standard_library, sheet,
};
use crate::format::Parsed;
use crate::record;
use crate::sheet::Sheet;
use crate::text::lines;

/// One directive: its line, its words, and the comment behind it.
struct Directive<'a> {
    line: u32,
    verb: &'a str,
    words: Vec<String>,
    comment: &'a str,
}

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet(PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    let directives = directives(&mut sheet, &text);
    let replacements = replacements(&mut sheet, &directives);
    let excluded = excluded(&directives);
    let mut module = Module::default();
    for directive in &directives {
        match (directive.verb, directive.words.as_slice()) {
            ("require", [name, version]) => {
                module.names.insert(name.clone());
                if excluded.contains(&directive.words) {
                    put_next(&mut sheet, directive, name, version);
                    continue;
                }
                put_module(&mut sheet, directive, name, version, &replacements, &mut module);
            }
            ("go", [version]) => module.is_complete = lists_all(version),
            ("module" | "toolchain", [_])
            | ("replace" | "exclude" | "retract" | "tool" | "godebug" | "ignore", _) => {}
            _ => sheet.problem(directive.line, "a line that go.mod does not have"),
        }
    }
    standard_library(&mut sheet, &directives);
    (sheet.done(), Some(record::Companion::Go(Companion::Module(module))))
}

pub(super) fn read_work(_path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet(PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    let directives = directives(&mut sheet, &text);
    let mut work = Work { replacements: replacements(&mut sheet, &directives), ..Work::default() };
    for directive in &directives {
        match (directive.verb, directive.words.as_slice()) {
            ("use", [folder]) => work.uses.push(folder.clone()),
            ("go" | "toolchain", [_]) | ("replace" | "godebug", _) => {}
            _ => sheet.problem(directive.line, "a line that go.work does not have"),
        }
    }
    standard_library(&mut sheet, &directives);
    (sheet.done(), Some(record::Companion::Go(Companion::Work(work))))
}

fn put_module(
    sheet: &mut Sheet,
    directive: &Directive<'_>,
    name: &str,
    version: &str,
    replacements: &Replacements,
    module: &mut Module,
) {
    let is_replaced = find(name, version, replacements).is_some();
    let (name, version, origin) = replaced(name, version, replacements);
    module.names.insert(name.to_owned());
    let Some(added) = put(sheet, directive.line, name, version, origin) else { return };
    module.replaced.extend(is_replaced.then_some(added.index));
    let indirect = directive.comment.split(';').any(|part| part.trim() == "indirect");
    added.package.relation = if indirect { Relation::Transitive } else { Relation::Direct };
}

/// Modules and versions that may not be used.
fn excluded(directives: &[Directive<'_>]) -> BTreeSet<Vec<String>> {
    let own = directives.iter().filter(|directive| directive.verb == "exclude");
    own.map(|directive| directive.words.clone()).collect()
}

/// Adds a module whose required version is excluded: Go takes the next higher one, which the file does not tell.
fn put_next(sheet: &mut Sheet, directive: &Directive<'_>, name: &str, version: &str) {
    if let Some(added) = put(sheet, directive.line, name, None, PackageOrigin::Default) {
        added.package.wanted = Some(format!(">{version}"));
    }
}

/// The replacement of a module, if it has one.
pub(super) fn find<'a>(name: &str, version: &str, replacements: &'a Replacements) -> Option<&'a Replacement> {
    let of_version = |version: Option<&str>| replacements.get(&(name.to_owned(), version.map(str::to_owned)));
    of_version(Some(version)).or_else(|| of_version(None))
}

/// What stands in for a module: one that names its version goes before one for all versions. A folder has no version of its own, and
/// not the one of the module that it takes the place of.
pub(super) fn replaced<'a>(
    name: &'a str,
    version: &'a str,
    replacements: &'a Replacements,
) -> (&'a str, Option<&'a str>, PackageOrigin) {
    match find(name, version, replacements) {
        None => (name, Some(version), PackageOrigin::Default),
        Some(one) if is_folder(&one.name) => (name, None, PackageOrigin::Local { path: one.name.clone() }),
        Some(one) => (&one.name, one.version.as_deref(), PackageOrigin::Default),
    }
}

/// Whether a go.mod of this version of the language lists the modules that others need as well.
fn lists_all(version: &str) -> bool {
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (1, 17)
}

/// Whether a version is one of the language alone, and any toolchain that knows it would do.
fn is_language_only(version: &str) -> bool {
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or(u32::MAX));
    let first = numbers.next().unwrap_or(u32::MAX);
    first == 1 && numbers.next().is_some_and(|minor| minor < 21)
}

/// The toolchain goes before the version of the language, which says nothing of the toolchain before Go 1.21 ("Go Toolchains").
fn standard_library(sheet: &mut Sheet, directives: &[Directive<'_>]) {
    let of = |verb: &str| directives.iter().find(|directive| directive.verb == verb);
    let written =
        of("toolchain").filter(|directive| directive.words.first().is_some_and(|word| word != "default"));
    let Some(directive) = written.or_else(|| of("go")) else { return };
    let version = directive.words.first().map_or("", String::as_str);
    if directive.verb == "go" && is_language_only(version) {
        return;
    }
    let index = put_standard_library(sheet, directive.line, version);
    if let Some(package) = index.and_then(|index| sheet.package(index)) {
        package.relation = Relation::Direct;
    } else {
        sheet.problem(directive.line, "the version of Go is not one");
    }
}

fn replacements(sheet: &mut Sheet, directives: &[Directive<'_>]) -> Replacements {
    let mut found = Replacements::new();
    for directive in directives.iter().filter(|directive| directive.verb == "replace") {
        let mut sides = directive.words.split(|word| word == "=>");
        let (old, new) = (sides.next().unwrap_or_default(), sides.next().unwrap_or_default());
        let ([old, old_version @ ..], [new, new_version @ ..]) = (old, new) else {
            sheet.problem(directive.line, "a replacement that names no two modules");
            continue;
        };
        if new_version.is_empty() && !is_folder(new) {
            sheet.problem(directive.line, "a replacement has no version");
        }
        let one = Replacement { name: new.clone(), version: new_version.first().cloned() };
        found.insert((old.clone(), old_version.first().cloned()), one);
    }
    found
}

/// The directives of a file, those in blocks one by one.
fn directives<'a>(sheet: &mut Sheet, text: &'a str) -> Vec<Directive<'a>> {
    let mut found = Vec::new();
    let mut block: Option<&str> = None;
    let mut last = 0;
    for (line, written) in lines(text) {
        last = line;
        let (content, comment) =
            written.split_once("//").filter(|_| !is_quoted_slash(written)).unwrap_or((written, ""));
        let content = content.trim();
        let Some(words) = words(content) else {
            sheet.problem(line, "a quoted text does not end");
            continue;
        };
        match (block, words.as_slice()) {
            (_, []) => {}
            (Some(_), [end]) if end == ")" => block = None,
            (Some(verb), _) => found.push(Directive { line, verb, words, comment }),
            (None, [.., open]) if open == "(" => {
                block = content.split_whitespace().next().map(|verb| verb.trim_end_matches('('))
            }
            (None, _) => {
                let verb = content.split_whitespace().next().unwrap_or_default();
                let rest = words.into_iter().skip(1).collect();
                found.push(Directive { line, verb, words: rest, comment });
            }
        }
    }
    if block.is_some() {
        sheet.problem(last, "a block does not end");
    }
    found
}

/// Whether the first `//` of a line stands in quotes.
fn is_quoted_slash(line: &str) -> bool {
    line.split("//").next().is_some_and(|before| before.matches(['"', '`']).count() % 2 == 1)
}

/// Words between blanks; those in quotes without them. None when a quote does not end.
fn words(content: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = content.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, after) = match first {
            '"' | '`' => rest.get(1..)?.split_once(first)?,
            '(' | ')' => rest.split_at(1),
            _ => rest.split_at(rest.find([' ', '\t', '(']).unwrap_or(rest.len())),
        };
        found.push(word.to_owned());
        rest = after.trim_start();
    }
    Some(found)
}
