//! npm's package-lock.json (versions 1 to 3), npm-shrinkwrap.json, and the hidden lockfile of an installation.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{PackageEvidence, PackageOrigin, Reading, Scope};

use super::asked::Asked;
use super::file::{put_fetched, version_at};
use super::request::request;
use super::{Companion, Lock, MAX_CLIMB, MAX_NEEDS, note_limit, package_json, put, resolved, sheet};
use crate::displaced::{displace, is_elsewhere};
use crate::facts::{add_hashes, clean_url, integrity};
use crate::folders::fits;
use crate::format::Parsed;
use crate::graph::spread_relations;
use crate::record;
use crate::sheet::{Added, Sheet};
use crate::spanned::{Kind, Member, Value, json};

/// Packages by the folders that they are installed in.
type Places = BTreeMap<String, u32>;

/// Packages that are told to be missing, of one project.
const MAX_MISSING: usize = 100;

/// Bytes of the path of a folder; the deepest real ones have a third of it.
const MAX_PLACE: usize = 1024;

const EDGES: [&str; 4] = ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"];

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    read_as(bytes, PackageEvidence::Locked)
}

pub(super) fn read_installed(_path: &str, bytes: &[u8]) -> Parsed {
    read_as(bytes, PackageEvidence::Installed)
}

fn read_as(bytes: &[u8], evidence: PackageEvidence) -> Parsed {
    let tree = json::parse(bytes);
    let root = tree.root();
    let mut sheet = sheet(evidence);
    sheet.problems(tree.problems.clone());
    let lock_version = root.scalar_of("lockfileVersion");
    if root.get("packages").is_some_and(|packages| !matches!(packages.kind, Kind::Table(_))) {
        sheet.problem(root.line, "packages are not listed by their folders");
    }
    if lock_version.is_some_and(|version| !matches!(version, "1" | "2" | "3")) {
        sheet.problem(root.line, "this version of package-lock.json is not known");
    }
    let (reading, lock) = if root.get("packages").is_some() {
        read_packages(sheet, root)
    } else {
        if root.get("dependencies").is_none() && lock_version.is_none() {
            sheet.problem(1, "has neither packages nor dependencies");
        }
        read_nested(sheet, root)
    };
    (reading, Some(record::Companion::Javascript(Companion::Lock(lock))))
}

/// Versions 2 and 3: `packages`, by their folders.
fn read_packages(mut sheet: Sheet, root: &Value) -> (Reading, Lock) {
    let members = root.members_of("packages");
    let mut places = Places::new();
    let links = links(members);
    for member in members {
        if let Some(index) = put_place(&mut sheet, member, &links) {
            places.insert(member.key.clone(), index);
        }
    }
    link_folders(members, &mut places);
    let mut roots = Vec::new();
    let mut left = MAX_NEEDS;
    let mut lock = Lock { knows_scopes: true, ..Lock::default() };
    let mut asked = Asked::default();
    for member in members {
        let is_own = !member.key.split('/').any(|part| part == "node_modules");
        if is_own {
            lock.covers.insert(member.key.clone());
            lock.knows_direct = true;
        }
        let sections = EDGES.iter().filter(|section| is_own || **section != "devDependencies");
        let needs = sections
            .flat_map(|section| member.value.members_of(section).iter().map(move |need| (section, need)));
        let mut targets = Vec::new();
        for (section, need) in needs.take(left).inspect(|_| left -= 1) {
            let Some(index) = nearest(&places, &member.key, &need.key) else { continue };
            targets.push(index);
            if *section != "peerDependencies" {
                asked.note(index, &need.key, need.value.scalar().unwrap_or_default(), is_own);
            }
        }
        if is_own {
            roots.extend(targets.iter().chain(places.get(member.key.as_str())));
            tell_missing(&mut sheet, &places, members, member);
        }
        if let Some(package) = places.get(member.key.as_str()).and_then(|index| sheet.package(*index)) {
            package.dependencies.extend(targets);
        }
    }
    note_limit(&mut sheet, left);
    lock.requests = top_level(&places);
    let mut reading = sheet.done();
    if lock.knows_direct {
        spread_relations(&mut reading.packages, &roots);
    }
    // An installation's own lockfile does not tell what the project asks for.
    if let Some(own) = members.iter().find(|member| member.key.is_empty()) {
        let workspaces = package_json::manifest(&own.value).workspaces;
        asked.mark(&mut reading.packages, |folder| workspaces.iter().any(|pattern| fits(pattern, folder)));
        asked.mark_others(&mut reading.packages);
    }
    (reading, lock)
}

/// npm writes a package for everything that the project itself needs. What has none was taken out, and is in the product all the same.
fn tell_missing(sheet: &mut Sheet, places: &Places, members: &[Member], own: &Member) {
    let needed = ["dependencies", "devDependencies"].into_iter().flat_map(|key| own.value.members_of(key));
    let mut missing = needed.filter(|name| nearest(places, &own.key, &name.key).is_none()).peekable();
    if missing.peek().is_none() {
        return;
    }
    // A link may lead out of the project.
    let linked: BTreeSet<&str> = members
        .iter()
        .filter(|member| member.value.flag("link"))
        .filter_map(|member| member.key.rsplit_once("node_modules/").map(|(_, name)| name))
        .collect();
    let is_linked = |name: &Member| {
        let spec = name.value.scalar().unwrap_or_default();
        linked.contains(name.key.as_str()) && request(&name.key, spec).origin != PackageOrigin::Default
    };
    for name in missing.filter(|name| !is_linked(name)).take(MAX_MISSING) {
        let shown: String = name.key.chars().take(214).collect();
        sheet.problem(name.line, &format!("`{shown}` is asked for, and no package of this lockfile"));
    }
}

/// The packages that the project itself sees, by name.
fn top_level(places: &Places) -> Places {
    let top = places.iter().filter_map(|(place, index)| {
        let name = place.strip_prefix("node_modules/").filter(|name| !name.contains("/node_modules/"))?;
        Some((name.to_owned(), *index))
    });
    top.collect()
}

/// The name that each folder beside the project is linked by: npm writes none into the folder's own entry when the link tells it.
fn links(members: &[Member]) -> BTreeMap<&str, &str> {
    let links = members.iter().filter(|member| member.value.flag("link"));
    links
        .filter_map(|member| {
            Some((member.value.text_of("resolved")?, member.key.rsplit_once("node_modules/")?.1))
        })
        .collect()
}

/// Links lead to what lies in the folder that they name.
fn link_folders(members: &[Member], places: &mut Places) {
    for member in members.iter().filter(|member| member.value.flag("link")) {
        let target = member.value.text_of("resolved").and_then(|folder| places.get(folder)).copied();
        places.extend(target.map(|index| (member.key.clone(), index)));
    }
}

/// Adds the package in a folder; the project's own and links have none.
fn put_place(sheet: &mut Sheet, member: &Member, links: &BTreeMap<&str, &str>) -> Option<u32> {
    let (key, entry) = (member.key.as_str(), &member.value);
    if key.is_empty() {
        return None;
    }
    if key.len() > MAX_PLACE {
        sheet.problem(member.line, "the path of a package is longer than is read");
        return None;
    }
    let name = entry.text_of("name").unwrap_or_else(|| {
        let installed = key.rsplit_once("node_modules/").map(|(_, name)| name);
        installed.or_else(|| links.get(key).copied()).unwrap_or_else(|| crate::text::file_name(key))
    });
    let is_own = !key.split('/').any(|part| part == "node_modules");
    if entry.flag("link") {
        return None;
    }
    let version = entry.text_of("version");
    let origin = match address(entry) {
        _ if is_own => PackageOrigin::Local { path: key.to_owned() },
        Some(address) => resolved(name, version, address),
        None => PackageOrigin::Default,
    };
    if version.is_none() && !is_own && matches!(origin, PackageOrigin::Default) {
        sheet.problem(member.line, "a package has no version");
    }
    let mut added = put(sheet, member.line, name, version, origin)?;
    describe(&mut added, entry);
    // What comes inside of another package has neither address nor hash; what has an address should have a hash.
    if let (Some(address), PackageOrigin::Default, []) =
        (address(entry), &added.package.origin, added.package.hashes.as_slice())
    {
        added.package.origin = PackageOrigin::Registry { url: clean_url(address) };
    }
    let index = added.index;
    if let Some(address) = address(entry).filter(|_| !is_own) {
        put_fetched(sheet, index, address);
    }
    Some(index)
}

/// Where an entry says that it comes from. Old npm left an empty text where it did not know.
fn address(entry: &Value) -> Option<&str> {
    entry.text_of("resolved").filter(|address| !address.is_empty())
}

fn describe(added: &mut Added<'_>, entry: &Value) {
    added.scope(scope(entry));
    add_hashes(added.package, entry.text_of("integrity").map(integrity).unwrap_or_default());
    added.package.runs_on_install |= entry.flag("hasInstallScript");
    for licence in package_json::licences(entry) {
        if !added.package.licences.contains(&licence) {
            added.package.licences.push(licence);
        }
    }
}

fn scope(entry: &Value) -> Scope {
    match () {
        () if entry.flag("dev") => Scope::Dev,
        () if entry.flag("optional") || entry.flag("devOptional") => Scope::Optional,
        () if entry.flag("peer") => Scope::Peer,
        () => Scope::Prod,
    }
}

/// What `name` is to a package in `folder`, by Node's own search: its own `node_modules`, then those of the folders above.
fn nearest(places: &Places, folder: &str, name: &str) -> Option<u32> {
    let mut folder = folder;
    for _ in 0..MAX_CLIMB {
        let separator = if folder.is_empty() { "" } else { "/" };
        let place = format!("{folder}{separator}node_modules/{name}");
        if let Some(index) = places.get(place.as_str()) {
            return Some(*index);
        }
        if folder.is_empty() {
            return None;
        }
        folder = match folder.rfind("/node_modules/") {
            Some(at) => folder.split_at(at).0,
            None if folder.starts_with("node_modules/") => "",
            None => folder.rsplit_once('/').map_or("", |(above, _)| above),
        };
    }
    None
}

/// Version 1: `dependencies`, nested as they are installed.
fn read_nested(mut sheet: Sheet, root: &Value) -> (Reading, Lock) {
    let mut places = Places::new();
    let mut entries = Vec::new();
    collect_nested(&mut sheet, root, "", &mut places, &mut entries);
    let mut left = MAX_NEEDS;
    for (folder, entry) in &entries {
        let asked = entry.members_of("requires").iter().take(left).inspect(|_| left -= 1);
        let targets: Vec<u32> = asked.filter_map(|name| nearest(&places, folder, &name.key)).collect();
        if let Some(package) = places.get(folder).and_then(|index| sheet.package(*index)) {
            package.dependencies.extend(targets);
        }
    }
    note_limit(&mut sheet, left);
    let lock = Lock { requests: top_level(&places), knows_scopes: true, ..Lock::default() };
    (sheet.done(), lock)
}

/// Adds what is nested below `parent`, which lies in `folder`; depth is bounded by the reader of JSON.
fn collect_nested<'a>(
    sheet: &mut Sheet,
    parent: &'a Value,
    folder: &str,
    places: &mut Places,
    entries: &mut Vec<(String, &'a Value)>,
) {
    for member in parent.members_of("dependencies") {
        let entry = &member.value;
        let separator = if folder.is_empty() { "" } else { "/" };
        let place = format!("{folder}{separator}node_modules/{}", member.key);
        if place.len() > MAX_PLACE {
            sheet.problem(member.line, "the path of a package is longer than is read");
            continue;
        }
        if let Some(index) = put_nested(sheet, member) {
            places.insert(place.clone(), index);
        }
        collect_nested(sheet, entry, &place, places, entries);
        entries.push((place, entry));
    }
}

/// Adds one package of version 1, where `version` may be an address or an alias as well.
fn put_nested(sheet: &mut Sheet, member: &Member) -> Option<u32> {
    let entry = &member.value;
    let Some(version) = entry.text_of("version") else {
        sheet.problem(member.line, "a package has no version");
        return None;
    };
    let key = member.key.rsplit_once("node_modules/").map_or(member.key.as_str(), |(_, name)| name);
    let asked = request(key, version);
    let is_placed = asked.origin != PackageOrigin::Default;
    let of_file = version_at(asked.name, version);
    let (version, origin) = match address(entry) {
        _ if is_placed => (of_file.as_deref(), asked.origin),
        Some(address) => (Some(asked.wanted), resolved(asked.name, Some(asked.wanted), address)),
        None => (Some(asked.wanted), PackageOrigin::Default),
    };
    let mut added = put(sheet, member.line, asked.name, version, origin)?;
    describe(&mut added, entry);
    // What comes from elsewhere has its place for a version.
    if !is_placed && is_elsewhere(added.package) {
        displace(added.package, super::ECOSYSTEM);
    }
    let index = added.index;
    if let Some(address) = address(entry) {
        put_fetched(sheet, index, address);
    }
    Some(index)
}
