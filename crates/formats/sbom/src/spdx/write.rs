use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::bom::{Bom, BomFormat, BomLicence, BomLicenceKind, Component, Property, References, Written};
use crate::cyclonedx::{shortened, uuid_of};
use crate::extra::Extra;
use crate::fields::{document, put, put_list};
use crate::licence::{Expression, Licence};
use crate::spdx::{ALGORITHMS, OURS, PURPOSES};

/// Members of a package that have no word in ours.
const PACKAGE_MEMBERS: [&str; 21] = [
    "annotations",
    "attributionTexts",
    "builtDate",
    "comment",
    "copyrightText",
    "downloadLocation",
    "externalRefs",
    "filesAnalyzed",
    "hasFiles",
    "homepage",
    "licenseComments",
    "licenseInfoFromFiles",
    "originator",
    "packageFileName",
    "packageVerificationCode",
    "primaryPackagePurpose",
    "releaseDate",
    "sourceInfo",
    "summary",
    "supplier",
    "validUntilDate",
];

/// Members of the document that have no word in ours.
const DOCUMENT_MEMBERS: [&str; 9] = [
    "annotations",
    "comment",
    "externalDocumentRefs",
    "files",
    "hasExtractedLicensingInfos",
    "name",
    "relationships",
    "revieweds",
    "snippets",
];

/// Writes a document of version 2.3.
pub(crate) fn write(bom: &Bom) -> Written {
    let mut writing = Writing::new(bom);
    let mut root = writing.kept(&bom.extra, &DOCUMENT_MEMBERS, "the document");
    let packages: Vec<Value> =
        (0..).zip(&bom.components).map(|(at, component)| writing.package(at, component)).collect();
    writing.relationships(&mut root);
    writing.licences(&mut root);
    writing.annotations(&mut root);
    put_list(&mut root, "packages", packages);
    let name = bom.subject().map_or(super::UNNAMED, |subject| subject.name.as_str());
    root.entry("name").or_insert_with(|| name.into());
    root.insert("SPDXID".to_owned(), "SPDXRef-DOCUMENT".into());
    root.insert("spdxVersion".to_owned(), "SPDX-2.3".into());
    root.insert("dataLicense".to_owned(), "CC0-1.0".into());
    root.insert("creationInfo".to_owned(), writing.creation());
    let serial = bom.metadata.serial.clone().filter(|serial| is_namespace(serial));
    let serial = serial.unwrap_or_else(|| uuid_of(&Value::Object(root.clone())));
    root.insert("documentNamespace".to_owned(), serial.into());
    Written { bytes: document(root), lost: writing.lost }
}

/// An absolute address without a fragment.
fn is_namespace(text: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_graphic() && !b"#\"<>\\^`{|}".contains(&byte);
    text.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty() && !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_lowercase())
    }) && text.bytes().all(good)
}

struct Writing<'a> {
    bom: &'a Bom,
    /// The document names other documents.
    is_linked: bool,
    /// The identifier of each component.
    ids: Vec<String>,
    /// When the annotations were made.
    date: String,
    /// The licences that the document that was read defines itself: their names by their identifiers.
    defined: BTreeMap<String, String>,
    /// Licences that are none of the SPDX list: their names by the identifiers they are given.
    named: BTreeMap<String, String>,
    lost: BTreeSet<String>,
}

impl<'a> Writing<'a> {
    fn new(bom: &'a Bom) -> Self {
        let mut references = References::default();
        references.give("SPDXRef-DOCUMENT");
        let extra = bom.extra.members();
        for key in ["files", "snippets"] {
            for element in extra.get(key).and_then(Value::as_array).into_iter().flatten() {
                references.give(element.get("SPDXID").and_then(Value::as_str).unwrap_or_default());
            }
        }
        let ids =
            bom.components.iter().map(|component| references.give(&id_of(&component.reference))).collect();
        let second = bom.metadata.timestamp.unwrap_or_default().as_second();
        let time = palisade_model::Timestamp::from_second(second).unwrap_or_default();
        let defined = extra.get("hasExtractedLicensingInfos").and_then(Value::as_array);
        let defined = defined.into_iter().flatten().filter_map(|entry| {
            let name = entry.get("name").and_then(Value::as_str).unwrap_or_default();
            Some((entry.get("licenseId")?.as_str()?.to_owned(), name.to_owned()))
        });
        let defined = defined.collect();
        let is_linked = extra.contains_key("externalDocumentRefs");
        Self {
            bom,
            is_linked,
            ids,
            date: time.to_string(),
            defined,
            named: BTreeMap::new(),
            lost: BTreeSet::new(),
        }
    }

    fn id(&self, index: u32) -> Option<&str> {
        self.ids.get(usize::try_from(index).ok()?).map(String::as_str)
    }

    fn kept(&mut self, extra: &Extra, known: &[&str], of: &str) -> Map<String, Value> {
        let mut kept = Map::new();
        if self.bom.source != Some(BomFormat::Spdx23) {
            return kept;
        }
        for (key, value) in extra.members() {
            if known.contains(&key.as_str()) {
                kept.insert(key, value);
            } else {
                self.lost.insert(format!("`{}` of {of}: SPDX 2.3 may not hold it", shortened(&key)));
            }
        }
        kept
    }

    fn package(&mut self, index: u32, component: &Component) -> Value {
        let of = format!("package `{}`", shortened(&component.reference));
        let mut map = self.kept(&component.extra, &PACKAGE_MEMBERS, &of);
        let id = self.id(index).unwrap_or_default().to_owned();
        map.insert("SPDXID".to_owned(), id.clone().into());
        map.insert("name".to_owned(), component.name.clone().into());
        put(&mut map, "versionInfo", component.version.clone());
        put(&mut map, "description", component.description.clone());
        map.entry("downloadLocation").or_insert_with(|| "NOASSERTION".into());
        if self.bom.source != Some(BomFormat::Spdx23) {
            map.insert("filesAnalyzed".to_owned(), false.into());
        }
        let supplier = component.supplier.as_ref().map(|name| format!("Organization: {name}"));
        map.entry("supplier").or_insert_with(|| supplier.unwrap_or_else(|| "NOASSERTION".to_owned()).into());
        let mut ours = Map::new();
        put(&mut ours, "ref", Some(component.reference.clone()).filter(|reference| *reference != id));
        self.purpose(component, &mut map, &mut ours);
        external(component, &mut map);
        checksums(component, &mut map, &mut ours);
        self.licence_fields(component, &mut map, &mut ours);
        put(&mut ours, "group", component.group.clone());
        put(&mut ours, "scope", component.scope.map(|scope| scope.name()));
        put_list(&mut ours, "occurrences", component.occurrences.iter().map(occurrence).collect());
        let mut properties = component.properties.clone();
        properties.extend(self.bom.carried(&component.extra, "spdx"));
        put_list(&mut ours, "properties", properties.iter().map(property).collect());
        self.annotate(&mut map, ours);
        Value::Object(map)
    }

    fn purpose(&self, component: &Component, map: &mut Map<String, Value>, ours: &mut Map<String, Value>) {
        if map.contains_key("primaryPackagePurpose") {
            return;
        }
        let known = PURPOSES.iter().find(|(kind, _)| *kind == component.kind);
        map.insert("primaryPackagePurpose".to_owned(), known.map_or("OTHER", |(_, purpose)| purpose).into());
        put(ours, "kind", Some(component.kind.clone()).filter(|_| known.is_none()));
    }

    /// What is declared, what is concluded, and the list itself where it is more than one expression.
    fn licence_fields(
        &mut self,
        component: &Component,
        map: &mut Map<String, Value>,
        ours: &mut Map<String, Value>,
    ) {
        let (concluded, declared): (Vec<&BomLicence>, Vec<&BomLicence>) =
            component.licences.iter().partition(|licence| licence.is_concluded());
        let plain = |licence: &&BomLicence| licence.kind != BomLicenceKind::Name && licence.extra.is_empty();
        let same = concluded.is_empty() && declared.len() <= 1 && declared.iter().all(plain);
        let declared = self.expression(&declared);
        let concluded = self.expression(&concluded);
        let same = same && component.licences.iter().all(|licence| Some(&licence.text) == declared.as_ref());
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "NOASSERTION".to_owned());
        map.insert("licenseDeclared".to_owned(), or_none(declared).into());
        map.insert("licenseConcluded".to_owned(), or_none(concluded).into());
        if !same {
            put_list(ours, "licences", component.licences.iter().map(licence).collect());
        }
    }

    /// All of the licences at once.
    fn expression(&mut self, licences: &[&BomLicence]) -> Option<String> {
        let parts: Vec<String> =
            licences.iter().map(|licence| self.part(licence, licences.len() > 1)).collect();
        Some(parts.join(" AND ")).filter(|text| !text.is_empty())
    }

    fn part(&mut self, licence: &BomLicence, among_others: bool) -> String {
        match Expression::parse(&licence.text) {
            Ok(expression) if self.defines(&expression) => {
                // Old identifiers and other spellings are not valid everywhere.
                let text = expression.to_string();
                let compound = expression.single().is_none();
                if among_others && compound { format!("({text})") } else { text }
            }
            _ => self.named(&licence.text),
        }
    }

    /// Whether the document defines every licence that the SPDX list does not.
    fn defines(&self, expression: &Expression) -> bool {
        let of_spdx = self.bom.source == Some(BomFormat::Spdx23);
        let elsewhere = |id: &str| id.starts_with("DocumentRef-") && self.is_linked;
        let unknown = expression.licences().into_iter().filter(|licence| licence.is_reference());
        unknown.map(Licence::id).all(|id| of_spdx && (self.defined.contains_key(id) || elsewhere(id)))
    }

    /// An identifier for a licence that is none of the SPDX list.
    fn named(&mut self, name: &str) -> String {
        let good = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
        let wanted: String = name.chars().map(good).take(60).collect();
        let mut id = format!("LicenseRef-{wanted}");
        let mut number = 1_u32;
        let is_other = |taken: Option<&String>| taken.is_some_and(|taken| taken != name);
        while is_other(self.defined.get(&id)) || is_other(self.named.get(&id)) {
            number += 1;
            id = format!("LicenseRef-{wanted}-{number}");
        }
        self.named.insert(id.clone(), name.to_owned());
        id
    }

    fn annotate(&self, map: &mut Map<String, Value>, ours: Map<String, Value>) {
        if ours.is_empty() {
            return;
        }
        let annotation = json!({
            "annotationDate": self.date,
            "annotationType": "OTHER",
            "annotator": "Tool: palisade",
            "comment": format!("{OURS}{}", Value::Object(ours)),
        });
        let list = map.entry("annotations").or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.insert(0, annotation);
        }
    }

    fn relationships(&self, root: &mut Map<String, Value>) {
        let mut list = Vec::new();
        let mut relate = |from: &str, kind: &str, to: &str| {
            list.push(json!({ "spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to }));
        };
        for (index, component) in (0..).zip(&self.bom.components) {
            let Some(id) = self.id(index) else { continue };
            let described = match self.bom.metadata.subject {
                Some(subject) => subject == index,
                None => component.parent.is_none(),
            };
            if described {
                relate("SPDXRef-DOCUMENT", "DESCRIBES", id);
            }
            if let Some(parent) = component.parent.and_then(|parent| self.id(parent)) {
                relate(parent, "CONTAINS", id);
            }
            for needed in component.depends_on.iter().filter_map(|needed| self.id(*needed)) {
                relate(id, "DEPENDS_ON", needed);
            }
        }
        // A document must describe something, if only nothing that it could name.
        if self.bom.components.is_empty() {
            relate("SPDXRef-DOCUMENT", "DESCRIBES", "NOASSERTION");
        }
        if let Some(Value::Array(others)) = root.remove("relationships") {
            list.extend(others);
        }
        put_list(root, "relationships", list);
    }

    fn licences(&self, root: &mut Map<String, Value>) {
        let Some(Value::Array(mut list)) =
            root.remove("hasExtractedLicensingInfos").or_else(|| Some(Value::Array(Vec::new())))
        else {
            return;
        };
        for (id, name) in self.named.iter().filter(|(id, _)| !self.defined.contains_key(*id)) {
            list.push(json!({ "licenseId": id, "name": name, "extractedText": name }));
        }
        put_list(root, "hasExtractedLicensingInfos", list);
    }

    fn annotations(&self, root: &mut Map<String, Value>) {
        let mut properties = self.bom.properties.clone();
        properties.extend(self.bom.carried(&self.bom.metadata.extra, "spdx"));
        properties.extend(self.bom.carried(&self.bom.extra, "spdx"));
        let mut ours = Map::new();
        put_list(&mut ours, "properties", properties.iter().map(property).collect());
        put(&mut ours, "subject", self.bom.metadata.subject.is_none().then_some(false));
        self.annotate(root, ours);
    }

    fn creation(&mut self) -> Value {
        let metadata = &self.bom.metadata;
        let known = ["comment", "creators", "licenseListVersion"];
        let mut map = self.kept(&metadata.extra, &known, "the creation");
        let mut creators: Vec<Value> = metadata
            .tools
            .iter()
            .map(|tool| match &tool.version {
                Some(version) => format!("{}-{version}", tool.name),
                None => tool.name.clone(),
            })
            .map(|tool| format!("Tool: {}", tool.trim()).into())
            .collect();
        if let Some(Value::Array(others)) = map.remove("creators") {
            creators.extend(others);
        }
        if creators.is_empty() {
            creators.push("Tool: palisade".into());
        }
        map.insert("creators".to_owned(), Value::Array(creators));
        map.insert("created".to_owned(), self.date.clone().into());
        Value::Object(map)
    }
}

/// An identifier as near to the reference as SPDX allows.
fn id_of(reference: &str) -> String {
    let good = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let rest = reference.strip_prefix("SPDXRef-").unwrap_or(reference);
    let rest: String = rest.chars().map(good).take(200).collect();
    format!("SPDXRef-{rest}")
}

fn property(property: &Property) -> Value {
    json!({ "name": property.name, "value": property.value })
}

fn occurrence(occurrence: &crate::bom::Occurrence) -> Value {
    let mut map = occurrence.extra.members();
    map.insert("location".to_owned(), occurrence.location.clone().into());
    put(&mut map, "line", occurrence.line);
    Value::Object(map)
}

fn licence(licence: &BomLicence) -> Value {
    let key = match licence.kind {
        BomLicenceKind::Id => "id",
        BomLicenceKind::Name => "name",
        BomLicenceKind::Expression => "expression",
    };
    let mut map = licence.extra.members();
    map.insert(key.to_owned(), licence.text.clone().into());
    Value::Object(map)
}

fn external(component: &Component, map: &mut Map<String, Value>) {
    let mut list = Vec::new();
    if let Some(purl) = &component.purl {
        list.push(json!({
            "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl.to_string(),
        }));
    }
    for cpe in &component.cpes {
        let kind = if cpe.starts_with("cpe:2.3:") { "cpe23Type" } else { "cpe22Type" };
        list.push(json!({ "referenceCategory": "SECURITY", "referenceType": kind, "referenceLocator": cpe }));
    }
    if let Some(Value::Array(others)) = map.remove("externalRefs") {
        list.extend(others);
    }
    put_list(map, "externalRefs", list);
}

/// Digests that SPDX can hold; the list itself where it is more than that.
fn checksums(component: &Component, map: &mut Map<String, Value>, ours: &mut Map<String, Value>) {
    let mut list = Vec::new();
    for hash in &component.hashes {
        let known = ALGORITHMS.iter().find(|(name, _)| *name == hash.algorithm);
        if let Some((_, name)) = known.filter(|_| has_length(hash)) {
            list.push(json!({ "algorithm": name, "checksumValue": hash.value }));
        }
    }
    if list.len() != component.hashes.len() {
        put_list(ours, "hashes", component.hashes.iter().map(|hash| json!(hash)).collect());
    }
    put_list(map, "checksums", list);
}

/// Whether a digest is as long as its algorithm makes it.
fn has_length(hash: &palisade_model::PackageHash) -> bool {
    let digits = match hash.algorithm.as_str() {
        "MD2" | "MD4" | "MD5" => 32,
        "SHA-1" => 40,
        "SHA-224" => 56,
        "SHA-256" | "SHA3-256" | "BLAKE2b-256" | "BLAKE3" => 64,
        "SHA-384" | "SHA3-384" | "BLAKE2b-384" => 96,
        "SHA-512" | "SHA3-512" | "BLAKE2b-512" => 128,
        "ADLER32" => 8,
        _ => return false,
    };
    hash.value.len() == digits && hash.value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
