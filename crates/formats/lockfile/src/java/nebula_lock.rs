//! `dependencies.lock` of Nebula's plugin for Gradle: modules by configuration, or in the older form all together.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, Relation, Scope};

use super::gradle_lock::configuration_scope;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Member, Value, json};

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("maven", super::ECOSYSTEM, PackageEvidence::Locked);
    let tree = json::parse(bytes);
    sheet.problems(tree.problems.clone());
    let mut modules = Vec::new();
    for member in tree.root().members() {
        if member.key.contains(':') {
            modules.push((member, Scope::Prod));
        } else {
            modules
                .extend(member.value.members().iter().map(|inner| (inner, configuration_scope(&member.key))));
        }
    }
    let mut places: BTreeMap<&str, u32> = BTreeMap::new();
    for (member, scope) in &modules {
        if let Some(at) = module(&mut sheet, member, *scope) {
            places.entry(&member.key).or_insert(at);
        }
    }
    // Who brings a module is told with the module.
    for (member, _) in &modules {
        for from in bringers(&member.value).filter_map(|name| places.get(name)) {
            sheet.edge(*from, &member.key, member.value.scalar_of("locked"));
        }
    }
    (sheet.done(), None)
}

fn bringers(entry: &Value) -> impl Iterator<Item = &str> {
    let lists = ["transitive", "firstLevelTransitive"].into_iter();
    lists.flat_map(|key| entry.items_of(key)).filter_map(Value::text)
}

fn module(sheet: &mut Sheet, member: &Member, scope: Scope) -> Option<u32> {
    let entry = &member.value;
    let Some(version) = entry.scalar_of("locked") else {
        // Projects of the same build have no version.
        if !entry.flag("project") {
            sheet.problem(member.line, "a module without a version");
        }
        return None;
    };
    let mut added = sheet.add(member.line, &member.key, Some(version))?;
    added.scope(scope);
    if bringers(entry).next().is_none() || entry.get("requested").is_some() {
        added.package.relation = Relation::Direct;
    } else if added.package.relation == Relation::Unknown {
        added.package.relation = Relation::Transitive;
    }
    Some(added.index)
}
