//! Recipes of Conda: `meta.yaml` of conda-build and `recipe.yaml` of rattler-build. Both are templates: variables with plain values are
//! filled in, and a package that something else would have to be worked out for is a problem.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, Scope};

use super::conda::put_match;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, yaml};
use crate::text::quoted;

/// What stands for a value that is not known; no package has such a name.
const UNKNOWN: &str = "\u{fffd}";
/// Bytes that variables may make of a recipe.
const MAX_FILLED: usize = 4 << 20;

pub(super) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("conda", None, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let filled = filled(&text);
    let tree = yaml::parse(filled.as_bytes());
    let root = tree.root();
    let about =
        |key: &str| root.at(&["package", key]).and_then(Value::scalar).filter(|text| !text.contains(UNKNOWN));
    let is_recipe = root.at(&["package", "name"]).is_some()
        || root.get("outputs").is_some()
        || root.get("recipe").is_some();
    sheet.problems(tree.problems.clone());
    // Other tools have files of that name.
    if !is_recipe {
        return (sheet.done(), None);
    }
    let line = root.get("package").map_or(root.line, |package| package.line);
    let own = about("name").and_then(|name| sheet.add_itself(line, name, about("version")));
    let names: Vec<&str> = root
        .items_of("outputs")
        .iter()
        .filter_map(|output| output.text_of("name").or_else(|| output.at(&["package", "name"])?.text()))
        .chain(about("name"))
        .collect();
    for part in std::iter::once(root).chain(root.items_of("outputs")) {
        let lists = [
            (&["requirements", "build"][..], Scope::Build),
            (&["requirements", "host"], Scope::Build),
            (&["requirements", "run"], Scope::Prod),
            (&["test", "requires"], Scope::Test),
        ];
        for (keys, scope) in lists {
            if let Some(list) = part.at(keys) {
                needs(&mut sheet, list, scope, &names, 3);
            }
        }
        // Before there were sections, the list stood alone.
        needs(&mut sheet, part.get("requirements").unwrap_or(&NOTHING), Scope::Prod, &names, 3);
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), None)
}

static NOTHING: Value = Value { line: 1, kind: crate::spanned::Kind::Null };

/// The packages of a list; of a condition (`if`, `then`, `else`) both sides, since it depends on where the recipe is built.
fn needs(sheet: &mut Sheet, list: &Value, scope: Scope, own: &[&str], depth: usize) {
    for item in list.items().iter().chain(list.text().is_some().then_some(list)) {
        if let Some(text) = item.text() {
            let text = text.trim();
            let name = text.split([' ', '=', '<', '>', '!']).next().unwrap_or_default();
            if text.contains(UNKNOWN) {
                sheet.problem(item.line, "a package whose name or version has to be worked out");
            } else if !text.is_empty() && !own.contains(&name) {
                put_match(sheet, item, text, scope);
            }
        } else if depth > 0 {
            for side in ["then", "else"].into_iter().filter_map(|key| item.get(key)) {
                needs(sheet, side, scope, own, depth - 1);
            }
        }
    }
}

/// The text with variables filled in, line by line, so that lines keep their numbers.
fn filled(text: &str) -> String {
    let values = values(text);
    let mut filled = String::with_capacity(text.len());
    for line in text.lines() {
        // Statements of templates stand alone.
        if !line.trim_start().starts_with("{%") && filled.len() < MAX_FILLED {
            fill(line, &values, &mut filled);
        }
        filled.push('\n');
    }
    filled
}

fn fill(line: &str, values: &BTreeMap<&str, &str>, into: &mut String) {
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((expression, following)) = after.split_once("}}") else { break };
        // rattler-build has a sign before the braces.
        into.push_str(before.strip_suffix('$').unwrap_or(before));
        into.push_str(value(expression.trim(), values));
        rest = following;
    }
    into.push_str(rest);
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
