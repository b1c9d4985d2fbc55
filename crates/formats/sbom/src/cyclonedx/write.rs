use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use palisade_model::PackageHash;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::bom::{
    Bom, BomFormat, BomLicence, BomLicenceKind, BomTool, Component, CycloneDxVersion, Property, Written,
};
use crate::cyclonedx::shortened;
use crate::extra::Extra;
use crate::fields::{put, put_list};
use crate::lazy::{self, Lazy, Members, document};
use crate::read::SbomError;

type Version = CycloneDxVersion;

/// Members of a component, and the version that brought them.
const COMPONENT_MEMBERS: [(&str, Version); 23] = [
    ("mime-type", Version::V1_4),
    ("supplier", Version::V1_4),
    ("author", Version::V1_4),
    ("publisher", Version::V1_4),
    ("copyright", Version::V1_4),
    ("swid", Version::V1_4),
    ("modified", Version::V1_4),
    ("pedigree", Version::V1_4),
    ("externalReferences", Version::V1_4),
    ("evidence", Version::V1_4),
    ("releaseNotes", Version::V1_4),
    ("signature", Version::V1_4),
    ("modelCard", Version::V1_5),
    ("data", Version::V1_5),
    ("manufacturer", Version::V1_6),
    ("authors", Version::V1_6),
    ("omniborId", Version::V1_6),
    ("swhid", Version::V1_6),
    ("cryptoProperties", Version::V1_6),
    ("tags", Version::V1_6),
    ("versionRange", Version::V1_7),
    ("isExternal", Version::V1_7),
    ("patentAssertions", Version::V1_7),
];

/// Members of the document, and the version that brought them.
const DOCUMENT_MEMBERS: [(&str, Version); 11] = [
    ("services", Version::V1_4),
    ("externalReferences", Version::V1_4),
    ("compositions", Version::V1_4),
    ("vulnerabilities", Version::V1_4),
    ("signature", Version::V1_4),
    ("annotations", Version::V1_5),
    ("formulation", Version::V1_5),
    ("properties", Version::V1_5),
    ("declarations", Version::V1_6),
    ("definitions", Version::V1_6),
    ("citations", Version::V1_7),
];

/// Members of the metadata, and the version that brought them.
const METADATA_MEMBERS: [(&str, Version); 7] = [
    ("authors", Version::V1_4),
    ("manufacture", Version::V1_4),
    ("supplier", Version::V1_4),
    ("licenses", Version::V1_4),
    ("lifecycles", Version::V1_5),
    ("manufacturer", Version::V1_6),
    ("distributionConstraints", Version::V1_7),
];

/// Kinds of components, and the version that brought them.
const KINDS: [(&str, Version); 13] = [
    ("application", Version::V1_4),
    ("framework", Version::V1_4),
    ("library", Version::V1_4),
    ("container", Version::V1_4),
    ("operating-system", Version::V1_4),
    ("device", Version::V1_4),
    ("firmware", Version::V1_4),
    ("file", Version::V1_4),
    ("platform", Version::V1_5),
    ("device-driver", Version::V1_5),
    ("machine-learning-model", Version::V1_5),
    ("data", Version::V1_5),
    ("cryptographic-asset", Version::V1_6),
];

/// Digest algorithms that every version knows.
const ALGORITHMS: [&str; 12] = [
    "MD5",
    "SHA-1",
    "SHA-256",
    "SHA-384",
    "SHA-512",
    "SHA3-256",
    "SHA3-384",
    "SHA3-512",
    "BLAKE2b-256",
    "BLAKE2b-384",
    "BLAKE2b-512",
    "BLAKE3",
];

/// Writes a document of that version.
pub(crate) fn write(bom: &Bom, version: CycloneDxVersion) -> Result<Written, SbomError> {
    let writing = Writing { bom, version, children: bom.children(), lost: RefCell::default() };
    let mut root = writing.document();
    let serial = bom.metadata.serial.clone().filter(|serial| is_serial(serial));
    let serial = serial.map_or_else(|| uuid_of(&root), Ok)?;
    root.insert("serialNumber".to_owned(), Lazy::Value(serial.into()));
    let bytes = document(&root)?;
    drop(root);
    Ok(Written { bytes, lost: writing.lost.into_inner() })
}

fn is_serial(text: &str) -> bool {
    let Some(uuid) = text.strip_prefix("urn:uuid:") else { return false };
    let parts: Vec<&str> = uuid.split('-').collect();
    let hex = |part: &&str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(hex)
}

/// A name of the content, in the form of a UUID made from a digest (RFC 9562, version 8).
pub(crate) fn uuid_of(content: &impl Serialize) -> Result<String, SbomError> {
    let mut bytes = [0_u8; 16];
    bytes.iter_mut().zip(lazy::digest(content)?.as_bytes()).for_each(|(to, from)| *to = *from);
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = *version & 0x0f | 0x80;
    *variant = *variant & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut uuid = String::from("urn:uuid:");
    for (at, digit) in hex.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            uuid.push('-');
        }
        uuid.push(digit);
    }
    Ok(uuid)
}

fn property(property: Property) -> Value {
    let members = [("name".to_owned(), property.name.into()), ("value".to_owned(), property.value.into())];
    Value::Object(members.into_iter().collect())
}

struct Writing<'a> {
    bom: &'a Bom,
    version: CycloneDxVersion,
    children: BTreeMap<u32, Vec<u32>>,
    lost: RefCell<BTreeSet<String>>,
}

impl<'a> Writing<'a> {
    fn lose(&self, what: String) {
        self.lost.borrow_mut().insert(what);
    }

    /// Whether this version knows a member of the source. One that is of a newer version than this may have an inner form that this
    /// does not know, so then only texts are kept.
    fn holds(&self, key: &str, is_text: bool, known: &[(&str, Version)], of: &str) -> bool {
        let Some(BomFormat::CycloneDx(source)) = self.bom.source else { return false };
        let since = known.iter().find(|(name, _)| *name == key).map(|(_, since)| *since);
        let fits = since.is_some_and(|since| since <= self.version) && (source <= self.version || is_text);
        if !fits {
            let number = self.version.number();
            self.lose(format!("`{}` of {of}: CycloneDX {number} may not hold it", shortened(key)));
        }
        fits
    }

    /// The members of the source that this version knows.
    fn members(&self, extra: &Extra, known: &[(&str, Version)], of: &str) -> Map<String, Value> {
        if !matches!(self.bom.source, Some(BomFormat::CycloneDx(_))) {
            return Map::new();
        }
        let members = extra.members().into_iter();
        members.filter(|(key, value)| self.holds(key, value.is_string(), known, of)).collect()
    }

    fn document(&'a self) -> Members<'a> {
        let mut root = Members::new();
        if matches!(self.bom.source, Some(BomFormat::CycloneDx(_))) {
            let members = self.bom.extra.texts().into_iter();
            let held = members.filter(|(key, text)| {
                self.holds(key, text.starts_with('"'), &DOCUMENT_MEMBERS, "the document")
            });
            root.extend(held.map(|(key, text)| (key, Lazy::Text(text))));
        }
        let number = self.version.number();
        let schema = format!("http://cyclonedx.org/schema/bom-{number}.schema.json");
        let revision = self.bom.metadata.revision.unwrap_or(1).max(1);
        for (key, value) in [
            ("$schema", schema.into()),
            ("bomFormat", "CycloneDX".into()),
            ("specVersion", number.into()),
            ("version", revision.into()),
        ] {
            root.insert(key.to_owned(), Lazy::Value(value));
        }
        root.insert("metadata".to_owned(), self.metadata());
        root.insert("components".to_owned(), Lazy::list(|| self.components()));
        root.insert("dependencies".to_owned(), Lazy::list(|| self.dependencies()));
        root
    }

    fn metadata(&'a self) -> Lazy<'a> {
        let metadata = &self.bom.metadata;
        let mut map = self.members(&metadata.extra, &METADATA_MEMBERS, "the metadata");
        put(&mut map, "timestamp", metadata.timestamp.map(|time| time.to_string()));
        if !metadata.tools.is_empty() {
            map.insert("tools".to_owned(), self.tools(&metadata.tools));
        }
        let mut members = Lazy::members(map);
        if let Some(subject) = metadata.subject.and_then(|subject| self.component(subject, 0)) {
            members.insert("component".to_owned(), subject);
        }
        if self.properties().next().is_some() {
            members.insert("properties".to_owned(), Lazy::list(|| self.properties()));
        }
        Lazy::Object(members)
    }

    /// The document's properties.
    fn properties(&'a self) -> impl Iterator<Item = Lazy<'a>> {
        let bom = self.bom;
        let carried =
            bom.carried(&bom.metadata.extra, "cyclonedx").chain(bom.carried(&bom.extra, "cyclonedx"));
        bom.properties.iter().cloned().chain(carried).map(|one| Lazy::Value(property(one)))
    }

    fn tools(&self, tools: &[BomTool]) -> Value {
        let list = tools.iter().map(|tool| {
            let mut map = Map::new();
            map.insert("name".to_owned(), tool.name.clone().into());
            put(&mut map, "version", tool.version.clone());
            if self.version == Version::V1_4 {
                put(&mut map, "vendor", tool.vendor.clone());
            } else {
                map.insert("type".to_owned(), "application".into());
                put(&mut map, "group", tool.vendor.clone());
            }
            Value::Object(map)
        });
        let list: Vec<Value> = list.collect();
        if self.version == Version::V1_4 { list.into() } else { json!({ "components": list }) }
    }

    fn components(&'a self) -> impl Iterator<Item = Lazy<'a>> {
        let subject = self.bom.metadata.subject;
        let tops = (0_u32..).zip(&self.bom.components);
        let tops =
            tops.filter(move |(index, component)| component.parent.is_none() && Some(*index) != subject);
        tops.filter_map(|(index, _)| self.component(index, 0))
    }

    /// A component with those in it.
    fn component(&'a self, index: u32, depth: usize) -> Option<Lazy<'a>> {
        let component = self.bom.component(index)?;
        let map = self.component_members(component);
        let children = self.children.get(&index).filter(|_| depth < crate::bom::DEEPEST);
        let Some(children) = children else { return Some(Lazy::Value(Value::Object(map))) };
        let mut members = Lazy::members(map);
        let nested = move || children.iter().filter_map(move |child| self.component(*child, depth + 1));
        members.insert("components".to_owned(), Lazy::list(nested));
        Some(Lazy::Object(members))
    }

    fn component_members(&self, component: &Component) -> Map<String, Value> {
        let of = format!("component `{}`", shortened(&component.reference));
        let mut map = self.members(&component.extra, &COMPONENT_MEMBERS, &of);
        map.insert("bom-ref".to_owned(), component.reference.clone().into());
        map.insert("type".to_owned(), self.kind(component, &of).into());
        map.insert("name".to_owned(), component.name.clone().into());
        put(&mut map, "group", component.group.clone());
        put(&mut map, "version", component.version.clone());
        put(&mut map, "purl", component.purl.as_ref().map(ToString::to_string));
        put(&mut map, "cpe", component.cpes.first().cloned());
        put(&mut map, "scope", component.scope.map(|scope| scope.name()));
        put(&mut map, "description", component.description.clone());
        if !map.contains_key("supplier") {
            put(&mut map, "supplier", component.supplier.as_ref().map(|name| json!({ "name": name })));
        }
        let mut properties = component.properties.clone();
        properties.extend(component.cpes.iter().skip(1).map(|cpe| Property::new("palisade:cpe", cpe)));
        let native: Vec<&PackageHash> = component.hashes.iter().filter(|hash| self.is_native(hash)).collect();
        let hash = |hash: &&PackageHash| json!({ "alg": hash.algorithm, "content": hash.value });
        put_list(&mut map, "hashes", native.iter().map(hash).collect());
        let carried = component.property(crate::inventory::HASHES).is_some();
        if native.len() != component.hashes.len() && !carried {
            self.lose(format!("digests of {of} by an algorithm that CycloneDX does not know"));
        }
        put_list(&mut map, "licenses", self.licences(component, &of));
        self.evidence(component, &mut map, &of);
        properties.extend(self.bom.carried(&component.extra, "cyclonedx"));
        put_list(&mut map, "properties", properties.into_iter().map(property).collect());
        map
    }

    fn kind(&self, component: &Component, of: &str) -> String {
        let since = KINDS.iter().find(|(name, _)| *name == component.kind).map(|(_, since)| *since);
        if since.is_some_and(|since| since <= self.version) {
            return component.kind.clone();
        }
        let kind = shortened(&component.kind);
        self.lose(format!("the kind `{kind}` of {of}"));
        "library".to_owned()
    }

    fn is_native(&self, hash: &PackageHash) -> bool {
        let newer = self.version >= Version::V1_7 && hash.algorithm.starts_with("Streebog-");
        (newer || ALGORITHMS.contains(&hash.algorithm.as_str()))
            && [32, 40, 64, 96, 128].contains(&hash.value.len())
            && hash.value.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// Before 1.7 there is one expression or a list of licences without any.
    fn licences(&self, component: &Component, of: &str) -> Vec<Value> {
        let mixed = self.version < Version::V1_7 && component.licences.len() > 1;
        component.licences.iter().map(|licence| self.licence(licence, mixed, of)).collect()
    }

    fn licence(&self, licence: &BomLicence, mixed: bool, of: &str) -> Value {
        let all = licence.extra.members();
        let mut extra = match self.bom.source {
            Some(BomFormat::CycloneDx(source)) if source <= self.version => all.clone(),
            _ => Map::new(),
        };
        if self.version >= Version::V1_6 {
            put(&mut extra, "acknowledgement", all.get("acknowledgement").cloned());
        }
        if extra.len() < all.len() {
            self.lose(format!("details of the licences of {of}"));
        }
        let known = licence.kind == BomLicenceKind::Id && spdx::license_id(&licence.text).is_some();
        match licence.kind {
            BomLicenceKind::Expression if !mixed => {
                extra.insert("expression".to_owned(), licence.text.clone().into());
                Value::Object(extra)
            }
            _ => {
                let key = if known { "id" } else { "name" };
                extra.remove("expressionDetails");
                extra.insert(key.to_owned(), licence.text.clone().into());
                json!({ "license": extra })
            }
        }
    }

    /// Occurrences are known since 1.5, their lines since 1.6.
    fn evidence(&self, component: &Component, map: &mut Map<String, Value>, of: &str) {
        if component.occurrences.is_empty() {
            return;
        }
        if self.version < Version::V1_5 {
            self.lose(format!("where {of} was seen"));
            return;
        }
        let mut list = Vec::new();
        for occurrence in &component.occurrences {
            let mut entry = match self.bom.source {
                Some(BomFormat::CycloneDx(source)) if source <= self.version => occurrence.extra.members(),
                _ => Map::new(),
            };
            entry.insert("location".to_owned(), occurrence.location.clone().into());
            if self.version >= Version::V1_6 {
                put(&mut entry, "line", occurrence.line);
            } else if occurrence.line.is_some() {
                self.lose(format!("the line where {of} was seen"));
            }
            list.push(Value::Object(entry));
        }
        let evidence = map.entry("evidence").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(evidence) = evidence {
            evidence.insert("occurrences".to_owned(), Value::Array(list));
        }
    }

    fn dependencies(&'a self) -> impl Iterator<Item = Lazy<'a>> {
        let needing = self.bom.components.iter().filter(|component| !component.depends_on.is_empty());
        needing.map(|component| {
            let needs = component.depends_on.iter().filter_map(|index| self.bom.component(*index));
            let mut names: Vec<&str> = needs.map(|needed| needed.reference.as_str()).collect();
            names.sort_unstable();
            Lazy::Value(json!({ "ref": component.reference, "dependsOn": names }))
        })
    }
}
