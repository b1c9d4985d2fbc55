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
use crate::text::{lines, next_quoted, quoted};

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

/// Words that stand before texts in a block of dependencies and are no configurations.
const NO_CONFIGURATIONS: &[&str] = &[
    "add",
    "because",
    "def",
    "else",
    "exclude",
    "for",
    "force",
    "if",
    "module",
    "platform",
    "prefer",
    "project",
    "reject",
    "require",
    "strictly",
    "substitute",
    "val",
    "var",
    "version",
];

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("maven", super::ECOSYSTEM, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let variables = variables(&text);
    let (mut in_comment, mut script) = (false, Script::default());
    for (number, line) in lines(&text) {
        let line = without_comment(line, &mut in_comment).trim();
        let Some(Call { scope, is_known }) = script.follow(line) else { continue };
        for (name, version) in modules(line) {
            let version = version.map(|version| filled(&version, &variables));
            if is_known || version.is_some() {
                declare(&mut sheet, number, &name, version.as_deref(), scope);
            }
        }
    }
    let reading = sheet.done();
    let names = reading.packages.iter().map(|package| (package.name.clone(), package.scope)).collect();
    let asks = Asks::of(&["gradle-lockfile"], names).in_part().with_scopes_in_lock();
    (reading, Some(Companion::Asks(asks)))
}

/// A call of a configuration with the modules for it.
#[derive(Clone, Copy)]
struct Call {
    scope: Scope,
    /// Whether the name is one that plugins of Gradle give, and not one of the project's own.
    is_known: bool,
}

/// How far a script was followed: calls go on over several lines, and only in blocks of dependencies a configuration may be called
/// anything.
#[derive(Default)]
struct Script {
    depth: usize,
    /// The depths of what stands in open blocks of dependencies.
    blocks: Vec<usize>,
    /// The call that is not at its end, and its open brackets.
    open: Option<(Call, usize)>,
}

impl Script {
    /// The call that `line` is a part of.
    fn follow(&mut self, line: &str) -> Option<Call> {
        let code = without_texts(line);
        let (call, before) = match self.open.take() {
            Some((call, brackets)) => (Some(call), brackets),
            None => (self.call(line), 0),
        };
        let count = |signs: [char; 2]| code.matches(signs).count();
        let brackets = (before + count(['(', '['])).saturating_sub(count([')', ']']));
        let goes_on = brackets > 0 || code.trim_end().ends_with(',');
        self.open = call.filter(|_| goes_on).map(|call| (call, brackets));
        self.nest(&code);
        call
    }

    fn call(&self, line: &str) -> Option<Call> {
        // Kotlin calls a configuration that it does not know by its name in quotes.
        let line = line.strip_prefix('"').unwrap_or(line);
        let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(line.len());
        let (word, rest) = line.split_at(end);
        let lower = word.to_ascii_lowercase();
        let is_known = CONFIGURATIONS.iter().any(|name| lower.ends_with(name));
        let in_block = self.blocks.last() == Some(&self.depth) && !word.is_empty();
        let rest = rest.strip_prefix('"').unwrap_or(rest).trim_start();
        let is_called = rest.starts_with(['\'', '"', '(', '[']) || rest.starts_with("group");
        let is_own = in_block && is_called && !NO_CONFIGURATIONS.contains(&word);
        let scope = if lower == "classpath" { Scope::Build } else { configuration_scope(word) };
        (is_known || is_own).then_some(Call { scope, is_known })
    }

    fn nest(&mut self, code: &str) {
        let mut word = "";
        for part in code.split_inclusive(['{', '}']) {
            if let Some(before) = part.strip_suffix('{') {
                self.depth += 1;
                word = before.trim().rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or(word);
                if word == "dependencies" {
                    self.blocks.push(self.depth);
                }
            } else if part.ends_with('}') {
                self.depth = self.depth.saturating_sub(1);
                self.blocks.retain(|block| *block <= self.depth);
            }
        }
    }
}

/// What of a line stands in no text.
fn without_texts(line: &str) -> String {
    let mut within = None;
    let is_code = |character: &char| match within {
        Some(quote) => {
            within = Some(quote).filter(|quote| quote != character);
            false
        }
        None => {
            within = Some(*character).filter(|quote| matches!(quote, '"' | '\''));
            within.is_none()
        }
    };
    line.chars().filter(is_code).collect()
}

/// The modules that a line asks for, in either notation.
fn modules(line: &str) -> Vec<(String, Option<String>)> {
    let written = written(line);
    if written.is_empty() { tables(line) } else { written }
}

/// The coordinates at the beginning of a line, with commas between them.
fn written(line: &str) -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((text, after)) = next_quoted(rest) {
        let between = rest.split(['"', '\'']).next().unwrap_or_default();
        let is_list = between.contains(',')
            && between.chars().all(|sign| sign.is_whitespace() || ",()[]".contains(sign));
        // A configuration of Kotlin's may stand in quotes itself.
        let is_name = found.is_empty() && after.starts_with('(') && between.is_empty();
        match coordinates(text) {
            Some(module) if found.is_empty() || is_list => found.push(module),
            None if is_name => {}
            _ => break,
        }
        rest = after;
    }
    found
}

fn coordinates(text: &str) -> Option<(String, Option<String>)> {
    let is_word = |text: &str| !text.is_empty() && !text.contains([' ', '/', '$', '\\']);
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [group, name] if is_word(group) && is_word(name) => Some((format!("{group}:{name}"), None)),
        [group, name, version, ..] if is_word(group) && is_word(name) => {
            let version = version.split('@').next().unwrap_or_default();
            Some((format!("{group}:{name}"), Some(version.to_owned())))
        }
        _ => None,
    }
}

/// Modules as `group: 'g', name: 'a', version: '1'` or with signs of equality, several in brackets.
fn tables(line: &str) -> Vec<(String, Option<String>)> {
    let module = |table: &str| {
        let named = |key: &str| {
            let (_, after) =
                table.split_once(&format!("{key}:")).or_else(|| table.split_once(&format!("{key} =")))?;
            quoted(after).first().map(|text| (*text).to_owned())
        };
        Some((format!("{}:{}", named("group")?, named("name")?), named("version")))
    };
    line.split(']').filter_map(module).collect()
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
