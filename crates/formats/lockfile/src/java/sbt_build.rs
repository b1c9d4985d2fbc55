//! `build.sbt` and `plugins.sbt` are programs of Scala; modules in plain words are read, `"group" %% "name" % version`.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, Scope};

use super::gradle_catalog::declare;
use crate::asks;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{lines, quoted};

/// Bytes of a value that a build names; nobody writes longer versions.
const MAX_VALUE: usize = 256;

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("maven", super::ECOSYSTEM, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let known = Known::of(&text);
    for (number, line) in lines(&text) {
        let code = line.split("//").next().unwrap_or_default();
        let is_plugin = code.contains("addSbtPlugin");
        // Several modules of a list may stand in one line.
        for part in code.split(',') {
            let Some(module) = known.module(part) else { continue };
            let scope = if is_plugin { Scope::Build } else { scope(part) };
            match module.name {
                Some(name) => declare(&mut sheet, number, &name, module.version, scope),
                None => sheet.problem(number, "a module for a version of Scala that is not written out"),
            }
        }
    }
    asks::program_with(sheet, &["sbt-lock"])
}

struct Module<'p> {
    /// None where it depends on the version of Scala, and nothing tells that.
    name: Option<String>,
    version: Option<&'p str>,
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
        let mut scala = Vec::new();
        for line in text.lines() {
            if let Some((target, value)) = line.split_once(":=") {
                // Until sbt 1 what a key is for stood behind it.
                let key = target.split(" in ").next().unwrap_or_default();
                if key.trim_end().ends_with("scalaVersion") {
                    scala.push(value.trim_start());
                }
            } else if let Some((target, value)) = line.split_once('=') {
                let name = target.trim().rsplit([' ', '.']).next().unwrap_or_default();
                if let Some(value) = literal(value).filter(|value| value.len() <= MAX_VALUE) {
                    values.entry(name).or_insert(value);
                }
            }
        }
        let mut known = Self { values, suffix: None };
        known.suffix = scala.into_iter().find_map(|value| binary_version(known.text(value)?));
        known
    }

    /// The text that is written, or the value of that name.
    fn text(&self, value: &'t str) -> Option<&'t str> {
        literal(value).or_else(|| self.named(value))
    }

    fn named(&self, value: &str) -> Option<&'t str> {
        let word = value.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').next()?;
        self.values.get(word.rsplit('.').next()?).copied()
    }

    /// The module of `"group" % "name" % "version"`, with two or three signs for one that is built for each Scala.
    fn module<'p>(&self, part: &'p str) -> Option<Module<'p>>
    where
        't: 'p,
    {
        let (before, rest) = part.split_once('%')?;
        let group = *quoted(before).last()?;
        let (signs, rest) = rest.split_at(rest.find(|sign| sign != '%')?);
        let is_each = !signs.is_empty();
        let (name, rest) = rest.split_once('%').unwrap_or((rest, ""));
        let name = *quoted(name).first()?;
        let word = rest.split('%').next().unwrap_or_default().trim();
        let version = quoted(word).first().copied().or_else(|| self.named(word));
        let suffix = if is_each { self.suffix.as_deref() } else { Some("") };
        let name_with = |suffix: &str| format!("{group}:{name}{suffix}");
        let is_word = |text: &str| !text.is_empty() && !text.contains([' ', '/', '$', ':']);
        (is_word(group) && is_word(name)).then(|| Module { name: suffix.map(name_with), version })
    }
}

/// The text that a value is, when nothing has to be worked out for it.
fn literal(value: &str) -> Option<&str> {
    quoted(value).first().copied().filter(|_| value.trim_start().starts_with('"'))
}

/// `_2.13` of 2.13.8 and `_3` of 3.4.1 (sbt, "Cross-building").
fn binary_version(version: &str) -> Option<String> {
    let mut parts = version.split('.');
    let mut number =
        || parts.next().filter(|part| part.len() < 4 && part.bytes().all(|byte| byte.is_ascii_digit()));
    match (number()?, number()?) {
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
