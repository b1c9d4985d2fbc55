//! What lies in the store of Nix: the database of its objects, and the names of objects where there is none.
//!
//! An object is called `hash-name-version`, with the output behind it where a derivation has several ("Store path" in the manual of Nix; names
//! are split as `builtins.parseDrvName` does). Objects without a version are scripts and settings.

use std::collections::BTreeSet;

use palisade_archive::{SqliteValue, sqlite_rows};
use palisade_model::{PackageEvidence, Reading};

use crate::format::Parsed;
use crate::record::Record;
use crate::sheet::Sheet;

/// The name in results of an object's place.
pub(super) const PLACE: &str = "nix-store-object";
const STORE: &str = "nix/store/";
/// Letters of the hash before a name.
const HASH: usize = 32;
/// Outputs beside the main one, as nixpkgs calls them.
const OUTPUTS: &[&str] =
    &["bin", "dev", "devdoc", "doc", "info", "lib", "man", "out", "static", "data", "debug"];

/// An object by what it is called.
pub(crate) struct Object<'p> {
    name: &'p str,
    version: &'p str,
}

/// The object whose derivation lies at `path`, or that has the file at `path` in it, not deeper than in a folder: others tell of it too.
pub(crate) fn object(path: &str) -> Option<Object<'_>> {
    let rest = path.strip_prefix(STORE).or_else(|| path.split_once("/nix/store/").map(|(_, rest)| rest))?;
    let mut parts = rest.split('/');
    let base = parts.next()?;
    match parts.count() {
        0 => named(base.strip_suffix(".drv")?),
        1 | 2 => named(base),
        _ => None,
    }
}

/// The folder of an object of which something lies at `path`, however deep, or which lies there itself; or its derivation.
pub(crate) fn folder(path: &str, is_folder: bool) -> Option<&str> {
    let at = if path.starts_with(STORE) { 0 } else { path.find("/nix/store/")? + 1 };
    let from = at + STORE.len();
    let base = path.get(from..)?.split('/').next()?;
    let folder = path.get(..from + base.len())?;
    let is_object = is_folder || folder.len() < path.len();
    let object = if is_object { named(base) } else { named(base.strip_suffix(".drv")?) };
    object.map(|_| folder)
}

/// What the place of that folder or derivation tells.
pub(crate) fn reading(folder: &str) -> Reading {
    let mut sheet = sheet();
    let base = folder.rsplit('/').next().unwrap_or_default();
    if let Some(object) = named(base.strip_suffix(".drv").unwrap_or(base)) {
        add(&mut sheet, &object);
    }
    sheet.done()
}

fn named(base: &str) -> Option<Object<'_>> {
    let (hash, rest) = base.split_at_checked(HASH)?;
    let is_hash = hash.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
    let rest = rest.strip_prefix('-').filter(|_| is_hash)?;
    let is_begin = |at: &usize| {
        let after = rest.get(at + 1..).unwrap_or_default();
        after.starts_with(|c: char| !c.is_ascii_alphabetic())
    };
    let at = rest.match_indices('-').map(|(at, _)| at).find(is_begin)?;
    let (name, version) = (rest.get(..at)?, rest.get(at + 1..)?);
    let version = match version.rsplit_once('-') {
        Some((version, output)) if OUTPUTS.contains(&output) => version,
        _ => version,
    };
    let is_version = version.starts_with(|c: char| c.is_ascii_digit());
    (is_version && !name.is_empty()).then_some(Object { name, version })
}

fn add(sheet: &mut Sheet, object: &Object<'_>) {
    sheet.add(0, object.name, Some(object.version));
}

pub(crate) fn read_place(path: &str, _: &[u8]) -> Parsed {
    let mut sheet = sheet();
    if let Some(object) = object(path) {
        add(&mut sheet, &object);
    }
    (sheet.done(), None)
}

fn sheet() -> Sheet {
    Sheet::new("nix", None, PackageEvidence::Installed)
}

/// The table of valid objects. What refers to what is not told: rows are numbered outside of them.
pub(crate) fn read_database(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet();
    if bytes.is_empty() {
        return Parsed::default();
    }
    let troubles = sqlite_rows(bytes, b"ValidPaths", &mut |row| {
        let path = row.iter().find_map(text).unwrap_or_default();
        let base = path.rsplit('/').next().unwrap_or_default();
        // A derivation says how to build, not what there is.
        if let Some(object) = named(base).filter(|_| !base.ends_with(".drv")) {
            add(&mut sheet, &object);
        }
    });
    for trouble in troubles {
        sheet.problem(0, &trouble.to_string());
    }
    (sheet.done(), None)
}

fn text<'v>(value: &'v SqliteValue<'_>) -> Option<&'v str> {
    match value {
        SqliteValue::Text(text) => std::str::from_utf8(text).ok(),
        _ => None,
    }
}

/// Changes that SQLite has not yet taken over into the database beside it. Nix leaves none behind when it ends by itself.
pub(crate) fn read_wal(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet();
    if !bytes.is_empty() {
        sheet.problem(
            0,
            "holds changes of the database beside it, which are not read; `sqlite3 db.sqlite 'pragma wal_checkpoint(truncate)'` takes them over",
        );
    }
    (sheet.done(), None)
}

/// Each package is told once, by the database where there is one: an object has many files, and a package many outputs.
pub(crate) fn link(records: &mut [Record]) {
    let mut told: BTreeSet<(String, String)> = BTreeSet::new();
    let of = |record: &Record| {
        let packages = record.reading.packages.iter();
        packages.map(|package| (record.tree(), package.purl.to_string())).collect::<Vec<_>>()
    };
    for record in records.iter().filter(|record| record.format.name() == "nix-store-database") {
        told.extend(of(record));
    }
    for record in records.iter_mut().filter(|record| record.format.name() == PLACE) {
        if !of(record).into_iter().all(|package| told.insert(package)) {
            record.reading.packages.clear();
        }
    }
}
