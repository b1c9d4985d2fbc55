//! Lockfiles from before Go had modules: those of dep (TOML) and Glide (YAML).

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use super::{put, sheet};
use crate::facts::git_at;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, toml, yaml};

pub(super) fn read_dep(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = toml::parse(bytes);
    let mut sheet = sheet(PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    for project in tree.root().items_of("projects") {
        let version = project.text_of("version").or_else(|| project.text_of("revision"));
        put_project(&mut sheet, project, version, project.text_of("source"), Scope::Prod);
    }
    (sheet.done(), None)
}

pub(super) fn read_glide(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = yaml::parse(bytes);
    let mut sheet = sheet(PackageEvidence::Locked);
    sheet.problems(tree.problems.clone());
    for (section, scope) in [("imports", Scope::Prod), ("testImports", Scope::Test)] {
        for project in tree.root().items_of(section) {
            put_project(&mut sheet, project, project.scalar_of("version"), project.text_of("repo"), scope);
        }
    }
    (sheet.done(), None)
}

fn put_project(sheet: &mut Sheet, project: &Value, version: Option<&str>, from: Option<&str>, scope: Scope) {
    let (Some(name), Some(version)) = (project.text_of("name"), version) else {
        sheet.problem(project.line, "a project has no name and version");
        return;
    };
    let origin = from.map_or(PackageOrigin::Default, |url| git_at(url, project.text_of("revision")));
    if let Some(mut added) = put(sheet, project.line, name, Some(version), origin) {
        added.scope(scope);
    }
}
