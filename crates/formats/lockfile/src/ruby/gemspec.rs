//! An installed gem's specification, a Ruby program that RubyGems writes in one form: `s.name = "x".freeze`. It is read, not run.

use std::collections::BTreeSet;

use palisade_model::{PackageEvidence, Scope};

use super::versions;
use crate::asks::{Asks, Sources};
use crate::displaced::host;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::text::{lines, quoted};

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("gem", Some("RubyGems"), PackageEvidence::Installed);
    let text = without_percent(&sheet.decode(bytes));
    let (mut name, mut version, mut licences, mut extensions) = (None, None, Vec::new(), false);
    for (number, line) in lines(&text) {
        let Some((key, value)) = assignment(line) else { continue };
        let mut words = quoted(value).into_iter();
        match key {
            "name" if name.is_none() => name = words.next().map(|name| (number, name)),
            "version" if version.is_none() => version = words.next(),
            "license" | "licenses" => licences.extend(words.map(str::to_owned)),
            "extensions" => extensions = words.next().is_some(),
            _ => {}
        }
    }
    match (name, version) {
        (Some((number, name)), Some(version)) => {
            if let Some(added) = sheet.add(number, name, Some(version)) {
                added.package.licences = licences;
                added.package.runs_on_install = extensions;
            }
        }
        _ => sheet.problem(0, "does not tell the gem's name and version in plain words"),
    }
    (sheet.done(), None)
}

/// `s.key = value`, whatever the specification is called.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (target, value) = line.trim().split_once('=')?;
    let (object, key) = target.trim().split_once('.')?;
    let is_word = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    (is_word(object) && is_word(key)).then_some((key, value))
}

/// The formats of Bundler's lockfiles.
const LOCKS: &[&str] = &["gemfile-lock"];

/// A gem's own specification: what it asks for, `s.add_dependency "x", "~> 1.0"`.
pub(crate) fn read_source(_: &str, bytes: &[u8]) -> Parsed {
    let (reading, companion) = read_with(bytes, None);
    let text = without_percent(&String::from_utf8_lossy(bytes));
    let said =
        |wanted: &str| lines(&text).filter_map(|(_, line)| assignment(line)).find(|(key, _)| *key == wanted);
    let is_constant =
        |value: &str| value.contains("::") && constant(&text, value).is_none() && literal(value).is_none();
    let pending = match (said("name"), said("version")) {
        (Some((_, name)), Some((_, version))) if is_constant(version) => {
            literal(name).and_then(|name| versions::pending(name, version, bytes))
        }
        _ => None,
    };
    (reading, pending.or(companion))
}

/// The same with the version that a constant of another file has.
pub(super) fn read_with(bytes: &[u8], constant_elsewhere: Option<&str>) -> Parsed {
    let text = without_percent(&String::from_utf8_lossy(bytes));
    let said = |wanted: &str| {
        lines(&text).find_map(|(number, line)| {
            let (_, value) = assignment(line).filter(|(key, _)| *key == wanted)?;
            Some((number, literal(value).or_else(|| constant(&text, value))?))
        })
    };
    let version = said("version").map(|(_, version)| version).or(constant_elsewhere);
    let own = said("name").map(|(line, name)| Own { line, name, version });
    asked(bytes, own, |line| {
        let (_, call) = line.split_once(".add_")?;
        let (kind, rest) = call.split_once("dependency")?;
        Some((rest, if kind == "development_" { Scope::Dev } else { Scope::Prod }))
    })
}

/// `gem "x", "~> 1.0"`, in blocks of groups or not.
pub(crate) fn read_gemfile(_: &str, bytes: &[u8]) -> Parsed {
    let (reading, companion) = read_gems(bytes);
    let companion = match companion {
        Some(Companion::Asks(asks)) => {
            Some(Companion::Asks(asks.from(sources(&String::from_utf8_lossy(bytes)))))
        }
        other => other,
    };
    (reading, companion)
}

/// Words after which a Gemfile says where gems come from (Bundler, "gemfile(5)").
const PLACES: [&str; 7] = ["git", "github", "gist", "gitlab", "bitbucket", "path", "source"];

/// Where gems come from, as far as a Gemfile says it in plain words.
fn sources(text: &str) -> Sources {
    let (mut hosts, mut names, mut placed) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut places: Vec<String> = PLACES.map(str::to_owned).into();
    for (_, line) in lines(text) {
        let line = line.split(" #").next().unwrap_or_default().trim();
        let word = line.split([' ', '(']).next().unwrap_or_default();
        let opens_block = line.ends_with(" do") || line.contains(" do |");
        if opens_block && PLACES.contains(&word) || matches!(word, "eval_gemfile" | "instance_eval" | "eval")
        {
            return Sources::Unknown;
        }
        let value = line.strip_prefix(word).unwrap_or_default().trim_start_matches(['(', ' ']);
        match word {
            "source" => match literal(value).and_then(host) {
                Some(host) => drop(hosts.insert(host.to_owned())),
                None => return Sources::Unknown,
            },
            // A word of the project's own for its repositories.
            "git_source" => places.extend(symbol(value).map(str::to_owned)),
            "gem" => {
                // What goes on in the next line, or is put together, may be a place too.
                let place = places.iter().find_map(|place| option(value, place));
                let is_placed = place.is_some() || is_put_together(value);
                let sources = ["source"].iter().filter_map(|place| option(value, place));
                hosts.extend(sources.filter_map(literal).filter_map(host).map(str::to_owned));
                let names = if is_placed { &mut placed } else { &mut names };
                names.extend(quoted(value).first().map(|name| (*name).to_owned()));
            }
            _ => {}
        }
    }
    // A gem may be asked for twice, under conditions.
    names.retain(|name| !placed.contains(name));
    if hosts.is_empty() { Sources::Unknown } else { Sources::Hosts { hosts, names } }
}

/// What stands after an option of a call: `name: ...`, `:name => ...`.
fn option<'v>(value: &'v str, name: &str) -> Option<&'v str> {
    [format!("{name}:"), format!(":{name} =>"), format!(":{name}=>")]
        .iter()
        .find_map(|key| value.split_once(key.as_str()).map(|(_, rest)| rest.trim_start()))
}

/// Whether a call takes options that do not stand in its line: the line goes on, or names a variable.
fn is_put_together(value: &str) -> bool {
    let arguments =
        value.split(" if ").next().unwrap_or_default().split(" unless ").next().unwrap_or_default();
    let is_variable = |argument: &str| {
        let argument = argument.trim().trim_end_matches(')');
        argument.starts_with(|c: char| c.is_ascii_lowercase() || matches!(c, '_' | '@' | '*'))
            && !argument.contains([':', '='])
    };
    value.ends_with(',') || value.contains("**") || arguments.split(',').skip(1).any(is_variable)
}

/// The name after the colon of `:name`.
fn symbol(value: &str) -> Option<&str> {
    let rest = value.strip_prefix(':')?;
    rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().filter(|name| !name.is_empty())
}

fn read_gems(bytes: &[u8]) -> Parsed {
    let mut groups: Vec<Option<Scope>> = Vec::new();
    asked(bytes, None, move |line| {
        if line.ends_with(" do")
            || line.contains(" do |")
            || line.starts_with("if ")
            || line.starts_with("unless ")
        {
            groups.push(line.strip_prefix("group").map(group));
            return None;
        }
        if line == "end" {
            groups.pop();
        }
        let rest = line.strip_prefix("gem ").or_else(|| line.strip_prefix("gem("))?;
        let own =
            rest.split_once("group:").or_else(|| rest.split_once("groups:")).map(|(_, names)| group(names));
        Some((rest, own.or_else(|| groups.iter().rev().find_map(|scope| *scope)).unwrap_or_default()))
    })
}

fn group(names: &str) -> Scope {
    match () {
        () if names.contains(":production") || names.contains(":default") => Scope::Prod,
        () if names.contains(":development") => Scope::Dev,
        () if names.contains(":test") => Scope::Test,
        () => Scope::Prod,
    }
}

/// The text that a value is, when nothing has to be worked out for it.
pub(super) fn literal(value: &str) -> Option<&str> {
    let is_text = value.trim_start().starts_with(['"', '\'']);
    quoted(value).first().copied().filter(|word| is_text && !word.contains("#{"))
}

/// What the same file says a constant is: `VERSION = "1.0"`.
fn constant<'t>(text: &'t str, value: &str) -> Option<&'t str> {
    let name = value.trim().rsplit("::").next().unwrap_or_default();
    let is_name = name.starts_with(|first: char| first.is_ascii_uppercase());
    let said = |line: &'t str| line.split_once('=').filter(|(own, _)| is_name && own.trim() == name);
    text.lines().find_map(said).and_then(|(_, value)| literal(value))
}

/// `text` with `"name"` for `%q<name>` and `%q{name}`, as specifications have it that RubyGems and others wrote.
fn without_percent(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut parts = text.split("%q");
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let close = match part.chars().next() {
            Some('<') => '>',
            Some('{') => '}',
            Some('(') => ')',
            Some('[') => ']',
            _ => '\0',
        };
        let inner = part.get(1..).and_then(|inner| inner.split_once(close));
        match inner.filter(|(word, _)| !word.contains(['"', '\n'])) {
            Some((word, after)) => plain.extend(["\"", word, "\"", after]),
            None => plain.extend(["%q", part]),
        }
    }
    plain
}

/// The gem that a specification is of.
struct Own<'t> {
    line: u32,
    name: &'t str,
    version: Option<&'t str>,
}

/// The gems of the lines that `call` knows; texts after the name are what is wanted, until an option begins.
fn asked(bytes: &[u8], own: Option<Own<'_>>, mut call: impl FnMut(&str) -> Option<(&str, Scope)>) -> Parsed {
    let mut sheet = Sheet::new("gem", Some("RubyGems"), PackageEvidence::Declared);
    let text = without_percent(&sheet.decode(bytes));
    let own = own.and_then(|own| sheet.add_itself(own.line, own.name, own.version));
    let mut names = Vec::new();
    for (number, line) in lines(&text) {
        let Some((rest, scope)) = call(line.split(" #").next().unwrap_or_default().trim()) else { continue };
        let texts = quoted(rest);
        let Some((name, wanted)) = texts.split_first() else { continue };
        let begins = |text: &&&str| text.starts_with(|c: char| c.is_ascii_digit() || "~><=!".contains(c));
        let wanted: Vec<&str> = wanted.iter().take_while(begins).copied().collect();
        let exact = match wanted[..] {
            [version] => Some(version.trim_start_matches("= "))
                .filter(|version| version.starts_with(|c: char| c.is_ascii_digit())),
            _ => None,
        };
        let added = match exact {
            Some(version) => sheet.add(number, name, Some(version)),
            None => sheet.add_wanted(number, name, &wanted.join(", ")),
        };
        if let Some(mut added) = added {
            added.scope(scope);
            added.direct();
        }
        names.push(((*name).to_owned(), scope));
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), Some(Companion::Asks(Asks::of(LOCKS, names))))
}
