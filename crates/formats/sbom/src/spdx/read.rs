use std::collections::BTreeMap;

use palisade_model::PackageHash;
use serde_json::{Map, Value};

use crate::bom::{
    Bom, BomFormat, BomLicence, BomLicenceKind, BomMetadata, BomScope, BomTool, Component, DEEPEST,
    Occurrence, Property, References,
};
use crate::cyclonedx::shortened;
use crate::extra::{List, Texts};
use crate::fields::{Fields, Problems};
use crate::pieces::{self, Members};
use crate::read::{MOST_COMPONENTS, SbomError};
use crate::spdx::{ALGORITHMS, NEEDS, OURS, PURPOSES};

/// Members of a document that are read as a whole.
const SMALL: [&str; 7] = [
    "SPDXID",
    "annotations",
    "creationInfo",
    "dataLicense",
    "documentDescribes",
    "documentNamespace",
    "hasExtractedLicensingInfos",
];

/// Reads the document that has an `spdxVersion`.
pub(crate) fn read(mut root: Members<'_>, problems: &mut Problems) -> Result<Bom, SbomError> {
    let version = root.remove("spdxVersion").and_then(|piece| serde_json::from_str::<String>(piece).ok());
    match version.as_deref() {
        Some("SPDX-2.2" | "SPDX-2.3") => {}
        Some(other) => return Err(SbomError::Unsupported(shortened(other))),
        None => return Err(SbomError::Unsupported("SPDX without a version".to_owned())),
    }
    let (packages, relationships) = (root.remove("packages"), root.remove("relationships"));
    let small = SMALL.iter().filter_map(|key| root.remove_entry(*key)).collect();
    let mut document = Fields::root(pieces::values(small)?, problems);
    let mut bom = Bom { source: Some(BomFormat::Spdx23), ..Bom::default() };
    bom.metadata = metadata(&mut document);
    let mut graph = Graph { indexes: BTreeMap::new(), components: Vec::new() };
    graph.packages(packages, &extracted(&document.rest), document.problems)?;
    let mut described = document.texts("documentDescribes");
    let others = graph.relationships(relationships, &mut described, document.problems)?;
    described.sort();
    described.dedup();
    let ours = annotation(&mut document);
    bom.properties = ours.as_ref().map(properties).unwrap_or_default();
    let has_subject = ours.is_none_or(|ours| ours.get("subject") != Some(&Value::Bool(false)));
    if let ([one], true) = (described.as_slice(), has_subject) {
        bom.metadata.subject = graph.indexes.get(one).copied();
    }
    bom.components = graph.components;
    let mut extra = Texts::default();
    extra.take(root, |_| {})?;
    for (key, value) in document.rest {
        extra.insert(key, value.to_string());
    }
    if !others.is_empty() {
        extra.insert("relationships".to_owned(), others.text());
    }
    bom.extra = extra.into();
    Ok(bom)
}

fn metadata(document: &mut Fields<'_>) -> BomMetadata {
    let mut metadata = BomMetadata { serial: document.text("documentNamespace"), ..BomMetadata::default() };
    for known in ["SPDXID", "dataLicense"] {
        document.rest.remove(known);
    }
    let Some(mut creation) = document.object("creationInfo") else { return metadata };
    if let Some(text) = creation.text("created") {
        metadata.timestamp = text.parse().ok();
        if metadata.timestamp.is_none() {
            creation.problem("has a `created` that is no time");
        }
    }
    let mut others = Vec::new();
    for creator in creation.texts("creators") {
        match creator.strip_prefix("Tool:").map(str::trim) {
            Some(tool) => metadata.tools.push(tool_of(tool)),
            None => others.push(Value::String(creator)),
        }
    }
    if !others.is_empty() {
        creation.rest.insert("creators".to_owned(), Value::Array(others));
    }
    metadata.extra = creation.rest.into();
    metadata
}

/// By custom a tool is written with its version behind a hyphen.
fn tool_of(text: &str) -> BomTool {
    match text.rsplit_once('-') {
        Some((name, version)) if !name.is_empty() && version.starts_with(|c: char| c.is_ascii_digit()) => {
            BomTool { vendor: None, name: name.to_owned(), version: Some(version.to_owned()) }
        }
        _ => BomTool { vendor: None, name: text.to_owned(), version: None },
    }
}

/// The names of licences that the document defines itself.
fn extracted(root: &Map<String, Value>) -> BTreeMap<String, String> {
    let list = root.get("hasExtractedLicensingInfos").and_then(Value::as_array);
    let pair = |entry: &Value| {
        let id = entry.get("licenseId")?.as_str()?;
        let name = entry.get("name").and_then(Value::as_str).filter(|name| *name != "NOASSERTION");
        Some((id.to_owned(), name?.to_owned()))
    };
    list.into_iter().flatten().filter_map(pair).collect()
}

/// A text that asserts something.
fn asserted(fields: &mut Fields<'_>, key: &str) -> Option<String> {
    fields.text(key).filter(|text| !matches!(text.as_str(), "NOASSERTION" | "NONE"))
}

fn component(package: &mut Fields<'_>, extracted: &BTreeMap<String, String>) -> Option<Component> {
    let Some(name) = package.text("name") else {
        package.problem("has no name");
        return None;
    };
    let purpose = package.text("primaryPackagePurpose").map(|purpose| purpose.replace('-', "_"));
    let kind = PURPOSES.iter().find(|(_, spdx)| Some(*spdx) == purpose.as_deref());
    let mut component = Component::new("", kind.map_or("library", |(kind, _)| kind), name);
    if let Some(purpose) = purpose.filter(|_| kind.is_none_or(|(kind, spdx)| is_coarse(kind, spdx))) {
        package.rest.insert("primaryPackagePurpose".to_owned(), purpose.into());
    }
    component.version = package.text("versionInfo");
    component.description = package.text("description");
    supplier(package, &mut component);
    references(package, &mut component);
    package.objects("checksums", |mut checksum| {
        let known = checksum.text("algorithm").map(|name| {
            let known = ALGORITHMS.iter().find(|(_, spdx)| *spdx == name);
            known.map_or(name, |(ours, _)| (*ours).to_owned())
        });
        match (known, checksum.text("checksumValue")) {
            (Some(algorithm), Some(value)) => {
                component.hashes.push(PackageHash { algorithm, value: value.to_ascii_lowercase() });
            }
            _ => checksum.problem("has no `algorithm` or no `checksumValue`"),
        }
    });
    for (key, acknowledgement) in [("licenseDeclared", None), ("licenseConcluded", Some("concluded"))] {
        if let Some(text) = asserted(package, key) {
            let mut licence = licence(text, extracted);
            let word = acknowledgement.map(|word| ("acknowledgement".to_owned(), Value::from(word)));
            licence.extra = word.into_iter().collect::<Map<_, _>>().into();
            component.licences.push(licence);
        }
    }
    if let Some(ours) = annotation(package) {
        restore(&ours, &mut component);
        if ours.contains_key("kind") {
            // Its own word is more than the purpose that stood for it.
            package.rest.remove("primaryPackagePurpose");
        }
    }
    component.extra = std::mem::take(&mut package.rest).into();
    Some(component)
}

/// Whether several purposes have this word of CycloneDX, so that the purpose itself must be kept.
fn is_coarse(kind: &str, purpose: &str) -> bool {
    PURPOSES.iter().find(|(name, _)| *name == kind).is_some_and(|(_, first)| *first != purpose)
}

fn licence(text: String, extracted: &BTreeMap<String, String>) -> BomLicence {
    if let Some(name) = extracted.get(&text) {
        return BomLicence::new(BomLicenceKind::Name, name.clone());
    }
    let kind =
        if spdx::license_id(&text).is_some() { BomLicenceKind::Id } else { BomLicenceKind::Expression };
    BomLicence::new(kind, text)
}

fn supplier(package: &mut Fields<'_>, component: &mut Component) {
    let Some(text) = asserted(package, "supplier") else { return };
    match text.strip_prefix("Organization:") {
        Some(name) => component.supplier = Some(name.trim().to_owned()),
        None => {
            component.supplier = text.split_once(':').map(|(_, name)| name.trim().to_owned());
            package.rest.insert("supplier".to_owned(), text.into());
        }
    }
}

/// Takes addresses and names in NIST's dictionary out of the external references.
fn references(package: &mut Fields<'_>, component: &mut Component) {
    let mut others = Vec::new();
    let mut purls = Vec::new();
    package.objects("externalRefs", |mut reference| {
        let kind = reference.rest.get("referenceType").and_then(Value::as_str).unwrap_or_default().to_owned();
        let locator = reference.rest.get("referenceLocator").and_then(Value::as_str).map(str::to_owned);
        match (kind.as_str(), locator) {
            ("purl", Some(locator)) => match locator.parse() {
                Ok(purl) => purls.push(purl),
                Err(error) => {
                    reference.problem(&format!("has the address `{}`: {error}", shortened(&locator)));
                }
            },
            ("cpe22Type" | "cpe23Type", Some(locator)) if reference.rest.len() == 3 => {
                component.cpes.push(locator);
            }
            _ => others.push(Value::Object(std::mem::take(&mut reference.rest))),
        }
    });
    let mut purls = purls.into_iter();
    component.purl = purls.next();
    for purl in purls {
        package.problem(&format!("has a second address, `{purl}`"));
    }
    if !others.is_empty() {
        package.rest.insert("externalRefs".to_owned(), Value::Array(others));
    }
}

/// Takes our annotation; those of others stay.
fn annotation(fields: &mut Fields<'_>) -> Option<Map<String, Value>> {
    let list = fields.list("annotations");
    let mut ours = None;
    let mut others = Vec::new();
    for entry in list {
        let comment = entry.get("comment").and_then(Value::as_str).unwrap_or_default();
        match comment.strip_prefix(OURS).and_then(|json| serde_json::from_str(json).ok()) {
            Some(Value::Object(map)) if ours.is_none() => ours = Some(map),
            _ => others.push(entry),
        }
    }
    if !others.is_empty() {
        fields.rest.insert("annotations".to_owned(), Value::Array(others));
    }
    ours
}

fn properties(ours: &Map<String, Value>) -> Vec<Property> {
    ours.get("properties").and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default()
}

/// Puts back what SPDX has no field for.
fn restore(ours: &Map<String, Value>, component: &mut Component) {
    let text = |key: &str| ours.get(key).and_then(Value::as_str).map(str::to_owned);
    component.reference = text("ref").unwrap_or_default();
    component.kind = text("kind").unwrap_or_else(|| component.kind.clone());
    component.group = text("group");
    component.scope = text("scope").and_then(|name| BomScope::of_name(&name));
    component.properties = properties(ours);
    if let Some(Value::Array(list)) = ours.get("hashes") {
        component.hashes = list.iter().filter_map(|hash| serde_json::from_value(hash.clone()).ok()).collect();
    }
    if let Some(Value::Array(list)) = ours.get("licences") {
        component.licences = list.iter().filter_map(restored_licence).collect();
    }
    if let Some(Value::Array(list)) = ours.get("occurrences") {
        component.occurrences = list.iter().filter_map(restored_occurrence).collect();
    }
}

fn restored_licence(value: &Value) -> Option<BomLicence> {
    let mut map = value.as_object()?.clone();
    let kinds = [
        ("id", BomLicenceKind::Id),
        ("name", BomLicenceKind::Name),
        ("expression", BomLicenceKind::Expression),
    ];
    let (key, kind) = kinds.into_iter().find(|(key, _)| map.contains_key(*key))?;
    let text = map.remove(key)?.as_str()?.to_owned();
    Some(BomLicence { kind, text, extra: map.into() })
}

fn restored_occurrence(value: &Value) -> Option<Occurrence> {
    let mut extra = value.as_object()?.clone();
    let location = extra.remove("location")?.as_str()?.to_owned();
    let line = extra.remove("line").and_then(|line| line.as_u64()?.try_into().ok());
    Some(Occurrence { location, line, extra: extra.into() })
}

struct Graph {
    /// The components by identifier.
    indexes: BTreeMap<String, u32>,
    components: Vec<Component>,
}

impl Graph {
    fn get(&mut self, index: u32) -> Option<&mut Component> {
        self.components.get_mut(usize::try_from(index).ok()?)
    }

    fn packages(
        &mut self,
        piece: Option<&str>,
        extracted: &BTreeMap<String, String>,
        problems: &mut Problems,
    ) -> Result<(), SbomError> {
        let Some(piece) = piece else { return Ok(()) };
        let mut references = References::default();
        let mut are_too_many = false;
        Fields::each_of("packages", piece, problems, |mut package| {
            are_too_many |= self.components.len() >= MOST_COMPONENTS;
            if are_too_many {
                return;
            }
            let Some(id) = package.text("SPDXID") else { return package.problem("has no `SPDXID`") };
            let Some(mut component) = component(&mut package, extracted) else { return };
            if self.indexes.contains_key(&id) {
                package.problem("has the `SPDXID` of another package");
            }
            let wanted = if component.reference.is_empty() { &id } else { &component.reference };
            component.reference = references.give(wanted);
            component.shrink_to_fit();
            if let Ok(index) = u32::try_from(self.components.len()) {
                self.indexes.entry(id).or_insert(index);
                self.components.push(component);
            }
        })?;
        if are_too_many { Err(SbomError::TooMany) } else { Ok(()) }
    }

    /// Takes what one package is to another, and returns what has no word here.
    fn relationships(
        &mut self,
        piece: Option<&str>,
        described: &mut Vec<String>,
        problems: &mut Problems,
    ) -> Result<List, SbomError> {
        let mut others = List::default();
        let Some(piece) = piece else { return Ok(others) };
        let mut scopes: BTreeMap<u32, Option<BomScope>> = BTreeMap::new();
        Fields::each_of("relationships", piece, problems, |mut entry| {
            let whole = Value::Object(entry.rest.clone());
            let (Some(from), Some(kind), Some(to)) = (
                entry.text("spdxElementId"),
                entry.text("relationshipType"),
                entry.text("relatedSpdxElement"),
            ) else {
                return entry.problem("lacks one of its three parts");
            };
            match kind.as_str() {
                "DESCRIBES" if from == "SPDXRef-DOCUMENT" => return described.push(to),
                "DESCRIBED_BY" if to == "SPDXRef-DOCUMENT" => return described.push(from),
                _ => {}
            }
            let ends = (self.indexes.get(&from).copied(), self.indexes.get(&to).copied());
            let known = match ends {
                (Some(from), Some(to)) if entry.rest.is_empty() => self.relate(from, &kind, to, &mut scopes),
                _ => {
                    if NEEDS.iter().any(|(name, _)| *name == kind) {
                        self.report_missing(&mut entry, [&from, &to]);
                    }
                    false
                }
            };
            if !known {
                others.push(&whole);
            }
        })?;
        for (index, scope) in scopes {
            if let Some(component) = self.get(index) {
                component.scope = component.scope.or(scope);
            }
        }
        for component in &mut self.components {
            component.depends_on.sort_unstable();
            component.depends_on.dedup();
        }
        Ok(others)
    }

    fn report_missing(&self, entry: &mut Fields<'_>, ends: [&String; 2]) {
        for end in ends {
            let elsewhere = end.starts_with("DocumentRef-") || matches!(end.as_str(), "NONE" | "NOASSERTION");
            if !elsewhere && end != "SPDXRef-DOCUMENT" && !self.indexes.contains_key(end) {
                entry.problem(&format!("is of `{}`, which is no package", shortened(end)));
            }
        }
    }

    fn relate(
        &mut self,
        from: u32,
        kind: &str,
        to: u32,
        scopes: &mut BTreeMap<u32, Option<BomScope>>,
    ) -> bool {
        match kind {
            "CONTAINS" => return self.contain(from, to),
            "CONTAINED_BY" => return self.contain(to, from),
            _ => {}
        }
        let Some((name, reversed)) = NEEDS.iter().find(|(name, _)| *name == kind) else { return false };
        let (needing, needed) = if *reversed { (to, from) } else { (from, to) };
        let scope = match *name {
            "DEV_DEPENDENCY_OF" | "TEST_DEPENDENCY_OF" | "BUILD_DEPENDENCY_OF" => Some(BomScope::Excluded),
            "OPTIONAL_DEPENDENCY_OF" | "PROVIDED_DEPENDENCY_OF" => Some(BomScope::Optional),
            _ => None,
        };
        // Needed in several ways counts as the strongest of them.
        scopes.entry(needed).and_modify(|known| *known = (*known).min(scope)).or_insert(scope);
        if let Some(component) = self.get(needing) {
            component.depends_on.push(needed);
        }
        true
    }

    /// Puts one component into another, unless it is in one already, or the other lies in it, or too deep.
    fn contain(&mut self, outer: u32, inner: u32) -> bool {
        let mut above = Some(outer);
        for _ in 0..DEEPEST {
            match above {
                None => break,
                Some(index) if index == inner => return false,
                Some(index) => above = self.get(index).and_then(|component| component.parent),
            }
        }
        match self.get(inner) {
            Some(component) if above.is_none() && component.parent.is_none() => {
                component.parent = Some(outer);
                true
            }
            _ => false,
        }
    }
}
