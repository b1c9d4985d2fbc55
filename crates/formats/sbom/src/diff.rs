use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::bom::{Bom, BomScope, Component};

/// A component in one of two bills.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DiffEntry {
    /// Its address without the version, or its kind, group and name.
    pub key: String,
    /// Its versions, sorted.
    pub versions: BTreeSet<String>,
}

/// What is otherwise in the second of two bills.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BomChange {
    /// Its address without the version, or its kind, group and name.
    pub key: String,
    /// What the first says, sorted.
    pub before: BTreeSet<String>,
    /// What the second says, sorted.
    pub after: BTreeSet<String>,
}

/// How two bills differ, by the addresses of components without their versions, sorted by them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BomDiff {
    /// Only in the second.
    pub added: Vec<DiffEntry>,
    /// Only in the first.
    pub removed: Vec<DiffEntry>,
    /// With other versions.
    pub versions: Vec<BomChange>,
    /// With other licences.
    pub licences: Vec<BomChange>,
    /// With other scopes; `required` where nothing is said.
    pub scopes: Vec<BomChange>,
}

impl BomDiff {
    /// Whether nothing differs.
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.versions.is_empty()
            && self.licences.is_empty()
            && self.scopes.is_empty()
    }
}

/// What one bill says of everything with the same key.
#[derive(Default)]
struct Said {
    versions: BTreeSet<String>,
    licences: BTreeSet<String>,
    scopes: BTreeSet<String>,
}

impl Bom {
    /// How `after` differs from this. The subjects and the records in which packages were found are not compared.
    pub fn diff(&self, after: &Self) -> BomDiff {
        let (old, new) = (said(self), said(after));
        let mut diff = BomDiff::default();
        let entry =
            |key: &String, said: &Said| DiffEntry { key: key.clone(), versions: said.versions.clone() };
        for (key, before) in &old {
            let Some(after) = new.get(key) else {
                diff.removed.push(entry(key, before));
                continue;
            };
            let change = |list: &mut Vec<BomChange>, before: &BTreeSet<String>, after: &BTreeSet<String>| {
                if before != after {
                    list.push(BomChange { key: key.clone(), before: before.clone(), after: after.clone() });
                }
            };
            change(&mut diff.versions, &before.versions, &after.versions);
            change(&mut diff.licences, &before.licences, &after.licences);
            change(&mut diff.scopes, &before.scopes, &after.scopes);
        }
        diff.added = new
            .iter()
            .filter(|(key, _)| !old.contains_key(*key))
            .map(|(key, said)| entry(key, said))
            .collect();
        diff
    }
}

fn said(bom: &Bom) -> BTreeMap<String, Said> {
    let mut all: BTreeMap<String, Said> = BTreeMap::new();
    for (index, component) in (0..).zip(&bom.components) {
        if bom.metadata.subject == Some(index) || component.property(crate::inventory::FORMAT).is_some() {
            continue;
        }
        let said = all.entry(key(component)).or_default();
        let version = component.purl.as_ref().and_then(|purl| purl.version().map(str::to_owned));
        said.versions.extend(version.or_else(|| component.version.clone()));
        said.licences.extend(component.licences.iter().map(|licence| licence.text.clone()));
        said.scopes.insert(component.scope.unwrap_or(BomScope::Required).name().to_owned());
    }
    all
}

fn key(component: &Component) -> String {
    match component.purl.as_ref().and_then(|purl| purl.with_version(None).ok()) {
        Some(purl) => purl.to_string(),
        None => {
            let group = component.group.as_ref().map_or(String::new(), |group| format!("{group}/"));
            format!("{}:{group}{}", component.kind, component.name)
        }
    }
}
