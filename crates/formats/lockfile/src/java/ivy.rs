//! `ivy.xml` of Apache Ivy: modules of Maven's repositories by organisation, name and revision.

use palisade_model::{PackageEvidence, Scope};

use super::gradle_catalog::declare;
use super::gradle_lock::configuration_scope;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::xml;

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("maven", super::ECOSYSTEM, PackageEvidence::Declared);
    let (root, problems) = xml::read(bytes);
    sheet.problems(problems);
    let root = root.unwrap_or_default();
    if root.name != "ivy-module" {
        sheet.problem(0, "is no module of Ivy");
    }
    let info = |name: &str| root.child("info").and_then(|info| info.attribute(name));
    let own = info("module").and_then(|module| {
        let line = root.child("info").map_or(root.line, |info| info.line);
        let name = format!("{}:{module}", info("organisation")?);
        sheet.add_itself(line, &name, info("revision").filter(|revision| !revision.contains('$')))
    });
    for dependency in root.named("dependencies").flat_map(|list| list.named("dependency")) {
        let part = |name| dependency.attribute(name);
        // What has no organisation is of the module's own.
        let (Some(group), Some(name)) = (part("org").or_else(|| info("organisation")), part("name")) else {
            sheet.problem(dependency.line, "a dependency without a name");
            continue;
        };
        let scope = scope(part("conf").unwrap_or_default());
        declare(&mut sheet, dependency.line, &format!("{group}:{name}"), part("rev"), scope);
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), None)
}

/// The most urgent of the module's own configurations in `a,b->default;c->d`.
fn scope(mapping: &str) -> Scope {
    let parts = mapping.split(';').filter_map(|part| part.split("->").next());
    let names = parts.flat_map(|part| part.split(',')).map(str::trim).filter(|name| !name.is_empty());
    names.map(configuration_scope).min().unwrap_or_default()
}
