//! Lua: a rockspec is a program of plain assignments; its name and version are read, not run. No advisories know what it needs.

use palisade_model::{PackageEvidence, PackageOrigin};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{lines, quoted};

pub(crate) fn read_rockspec(path: &str, bytes: &[u8]) -> Parsed {
    let is_installed = path.contains("/rocks/") || path.contains("luarocks/");
    let evidence = if is_installed { PackageEvidence::Installed } else { PackageEvidence::Declared };
    let mut sheet = Sheet::new("luarocks", None, evidence);
    let text = sheet.decode(bytes);
    let (mut name, mut version) = (None, None);
    for (number, line) in lines(&text) {
        let Some((key, value)) = line.split("--").next().and_then(|line| line.split_once('=')) else {
            continue;
        };
        match key.trim() {
            "package" if name.is_none() => name = quoted(value).first().map(|name| (number, *name)),
            "version" if version.is_none() => version = quoted(value).first().copied(),
            _ => {}
        }
    }
    match (name, version) {
        (Some((number, name)), Some(version)) if version != "-" => {
            if let (Some(added), false) = (sheet.add(number, name, Some(version)), is_installed) {
                added.package.origin = PackageOrigin::Local { path: ".".to_owned() };
            }
        }
        _ => sheet.problem(0, "does not tell its name and version in plain words"),
    }
    (sheet.done(), None)
}
