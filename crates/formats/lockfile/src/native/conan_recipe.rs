//! `conanfile.py` of Conan, a program: what it asks for in plain words is read, as attributes of its class and in calls.

use palisade_model::{PackageEvidence, Relation, Scope};

use super::conan::{ECOSYSTEM, add};
use crate::asks;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{lines, next_quoted, quoted};

/// Attributes and methods of a recipe (Conan, "requirements").
const WORDS: [(&str, Scope); 4] = [
    ("requires", Scope::Prod),
    ("tool_requires", Scope::Build),
    ("build_requires", Scope::Build),
    ("test_requires", Scope::Test),
];

pub(super) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("conan", ECOSYSTEM, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let mut attribute = Attribute::default();
    for (number, line) in lines(&text) {
        let code = line.split(" #").next().unwrap_or_default().trim();
        if code.starts_with('#') {
            continue;
        }
        if let Some(scope) = attribute.follow(code) {
            let value = code.split_once('=').map_or(code, |(_, value)| value);
            quoted(value).into_iter().for_each(|text| put(&mut sheet, number, text, scope));
        } else if let Some((scope, text)) = call(code) {
            put(&mut sheet, number, text, scope);
        }
    }
    asks::program_with(sheet, &["conan-lock"])
}

/// The attribute whose list is open, and its open brackets.
#[derive(Default)]
struct Attribute(Option<(Scope, usize)>);

impl Attribute {
    /// What the texts of a line are for, when it is of an attribute.
    fn follow(&mut self, code: &str) -> Option<Scope> {
        let (scope, before) = match self.0.take() {
            Some(open) => open,
            None => {
                let (word, _) = code.split_once('=')?;
                (WORDS.iter().find(|(name, _)| *name == word.trim())?.1, 0)
            }
        };
        let brackets =
            (before + code.matches(['(', '[']).count()).saturating_sub(code.matches([')', ']']).count());
        self.0 = Some((scope, brackets)).filter(|_| brackets > 0 || code.ends_with(','));
        Some(scope)
    }
}

/// The text of `self.requires("name/version", …)`.
fn call(code: &str) -> Option<(Scope, &str)> {
    let (name, arguments) = code.strip_prefix("self.")?.split_once('(')?;
    let (_, scope) = WORDS.iter().find(|(word, _)| *word == name)?;
    let arguments = arguments.trim_start();
    let (text, after) = next_quoted(arguments).filter(|_| arguments.starts_with(['"', '\'']))?;
    after.trim_start().starts_with([',', ')']).then_some((*scope, text))
}

fn put(sheet: &mut Sheet, line: u32, text: &str, scope: Scope) {
    if !text.contains('/') || text.contains(['{', '%']) {
        return;
    }
    if let Some(package) = add(sheet, line, text, scope).and_then(|index| sheet.package(index)) {
        package.relation = Relation::Direct;
    }
}
