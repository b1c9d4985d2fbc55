//! The specification of a pod, as JSON or as a program of Ruby: the pods that it needs in plain words.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, Purl, Scope};

use super::podfile;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, json};
use crate::text::{lines, quoted};

fn sheet() -> Sheet {
    Sheet::new("cocoapods", None, PackageEvidence::Declared)
}

pub(super) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet();
    let text = sheet.decode(bytes);
    let variables = variables(&text);
    let said = |wanted: &str| {
        lines(&text).find_map(|(number, line)| {
            let (target, value) = line.split_once('=')?;
            target.trim().split_once('.').filter(|(_, key)| *key == wanted)?;
            let text = literal(value).or_else(|| variables.get(value.trim()).copied());
            text.map(|text| (number, text))
        })
    };
    let (name, version) = (said("name"), said("version").map(|(_, version)| version));
    let own = name.and_then(|(line, name)| sheet.add_itself(line, name, version));
    for (number, line) in lines(&text) {
        let code = line.split(" #").next().unwrap_or_default().trim();
        let call = code.split_once(".dependency").map(|(_, call)| call.trim_start_matches(['(', ' ']));
        let Some(call) = call.filter(|_| !code.starts_with('#')) else { continue };
        let is_part = |(_, own): (u32, &str)| {
            quoted(call).first().is_some_and(|need| need.split('/').next() == Some(own))
        };
        match call.starts_with(['"', '\'']) && !call.contains("#{") {
            true if name.is_some_and(is_part) => {}
            true => podfile::pod(&mut sheet, number, call),
            false => sheet.problem(number, "a pod whose name has to be worked out"),
        }
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), None)
}

/// The text that a value is, when nothing has to be worked out for it.
fn literal(value: &str) -> Option<&str> {
    let text = quoted(value).first().copied().filter(|text| !text.contains("#{"));
    text.filter(|_| value.trim_start().starts_with(['"', '\'']))
}

/// The texts that a file gives to its variables; the first one counts.
fn variables(text: &str) -> BTreeMap<&str, &str> {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"$@_".contains(&byte))
    };
    let mut variables = BTreeMap::new();
    for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
        if let Some(value) = literal(value).filter(|_| is_name(name.trim())) {
            variables.entry(name.trim()).or_insert(value);
        }
    }
    variables
}

pub(super) fn read_json(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet();
    let tree = json::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let own_name = root.text_of("name").unwrap_or_default();
    let own = sheet.add_itself(root.line, own_name, root.text_of("version").filter(|_| !own_name.is_empty()));
    let mut open = vec![(root, Scope::Prod)];
    while let Some((part, scope)) = open.pop() {
        open.extend(part.items_of("subspecs").iter().map(|inner| (inner, scope)));
        open.extend(part.items_of("testspecs").iter().map(|inner| (inner, Scope::Test)));
        for need in part.members_of("dependencies") {
            let (pod, part) = need.key.split_once('/').unwrap_or((&need.key, ""));
            let wanted: Vec<&str> = need.value.items().iter().filter_map(Value::text).collect();
            if pod == own_name {
                continue;
            }
            let exact = match wanted[..] {
                [version] => podfile::exact(version),
                _ => None,
            };
            let purl = Purl::new("cocoapods", None, pod, exact).map(|purl| purl.with_subpath(part));
            if let Some(mut added) = sheet.add_as(need.line, purl, &need.key, None) {
                added.scope(scope);
                added.direct();
                if exact.is_none() && !wanted.is_empty() {
                    added.package.wanted = Some(wanted.join(", "));
                }
            }
        }
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), None)
}
