//! Lockfiles of Conda's packages, which tell those of Python too: conda-lock's `conda-lock.yml` (version 1) and `pixi.lock` (versions 1
//! to 6 of the pixi project).

use std::collections::BTreeMap;

use palisade_model::{Package, PackageEvidence, PackageOrigin, Purl, Scope};

use super::{Lock, index, normalised, put};
use crate::facts::{clean_url, hex_hash};
use crate::format::Parsed;
use crate::record;
use crate::sheet::{Added, Sheet};
use crate::spanned::{Value, yaml};
use crate::text::file_name;

/// Where a package was found, and what it needs by names.
type Need = (u32, Vec<String>);

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = yaml::parse(bytes);
    let mut sheet = Sheet::new("conda", None, PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    let root = tree.root();
    check_version(&mut sheet, root, 1);
    let mut needs = Vec::new();
    for entry in root.items_of("package") {
        let (Some(name), Some(version)) = (entry.text_of("name"), entry.scalar_of("version")) else {
            sheet.problem(entry.line, "a package without a name and a version");
            continue;
        };
        let url = entry.text_of("url").unwrap_or_default();
        let added = match entry.text_of("manager") {
            Some("pip") => put_python(&mut sheet, entry.line, name, Some(version), url),
            _ => put_conda(&mut sheet, entry.line, name, version, url),
        };
        let Some(mut added) = added else { continue };
        added.scope(category(entry));
        let hash = |kind: &str| hex_hash(kind, entry.at(&["hash", kind])?.text()?);
        if added.package.hashes.is_empty() {
            added.package.hashes.extend(["sha256", "md5"].into_iter().filter_map(hash));
        }
        let wanted = entry.members_of("dependencies").iter().map(|need| need.key.clone()).collect();
        needs.push((added.index, wanted));
    }
    done(sheet, &needs)
}

/// What only optional parts of an environment or its developers need.
fn category(entry: &Value) -> Scope {
    match entry.text_of("category") {
        None | Some("main") => Scope::Prod,
        Some(other) => super::group_scope(other),
    }
}

pub(super) fn read_pixi(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = yaml::parse(bytes);
    let mut sheet = Sheet::new("conda", None, PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    let root = tree.root();
    check_version(&mut sheet, root, 6);
    let mut needs = Vec::new();
    for entry in root.items_of("packages") {
        let Some(added) = put_pixi(&mut sheet, entry) else {
            sheet.problem(entry.line, "a package without a name and a version");
            continue;
        };
        let hash = |kind: &str| hex_hash(kind, entry.text_of(kind)?);
        if added.package.hashes.is_empty() {
            added.package.hashes.extend(["sha256", "md5"].into_iter().filter_map(hash));
            added.package.licences.extend(entry.text_of("license").map(str::to_owned));
        }
        let wanted = ["depends", "requires_dist"].iter().flat_map(|key| entry.items_of(key));
        // What an extra needs is there when somebody asked for the extra.
        let wanted = wanted.filter_map(Value::text).map(|text| word(text).to_owned()).collect();
        needs.push((added.index, wanted));
    }
    done(sheet, &needs)
}

/// Since version 6 an entry has the address of the package under its kind, and that of Conda's has its name and version in it.
fn put_pixi<'s>(sheet: &'s mut Sheet, entry: &Value) -> Option<Added<'s>> {
    let (name, version) = (entry.text_of("name"), entry.scalar_of("version"));
    let place = |kind: &str| {
        entry.text_of(kind).or_else(|| entry.text_of("url").filter(|_| entry.text_of("kind") == Some(kind)))
    };
    if let Some(url) = place("pypi") {
        return put_python(sheet, entry.line, name?, version, url);
    }
    let url = place("conda")?;
    let told = archive(url);
    let name = name.or(told.map(|(name, _)| name))?;
    put_conda(sheet, entry.line, name, version.or(told.map(|(_, version)| version))?, url)
}

/// Name and version in the name of a package of Conda, `name-version-build.conda`.
fn archive(url: &str) -> Option<(&str, &str)> {
    let file = file_name(url.split(['#', '?']).next().unwrap_or_default());
    let stem = file.strip_suffix(".conda").or_else(|| file.strip_suffix(".tar.bz2"))?;
    let mut parts = stem.rsplitn(3, '-').skip(1);
    let version = parts.next()?;
    Some((parts.next()?, version))
}

fn check_version(sheet: &mut Sheet, root: &Value, newest: u32) {
    let version = root.scalar_of("version").and_then(|version| version.parse::<u32>().ok());
    if !version.is_some_and(|version| (1..=newest).contains(&version)) {
        sheet.problem(root.line, "this version of the lockfile is not known");
    }
}

fn put_conda<'s>(sheet: &'s mut Sheet, line: u32, name: &str, version: &str, url: &str) -> Option<Added<'s>> {
    let url = clean_url(url);
    // The channel lies above the folder of the platform.
    let channel = url.rsplit('/').nth(2).unwrap_or_default().to_owned();
    let purl = Purl::new("conda", None, name, Some(version));
    let added = sheet.add_as(line, purl.map(|purl| purl.with_qualifier("channel", &channel)), name, None)?;
    added.package.origin = PackageOrigin::Registry { url };
    Some(added)
}

fn put_python<'s>(
    sheet: &'s mut Sheet,
    line: u32,
    name: &str,
    version: Option<&str>,
    url: &str,
) -> Option<Added<'s>> {
    let is_pypi =
        ["https://files.pythonhosted.org/", "https://pypi.org/"].iter().any(|home| url.starts_with(home));
    let origin = match url {
        _ if is_pypi => PackageOrigin::Default,
        _ if url.contains("://") => super::requirement::address(url),
        "" => index("https://pypi.org/simple"),
        folder => PackageOrigin::Local { path: folder.to_owned() },
    };
    put(sheet, line, name, version, origin)
}

/// The name that a text of what is needed begins with.
fn word(text: &str) -> &str {
    text.split(|c: char| " <>=!~;[(".contains(c)).next().unwrap_or_default()
}

/// Connects what needs each other by name, as far as it is there: what a platform brings itself is not.
fn done(sheet: Sheet, needs: &[Need]) -> Parsed {
    let mut reading = sheet.done();
    let mut names: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (index, package) in (0..).zip(&reading.packages) {
        names.entry(normalised(&package.name)).or_default().push(index);
    }
    for (from, wanted) in needs {
        let targets = wanted.iter().filter_map(|name| names.get(&normalised(name)));
        // Of a name with several versions it is not known which one is meant.
        let targets = targets.filter(|found| found.len() == 1).flatten().filter(|target| *target != from);
        if let Some(package) = reading.packages.get_mut(*from as usize) {
            connect(package, targets.copied());
        }
    }
    let lock = Lock { knows_scopes: true, ..Lock::default() };
    (reading, Some(record::Companion::Python(super::Companion::Lock(lock))))
}

fn connect(package: &mut Package, targets: impl Iterator<Item = u32>) {
    package.dependencies.extend(targets);
    package.dependencies.sort_unstable();
    package.dependencies.dedup();
}
