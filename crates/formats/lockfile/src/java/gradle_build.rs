//! `build.gradle` and `build.gradle.kts` are programs; what they ask for in plain texts is read, `implementation("group:name:1.0")`
//! and `group: 'g', name: 'a', version: '1'`. A lockfile or a version catalog tells more.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, Scope};

use super::gradle_catalog::declare;
use super::gradle_lock::configuration_scope;
use crate::asks::Asks;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::text::{lines, quoted};

/// Endings of the names of configurations that bring modules into a build.
const CONFIGURATIONS: &[&str] = &[
    "implementation",
    "api",
    "compile",
    "runtime",
    "compileonly",
    "runtimeonly",
    "annotationprocessor",
    "kapt",
    "ksp",
    "classpath",
    "providedcompile",
    "provided",
    "developmentonly",
    "compileonlyapi",
];

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("maven", super::ECOSYSTEM, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let variables = variables(&text);
    let mut in_comment = false;
    for (number, line) in lines(&text) {
        let line = without_comment(line, &mut in_comment);
        let line = line.trim();
        let word = line.find(|c: char| !c.is_ascii_alphanumeric()).map_or(line, |at| line.split_at(at).0);
        let lower = word.to_ascii_lowercase();
        if !CONFIGURATIONS.iter().any(|name| lower.ends_with(name)) {
            continue;
        }
        let scope = if lower == "classpath" { Scope::Build } else { configuration_scope(word) };
        if let Some((name, version)) = module(line) {
            let version = version.map(|version| filled(&version, &variables));
            declare(&mut sheet, number, &name, version.as_deref(), scope);
        }
    }
    let reading = sheet.done();
    let names = reading.packages.iter().map(|package| (package.name.clone(), package.scope)).collect();
    let asks = Asks::of(&["gradle-lockfile"], names).in_part().with_scopes_in_lock();
    (reading, Some(Companion::Asks(asks)))
}

/// The module that a line asks for, in either notation.
fn module(line: &str) -> Option<(String, Option<String>)> {
    let texts = quoted(line);
    let named = |key: &str| {
        let (_, after) =
            line.split_once(&format!("{key}:")).or_else(|| line.split_once(&format!("{key} =")))?;
        quoted(after).first().map(|text| (*text).to_owned())
    };
    let is_word = |text: &str| !text.is_empty() && !text.contains([' ', '/', '$', '\\']);
    let first = texts.first()?;
    let parts: Vec<&str> = first.split(':').collect();
    match parts.as_slice() {
        [group, name] if is_word(group) && is_word(name) => Some((format!("{group}:{name}"), None)),
        [group, name, version, ..] if is_word(group) && is_word(name) => {
            let version = version.split('@').next().unwrap_or_default();
            Some((format!("{group}:{name}"), Some(version.to_owned())))
        }
        _ => Some((format!("{}:{}", named("group")?, named("name")?), named("version"))),
    }
}

/// `name = 'text'` anywhere, the first of each name.
fn variables(text: &str) -> BTreeMap<&str, &str> {
    let mut variables = BTreeMap::new();
    for line in text.lines() {
        let Some((target, value)) = line.split_once('=') else { continue };
        let name = target.trim().rsplit([' ', '.']).next().unwrap_or_default();
        if let (Some(value), false) = (quoted(value).first(), name.is_empty()) {
            variables.entry(name).or_insert(*value);
        }
    }
    variables
}

/// `version` with `$name` and `${name}` replaced when it is nothing else.
fn filled(version: &str, variables: &BTreeMap<&str, &str>) -> String {
    let name = version.strip_prefix('$').map(|name| name.trim_start_matches('{').trim_end_matches('}'));
    let name = name.map(|name| name.rsplit('.').next().unwrap_or(name));
    name.and_then(|name| variables.get(name)).map_or_else(|| version.to_owned(), |value| (*value).to_owned())
}

/// The line without what is commented out; texts with `//` in them are addresses, which are no modules.
fn without_comment<'l>(line: &'l str, in_comment: &mut bool) -> &'l str {
    let mut rest = line;
    if *in_comment {
        let Some((_, after)) = rest.split_once("*/") else { return "" };
        *in_comment = false;
        rest = after;
    }
    let rest = rest.split_once("//").map_or(rest, |(code, _)| code);
    match rest.split_once("/*") {
        Some((code, comment)) => {
            *in_comment = !comment.contains("*/");
            code
        }
        None => rest,
    }
}
