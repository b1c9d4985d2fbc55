//! OCaml: what opam files and their locked forms depend on, `"name" {= "1.0"}`.

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{file_name, lines, next_quoted, quoted};

const ECOSYSTEM: Option<&str> = Some("opam");
const SWITCH: &str = ".opam-switch/packages";

pub(crate) fn read_locked(path: &str, bytes: &[u8]) -> Parsed {
    read(path, bytes, PackageEvidence::Locked)
}

pub(crate) fn read_manifest(path: &str, bytes: &[u8]) -> Parsed {
    read(path, bytes, PackageEvidence::Declared)
}

/// Name and version of what a switch keeps of an installed package, `.opam-switch/packages/name.version/opam`. A repository of packages to
/// choose from has them elsewhere.
pub(crate) fn installed(path: &str) -> Option<(&str, &str)> {
    let (home, folder) = path.strip_suffix("/opam")?.rsplit_once('/')?;
    let is_switch = home == SWITCH || home.strip_suffix(SWITCH).is_some_and(|above| above.ends_with('/'));
    let (name, version) = folder.split_once('.').filter(|_| is_switch)?;
    (!name.is_empty() && !version.is_empty()).then_some((name, version))
}

/// What it depends on is installed too, and tells of itself.
pub(crate) fn read_installed(path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("opam", ECOSYSTEM, PackageEvidence::Installed);
    let text = sheet.decode(bytes);
    let Some((name, version)) = installed(path) else { return Parsed::default() };
    let licence = lines(&text).find_map(|(_, line)| line.strip_prefix("license:"));
    if let Some(added) = sheet.add(1, name, Some(version)) {
        added.package.licences.extend(licence.and_then(|value| Some((*quoted(value).first()?).to_owned())));
    }
    (sheet.done(), None)
}

fn read(path: &str, bytes: &[u8], evidence: PackageEvidence) -> Parsed {
    let mut sheet = Sheet::new("opam", ECOSYSTEM, evidence);
    let text = sheet.decode(bytes);
    let mut scope = None;
    project(&mut sheet, path, &text);
    for (number, line) in lines(&text) {
        let line = line.trim();
        let (field, rest) = line.split_once(": [").or_else(|| line.split_once(":[")).unwrap_or(("", line));
        if !field.is_empty() {
            scope = match field {
                "depends" => Some(Scope::Prod),
                "depopts" => Some(Scope::Optional),
                _ => None,
            };
        }
        if let Some(scope) = scope {
            dependencies(&mut sheet, number, rest, scope);
        }
        if rest.ends_with(']') {
            scope = None;
        }
    }
    (sheet.done(), None)
}

/// The package that the file is of, when it tells its version.
fn project(sheet: &mut Sheet, path: &str, text: &str) {
    let name = file_name(path).trim_end_matches(".locked").trim_end_matches(".opam");
    let version = lines(text).find_map(|(number, line)| Some((number, line.strip_prefix("version:")?)));
    let Some((number, version)) = version.and_then(|(number, value)| Some((number, *quoted(value).first()?)))
    else {
        return;
    };
    if let Some(added) = sheet.add(number, name, Some(version)) {
        added.package.origin = PackageOrigin::Local { path: ".".to_owned() };
    }
}

/// The names that stand outside of braces, each with what its braces say.
fn dependencies(sheet: &mut Sheet, line: u32, text: &str, scope: Scope) {
    let mut rest = text;
    while let Some((name, after)) = next_quoted(rest) {
        let after = after.trim_start();
        let (filter, following) = match after.strip_prefix('{') {
            Some(inner) => inner.split_once('}').unwrap_or((inner, "")),
            None => ("", after),
        };
        dependency(sheet, line, name, filter.trim(), scope);
        rest = following;
    }
}

fn dependency(sheet: &mut Sheet, line: u32, name: &str, filter: &str, scope: Scope) {
    let exact = filter.strip_prefix('=').and_then(|version| quoted(version).first().copied());
    let added = match exact {
        Some(version) => sheet.add(line, name, Some(version)),
        None => sheet.add_wanted(line, name, filter),
    };
    let scope = match filter {
        filter if filter.contains("with-test") => Scope::Test,
        filter if filter.contains("with-doc") || filter.contains("dev-setup") => Scope::Dev,
        filter if filter.contains("build") => Scope::Build,
        _ => scope,
    };
    if let Some(mut added) = added {
        added.scope(scope);
    }
}
