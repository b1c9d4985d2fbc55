//! Chef: `Berksfile.lock`, `Policyfile.lock.json`, and the cookbooks that a cookbook's `metadata.rb`, which is a program, names in plain
//! words.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use crate::facts::git_at;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::{Sheet, is_plain_version};
use crate::spanned::{Value, json};
use crate::text::{lines, quoted};

const KIND: &str = "chef";

/// Two sections: what is asked for, with places of its own, and the graph with the versions.
pub(super) fn read_berksfile_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    let (mut section, mut last, mut asked) = ("", None, "");
    let mut places: BTreeMap<&str, PackageOrigin> = BTreeMap::new();
    for (number, line) in lines(&text).filter(|(_, line)| !line.trim().is_empty()) {
        let (indent, word) = (line.len() - line.trim_start().len(), line.trim());
        match (indent, section) {
            (0, _) => section = if matches!(word, "DEPENDENCIES" | "GRAPH") { word } else { "" },
            (2, "DEPENDENCIES") => {
                let (name, _) = named(word);
                sheet.asks_for(name, Scope::Prod);
                places.insert(name, PackageOrigin::Default);
                asked = name;
            }
            (4, "DEPENDENCIES") => {
                if let (Some(place), Some((key, value))) = (places.get_mut(asked), word.split_once(": ")) {
                    locate(place, key, value);
                }
            }
            (2, "GRAPH") => {
                let (name, version) = named(word);
                if version.is_none() {
                    sheet.problem(number, "a cookbook without a version");
                }
                last = sheet.add(number, name, version).map(|added| {
                    added.package.origin = places.get(name).cloned().unwrap_or(PackageOrigin::Default);
                    added.index
                });
            }
            (4, "GRAPH") => {
                if let Some(from) = last {
                    sheet.edge(from, named(word).0, None);
                }
            }
            _ => sheet.problem(number, "a line that is none of a lockfile"),
        }
    }
    (sheet.done(), None)
}

fn locate(place: &mut PackageOrigin, key: &str, value: &str) {
    match (key, &place) {
        ("path", _) => *place = PackageOrigin::Local { path: value.to_owned() },
        ("git", _) => *place = git_at(value, None),
        ("revision", PackageOrigin::Git { url, .. }) => *place = git_at(url, Some(value)),
        _ => {}
    }
}

/// `name (1.0.0)`, or `name` alone.
fn named(word: &str) -> (&str, Option<&str>) {
    let split = word.split_once(" (").map(|(name, version)| (name, version.trim_end_matches(')')));
    split.map_or((word, None), |(name, version)| (name, Some(version)))
}

pub(super) fn read_policy_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Locked);
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    if root.get("cookbook_locks").is_none() {
        sheet.problem(0, "has no table of cookbooks");
    }
    let list = root.at(&["solution_dependencies", "Policyfile"]).map_or(&[][..], Value::items);
    for name in list.iter().filter_map(|pair| pair.items().first()?.text()) {
        sheet.asks_for(name, Scope::Prod);
    }
    let needs = root.at(&["solution_dependencies", "dependencies"]).map_or(&[][..], Value::members);
    let needs: BTreeMap<&str, &Value> =
        needs.iter().map(|member| (member.key.as_str(), &member.value)).collect();
    for member in root.members_of("cookbook_locks") {
        let Some(version) = member.value.text_of("version") else {
            sheet.problem(member.line, "a cookbook without a version");
            continue;
        };
        let Some(added) = sheet.add(member.line, &member.key, Some(version)) else { continue };
        let (from, options) = (added.index, member.value.get("source_options"));
        let option = |key: &str| options.and_then(|options| options.text_of(key));
        added.package.origin = match (option("path"), option("git")) {
            (Some(path), _) => PackageOrigin::Local { path: path.to_owned() },
            (None, Some(url)) => git_at(url, option("revision")),
            (None, None) => PackageOrigin::Default,
        };
        let key = format!("{} ({version})", member.key);
        let needs = needs.get(key.as_str()).map_or(&[][..], |list| list.items());
        for need in needs.iter().filter_map(|pair| pair.items().first()?.text()) {
            sheet.edge(from, need, None);
        }
    }
    (sheet.done(), None)
}

/// `name 'own'`, `version '1.0.0'`, `depends 'other', '>= 1.0'`.
pub(super) fn read_metadata(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let said = |key: &str| {
        lines(&text)
            .find_map(|(number, line)| Some((number, *quoted(line.trim().strip_prefix(key)?).first()?)))
    };
    let version = said("version ").map(|(_, version)| version);
    let own = said("name ").and_then(|(line, name)| sheet.add_itself(line, name, version));
    for (number, line) in lines(&text) {
        let code = line.split(" #").next().unwrap_or_default().trim();
        let Some(call) = code.strip_prefix("depends ").or_else(|| code.strip_prefix("depends(")) else {
            continue;
        };
        let texts = quoted(call);
        let Some((name, wanted)) = texts.split_first().filter(|(name, _)| !name.contains("#{")) else {
            sheet.problem(number, "a cookbook whose name has to be worked out");
            continue;
        };
        let wanted = wanted.join(", ");
        let exact = wanted.strip_prefix('=').map_or("", str::trim);
        // A version alone is asked for as `= version` (Chef, "metadata.rb").
        let wanted = if is_plain_version(exact) { exact } else { wanted.as_str() };
        sheet.ask(number, name, wanted, Scope::Prod);
    }
    let (reading, asks) = sheet.done_asking(own, &["berksfile-lock"]);
    (reading, Some(Companion::Asks(asks)))
}
