//! Cargo.lock, versions 1 to 4.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{Package, PackageEvidence, PackageOrigin, Scope};

use super::{put, source};
use crate::displaced::displace;
use crate::facts::hex_hash;
use crate::format::Parsed;
use crate::graph::spread_relations;
use crate::sheet::Sheet;
use crate::spanned::{Value, toml};

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = toml::parse(bytes);
    let root = tree.root();
    let mut sheet = Sheet::new("cargo", Some(super::ECOSYSTEM), PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    if root.scalar_of("version").is_some_and(|version| !matches!(version, "1" | "2" | "3" | "4")) {
        sheet.problem(root.line, "this version of Cargo.lock is not known");
    }
    // Until 2017 the project's own package stood under a header of its own.
    let entries: Vec<&Value> = root.get("root").into_iter().chain(root.items_of("package")).collect();
    let indexes: Vec<Option<u32>> = entries.iter().map(|entry| put_entry(&mut sheet, entry)).collect();
    checksums(&mut sheet, root);
    let by_name = by_name(&entries, &indexes);
    let mut own = Vec::new();
    for (entry, index) in entries.iter().zip(indexes) {
        let Some(index) = index else { continue };
        let needs = entry.items_of("dependencies").iter().filter_map(Value::text);
        let targets: Vec<u32> = needs.filter_map(|need| target(&by_name, need)).collect();
        if entry.get("source").is_none() {
            own.push(index);
            own.extend(&targets);
        }
        if let Some(package) = sheet.package(index) {
            package.dependencies.extend(targets);
        }
    }
    let mut reading = sheet.done();
    spread_relations(&mut reading.packages, &own);
    mark_displaced(&mut reading.packages);
    (reading, None)
}

/// What crates.io has asks for crates of crates.io alone (Cargo Book, "Publishing on crates.io").
fn mark_displaced(packages: &mut [Package]) {
    let of_registry = packages.iter().filter(|package| package.origin == PackageOrigin::Default);
    let asked: BTreeSet<u32> = of_registry.flat_map(|package| package.dependencies.iter().copied()).collect();
    for (index, package) in (0..).zip(packages) {
        if asked.contains(&index) && package.origin != PackageOrigin::Default {
            displace(package, super::ECOSYSTEM);
        }
    }
}

fn put_entry(sheet: &mut Sheet, entry: &Value) -> Option<u32> {
    let (Some(name), Some(version)) = (entry.text_of("name"), entry.text_of("version")) else {
        sheet.problem(entry.line, "a package has no name and version");
        return None;
    };
    let mut added = put(sheet, entry.line, name, Some(version), source(entry.text_of("source")))?;
    added.scope(Scope::Prod);
    added.package.hashes.extend(entry.text_of("checksum").and_then(|digits| hex_hash("sha256", digits)));
    Some(added.index)
}

/// Version 1 keeps the digests apart: `"checksum name version (source)" = "digits"`.
fn checksums(sheet: &mut Sheet, root: &Value) {
    for member in root.members_of("metadata") {
        let mut words = member.key.splitn(4, ' ');
        let (Some("checksum"), Some(name), Some(version)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        let hash = member.value.text().and_then(|digits| hex_hash("sha256", digits));
        if let Some(package) =
            sheet.find(name, version).filter(|package| package.origin == PackageOrigin::Default)
        {
            package.hashes.extend(hash);
        }
    }
}

/// Versions of one crate that others are connected to; the largest lockfiles have five.
const MAX_VERSIONS: usize = 64;

/// The versions and sources of each name.
type ByName<'a> = BTreeMap<&'a str, Vec<(&'a str, Option<&'a str>, u32)>>;

fn by_name<'a>(entries: &[&'a Value], indexes: &[Option<u32>]) -> ByName<'a> {
    let mut names = ByName::new();
    for (entry, index) in entries.iter().zip(indexes) {
        if let (Some(name), Some(version), Some(index)) =
            (entry.text_of("name"), entry.text_of("version"), index)
        {
            let named = names.entry(name).or_default();
            if named.len() < MAX_VERSIONS {
                named.push((version, entry.text_of("source"), *index));
            }
        }
    }
    names
}

/// What `name`, `name version` or `name version (source)` means. The source of a need has no commit.
fn target(names: &ByName<'_>, need: &str) -> Option<u32> {
    let mut words = need.splitn(3, ' ');
    let named = names.get(words.next()?)?;
    let version = words.next();
    let source = words.next().map(|text| text.trim_matches(['(', ')']));
    let bare = |text: &str| text.split('#').next().unwrap_or_default().to_owned();
    let fits_version = |own: &str| version.is_none_or(|version| version == own);
    let fits_source =
        |own: Option<&str>| source.is_none_or(|source| own.is_some_and(|own| bare(own) == bare(source)));
    let exact = named.iter().find(|(own, from, _)| fits_version(own) && fits_source(*from));
    exact.or_else(|| named.iter().find(|(own, _, _)| fits_version(own))).map(|(_, _, index)| *index)
}
