//! Recipes of Conda: `meta.yaml` of conda-build and `recipe.yaml` of rattler-build. Both are templates: variables with plain values are
//! filled in, and a package that something else would have to be worked out for is a problem.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{PackageEvidence, Reading, Scope};

use super::conda::put_match;
use crate::format::Parsed;
use crate::sheet::{Sheet, is_plain_version};
use crate::spanned::{Value, text, yaml};
use crate::text::{file_name, lines, quoted};

/// What stands for a value that is not known; no package has such a name.
const UNKNOWN: &str = "\u{fffd}";
/// Bytes that variables may add to a recipe.
const MAX_FILLED: usize = 4 << 20;

pub(super) fn read(path: &str, bytes: &[u8]) -> Parsed {
    let (text, mut problems) = text::decode(bytes);
    let filled = Filled::of(&text);
    let tree = yaml::parse(filled.text.as_bytes());
    problems.extend(tree.problems.iter().cloned());
    let root = tree.root();
    let about =
        |key: &str| root.at(&["package", key]).and_then(Value::scalar).filter(|text| !text.contains(UNKNOWN));
    let is_recipe = root.at(&["package", "name"]).is_some()
        || root.get("outputs").is_some()
        || root.get("recipe").is_some()
        || (!problems.is_empty() && has_sections(&text));
    // Other tools have files of that name.
    if !is_recipe {
        return (Reading::default(), None);
    }
    let mut sheet = Sheet::new("conda", None, PackageEvidence::Declared);
    sheet.problems(problems);
    if let Some(line) = filled.full {
        sheet.problem(line, "variables make more of the recipe than is read");
    }
    let line = root.get("package").map_or(root.line, |package| package.line);
    let own = about("name").and_then(|name| sheet.add_itself(line, name, about("version")));
    let names: BTreeSet<&str> = root
        .items_of("outputs")
        .iter()
        .filter_map(|output| output.text_of("name").or_else(|| output.at(&["package", "name"])?.text()))
        .chain(about("name"))
        .collect();
    let asked = Asked { own: names, is_open: file_name(path) == "meta.yaml" };
    for part in std::iter::once(root).chain(root.items_of("outputs")) {
        let lists = [
            (&["requirements", "build"][..], Scope::Build),
            (&["requirements", "host"], Scope::Build),
            (&["requirements", "run"], Scope::Prod),
            (&["test", "requires"], Scope::Test),
        ];
        for (keys, scope) in lists {
            if let Some(list) = part.at(keys) {
                asked.needs(&mut sheet, list, scope, 3);
            }
        }
        // Before there were sections, the list stood alone.
        asked.needs(&mut sheet, part.get("requirements").unwrap_or(&NOTHING), Scope::Prod, 3);
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), None)
}

static NOTHING: Value = Value { line: 1, kind: crate::spanned::Kind::Null };

/// Whether a text that cannot be read whole begins what recipes have.
fn has_sections(text: &str) -> bool {
    let sections = ["package:", "requirements:", "outputs:", "recipe:"];
    text.lines().any(|line| sections.iter().any(|section| line.starts_with(section)))
}

/// How packages that a recipe asks for are to be understood.
struct Asked<'t> {
    /// What the recipe itself makes.
    own: BTreeSet<&'t str>,
    /// Whether a version alone stands for all that begin with it.
    is_open: bool,
}

impl Asked<'_> {
    /// The packages of a list; of a condition (`if`, `then`, `else`) both sides, since it depends on where the recipe is built.
    fn needs(&self, sheet: &mut Sheet, list: &Value, scope: Scope, depth: usize) {
        for item in list.items().iter().chain(list.text().is_some().then_some(list)) {
            if let Some(text) = item.text() {
                let text = text.trim();
                let name = text.split([' ', '=', '<', '>', '!']).next().unwrap_or_default();
                if text.contains(UNKNOWN) {
                    sheet.problem(item.line, "a package whose name or version has to be worked out");
                } else if !text.is_empty() && !self.own.contains(name) {
                    put_match(sheet, item, &self.specification(text), scope);
                }
            } else if depth > 0 {
                for side in ["then", "else"].into_iter().filter_map(|key| item.get(key)) {
                    self.needs(sheet, side, scope, depth - 1);
                }
            }
        }
    }

    /// What is asked for, with a star where versions that begin alike will do: behind one `=` as with Conda itself, and for conda-build
    /// behind a name alone ("Defining metadata", "Requirements section"). A build behind the version makes it the only one.
    fn specification<'s>(&self, text: &'s str) -> Cow<'s, str> {
        let Some((name, rest)) = text.find([' ', '=']).map(|end| text.split_at(end)) else {
            return Cow::Borrowed(text);
        };
        let rest = rest.trim_start();
        let version = match rest.strip_prefix('=') {
            Some(version) => Some(version.trim_start()),
            None => Some(rest).filter(|_| self.is_open),
        };
        match version.filter(|version| is_plain_version(version)) {
            Some(version) => Cow::Owned(format!("{name} {version}.*")),
            None => Cow::Borrowed(text),
        }
    }
}

/// A recipe with its variables filled in.
struct Filled {
    /// Line by line, so that lines keep their numbers.
    text: String,
    /// Bytes that variables may still add.
    left: usize,
    /// The first line that there was no room for; what stands there is not known.
    full: Option<u32>,
}

impl Filled {
    fn of(recipe: &str) -> Self {
        let values = values(recipe);
        let mut filled = Self { text: String::with_capacity(recipe.len()), left: MAX_FILLED, full: None };
        for (number, line) in lines(recipe) {
            if number > 1 {
                filled.text.push('\n');
            }
            // Statements of templates stand alone.
            if !line.trim_start().starts_with("{%") {
                filled.line(number, line, &values);
            }
        }
        filled
    }

    fn line(&mut self, number: u32, line: &str, values: &BTreeMap<&str, &str>) {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((expression, following)) = after.split_once("}}") else { break };
            // rattler-build has a sign before the braces.
            self.text.push_str(before.strip_suffix('$').unwrap_or(before));
            let value = value(expression.trim(), values);
            let value = match self.left.checked_sub(value.len()) {
                Some(left) => {
                    self.left = left;
                    value
                }
                None => {
                    self.full.get_or_insert(number);
                    UNKNOWN
                }
            };
            self.text.push_str(value);
            rest = following;
        }
        self.text.push_str(rest);
    }
}

/// What an expression stands for: a variable, or a call with the name of a package.
fn value<'v>(expression: &'v str, values: &BTreeMap<&str, &'v str>) -> &'v str {
    let end = expression.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(expression.len());
    let (word, rest) = expression.split_at(end);
    match (word, rest.trim_start().chars().next()) {
        // Another output of the same recipe, or a package in the version that it is built with.
        ("pin_subpackage" | "pin_compatible", Some('(')) => quoted(rest).first().copied().unwrap_or(UNKNOWN),
        // The tools of the platform, which the settings of whoever builds name.
        ("compiler" | "stdlib" | "cdt", Some('(')) => "",
        (word, None) => values.get(word).copied().unwrap_or(UNKNOWN),
        // Filters change how a text is written.
        (word, Some('|')) if matches!(rest.trim_start_matches(['|', ' ']), "lower" | "string") => {
            values.get(word).copied().unwrap_or(UNKNOWN)
        }
        _ => UNKNOWN,
    }
}

/// `{% set name = "value" %}`, and the table `context` of rattler-build.
fn values(text: &str) -> BTreeMap<&str, &str> {
    let mut values = BTreeMap::new();
    let mut in_context = false;
    for line in text.lines() {
        let statement = line.trim().trim_start_matches("{%").trim_start_matches('-').trim_start();
        if let Some((name, value)) = statement.strip_prefix("set ").and_then(|rest| rest.split_once('=')) {
            let value = value.trim();
            if let (true, Some(text)) = (value.starts_with(['"', '\'']), quoted(value).first()) {
                values.entry(name.trim()).or_insert(*text);
            }
        }
        if !line.starts_with(' ') {
            in_context = line.trim_end() == "context:";
        } else if let Some((name, value)) = line.split_once(':').filter(|_| in_context) {
            let value = value.trim().trim_matches(['"', '\'']);
            if !value.contains("{{") {
                values.entry(name.trim()).or_insert(value);
            }
        }
    }
    values
}
