//! setup.cfg: the options of setuptools.

use palisade_model::{PackageEvidence, Scope};

use super::requirement::{put_requirement, requirement};
use super::{Manifest, declared, normalised, put_itself, sheet};
use crate::format::Parsed;
use crate::text::lines;

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = sheet(PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let mut manifest = Manifest::default();
    let mut section = "";
    let mut scope = None;
    let (mut name, mut version) = (None, None);
    for (number, line) in lines(&text) {
        let content = line.split(" #").next().unwrap_or_default().trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[') {
            section = name.split(']').next().unwrap_or_default().trim();
            scope = None;
            continue;
        }
        let value = if line.starts_with([' ', '\t']) {
            content
        } else {
            let Some((key, value)) = content.split_once(['=', ':']) else { continue };
            scope = scope_of(section, key.trim());
            match (section, key.trim()) {
                ("metadata", "name") => name = Some((number, value.trim())),
                ("metadata", "version") => version = Some(value.trim()),
                _ => {}
            }
            value.trim()
        };
        let Some(scope) = scope.filter(|_| !value.is_empty()) else { continue };
        if value.starts_with("file:") {
            sheet.problem(number, "takes in a file that is not read");
            continue;
        }
        if let Some(wanted) = requirement(value) {
            manifest.requests.entry(normalised(wanted.name)).or_insert(scope);
        }
        put_requirement(&mut sheet, number, value, scope);
    }
    // What another file or a module says is not known here.
    let version = version.filter(|version| !version.contains(':') && !version.is_empty());
    if let (Some((number, name)), Some(version)) = (name, version) {
        put_itself(&mut sheet, number, name, version);
    }
    declared(sheet, manifest)
}

fn scope_of(section: &str, key: &str) -> Option<Scope> {
    match (section, key) {
        ("options", "install_requires") => Some(Scope::Prod),
        ("options", "setup_requires") => Some(Scope::Build),
        ("options", "tests_require") => Some(Scope::Test),
        ("options.extras_require", _) => Some(Scope::Optional),
        _ => None,
    }
}
