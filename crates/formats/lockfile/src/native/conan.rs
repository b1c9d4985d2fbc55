//! Conan: lockfiles of both major versions, `conanfile.txt`, `conaninfo.txt`.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{PackageEvidence, Purl, Scope};

use crate::asks::Asks;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::{Added, Sheet};
use crate::spanned::{Value, json};
use crate::text::lines;

pub(super) const ECOSYSTEM: Option<&str> = Some("ConanCenter");

/// `name/version@user/channel#revision%time`, all but the first two optional.
struct Reference<'r> {
    name: &'r str,
    version: &'r str,
    user: Option<(&'r str, &'r str)>,
    revision: Option<&'r str>,
}

impl<'r> Reference<'r> {
    fn parse(text: &'r str) -> Option<Self> {
        // A package's own id may follow.
        let (rest, revision) = match text.split_once('#') {
            Some((rest, revision)) => {
                (rest, revision.split(['%', ':', '#']).next().filter(|id| !id.is_empty()))
            }
            None => (text.split(['%', ':']).next().unwrap_or(text), None),
        };
        let (rest, user) = rest.split_once('@').map_or((rest, None), |(rest, user)| (rest, Some(user)));
        let (name, version) = rest.split_once('/').filter(|(_, version)| !version.contains('/'))?;
        let user =
            user.filter(|user| !user.is_empty()).map(|user| user.split_once('/').unwrap_or((user, "")));
        (!name.is_empty() && !version.is_empty()).then_some(Self { name, version, user, revision })
    }

    fn is_range(&self) -> bool {
        self.version.starts_with('[')
    }

    fn add<'s>(&self, sheet: &'s mut Sheet, line: u32) -> Option<Added<'s>> {
        let version = Some(self.version).filter(|_| !self.is_range());
        let purl = Purl::new("conan", None, self.name, version).map(|purl| {
            let (user, channel) = self.user.filter(|(user, _)| *user != "_").unwrap_or_default();
            purl.with_qualifier("user", user)
                .with_qualifier("channel", channel)
                .with_qualifier("rrev", self.revision.unwrap_or_default())
        });
        let added = sheet.add_as(line, purl, self.name, ECOSYSTEM)?;
        if self.is_range() {
            added.package.wanted = Some(self.version.to_owned());
        }
        Some(added)
    }
}

pub(super) fn add(sheet: &mut Sheet, line: u32, text: &str, scope: Scope) -> Option<u32> {
    match Reference::parse(text.trim()) {
        Some(reference) => {
            let mut added = reference.add(sheet, line)?;
            added.scope(scope);
            Some(added.index)
        }
        None => {
            sheet.problem(line, "a reference without name and version");
            None
        }
    }
}

pub(crate) fn read_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("conan", ECOSYSTEM, PackageEvidence::Locked);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    if let Some(nodes) = root.at(&["graph_lock", "nodes"]) {
        graph(&mut sheet, nodes);
    } else if root.get("version").is_some() {
        let lists = [
            ("requires", Scope::Prod),
            ("build_requires", Scope::Build),
            ("python_requires", Scope::Build),
            ("config_requires", Scope::Build),
        ];
        for (key, scope) in lists {
            for entry in root.items_of(key) {
                // With `--lockfile-overrides` an entry is a list that begins with the reference.
                let text = entry.text().or_else(|| entry.items().first().and_then(Value::text));
                add(&mut sheet, entry.line, text.unwrap_or_default(), scope);
            }
        }
    } else {
        sheet.problem(0, "has neither a graph nor a list of what is required");
    }
    (sheet.done(), None)
}

/// Conan 1: nodes by number, each with those that it requires; one with a path is a project: the one that
/// is locked, or one beside it that it needs.
fn graph(sheet: &mut Sheet, nodes: &Value) {
    let mut indexes: BTreeMap<&str, u32> = BTreeMap::new();
    let mut direct = Vec::new();
    let needed: BTreeSet<&str> = nodes.members().iter().flat_map(|node| required(&node.value)).collect();
    for node in nodes.members() {
        let entry = &node.value;
        if entry.get("path").is_some() {
            direct.extend(required(entry));
            if !needed.contains(node.key.as_str()) {
                continue;
            }
            let own = entry.text_of("ref").or_else(|| entry.text_of("pref")).and_then(Reference::parse);
            let own = own.and_then(|own| sheet.add_itself(node.line, own.name, Some(own.version)));
            indexes.extend(own.map(|index| (node.key.as_str(), index)));
            continue;
        }
        let Some(text) = entry.text_of("ref").or_else(|| entry.text_of("pref")) else {
            // The root of a graph that was locked without a project.
            if entry.get("requires").is_none() {
                sheet.problem(node.line, "a package without a reference");
            }
            direct.extend(required(entry));
            continue;
        };
        let scope = if entry.text_of("context") == Some("build") { Scope::Build } else { Scope::Prod };
        if let Some(index) = add(sheet, node.line, text, scope) {
            indexes.insert(&node.key, index);
        }
    }
    if direct.is_empty() {
        // A graph of a package that is in it.
        direct.extend(indexes.keys().copied().filter(|key| !needed.contains(key)));
    }
    sheet.rest_is_transitive();
    for index in direct.iter().filter_map(|key| indexes.get(key)) {
        if let Some(package) = sheet.package(*index) {
            package.relation = palisade_model::Relation::Direct;
        }
    }
    for node in nodes.members() {
        let Some(from) = indexes.get(node.key.as_str()) else { continue };
        let needs: Vec<u32> =
            required(&node.value).iter().filter_map(|key| indexes.get(key)).copied().collect();
        if let Some(package) = sheet.package(*from) {
            package.dependencies.extend(needs);
        }
    }
}

/// The keys of the nodes that a node requires: a list, or a table by reference in the oldest form.
fn required(node: &Value) -> Vec<&str> {
    let requires = ["requires", "build_requires"].into_iter().filter_map(|key| node.get(key));
    requires
        .flat_map(|value| value.items().iter().chain(value.members().iter().map(|member| &member.value)))
        .filter_map(Value::text)
        .collect()
}

pub(crate) fn read_manifest(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("conan", ECOSYSTEM, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let mut names = Vec::new();
    for (number, section, word) in entries(&text) {
        let scope = match section {
            "requires" => Scope::Prod,
            "build_requires" | "tool_requires" => Scope::Build,
            "test_requires" => Scope::Test,
            _ => continue,
        };
        if let Some(index) = add(&mut sheet, number, word, scope)
            && let Some(package) = sheet.package(index)
        {
            package.relation = palisade_model::Relation::Direct;
            names.push((package.name.clone(), scope));
        }
    }
    (sheet.done(), Some(Companion::Asks(Asks::of(&["conan-lock"], names))))
}

pub(crate) fn read_info(path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("conan", ECOSYSTEM, PackageEvidence::Installed);
    let text = sheet.decode(bytes);
    // Conan 1 keeps packages in `name/version/user/channel/package/id`.
    let mut itself = None;
    let parts: Vec<&str> = path.split('/').rev().collect();
    if let [_, _, "package", channel, user, version, name, ..] = parts.as_slice() {
        let own = Reference { name, version, user: Some((user, channel)), revision: None };
        itself = own.add(&mut sheet, 0).map(|added| added.index);
    }
    let mut needs = Vec::new();
    for (number, section, word) in entries(&text) {
        if section == "full_requires" {
            needs.extend(add(&mut sheet, number, word, Scope::Prod));
        }
    }
    if let Some(package) = itself.and_then(|itself| sheet.package(itself)) {
        package.dependencies = needs;
    }
    (sheet.done(), None)
}

/// The lines of an ini file with their sections, without comments.
fn entries(text: &str) -> impl Iterator<Item = (u32, &str, &str)> {
    let mut section = "";
    lines(text).filter_map(move |(number, line)| {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
            return None;
        }
        let line = line.split(" #").next().unwrap_or_default().trim();
        (!line.is_empty() && !line.starts_with('#')).then_some((number, section, line))
    })
}
