//! deno.lock, versions 2 to 5: packages of npm and JSR, and modules by address.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, PackageOrigin, Purl, Relation, Scope};

use super::request::split_name;
use super::{Companion, Lock, put, sheet};
use crate::facts::{add_hashes, bare_hash, clean_url, integrity};
use crate::format::Parsed;
use crate::graph::spread_relations;
use crate::record;
use crate::sheet::Sheet;
use crate::spanned::{Member, Value, json};

/// Packages by `npm:name@version` and `jsr:name@version`, and by what is asked for.
type Known = BTreeMap<String, u32>;

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = json::parse(bytes);
    let root = tree.root();
    let mut sheet = sheet(PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    if !matches!(root.scalar_of("version"), Some("2" | "3" | "4" | "5")) {
        sheet.problem(root.line, "this version of deno.lock is not known");
    }
    let place = if root.get("packages").is_some() { root.get("packages").unwrap_or(root) } else { root };
    let npm = match place.get("npm") {
        Some(old) if old.get("packages").is_some() => old.members_of("packages"),
        _ => place.members_of("npm"),
    };
    let mut known = Known::new();
    for member in npm {
        known.extend(put_npm(&mut sheet, member).map(|index| (format!("npm:{}", member.key), index)));
    }
    for member in place.members_of("jsr") {
        known.extend(put_jsr(&mut sheet, member).map(|index| (format!("jsr:{}", member.key), index)));
    }
    put_remote(&mut sheet, root);
    let answers = specifiers(root, place, &mut known);
    connect(&mut sheet, "npm", npm, &known);
    connect(&mut sheet, "jsr", place.members_of("jsr"), &known);
    let mut lock = Lock::default();
    lock.covers.insert(String::new());
    let asked = asked(root);
    let roots: Vec<u32> = asked.iter().filter_map(|request| known.get(*request).copied()).collect();
    lock.knows_direct = !asked.is_empty();
    let mut reading = sheet.done();
    if lock.knows_direct {
        spread_relations(&mut reading.packages, &roots);
        for package in reading.packages.iter_mut().filter(|package| package.purl.kind() == "generic") {
            package.relation = Relation::Unknown;
        }
    }
    lock.requests = known;
    // Deno writes ranges in its own words; those of a manifest are found by the name, where it is asked for once.
    lock.requests.extend(answers.into_iter().filter_map(|(name, index)| Some((name, index?))));
    (reading, Some(record::Companion::Javascript(Companion::Lock(lock))))
}

fn put_npm(sheet: &mut Sheet, member: &Member) -> Option<u32> {
    let Some((name, version)) = split_name(&member.key) else {
        sheet.problem(member.line, "a package has no version");
        return None;
    };
    // What stands behind an underscore are the peers.
    let version = version.split('_').next().unwrap_or(version);
    let mut added = put(sheet, member.line, name, Some(version), PackageOrigin::Default)?;
    add_hashes(added.package, member.value.text_of("integrity").map(integrity).unwrap_or_default());
    added.scope(Scope::Prod);
    added.package.runs_on_install |= member.value.flag("scripts");
    Some(added.index)
}

fn put_jsr(sheet: &mut Sheet, member: &Member) -> Option<u32> {
    let Some((name, version)) = split_name(&member.key) else {
        sheet.problem(member.line, "a package has no version");
        return None;
    };
    let (scope, last) = name.split_once('/').map_or((None, name), |(scope, last)| (Some(scope), last));
    let added = sheet.add_as(member.line, Purl::new("jsr", scope, last, Some(version)), name, None)?;
    add_hashes(added.package, member.value.text_of("integrity").and_then(bare_hash));
    Some(added.index)
}

/// Modules by address: those of deno.land by their package, the others one by one.
fn put_remote(sheet: &mut Sheet, root: &Value) {
    for member in root.members_of("remote") {
        let url = clean_url(&member.key);
        let (module, version) = module(&url);
        let name = module.trim_start_matches("https://").trim_start_matches("http://");
        let last = crate::text::file_name(name);
        let base = format!("{module}{}", version.map(|version| format!("@{version}")).unwrap_or_default());
        let purl =
            Purl::new("generic", None, last, version).map(|purl| purl.with_qualifier("download_url", &base));
        if let Some(added) = sheet.add_as(member.line, purl, name, None) {
            added.package.origin = PackageOrigin::Url { url: base };
            if version.is_none() {
                add_hashes(added.package, member.value.text().and_then(bare_hash));
            }
        }
    }
}

/// The address up to a version in it, and the version.
fn module(url: &str) -> (&str, Option<&str>) {
    let parts = url.split_once("://deno.land/").and_then(|_| url.split_once('@'));
    match parts {
        Some((module, rest)) => (module, rest.split('/').next()),
        None => (url, None),
    }
}

/// What each request got: `npm:a@^1` to `1.2.3` since version 4, to a whole key before. Returns the one package of npm that each name got.
fn specifiers(root: &Value, place: &Value, known: &mut Known) -> BTreeMap<String, Option<u32>> {
    let mut answers = BTreeMap::new();
    let old = place.at(&["npm", "specifiers"]).map_or(&[][..], Value::members);
    let all = root.members_of("specifiers").iter().chain(place.members_of("specifiers")).chain(old);
    for member in all {
        let Some(answer) = member.value.text() else { continue };
        let (kind, request) = member.key.split_once(':').unwrap_or(("npm", &member.key));
        let name = split_name(request).map_or(request, |(name, _)| name);
        let keys = [answer.to_owned(), format!("{kind}:{name}@{answer}"), format!("{kind}:{answer}")];
        if let Some(index) = keys.iter().find_map(|key| known.get(key)).copied() {
            known.insert(format!("{kind}:{request}"), index);
            if kind == "npm" {
                let one = answers.entry(name.to_owned()).or_insert(Some(index));
                *one = one.filter(|known| *known == index);
            }
        }
    }
    answers
}

fn connect(sheet: &mut Sheet, kind: &str, members: &[Member], known: &Known) {
    let mut versions: BTreeMap<&str, u32> = BTreeMap::new();
    for member in members {
        let index = known.get(&format!("{kind}:{}", member.key)).copied();
        versions.extend(split_name(&member.key).map(|(name, _)| name).zip(index));
    }
    for member in members {
        let needs =
            ["dependencies", "optionalDependencies"].iter().filter_map(|section| member.value.get(section));
        let listed = needs.clone().flat_map(Value::items).filter_map(Value::text);
        let named = needs.flat_map(Value::members).filter_map(|need| need.value.text());
        let targets = listed.chain(named).filter_map(|need| {
            let whole = [need.to_owned(), format!("{kind}:{need}")];
            whole.iter().find_map(|key| known.get(key)).or_else(|| versions.get(need)).copied()
        });
        let targets: Vec<u32> = targets.collect();
        let own = known.get(&format!("{kind}:{}", member.key)).copied();
        if let Some(package) = own.and_then(|index| sheet.package(index)) {
            package.dependencies.extend(targets);
        }
    }
}

/// What the workspace and its members ask for.
fn asked(root: &Value) -> Vec<&str> {
    let Some(workspace) = root.get("workspace") else { return Vec::new() };
    let members = workspace.members_of("members").iter().map(|member| &member.value);
    let all = std::iter::once(workspace).chain(members);
    all.flat_map(|place| {
        let own = place.items_of("dependencies").iter();
        own.chain(place.get("packageJson").map_or(&[][..], |json| json.items_of("dependencies")))
    })
    .filter_map(Value::text)
    .collect()
}
