//! From what was found in a product to a bill of its materials, and back without loss.

mod listing;

use std::collections::BTreeSet;

use palisade_model::{
    Inventory, InventoryFile, Layer, Package, PackageHash, Purl, ReadingProblem, Relation, RepoPath, Scope,
    Timestamp,
};
use serde_json::Value;

use crate::bom::{
    Bom, BomLicence, BomLicenceKind, BomMetadata, BomScope, BomTool, Component, Occurrence, Property,
    References,
};
use crate::inventory::listing::Listing;
use crate::licence::Expression;

/// The format of a record; only records have it.
pub(crate) const FORMAT: &str = "palisade:format";
const PATH: &str = "palisade:path";
const MEMBER: &str = "palisade:member";
const LAYER_INDEX: &str = "palisade:layer:index";
const LAYER_DIFF_ID: &str = "palisade:layer:diff-id";
const LAYER_CREATED_BY: &str = "palisade:layer:created-by";
/// The package of a distribution that brought a record.
const OWNER: &str = "palisade:owner";
/// The reference of the record that tells of a package; only packages have it.
const RECORD: &str = "palisade:record";
const NAME: &str = "palisade:name";
const WANTED: &str = "palisade:wanted";
const ECOSYSTEM: &str = "palisade:ecosystem";
const SOURCE_NAME: &str = "palisade:source:name";
const SOURCE_VERSION: &str = "palisade:source:version";
const ORIGIN: &str = "palisade:origin";
const SCOPE: &str = "palisade:scope";
const RELATION: &str = "palisade:relation";
const LINE: &str = "palisade:line";
/// The digests, where a format cannot hold them all.
pub(crate) const HASHES: &str = "palisade:hashes";
const LICENCES: &str = "palisade:licences";
const EVIDENCE: &str = "palisade:evidence";
const RUNS_ON_INSTALL: &str = "palisade:runs-on-install";
const DISPLACED: &str = "palisade:displaced";

/// What a bill of materials is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BomSubject {
    /// What it is, as CycloneDX says it: `application`, `container` and so on.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// Its address.
    pub purl: Option<Purl>,
    /// Digests of it.
    pub hashes: Vec<PackageHash>,
}

impl Bom {
    /// The bill of what was found in a product. `palisade` is the version of this program, `timestamp` the time that the document tells,
    /// without parts of a second.
    pub fn of_inventory(
        inventory: &Inventory,
        subject: &BomSubject,
        palisade: &str,
        timestamp: Timestamp,
    ) -> Self {
        let mut references = References::default();
        let mut top = Component::new(references.give("subject"), subject.kind.clone(), subject.name.clone());
        top.version.clone_from(&subject.version);
        top.purl.clone_from(&subject.purl);
        top.hashes.clone_from(&subject.hashes);
        let mut components = vec![top];
        for file in &inventory.files {
            let at = components.len();
            let record = record(file, &mut references);
            let reference = record.reference.clone();
            components.push(record);
            for package in &file.packages {
                components.push(component(package, file, &reference, at, &mut references));
            }
            let tops = tops(file);
            if let Some(record) = components.get_mut(at) {
                record.depends_on = tops.into_iter().filter_map(|index| index_of(at, index)).collect();
            }
            if let (Some(top), Ok(at)) = (components.first_mut(), u32::try_from(at)) {
                top.depends_on.push(at);
            }
        }
        let tool = BomTool { vendor: None, name: "palisade".to_owned(), version: Some(palisade.to_owned()) };
        let whole = Timestamp::from_second(timestamp.as_second()).unwrap_or(timestamp);
        let metadata = BomMetadata {
            timestamp: Some(whole),
            tools: vec![tool],
            subject: Some(0),
            ..BomMetadata::default()
        };
        Self { metadata, components, ..Self::default() }
    }

    /// The packages that it lists. What was made of an inventory becomes the same again; the components of other tools become packages
    /// of one record, which lies at `place`, as far as they are packages. What should be one and says too little is a problem.
    pub fn to_inventory(&self, place: &RepoPath) -> (Inventory, Vec<ReadingProblem>) {
        Listing::new(self).inventory(place)
    }
}

/// The index of a component that stands behind its record.
fn index_of(record: usize, package: u32) -> Option<u32> {
    u32::try_from(record).ok()?.checked_add(1)?.checked_add(package)
}

/// The packages that a record has at its top: the direct ones, or else those that no other needs, or else all.
fn tops(file: &InventoryFile) -> Vec<u32> {
    let all = || (0_u32..).zip(&file.packages);
    let direct = all().filter(|(_, package)| package.relation == Relation::Direct).map(|(index, _)| index);
    let direct: Vec<u32> = direct.collect();
    if !direct.is_empty() {
        return direct;
    }
    let needed: BTreeSet<u32> =
        file.packages.iter().flat_map(|package| package.dependencies.iter().copied()).collect();
    let free: Vec<u32> = all().map(|(index, _)| index).filter(|index| !needed.contains(index)).collect();
    if free.is_empty() { all().map(|(index, _)| index).collect() } else { free }
}

/// The layer of an image, as properties.
fn of_layer(layer: &Layer) -> Vec<Property> {
    let mut properties = vec![
        Property::new(LAYER_INDEX, layer.index.to_string()),
        Property::new(LAYER_DIFF_ID, &layer.diff_id),
    ];
    properties.extend(layer.created_by.iter().map(|by| Property::new(LAYER_CREATED_BY, by)));
    properties
}

fn record(file: &InventoryFile, references: &mut References) -> Component {
    let path = file.display_path();
    let mut component = Component::new(references.give(&format!("file:{path}")), "file", path);
    let properties = &mut component.properties;
    properties.push(Property::new(FORMAT, &file.format));
    properties.push(Property::new(PATH, file.path.to_string()));
    properties.extend(file.members.iter().map(|member| Property::new(MEMBER, member)));
    properties.extend(file.layer.iter().flat_map(of_layer));
    properties.extend(file.owner.iter().map(|owner| Property::new(OWNER, owner.to_string())));
    component
}

fn component(
    package: &Package,
    file: &InventoryFile,
    record: &str,
    record_index: usize,
    references: &mut References,
) -> Component {
    let purl = package.purl.to_string();
    let mut component = Component::new(references.give(&purl), "library", package.name.clone());
    if let Some((group, name)) = grouped(package) {
        component.group = Some(group.to_owned());
        component.name = name.to_owned();
        component.properties.push(Property::new(NAME, &package.name));
    }
    component.version.clone_from(&package.version);
    component.purl = Some(package.purl.clone());
    component.scope = Some(match package.scope {
        Scope::Prod => BomScope::Required,
        Scope::Optional | Scope::Peer => BomScope::Optional,
        Scope::Build | Scope::Test | Scope::Dev => BomScope::Excluded,
    });
    component.hashes.clone_from(&package.hashes);
    component.cpes.clone_from(&package.cpes);
    let named = package.licences.iter().filter(|text| !text.is_empty());
    component.licences = named.map(|text| licence(text)).collect();
    let line = Some(package.line).filter(|line| *line > 0);
    component.occurrences =
        vec![Occurrence { location: file.display_path(), line, extra: crate::Extra::default() }];
    component.depends_on =
        package.dependencies.iter().filter_map(|index| index_of(record_index, *index)).collect();
    component.properties.push(Property::new(RECORD, record));
    component.properties.extend(told(package));
    component
}

/// The two parts of a name that is written as one.
fn grouped(package: &Package) -> Option<(&str, &str)> {
    let separator = match package.purl.kind() {
        "npm" | "composer" => '/',
        "maven" => ':',
        _ => return None,
    };
    package.name.split_once(separator).filter(|(group, name)| !group.is_empty() && !name.is_empty())
}

fn licence(text: &str) -> BomLicence {
    let kind = match Expression::parse(text) {
        Ok(_) if spdx::license_id(text).is_some() => BomLicenceKind::Id,
        Ok(_) => BomLicenceKind::Expression,
        Err(_) => BomLicenceKind::Name,
    };
    BomLicence::new(kind, text)
}

/// The name of a value of ours, as in JSON.
fn name_of(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => name,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// What the formats have no field for.
fn told(package: &Package) -> Vec<Property> {
    let mut told = Vec::new();
    let mut tell = |name: &str, value: Option<String>| {
        told.extend(value.map(|value| Property::new(name, value)));
    };
    tell(SCOPE, Some(name_of(&package.scope)));
    tell(RELATION, Some(name_of(&package.relation)));
    tell(EVIDENCE, Some(name_of(&package.evidence)));
    tell(LINE, Some(package.line.to_string()).filter(|_| package.line > 0));
    tell(WANTED, package.wanted.clone());
    tell(ECOSYSTEM, package.ecosystem.as_ref().map(ToString::to_string));
    tell(SOURCE_NAME, package.source.as_ref().map(|source| source.name.clone()));
    tell(SOURCE_VERSION, package.source.as_ref().map(|source| source.version.clone()));
    let usual = package.origin == palisade_model::PackageOrigin::Default;
    tell(ORIGIN, Some(name_of(&package.origin)).filter(|_| !usual));
    let plain = package.hashes.iter().all(is_plain);
    tell(HASHES, Some(name_of(&package.hashes)).filter(|_| !plain));
    let empty = package.licences.iter().any(String::is_empty);
    tell(LICENCES, Some(name_of(&package.licences)).filter(|_| empty));
    tell(RUNS_ON_INSTALL, Some("true".to_owned()).filter(|_| package.runs_on_install));
    tell(DISPLACED, package.displaced.as_ref().map(name_of));
    told.extend(package.layer.iter().flat_map(of_layer));
    told
}

/// Whether every format holds a digest as it is.
fn is_plain(hash: &PackageHash) -> bool {
    let digits = match hash.algorithm.as_str() {
        "MD5" => 32,
        "SHA-1" => 40,
        "SHA-256" => 64,
        "SHA-384" => 96,
        "SHA-512" => 128,
        _ => return false,
    };
    hash.value.len() == digits && hash.value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
