//! Adding a statement to a document that is there.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{Purl, Timestamp};
use serde_json::{Map, Value};

use crate::bom::{BomFormat, CycloneDxVersion, Written};
use crate::lazy::document_of;
use crate::read::{SbomError, json};
use crate::vex::{VexDocument, VexStatement, read};

/// Adds a statement to a document in either format, which keeps everything that it holds; its number goes up, and of OpenVEX the time
/// of its last change becomes that of the statement. CycloneDX gets components for what the statement names and the document does not.
///
/// # Errors
/// When the document cannot be read, or has something else where statements belong.
pub fn extend(bytes: &[u8], statement: &VexStatement) -> Result<Written, SbomError> {
    read(bytes, &[])?;
    let mut root = json(bytes)?;
    let lost = match root.contains_key("bomFormat") {
        true => extend_cyclonedx(&mut root, statement)?,
        false => extend_openvex(&mut root, statement)?,
    };
    let revision = root.get("version").and_then(Value::as_u64).unwrap_or(1);
    root.insert("version".to_owned(), revision.saturating_add(1).into());
    Ok(Written { bytes: document_of(root), lost })
}

/// Returns what OpenVEX cannot hold of the statement.
fn extend_openvex(
    root: &mut Map<String, Value>,
    statement: &VexStatement,
) -> Result<BTreeSet<String>, SbomError> {
    // Alone in a document without a time, it is written with its own.
    let Written { bytes, lost } = alone(statement).to_openvex();
    let mut written = json(&bytes)?;
    append(root, "statements", written.remove("statements"))?;
    let time = statement.timestamp.as_ref().map(Timestamp::to_string);
    root.extend(time.map(|time| ("last_updated".to_owned(), time.into())));
    Ok(lost)
}

/// Returns what CycloneDX cannot hold of the statement.
fn extend_cyclonedx(
    root: &mut Map<String, Value>,
    statement: &VexStatement,
) -> Result<BTreeSet<String>, SbomError> {
    let Written { bytes, lost } = alone(statement).to_cyclonedx(cyclonedx_version(root)?)?;
    let mut written = json(&bytes)?;
    let mut joining = Joining::new(root);
    let mut added = Vec::new();
    if let Some(Value::Array(products)) = written.remove("components") {
        products.into_iter().for_each(|product| joining.take(product, &mut added));
    }
    let mut vulnerabilities = written.remove("vulnerabilities");
    joining.rename(&mut vulnerabilities);
    if !added.is_empty() {
        append(root, "components", Some(Value::Array(added)))?;
    }
    append(root, "vulnerabilities", vulnerabilities)?;
    Ok(lost)
}

fn alone(statement: &VexStatement) -> VexDocument {
    VexDocument { statements: vec![statement.clone()], ..VexDocument::default() }
}

/// Puts the members of a list behind those that the document has.
fn append(root: &mut Map<String, Value>, key: &str, new: Option<Value>) -> Result<(), SbomError> {
    let Some(Value::Array(new)) = new else { return Ok(()) };
    match root.entry(key.to_owned()).or_insert_with(|| Value::Array(Vec::new())) {
        Value::Array(list) => {
            list.extend(new);
            Ok(())
        }
        _ => Err(SbomError::NotExtensible(format!("its `{key}` is no list"))),
    }
}

/// What the components of a statement become in a document that has components of its own.
struct Joining {
    /// What the document is about.
    subject: Option<Purl>,
    /// References of its components, by address.
    known: BTreeMap<Purl, String>,
    /// Every reference that is taken.
    taken: BTreeSet<String>,
    /// What stands for a reference of the statement.
    renamed: BTreeMap<String, String>,
}

impl Joining {
    fn new(root: &Map<String, Value>) -> Self {
        let subject = root.get("metadata").and_then(|metadata| metadata.get("component"));
        let mut joining = Self {
            subject: subject.and_then(address),
            known: BTreeMap::new(),
            taken: BTreeSet::new(),
            renamed: BTreeMap::new(),
        };
        joining.note(subject);
        let lists = ["components", "services", "vulnerabilities"].map(|key| root.get(key));
        for one in lists.into_iter().flatten().filter_map(Value::as_array).flatten() {
            joining.note(Some(one));
        }
        joining
    }

    fn note(&mut self, component: Option<&Value>) {
        let Some(component) = component else { return };
        if let Some(reference) = reference(component) {
            self.taken.insert(reference.to_owned());
            if let Some(purl) = address(component) {
                self.known.entry(purl).or_insert_with(|| reference.to_owned());
            }
        }
        for inner in component.get("components").and_then(Value::as_array).into_iter().flatten() {
            self.note(Some(inner));
        }
    }

    /// A product of the statement with its parts in it. Those of what the document is about are its components, or become such; any
    /// other product with parts is added as a whole, as a component of the document may be meant in another product.
    fn take(&mut self, mut product: Value, added: &mut Vec<Value>) {
        let parts = match product.get_mut("components").map(Value::take) {
            Some(Value::Array(parts)) => parts,
            _ => return self.take_one(product, added),
        };
        if address(&product).is_some_and(|purl| self.subject.as_ref() == Some(&purl)) {
            return parts.into_iter().for_each(|part| self.take_one(part, added));
        }
        let parts: Vec<Value> = parts.into_iter().map(|part| self.own(part)).collect();
        let mut product = self.own(product);
        if let Some(object) = product.as_object_mut() {
            object.insert("components".to_owned(), parts.into());
        }
        added.push(product);
    }

    fn take_one(&mut self, component: Value, added: &mut Vec<Value>) {
        let known = address(&component).and_then(|purl| self.known.get(&purl).cloned());
        match (known, reference(&component)) {
            (Some(known), Some(reference)) => {
                self.renamed.insert(reference.to_owned(), known);
            }
            _ => {
                let component = self.own(component);
                added.push(component);
            }
        }
    }

    /// The component under a reference that is not taken.
    fn own(&mut self, mut component: Value) -> Value {
        let Some(wanted) = reference(&component).map(str::to_owned) else { return component };
        let mut free = wanted.clone();
        let mut number = 1_u32;
        while !self.taken.insert(free.clone()) {
            number += 1;
            free = format!("{wanted}#{number}");
        }
        if let Some(object) = component.as_object_mut() {
            object.insert("bom-ref".to_owned(), free.clone().into());
        }
        self.renamed.insert(wanted, free);
        component
    }

    fn rename(&self, vulnerabilities: &mut Option<Value>) {
        let entries = vulnerabilities.as_mut().and_then(Value::as_array_mut).into_iter().flatten();
        let affected = entries.filter_map(|entry| entry.get_mut("affects")?.as_array_mut()).flatten();
        for reference in affected.filter_map(|one| one.get_mut("ref")) {
            if let Some(renamed) = reference.as_str().and_then(|text| self.renamed.get(text)) {
                *reference = renamed.clone().into();
            }
        }
    }
}

fn reference(component: &Value) -> Option<&str> {
    component.get("bom-ref")?.as_str()
}

fn address(component: &Value) -> Option<Purl> {
    component.get("purl")?.as_str()?.parse().ok()
}

fn cyclonedx_version(root: &Map<String, Value>) -> Result<CycloneDxVersion, SbomError> {
    let number = root.get("specVersion").and_then(Value::as_str).unwrap_or_default();
    match format!("cyclonedx-{number}").parse() {
        Ok(BomFormat::CycloneDx(version)) => Ok(version),
        _ => Err(SbomError::Unsupported(format!("CycloneDX of version `{number}`"))),
    }
}
