use std::collections::BTreeMap;

use palisade_model::{Purl, Timestamp};
use serde_json::{Map, Value, json};

use crate::bom::{Bom, BomMetadata, Component, CycloneDxVersion, DEEPEST, Property, References, Written};
use crate::cyclonedx::shortened;
use crate::fields::{Fields, Problems, put, put_list};
use crate::pieces::{Members, Room, value_within};
use crate::read::SbomError;
use crate::vex::{Justification, VexComponent, VexDocument, VexProduct, VexStatement, VexStatus};

/// The exact reason, where CycloneDX only has one near to it.
const JUSTIFICATION: &str = "palisade:vex:justification";
/// A name that is no package address.
const ID: &str = "palisade:vex:id";

/// Reads what a document says in `vulnerabilities[].analysis`.
pub(super) fn read(
    root: Members<'_>,
    boms: &[&Bom],
    room: &Room,
    problems: &mut Problems,
) -> Result<VexDocument, SbomError> {
    let vulnerabilities = root.get("vulnerabilities").map(|piece| value_within(piece, room)).transpose()?;
    let vulnerabilities = vulnerabilities.unwrap_or(Value::Array(Vec::new()));
    let bom = crate::cyclonedx::read(root, problems)?;
    let author = author(&bom);
    let resolver = Resolver::new(&bom, boms);
    let mut index = 0;
    let mut statements = Vec::new();
    let mut fields =
        Fields::root(Map::from_iter([("vulnerabilities".to_owned(), vulnerabilities)]), problems);
    fields.objects("vulnerabilities", |mut entry| {
        if let Some(mut statement) = statement(&mut entry, &resolver) {
            statement.index = index;
            statement.author.clone_from(&author);
            statement.timestamp = statement.timestamp.or(bom.metadata.timestamp);
            statements.push(statement);
        }
        index += 1;
    });
    let BomMetadata { serial, revision, timestamp, .. } = bom.metadata;
    Ok(VexDocument { id: serial, author, timestamp, revision: revision.unwrap_or(1), statements })
}

fn author(bom: &Bom) -> Option<String> {
    let extra = bom.metadata.extra.members();
    let first = extra.get("authors").and_then(|list| list.as_array()?.first()?.get("name")?.as_str());
    let other = |key: &str| extra.get(key).and_then(|value| value.get("name")?.as_str());
    first
        .or_else(|| other("manufacturer"))
        .or_else(|| other("manufacture"))
        .or_else(|| other("supplier"))
        .map(str::to_owned)
}

fn status_of(state: &str) -> Option<VexStatus> {
    match state {
        "resolved" | "resolved_with_pedigree" => Some(VexStatus::Fixed),
        "exploitable" => Some(VexStatus::Affected),
        "in_triage" => Some(VexStatus::UnderInvestigation),
        "false_positive" | "not_affected" => Some(VexStatus::NotAffected),
        _ => None,
    }
}

/// A vulnerability without an analysis is no statement.
fn statement(entry: &mut Fields<'_>, resolver: &Resolver<'_>) -> Option<VexStatement> {
    let mut analysis = entry.object("analysis")?;
    let state = analysis.text("state")?;
    let Some(status) = status_of(&state) else {
        analysis.problem("has an unknown `state`");
        return None;
    };
    let justification = analysis.text("justification");
    let mut known = justification.as_deref().and_then(Justification::of_cyclonedx);
    if justification.is_some() && known.is_none() {
        analysis.problem("has an unknown `justification`");
    }
    let impact = analysis.text("detail");
    let responses = analysis.texts("response");
    let time =
        |fields: &mut Fields<'_>, key: &str| fields.text(key).and_then(|text| text.parse::<Timestamp>().ok());
    let issued = time(&mut analysis, "lastUpdated").or_else(|| time(&mut analysis, "firstIssued"));
    let timestamp = issued.or_else(|| time(entry, "updated"));
    let mut aliases = Vec::new();
    entry.objects("references", |mut reference| aliases.extend(reference.text("id")));
    let mut notes = None;
    entry.objects("properties", |mut property| {
        let (name, value) = (property.text("name"), property.text("value"));
        match name.as_deref() {
            Some(JUSTIFICATION) => known = value.as_deref().and_then(Justification::of_openvex).or(known),
            Some("palisade:vex:notes") => notes = value,
            _ => {}
        }
    });
    let action =
        entry.text("recommendation").or_else(|| Some(responses.join(", ")).filter(|text| !text.is_empty()));
    let mut products = Vec::new();
    entry.objects("affects", |mut affected| products.extend(product(&mut affected, resolver, status)));
    let vulnerability = entry.text("id").unwrap_or_default();
    aliases.retain(|alias| *alias != vulnerability);
    Some(VexStatement {
        document: resolver.own.metadata.serial.clone().unwrap_or_default(),
        index: 0,
        id: entry.text("bom-ref"),
        vulnerability,
        aliases,
        products,
        status,
        justification: known,
        impact,
        action,
        notes,
        timestamp,
        author: None,
        defect: None,
    })
}

fn product(affected: &mut Fields<'_>, resolver: &Resolver<'_>, status: VexStatus) -> Option<VexProduct> {
    let Some(reference) = affected.text("ref") else {
        affected.problem("has no `ref`");
        return None;
    };
    let Some(mut product) = resolver.product(&reference) else {
        affected.problem(&format!("is `{}`, which leads to no component", shortened(&reference)));
        let component = VexComponent { id: Some(reference), ..VexComponent::default() };
        return Some(VexProduct { component, subcomponents: Vec::new() });
    };
    let meant = product.subcomponents.last_mut().unwrap_or(&mut product.component);
    let mut named = false;
    affected.objects("versions", |mut entry| {
        named = true;
        let said = entry.text("status");
        let counts = match said.as_deref() {
            None => true,
            Some("affected") => !status.suppresses(),
            Some("unaffected") => status.suppresses(),
            _ => false,
        };
        let (version, range) = (entry.text("version"), entry.text("range"));
        if counts {
            meant.versions.extend(version);
            meant.ranges.extend(range);
        }
    });
    // All of the versions that it names are meant otherwise.
    let nothing = named && meant.versions.is_empty() && meant.ranges.is_empty();
    (!nothing).then_some(product)
}

/// Leads from names in a document to components.
struct Resolver<'a> {
    own: &'a Bom,
    boms: Vec<(&'a Bom, BTreeMap<&'a str, u32>)>,
}

impl<'a> Resolver<'a> {
    fn new(own: &'a Bom, others: &[&'a Bom]) -> Self {
        let names =
            |bom: &'a Bom| (0..).zip(&bom.components).map(|(at, one)| (one.reference.as_str(), at)).collect();
        let boms = std::iter::once(own).chain(others.iter().copied()).map(|bom| (bom, names(bom))).collect();
        Self { own, boms }
    }

    /// What a reference names: a component of the document, one of another (`urn:cdx:serial/version#reference`), or a package address.
    fn product(&self, reference: &str) -> Option<VexProduct> {
        let link = reference.strip_prefix("urn:cdx:").and_then(|link| link.split_once('#'));
        let found = match link {
            None => self.boms.first().and_then(|(bom, names)| Some((*bom, *names.get(reference)?))),
            Some((document, inner)) => {
                let serial = format!("urn:uuid:{}", document.split('/').next().unwrap_or_default());
                let inner = decoded(inner);
                let of_serial =
                    |bom: &&(&'a Bom, _)| bom.0.metadata.serial.as_deref() == Some(serial.as_str());
                let found = self.boms.iter().filter(of_serial);
                found.filter_map(|(bom, names)| Some((*bom, *names.get(inner.as_str())?))).next()
            }
        };
        if let Some((bom, index)) = found {
            return in_product(bom, index);
        }
        let text = link.map_or_else(|| reference.to_owned(), |(_, inner)| decoded(inner));
        let component = VexComponent::of_purl(text.parse().ok()?);
        Some(VexProduct { component, subcomponents: Vec::new() })
    }
}

/// A component as a part of what it lies in, or of what the document is about.
fn in_product(bom: &Bom, index: u32) -> Option<VexProduct> {
    let component = bom.component(index)?;
    let mut outermost = index;
    for _ in 0..DEEPEST {
        outermost = bom.component(outermost).and_then(|component| component.parent).unwrap_or(outermost);
    }
    let whole = bom.metadata.subject.filter(|subject| {
        bom.component(*subject).is_some_and(|subject| subject.purl.is_some() || !subject.hashes.is_empty())
    });
    let whole = if outermost == index { whole.unwrap_or(index) } else { outermost };
    let mut product = VexProduct { component: named(bom.component(whole)?), subcomponents: Vec::new() };
    if whole != index {
        product.subcomponents.push(named(component));
    }
    Some(product)
}

fn named(component: &Component) -> VexComponent {
    let mut named = VexComponent {
        id: component.property(ID).map(str::to_owned),
        purls: component.purl.iter().cloned().collect(),
        cpes: component.cpes.clone(),
        hashes: component.hashes.clone(),
        ..VexComponent::default()
    };
    if named.is_nameless() {
        let version = component.version.as_ref().map_or(String::new(), |version| format!("@{version}"));
        named.id = Some(format!("{}{version}", component.name));
    }
    named
}

/// Percent-decoding; what is broken stays as it is.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (first, digit(0).zip(digit(1))) {
            (b'%', Some((high, low))) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// Writes a document with a component for each product, its parts in it, and the statements about them.
pub(super) fn write(read: &VexDocument, version: CycloneDxVersion) -> Result<Written, SbomError> {
    let mut writing =
        Writing { bom: Bom::default(), references: References::default(), known: BTreeMap::new() };
    let vulnerabilities: Vec<Value> =
        read.statements.iter().map(|one| writing.statement(one, version)).collect();
    let mut bom = writing.bom;
    bom.source = Some(crate::bom::BomFormat::CycloneDx(version));
    bom.metadata.serial.clone_from(&read.id);
    bom.metadata.timestamp = read.timestamp;
    bom.metadata.revision = Some(read.revision.max(1));
    let author = read.author.as_ref().map(|name| json!([{ "name": name }]));
    let mut extra = Map::new();
    put(&mut extra, "authors", author);
    bom.metadata.extra = extra.into();
    let mut extra = Map::new();
    put_list(&mut extra, "vulnerabilities", vulnerabilities);
    bom.extra = extra.into();
    let mut written = bom.write(crate::bom::BomFormat::CycloneDx(version))?;
    let all = || read.statements.iter().flat_map(|one| &one.products);
    let parts = all().flat_map(|product| std::iter::once(&product.component).chain(&product.subcomponents));
    for part in parts {
        if part.purls.len() > 1 {
            written.lost.insert("all addresses of a product but the first".to_owned());
        }
    }
    Ok(written)
}

struct Writing {
    bom: Bom,
    references: References,
    /// What has a component already, and its index.
    known: BTreeMap<(VexComponent, Option<u32>), u32>,
}

impl Writing {
    /// The reference of a component that stands for it; versions are told where it is affected.
    fn component(&mut self, wanted: &VexComponent, parent: Option<u32>) -> Option<(u32, String)> {
        let plain = VexComponent { versions: Vec::new(), ranges: Vec::new(), ..wanted.clone() };
        if let Some(index) = self.known.get(&(plain.clone(), parent)) {
            return Some((*index, self.bom.component(*index)?.reference.clone()));
        }
        let purl = plain.purls.first();
        let name = purl.map(Purl::name).or(plain.id.as_deref()).unwrap_or("unnamed").to_owned();
        let reference = purl.map(ToString::to_string).unwrap_or_else(|| name.clone());
        let mut component = Component::new(self.references.give(&reference), "library", name);
        component.version = purl.and_then(|purl| purl.version().map(str::to_owned));
        component.purl = purl.cloned();
        component.cpes.clone_from(&plain.cpes);
        component.hashes.clone_from(&plain.hashes);
        component.parent = parent;
        component.properties.extend(plain.id.as_ref().map(|id| Property::new(ID, id)));
        let reference = component.reference.clone();
        let index = u32::try_from(self.bom.components.len()).ok()?;
        self.bom.components.push(component);
        self.known.insert((plain, parent), index);
        Some((index, reference))
    }

    fn affects(&mut self, product: &VexProduct, status: VexStatus) -> Vec<Value> {
        let Some((index, reference)) = self.component(&product.component, None) else { return Vec::new() };
        if product.subcomponents.is_empty() {
            return vec![affected(&reference, &product.component, status)];
        }
        let mut list = Vec::new();
        for part in &product.subcomponents {
            if let Some((_, reference)) = self.component(part, Some(index)) {
                list.push(affected(&reference, part, status));
            }
        }
        list
    }

    fn statement(&mut self, statement: &VexStatement, version: CycloneDxVersion) -> Value {
        let mut map = Map::new();
        put(&mut map, "bom-ref", statement.id.clone());
        map.insert("id".to_owned(), statement.vulnerability.clone().into());
        let alias = |alias: &String| json!({ "id": alias, "source": { "name": source_of(alias) } });
        put_list(&mut map, "references", statement.aliases.iter().map(alias).collect());
        let state = match statement.status {
            VexStatus::Fixed => "resolved",
            VexStatus::NotAffected => "not_affected",
            VexStatus::UnderInvestigation => "in_triage",
            VexStatus::Affected => "exploitable",
        };
        let mut analysis = Map::new();
        analysis.insert("state".to_owned(), state.into());
        put(&mut analysis, "justification", statement.justification.map(Justification::cyclonedx));
        put(&mut analysis, "detail", statement.impact.clone());
        let time = statement.timestamp.map(|time| time.to_string());
        if version >= CycloneDxVersion::V1_5 {
            put(&mut analysis, "lastUpdated", time);
        } else {
            put(&mut map, "updated", time);
        }
        map.insert("analysis".to_owned(), analysis.into());
        put(&mut map, "recommendation", statement.action.clone());
        let mut properties = Vec::new();
        if let Some(reason) = statement.justification
            && Justification::of_cyclonedx(reason.cyclonedx()) != Some(reason)
        {
            properties.push(json!({ "name": JUSTIFICATION, "value": reason.openvex() }));
        }
        properties.extend(
            statement.notes.iter().map(|notes| json!({ "name": "palisade:vex:notes", "value": notes })),
        );
        put_list(&mut map, "properties", properties);
        let mut affects: Vec<Value> = Vec::new();
        for product in &statement.products {
            for one in self.affects(product, statement.status) {
                if !affects.contains(&one) {
                    affects.push(one);
                }
            }
        }
        put_list(&mut map, "affects", affects);
        Value::Object(map)
    }
}

fn affected(reference: &str, component: &VexComponent, status: VexStatus) -> Value {
    let mut map = Map::new();
    map.insert("ref".to_owned(), reference.into());
    let said = if status.suppresses() { "unaffected" } else { "affected" };
    let mut versions: Vec<Value> =
        component.versions.iter().map(|version| json!({ "version": version, "status": said })).collect();
    versions.extend(component.ranges.iter().map(|range| json!({ "range": range, "status": said })));
    put_list(&mut map, "versions", versions);
    Value::Object(map)
}

/// Who gives names like that.
fn source_of(name: &str) -> &'static str {
    match name.split('-').next() {
        Some("CVE") => "NVD",
        Some("GHSA") => "GitHub",
        _ => "OSV",
    }
}
