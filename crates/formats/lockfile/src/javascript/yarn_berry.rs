//! yarn.lock of Yarn 2 and later: YAML.

use std::borrow::Cow;

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use super::asked::Asked;
use super::request::split_name;
use super::{Companion, Lock, local_folders, put, sheet};
use crate::facts::{add_hashes, bare_hash, clean_url, git, is_git};
use crate::format::Parsed;
use crate::graph::spread;
use crate::record;
use crate::sheet::Sheet;
use crate::spanned::{Member, yaml};

pub(super) fn read(bytes: &[u8]) -> Parsed {
    let tree = yaml::parse(bytes);
    let mut sheet = sheet(PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    let mut lock = Lock { knows_direct: true, ..Lock::default() };
    let mut entries = Vec::new();
    let mut asked = Asked::default();
    for member in tree.root().members().iter().filter(|member| member.key != "__metadata") {
        let index = put_entry(&mut sheet, member, &mut lock);
        for request in member.key.split(", ") {
            lock.requests.extend(index.map(|index| (request.to_owned(), index)));
            if let (Some(index), Some((name, spec))) = (index, split_name(request)) {
                asked.note(index, name, spec, true);
            }
        }
        entries.push((member, index));
    }
    let mut roots = Vec::new();
    for (member, index) in entries {
        let needs = member.value.members_of("dependencies").iter();
        let targets: Vec<u32> = needs.clone().filter_map(|need| target(&lock, need)).collect();
        let meta = |need: &Member| member.value.at(&["dependenciesMeta", &need.key]);
        let is_optional = |need: &Member| meta(need).is_some_and(|meta| meta.flag("optional"));
        if folder(member).is_some() {
            let scope = |need: &Member| if is_optional(need) { Scope::Optional } else { Scope::Prod };
            roots.extend(needs.filter_map(|need| Some((target(&lock, need)?, scope(need)))));
            lock.limits.own.extend(index);
        } else if let Some(from) = index {
            let optional = needs.filter(|need| is_optional(need));
            let optional: Vec<u32> = optional.filter_map(|need| target(&lock, need)).collect();
            lock.limits.optional.extend(optional.into_iter().map(|to| (from, to)));
        }
        if let Some(package) = index.and_then(|index| sheet.package(index)) {
            package.dependencies.extend(targets);
        }
    }
    let mut reading = sheet.done();
    spread(&mut reading.packages, &roots, &lock.limits);
    asked.mark(&mut reading.packages, |folder| lock.covers.contains(folder));
    lock.folders = local_folders(&reading.packages);
    (reading, Some(record::Companion::Javascript(Companion::Lock(lock))))
}

/// The package that answers a need; older versions leave out that a range is one of npm.
fn target(lock: &Lock, need: &Member) -> Option<u32> {
    let (name, range) = (&need.key, need.value.scalar()?);
    let written = [format!("{name}@{range}"), format!("{name}@npm:{range}")];
    written.iter().find_map(|request| lock.requests.get(request)).copied()
}

/// The folder of a workspace, from that of the file.
fn folder(member: &Member) -> Option<&str> {
    let (_, place) = split_name(member.value.text_of("resolution")?)?;
    place.strip_prefix("workspace:")
}

fn put_entry(sheet: &mut Sheet, member: &Member, lock: &mut Lock) -> Option<u32> {
    let entry = &member.value;
    let Some((name, place)) = entry.text_of("resolution").and_then(split_name) else {
        sheet.problem(member.line, "a package has no resolution");
        return None;
    };
    if let Some(folder) = place.strip_prefix("workspace:") {
        let folder = if folder == "." { "" } else { folder };
        lock.covers.insert(folder.to_owned());
        if folder.is_empty() {
            return None;
        }
    }
    let Some(version) = entry.scalar_of("version") else {
        sheet.problem(member.line, "a package has no version");
        return None;
    };
    let mut added = put(sheet, member.line, name, Some(version), origin(name, version, place))?;
    added.scope(Scope::Prod);
    let digest = entry.text_of("checksum").and_then(|text| text.rsplit('/').next()).and_then(bare_hash);
    add_hashes(added.package, digest);
    Some(added.index)
}

/// Where a resolution leads to.
fn origin(name: &str, version: &str, place: &str) -> PackageOrigin {
    let local = ["workspace:", "file:", "portal:", "link:"];
    if let Some(patched) = place.strip_prefix("patch:") {
        let inner = patched.split("#").next().unwrap_or_default().replace("%3A", ":").replace("%2F", "/");
        let inner = Cow::<str>::from(inner);
        return split_name(&inner)
            .map_or(PackageOrigin::Default, |(_, place)| origin_unpatched(name, version, place));
    }
    if let Some(path) = local.iter().find_map(|kind| place.strip_prefix(kind)) {
        return PackageOrigin::Local { path: path.split("::").next().unwrap_or_default().to_owned() };
    }
    origin_unpatched(name, version, place)
}

fn origin_unpatched(name: &str, version: &str, place: &str) -> PackageOrigin {
    if let Some(range) = place.strip_prefix("npm:") {
        let archive =
            range.split_once("::__archiveUrl=").map(|(_, url)| url.replace("%3A", ":").replace("%2F", "/"));
        return archive.map_or(PackageOrigin::Default, |url| super::resolved(name, Some(version), &url));
    }
    if is_git(place) || place.contains("#commit=") {
        return git(place);
    }
    if place.starts_with("http") {
        PackageOrigin::Url { url: clean_url(place) }
    } else {
        PackageOrigin::Default
    }
}
