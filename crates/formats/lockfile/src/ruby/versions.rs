//! The version that a gem's specification takes from a constant in a file of its own, such as `lib/name/version.rb`. Ruby is not run:
//! a constant with a plain text counts, and only one that is surely meant.

use super::gemspec;
use crate::folders::joined;
use crate::format::Parsed;
use crate::record::{Companion as Any, Record};
use crate::sheet::Sheet;

/// Bytes of a specification that are kept until the files beside it were read.
const MAX_KEPT: usize = 1 << 20;

/// What records of Ruby say that only makes sense together.
#[derive(Debug)]
pub(crate) enum Companion {
    /// A constant `VERSION`.
    Version(String),
    /// A specification of the gem of that name that takes its version from `constant`, and its text.
    Specification { name: String, constant: String, text: Vec<u8> },
}

/// A file called `version.rb`; most hold nothing but the constant.
pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let text = String::from_utf8_lossy(bytes);
    let said = |line: &str| {
        let (name, value) = line.split_once('=')?;
        let is_it = name.trim().eq_ignore_ascii_case("version");
        gemspec::literal(value).filter(|_| is_it).map(str::to_owned)
    };
    let version = text.lines().find_map(said);
    let nothing = Sheet::new("gem", None, palisade_model::PackageEvidence::Declared).done();
    (nothing, version.map(|version| Any::Ruby(Companion::Version(version))))
}

/// What is to be completed when `text` names a constant of another file.
pub(super) fn pending(name: &str, constant: &str, text: &[u8]) -> Option<Any> {
    let (name, constant) = (name.to_owned(), constant.trim().to_owned());
    (text.len() <= MAX_KEPT)
        .then(|| Any::Ruby(Companion::Specification { name, constant, text: text.to_vec() }))
}

/// The folder of a constant's module as Ruby's loaders look for it: `Some::Thing::VERSION` lies in `some/thing`.
fn folder_of(constant: &str) -> String {
    let mut folder = String::new();
    let modules = constant.rsplit_once("::").map_or("", |(modules, _)| modules);
    let mut before = ':';
    for letter in modules.replace("::", "/").chars() {
        if letter.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            folder.push('_');
        }
        folder.push(letter.to_ascii_lowercase());
        before = letter;
    }
    folder
}

/// Completes specifications with the constants beside them.
pub(crate) fn link(records: &mut [Record]) {
    let mut versions: Vec<(String, String, String)> = Vec::new();
    for record in records.iter() {
        if let Some(Any::Ruby(Companion::Version(version))) = &record.companion {
            versions.push((record.tree(), record.folder(), version.clone()));
        }
    }
    versions.sort();
    for record in records {
        let Some(Any::Ruby(Companion::Specification { name, constant, text })) = &record.companion else {
            continue;
        };
        let (tree, folder) = (record.tree(), record.folder());
        // Else the folders that gems of that name have: dashes are folders, or strokes, or dashes.
        let places = [folder_of(constant), name.replace('-', "/"), name.replace('-', "_"), name.clone()];
        let places = places.map(|place| joined(&folder, &format!("lib/{place}")).unwrap_or_default());
        let found = places.iter().find_map(|place| {
            let at = versions.binary_search_by(|(own, path, _)| (own, path).cmp(&(&tree, place))).ok()?;
            versions.get(at).map(|(_, _, version)| version.clone())
        });
        (record.reading, record.companion) = gemspec::read_with(text, found.as_deref());
    }
}
