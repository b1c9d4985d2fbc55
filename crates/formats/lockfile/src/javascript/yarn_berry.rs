//! yarn.lock of Yarn 2 and later: YAML.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use super::asked::Asked;
use super::file::put_fetched;
use super::request::{request, split_name};
use super::{Companion, Lock, local_folders, put, resolved, sheet};
use crate::facts::{add_hashes, bare_hash, clean_url, git, is_git};
use crate::format::Parsed;
use crate::graph::{Limits, spread};
use crate::record;
use crate::sheet::Sheet;
use crate::spanned::{Member, yaml};

pub(super) fn read(bytes: &[u8]) -> Parsed {
    let tree = yaml::parse(bytes);
    let mut sheet = sheet(PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    let mut lock = Lock { knows_direct: true, is_berry: true, ..Lock::default() };
    let mut entries = Vec::new();
    let mut asked = Asked::default();
    for member in tree.root().members().iter().filter(|member| member.key != "__metadata") {
        let index = put_entry(&mut sheet, member, &mut lock);
        for request in member.key.split(", ") {
            lock.requests.extend(index.map(|index| (request.to_owned(), index)));
            if let (Some(index), Some((name, spec))) = (index, split_name(request)) {
                let inner = inner(spec);
                let patched = inner.as_deref().and_then(split_name);
                let (name, spec) = patched.unwrap_or((name, spec));
                asked.note(index, name, spec, true);
            }
        }
        entries.push((member, index));
    }
    let answers = Answers::of(&lock, entries.iter().map(|(member, _)| *member));
    let (mut roots, mut limits) = (Vec::new(), Limits::default());
    // Manifests ask in the same words.
    let mut others = Vec::new();
    for (member, index) in entries {
        let needs = member.value.members_of("dependencies").iter();
        let meta = |need: &Member| member.value.at(&["dependenciesMeta", &need.key]);
        let is_optional = |need: &Member| meta(need).is_some_and(|meta| meta.flag("optional"));
        let mut targets = Vec::new();
        for need in needs {
            let scope = if is_optional(need) { Scope::Optional } else { Scope::Prod };
            let found = answers.to(&lock, need);
            let words = need.value.scalar().map(|range| format!("{}@{range}", need.key));
            others.extend(words.zip(found.first().copied()));
            targets.extend(found.into_iter().map(|target| (target, scope)));
        }
        if folder(member).is_some() {
            roots.extend(targets.iter().copied().chain(index.map(|own| (own, Scope::Prod))));
            limits.own.extend(index);
        } else if let Some(from) = index {
            let optional = targets.iter().filter(|(_, scope)| *scope == Scope::Optional);
            limits.optional.extend(optional.map(|(to, _)| (from, *to)));
        }
        if let Some(package) = index.and_then(|index| sheet.package(index)) {
            package.dependencies.extend(targets.into_iter().map(|(to, _)| to));
        }
    }
    let mut reading = sheet.done();
    spread(&mut reading.packages, &roots, &limits);
    lock.limits = limits;
    for (words, index) in others {
        lock.requests.entry(words).or_insert(index);
    }
    asked.mark(&mut reading.packages, |folder| lock.covers.contains(folder));
    lock.folders = local_folders(&reading.packages);
    (reading, Some(record::Companion::Javascript(Companion::Lock(lock))))
}

/// Packages of one name that may answer a need whose request stands nowhere; real projects have two.
const MAX_OPEN: usize = 8;

/// What answers needs. Those that `resolutions` and catalogues of the project turn into others keep their old words, so that these stand
/// nowhere: what nobody else asks for in its own words answers them.
struct Answers<'a> {
    /// The packages by the name that they are asked for by.
    by_name: BTreeMap<&'a str, BTreeSet<u32>>,
    /// Those that somebody asks for in the words of their entries.
    met: BTreeSet<u32>,
}

impl<'a> Answers<'a> {
    fn of(lock: &'a Lock, entries: impl Iterator<Item = &'a Member>) -> Self {
        let mut by_name: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
        for (request, index) in &lock.requests {
            if let Some((name, _)) = split_name(request) {
                by_name.entry(name).or_default().insert(*index);
            }
        }
        let needs = entries.flat_map(|entry| entry.value.members_of("dependencies"));
        let met = needs.filter_map(|need| written(lock, need)).collect();
        Self { by_name, met }
    }

    fn to(&self, lock: &Lock, need: &Member) -> Vec<u32> {
        if let Some(index) = written(lock, need) {
            return vec![index];
        }
        let Some(named) = self.by_name.get(need.key.as_str()) else { return Vec::new() };
        let open = named.iter().filter(|index| named.len() == 1 || !self.met.contains(index));
        open.take(MAX_OPEN).copied().collect()
    }
}

/// The package that is asked for in the words of a need; older versions leave out that a range is one of npm.
fn written(lock: &Lock, need: &Member) -> Option<u32> {
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
    let (asked, real) =
        (asked_name(&member.key, name, place), npm_version(place).unwrap_or(version.to_owned()));
    // What comes is what the resolution says, whatever its entry is called.
    let address = match archive(place) {
        Some(address) => Some(address),
        None if asked != name || real != version => Some(file_in_registry(name, &real)),
        None => None,
    };
    let origin = match &address {
        Some(address) => resolved(&asked, Some(version), address),
        None => origin(place),
    };
    let mut added = put(sheet, member.line, &asked, Some(version), origin)?;
    added.scope(Scope::Prod);
    let digest = entry.text_of("checksum").and_then(|text| text.rsplit('/').next()).and_then(bare_hash);
    add_hashes(added.package, digest);
    let index = added.index;
    if let Some(address) = address {
        put_fetched(sheet, index, &address);
    }
    Some(index)
}

/// The name that the registry is asked for by the requests of an entry, one of which may differ from the `name` that the resolution has.
fn asked_name(requests: &str, name: &str, place: &str) -> String {
    if npm_version(place).is_none() {
        return name.to_owned();
    }
    let asked = requests.split(", ").filter_map(|text| {
        let (own, spec) = split_name(text)?;
        match inner(spec) {
            Some(inner) => split_name(&inner).map(|(own, spec)| request(own, spec).name.to_owned()),
            None => Some(request(own, spec).name.to_owned()),
        }
    });
    let mut other = asked.filter(|asked| asked != name);
    other.next().unwrap_or_else(|| name.to_owned())
}

/// What is patched: the request or the resolution within one of a patch.
fn inner(place: &str) -> Option<String> {
    let patched = place.strip_prefix("patch:")?.split('#').next()?;
    Some(decoded(patched))
}

/// The version that a resolution takes from a registry of npm.
fn npm_version(place: &str) -> Option<String> {
    let inner = inner(place);
    let place = match &inner {
        Some(inner) => split_name(inner)?.1,
        None => place,
    };
    let version = place.strip_prefix("npm:")?;
    Some(version.split("::").next().unwrap_or(version).to_owned())
}

/// The address that a resolution names besides the version.
fn archive(place: &str) -> Option<String> {
    let (_, url) = place.strip_prefix("npm:")?.split_once("::__archiveUrl=")?;
    Some(decoded(url.split('&').next().unwrap_or(url)))
}

/// The file that Yarn fetches for a version of a registry.
fn file_in_registry(name: &str, version: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    format!("https://registry.yarnpkg.com/{name}/-/{last}-{version}.tgz")
}

fn decoded(text: &str) -> String {
    text.replace("%3A", ":").replace("%2F", "/").replace("%40", "@").replace("%23", "#")
}

/// Where a resolution leads to.
fn origin(place: &str) -> PackageOrigin {
    let local = ["workspace:", "file:", "portal:", "link:", "exec:"];
    let inner = inner(place);
    let place = inner.as_deref().map_or(Some(place), |inner| Some(split_name(inner)?.1)).unwrap_or_default();
    if let Some(path) = local.iter().find_map(|kind| place.strip_prefix(kind)) {
        return PackageOrigin::Local { path: path.split("::").next().unwrap_or_default().to_owned() };
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
