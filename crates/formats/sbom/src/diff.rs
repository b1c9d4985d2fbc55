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

/// What a bill says of what it lists, to be compared with that of another; without the rest of the bill.
#[derive(Debug, Clone, Default)]
pub struct BomSaid(BTreeMap<String, Said>);

/// What one bill says of everything with the same key, each sorted and without repetition.
#[derive(Debug, Clone, Default)]
struct Said {
    versions: Vec<String>,
    licences: Vec<String>,
    scopes: Vec<BomScope>,
}

impl Bom {
    /// What it says of its components. The subject and the records in which packages were found are left out.
    pub fn said(&self) -> BomSaid {
        let mut all: BTreeMap<String, Said> = BTreeMap::new();
        for (index, component) in (0..).zip(&self.components) {
            if self.metadata.subject == Some(index) || component.property(crate::inventory::FORMAT).is_some()
            {
                continue;
            }
            let said = all.entry(key(component)).or_default();
            let version = component.purl.as_ref().and_then(|purl| purl.version().map(str::to_owned));
            said.versions.extend(version.or_else(|| component.version.clone()));
            said.licences.extend(component.licences.iter().map(|licence| licence.text.clone()));
            said.scopes.push(component.scope.unwrap_or(BomScope::Required));
        }
        all.values_mut().for_each(Said::settle);
        BomSaid(all)
    }
}

impl Said {
    fn settle(&mut self) {
        settle(&mut self.versions);
        settle(&mut self.licences);
        settle(&mut self.scopes);
    }
}

fn settle<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.dedup();
    list.shrink_to_fit();
}

impl BomSaid {
    /// How what `after` says differs from this.
    pub fn diff(&self, after: &Self) -> BomDiff {
        let (Self(old), Self(new)) = (self, after);
        let mut diff = BomDiff::default();
        let set = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>();
        let names =
            |list: &[BomScope]| list.iter().map(|scope| scope.name().to_owned()).collect::<BTreeSet<_>>();
        let entry = |key: &String, said: &Said| DiffEntry { key: key.clone(), versions: set(&said.versions) };
        for (key, before) in old {
            let Some(after) = new.get(key) else {
                diff.removed.push(entry(key, before));
                continue;
            };
            let change = |before, after| BomChange { key: key.clone(), before, after };
            if before.versions != after.versions {
                diff.versions.push(change(set(&before.versions), set(&after.versions)));
            }
            if before.licences != after.licences {
                diff.licences.push(change(set(&before.licences), set(&after.licences)));
            }
            if before.scopes != after.scopes {
                diff.scopes.push(change(names(&before.scopes), names(&after.scopes)));
            }
        }
        diff.added = new
            .iter()
            .filter(|(key, _)| !old.contains_key(*key))
            .map(|(key, said)| entry(key, said))
            .collect();
        diff
    }
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
