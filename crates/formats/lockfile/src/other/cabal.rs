//! Descriptions of Haskell's packages, `name.cabal` (Cabal User Guide, "Package description"): fields and sections by indentation.

use palisade_model::{PackageEvidence, Scope};

use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::{Sheet, is_plain_version};
use crate::text::lines;

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("hackage", Some("Hackage"), PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let said = |key: &str| {
        lines(&text).find_map(|(number, line)| {
            let (name, value) = line.split_once(':')?;
            (name.trim().eq_ignore_ascii_case(key)).then_some((number, value.trim()))
        })
    };
    let version = said("version").map(|(_, version)| version);
    let own = said("name").filter(|(_, name)| !name.is_empty());
    if own.is_none() {
        sheet.problem(0, "does not tell its name in plain words");
    }
    let own_name = own.map_or("", |(_, name)| name);
    let own = own.and_then(|(line, name)| sheet.add_itself(line, name, version));
    for field in fields(&text) {
        for (line, need) in field.needs {
            ask(&mut sheet, line, need, field.scope, own_name);
        }
    }
    let (reading, asks) = sheet.done_asking(own, &["cabal-freeze"]);
    (reading, Some(Companion::Asks(asks)))
}

/// One list of packages: what it is for, and its parts with their lines.
struct Field<'t> {
    scope: Scope,
    needs: Vec<(u32, &'t str)>,
}

fn fields(text: &str) -> Vec<Field<'_>> {
    let mut fields: Vec<Field<'_>> = Vec::new();
    let (mut section, mut open) = (Scope::Prod, None);
    for (number, line) in lines(text) {
        let word = line.trim();
        if word.is_empty() || word.starts_with("--") {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if open.is_some_and(|at| indent > at) {
            if let Some(field) = fields.last_mut() {
                field.needs.extend(word.split(',').map(|need| (number, need)));
            }
            continue;
        }
        open = None;
        let begin = word.split([':', ' ', '{']).next().unwrap_or_default().to_ascii_lowercase();
        if indent == 0 && !word.contains(':') {
            section = match begin.as_str() {
                "test-suite" | "benchmark" => Scope::Test,
                "custom-setup" => Scope::Build,
                _ => Scope::Prod,
            };
        }
        let scope = match begin.as_str() {
            "build-depends" | "setup-depends" => section,
            "build-tool-depends" => Scope::Build.max(section),
            _ => continue,
        };
        let Some((_, rest)) = word.split_once(':') else { continue };
        open = Some(indent);
        fields.push(Field { scope, needs: rest.split(',').map(|need| (number, need)).collect() });
    }
    fields
}

/// `name`, `name:part` or `name:{parts}`, and what versions it may have.
fn ask(sheet: &mut Sheet, line: u32, need: &str, scope: Scope, own: &str) {
    let need = need.trim();
    let end = need.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(need.len());
    let (name, rest) = need.split_at(end);
    // Parts of the package itself, and what follows a comma within braces.
    if name.is_empty() || name == own {
        return;
    }
    let at = rest.find(|c: char| "<>=^".contains(c) || c.is_whitespace()).unwrap_or(rest.len());
    let wanted = rest.split_at(at).1.trim();
    let exact = wanted.strip_prefix("==").map(str::trim).filter(|version| is_plain_version(version));
    sheet.ask(line, name, exact.unwrap_or(wanted), scope);
}
