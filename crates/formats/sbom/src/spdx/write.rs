use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::bom::{Bom, BomFormat, BomLicence, BomLicenceKind, Component, Property, References, Written};
use crate::cyclonedx::{shortened, uuid_of};
use crate::extra::Extra;
use crate::fields::{put, put_list};
use crate::lazy::{Lazy, Members, document};
use crate::licence::{Expression, Licence};
use crate::pieces;
use crate::read::SbomError;
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
pub(crate) fn write(bom: &Bom) -> Result<Written, SbomError> {
    let writing = Writing::new(bom);
    let mut root = writing.document();
    let serial = bom.metadata.serial.clone().filter(|serial| is_namespace(serial));
    let serial = serial.map_or_else(|| uuid_of(&root), Ok)?;
    root.insert("documentNamespace".to_owned(), Lazy::Value(serial.into()));
    let bytes = document(&root)?;
    drop(root);
    Ok(Written { bytes, lost: writing.lost.into_inner() })
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
    /// The identifiers of those by their names.
    ids_of_names: BTreeMap<String, String>,
    lost: RefCell<BTreeSet<String>>,
}

impl<'a> Writing<'a> {
    fn new(bom: &'a Bom) -> Self {
        let mut references = References::default();
        references.give("SPDXRef-DOCUMENT");
        let extra = bom.extra.texts();
        for element in
            ["files", "snippets"].iter().filter_map(|key| pieces::elements(extra.get(*key)?)).flatten()
        {
            let element: Option<Value> = element.ok().and_then(|piece| serde_json::from_str(piece).ok());
            let id = element.as_ref().and_then(|element| element.get("SPDXID")?.as_str());
            references.give(id.unwrap_or_default());
        }
        let ids =
            bom.components.iter().map(|component| references.give(&id_of(&component.reference))).collect();
        let second = bom.metadata.timestamp.unwrap_or_default().as_second();
        let time = palisade_model::Timestamp::from_second(second).unwrap_or_default();
        let defined = value_of(&extra, "hasExtractedLicensingInfos");
        let defined = defined.as_ref().and_then(Value::as_array);
        let defined = defined.into_iter().flatten().filter_map(|entry| {
            let name = entry.get("name").and_then(Value::as_str).unwrap_or_default();
            Some((entry.get("licenseId")?.as_str()?.to_owned(), name.to_owned()))
        });
        let mut writing = Self {
            bom,
            is_linked: extra.contains_key("externalDocumentRefs"),
            ids,
            date: time.to_string(),
            defined: defined.collect(),
            named: BTreeMap::new(),
            ids_of_names: BTreeMap::new(),
            lost: RefCell::default(),
        };
        writing.name_licences();
        writing
    }

    fn id(&self, index: u32) -> Option<&str> {
        self.ids.get(usize::try_from(index).ok()?).map(String::as_str)
    }

    /// Whether a member of the source may stay.
    fn holds(&self, key: &str, known: &[&str], of: &str) -> bool {
        let is_known = known.contains(&key);
        if !is_known {
            let lost = format!("`{}` of {of}: SPDX 2.3 may not hold it", shortened(key));
            self.lost.borrow_mut().insert(lost);
        }
        is_known
    }

    fn kept(&self, extra: &Extra, known: &[&str], of: &str) -> Map<String, Value> {
        if self.bom.source != Some(BomFormat::Spdx23) {
            return Map::new();
        }
        extra.members().into_iter().filter(|(key, _)| self.holds(key, known, of)).collect()
    }

    fn document(&'a self) -> Members<'a> {
        let mut root = match self.bom.source {
            Some(BomFormat::Spdx23) => self.bom.extra.texts(),
            _ => pieces::Members::new(),
        };
        root.retain(|key, _| self.holds(key, &DOCUMENT_MEMBERS, "the document"));
        let relationships = root.remove("relationships");
        let mut small = Map::new();
        for key in ["annotations", "hasExtractedLicensingInfos"] {
            put(&mut small, key, value_of(&root, key));
            root.remove(key);
        }
        self.licences(&mut small);
        self.annotations(&mut small);
        let name = self.bom.subject().map_or(super::UNNAMED, |subject| subject.name.as_str());
        for (key, value) in
            [("SPDXID", "SPDXRef-DOCUMENT"), ("spdxVersion", "SPDX-2.3"), ("dataLicense", "CC0-1.0")]
        {
            small.insert(key.to_owned(), value.into());
        }
        small.insert("creationInfo".to_owned(), self.creation());
        let mut members = Lazy::members(small);
        members.insert("name".to_owned(), Lazy::Value(name.into()));
        members.extend(root.into_iter().map(|(key, text)| (key, Lazy::Text(text))));
        if !self.bom.components.is_empty() {
            members.insert("packages".to_owned(), Lazy::list(|| self.packages()));
        }
        members.insert("relationships".to_owned(), Lazy::list(move || self.relationships(relationships)));
        members
    }

    fn packages(&'a self) -> impl Iterator<Item = Lazy<'a>> {
        (0..).zip(&self.bom.components).map(|(at, component)| Lazy::Value(self.package(at, component)))
    }

    fn package(&self, index: u32, component: &Component) -> Value {
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
        &self,
        component: &Component,
        map: &mut Map<String, Value>,
        ours: &mut Map<String, Value>,
    ) {
        let [declared, concluded] = sides(component);
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
    fn expression(&self, licences: &[&BomLicence]) -> Option<String> {
        let parts: Vec<String> =
            licences.iter().map(|licence| self.part(licence, licences.len() > 1)).collect();
        Some(parts.join(" AND ")).filter(|text| !text.is_empty())
    }

    fn part(&self, licence: &BomLicence, among_others: bool) -> String {
        match self.valid(licence) {
            Some(expression) => {
                // Old identifiers and other spellings are not valid everywhere.
                let text = expression.to_string();
                let compound = expression.single().is_none();
                if among_others && compound { format!("({text})") } else { text }
            }
            None => self.ids_of_names.get(&licence.text).cloned().unwrap_or_default(),
        }
    }

    /// The licence as an expression that the document may hold.
    fn valid(&self, licence: &BomLicence) -> Option<Expression> {
        Expression::parse(&licence.text).ok().filter(|expression| self.defines(expression))
    }

    /// Whether the document defines every licence that the SPDX list does not.
    fn defines(&self, expression: &Expression) -> bool {
        let of_spdx = self.bom.source == Some(BomFormat::Spdx23);
        let elsewhere = |id: &str| id.starts_with("DocumentRef-") && self.is_linked;
        let unknown = expression.licences().into_iter().filter(|licence| licence.is_reference());
        unknown.map(Licence::id).all(|id| of_spdx && (self.defined.contains_key(id) || elsewhere(id)))
    }

    /// Gives every licence an identifier that is none of the SPDX list: the one that the source has for it, else the first that is free.
    /// The document says what they mean before its packages.
    fn name_licences(&mut self) {
        let bom = self.bom;
        let known = first_numbers(&self.defined);
        // Where to look on for each wanted identifier, as all before are taken: names that differ in their signs alone want the same.
        let mut next: BTreeMap<String, u32> = BTreeMap::new();
        for licence in bom.components.iter().flat_map(sides).flatten() {
            let name = &licence.text;
            if self.ids_of_names.contains_key(name) || self.valid(licence).is_some() {
                continue;
            }
            let wanted = wanted_id(name);
            let next = next.entry(wanted.clone()).or_insert(1);
            *next = self.free_number(&wanted, *next);
            let id = numbered(&wanted, known.get(name).map_or(*next, |own| (*next).min(*own)));
            self.named.insert(id.clone(), name.clone());
            self.ids_of_names.insert(name.clone(), id);
        }
    }

    /// The first number from `number` on under which nothing is called `wanted`.
    fn free_number(&self, wanted: &str, mut number: u32) -> u32 {
        loop {
            let id = numbered(wanted, number);
            if !self.defined.contains_key(&id) && !self.named.contains_key(&id) {
                return number;
            }
            number += 1;
        }
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

    /// What one package is to another, and behind it what the source says besides.
    fn relationships(&'a self, others: Option<&'a str>) -> impl Iterator<Item = Lazy<'a>> {
        // A document must describe something, if only nothing that it could name.
        let nothing = self.bom.components.is_empty();
        let nothing = nothing.then(|| relationship("SPDXRef-DOCUMENT", "DESCRIBES", "NOASSERTION"));
        let ours =
            (0..).zip(&self.bom.components).flat_map(|(index, component)| self.related(index, component));
        let others = others.and_then(pieces::elements).into_iter().flatten();
        ours.chain(nothing).map(Lazy::Value).chain(others.map(Lazy::piece))
    }

    /// What a package is to others.
    fn related(&self, index: u32, component: &Component) -> Vec<Value> {
        let mut list = Vec::new();
        let Some(id) = self.id(index) else { return list };
        let described = match self.bom.metadata.subject {
            Some(subject) => subject == index,
            None => component.parent.is_none(),
        };
        if described {
            list.push(relationship("SPDXRef-DOCUMENT", "DESCRIBES", id));
        }
        let parent = component.parent.and_then(|parent| self.id(parent));
        list.extend(parent.map(|parent| relationship(parent, "CONTAINS", id)));
        let needed = component.depends_on.iter().filter_map(|needed| self.id(*needed));
        list.extend(needed.map(|needed| relationship(id, "DEPENDS_ON", needed)));
        list
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

    fn creation(&self) -> Value {
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

/// The identifier that a licence with a name of its own would have.
fn wanted_id(name: &str) -> String {
    let good = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let wanted: String = name.chars().map(good).take(60).collect();
    format!("LicenseRef-{wanted}")
}

/// The identifier among those that want to be the same.
fn numbered(wanted: &str, number: u32) -> String {
    if number == 1 { wanted.to_owned() } else { format!("{wanted}-{number}") }
}

/// The lowest number of each name under which it has the identifier already that it would get.
fn first_numbers(defined: &BTreeMap<String, String>) -> BTreeMap<String, u32> {
    let mut numbers = BTreeMap::new();
    for (id, name) in defined {
        let wanted = wanted_id(name);
        let number = match id.strip_prefix(wanted.as_str()) {
            Some("") => Some(1),
            Some(rest) => rest.strip_prefix('-').and_then(|number| number.parse().ok()),
            None => None,
        };
        if let Some(number) = number.filter(|number| *id == numbered(&wanted, *number)) {
            let known = numbers.entry(name.clone()).or_insert(number);
            *known = number.min(*known);
        }
    }
    numbers
}

/// The licences of a component that are declared, and those that are concluded.
fn sides(component: &Component) -> [Vec<&BomLicence>; 2] {
    let (concluded, declared) = component.licences.iter().partition(|licence| licence.is_concluded());
    [declared, concluded]
}

/// A member of the source that is small.
fn value_of(members: &pieces::Members<'_>, key: &str) -> Option<Value> {
    members.get(key).and_then(|text| serde_json::from_str(text).ok())
}

fn relationship(from: &str, kind: &str, to: &str) -> Value {
    json!({ "spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to })
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
