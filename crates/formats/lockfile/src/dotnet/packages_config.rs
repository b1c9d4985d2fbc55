//! `packages.config`: every package of a project of the older form, with those that others need.

use palisade_model::{PackageEvidence, Scope};

use super::ECOSYSTEM;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::xml;

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("nuget", ECOSYSTEM, PackageEvidence::Locked);
    let (root, problems) = xml::read(bytes);
    sheet.problems(problems);
    for package in root.unwrap_or_default().descendants() {
        if !package.name.eq_ignore_ascii_case("package") {
            continue;
        }
        let (Some(name), Some(version)) = (package.attribute("id"), package.attribute("version")) else {
            sheet.problem(package.line, "a package without id or version");
            continue;
        };
        if let Some(mut added) = sheet.add(package.line, name, Some(version)) {
            let is_dev = package
                .attribute("developmentDependency")
                .is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
            added.scope(if is_dev { Scope::Dev } else { Scope::Prod });
        }
    }
    (sheet.done(), None)
}
