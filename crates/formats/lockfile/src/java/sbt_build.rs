//! `build.sbt` and `plugins.sbt` are programs of Scala; modules in plain words are read, `"group" %% "name" % version`.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, Scope};

use super::gradle_catalog::declare;
use crate::asks;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{lines, quoted};

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("maven", super::ECOSYSTEM, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let known = Known::of(&text);
    for (number, line) in lines(&text) {
        let code = line.split("//").next().unwrap_or_default();
        // Several modules of a list may stand in one line.
        for part in code.split(',') {
            if let Some(module) = known.module(part) {
                let scope = if code.contains("addSbtPlugin") { Scope::Build } else { scope(part) };
                declare(&mut sheet, number, &module.name, module.version.as_deref(), scope);
            }
        }
    }
    asks::program_with(sheet, &["sbt-lock"])
}

struct Module {
    name: String,
    version: Option<String>,
}

/// What a build says of itself in plain words.
struct Known<'t> {
    /// Values by their names, `val a = "text"`.
    values: BTreeMap<&'t str, &'t str>,
    /// What `%%` puts behind a name: the binary version of Scala.
    suffix: Option<String>,
}

impl<'t> Known<'t> {
    fn of(text: &'t str) -> Self {
        let mut values = BTreeMap::new();
        let mut suffix = None;
        for line in text.lines() {
            if let Some((target, value)) = line.split_once(":=") {
                let is_scala = target.trim().ends_with("scalaVersion");
                if let (true, Some(version)) = (is_scala && suffix.is_none(), quoted(value).first()) {
                    suffix = binary_version(version);
                }
            } else if let Some((target, value)) = line.split_once('=') {
                let name = target.trim().rsplit([' ', '.']).next().unwrap_or_default();
                if let (Some(value), true) = (quoted(value).first(), value.trim_start().starts_with('"')) {
                    values.entry(name).or_insert(*value);
                }
            }
        }
        Self { values, suffix }
    }

    /// The module of `"group" % "name" % "version"`, with two or three signs for one that is built for each Scala.
    fn module(&self, part: &str) -> Option<Module> {
        let (before, rest) = part.split_once('%')?;
        let group = *quoted(before).last()?;
        let (signs, rest) = rest.split_at(rest.find(|sign| sign != '%')?);
        let is_each = !signs.is_empty();
        let (name, rest) = rest.split_once('%').unwrap_or((rest, ""));
        let name = *quoted(name).first()?;
        let word = rest.split('%').next().unwrap_or_default().trim();
        let version = match quoted(word).first() {
            Some(version) => Some((*version).to_owned()),
            None => {
                let value = word.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').next();
                let value = value.and_then(|value| value.rsplit('.').next()).unwrap_or_default();
                self.values.get(value).map(|value| (*value).to_owned())
            }
        };
        let suffix = self.suffix.as_deref().filter(|_| is_each).unwrap_or_default();
        let is_word = |text: &str| !text.is_empty() && !text.contains([' ', '/', '$', ':']);
        (is_word(group) && is_word(name)).then(|| Module { name: format!("{group}:{name}{suffix}"), version })
    }
}

/// `_2.13` of 2.13.8 and `_3` of 3.4.1 (sbt, "Cross-building").
fn binary_version(version: &str) -> Option<String> {
    let mut parts = version.split('.');
    match (parts.next()?, parts.next()?) {
        ("2", minor) => Some(format!("_2.{minor}")),
        (major, _) => Some(format!("_{major}")),
    }
}

/// What stands behind the version: `% Test`, `% "test"`, `% Provided`, `% "it,test"`.
fn scope(part: &str) -> Scope {
    let behind = part.rsplit('%').next().unwrap_or_default().to_ascii_lowercase();
    match () {
        () if behind.contains("compile") || behind.contains("runtime") => Scope::Prod,
        () if behind.contains("test") || behind.trim().starts_with("it") => Scope::Test,
        () if behind.contains("provided") => Scope::Peer,
        () if behind.contains("optional") => Scope::Optional,
        () => Scope::Prod,
    }
}
