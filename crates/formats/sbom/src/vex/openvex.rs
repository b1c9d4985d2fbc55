use std::collections::BTreeSet;

use palisade_model::{Digest, PackageHash, Timestamp};
use serde_json::{Map, Value, json};

use crate::bom::Written;
use crate::fields::{Fields, Problems, put, put_list};
use crate::lazy::document_of;
use crate::vex::{Justification, VexComponent, VexDocument, VexProduct, VexStatement, VexStatus};

/// Names of digests: ours, as in CycloneDX, and those of OpenVEX (appendix A).
const ALGORITHMS: [(&str, &str); 12] = [
    ("MD5", "md5"),
    ("SHA-1", "sha1"),
    ("SHA-256", "sha-256"),
    ("SHA-384", "sha-384"),
    ("SHA-512", "sha-512"),
    ("SHA3-224", "sha3-224"),
    ("SHA3-256", "sha3-256"),
    ("SHA3-384", "sha3-384"),
    ("SHA3-512", "sha3-512"),
    ("BLAKE2s-256", "blake2s-256"),
    ("BLAKE2b-256", "blake2b-256"),
    ("BLAKE2b-512", "blake2b-512"),
];

/// Most pairs of a product and a part that old versions name once for all products of a statement; in all documents that are read together.
pub(super) const MOST_SHARED: usize = 1_000_000;

/// Reads OpenVEX of any version.
pub(super) fn read(
    root: Map<String, Value>,
    shared_left: &mut usize,
    problems: &mut Problems,
) -> VexDocument {
    let mut fields = Fields::root(root, problems);
    let mut read = VexDocument {
        id: fields.text("@id"),
        author: fields.text("author"),
        timestamp: time(&mut fields, "timestamp"),
        revision: 1,
        statements: Vec::new(),
    };
    // Version 0.0.1 writes the number as a text.
    read.revision = match fields.rest.remove("version") {
        Some(Value::String(text)) => text.parse().unwrap_or(1),
        Some(value) => value.as_u64().and_then(|number| number.try_into().ok()).unwrap_or(1),
        None => 1,
    };
    let mut index = 0;
    let mut statements = Vec::new();
    fields.objects("statements", |mut entry| {
        if let Some(mut statement) = statement(&mut entry, &read, shared_left) {
            statement.index = index;
            statements.push(statement);
        }
        index += 1;
    });
    read.statements = statements;
    read
}

fn time(fields: &mut Fields<'_>, key: &str) -> Option<Timestamp> {
    let text = fields.text(key)?;
    let time = text.parse().ok();
    if time.is_none() {
        fields.problem(&format!("has a `{key}` that is no time"));
    }
    time
}

fn statement(
    entry: &mut Fields<'_>,
    document: &VexDocument,
    shared_left: &mut usize,
) -> Option<VexStatement> {
    let status = entry.text("status");
    let known = VexStatus::ALL.into_iter().find(|known| Some(known.name()) == status.as_deref());
    let Some(status) = known else {
        entry.problem("has no `status` that OpenVEX knows");
        return None;
    };
    let justification = entry.text("justification");
    let known = justification.as_deref().and_then(Justification::of_openvex);
    if justification.is_some() && known.is_none() {
        entry.problem("has an unknown `justification`");
    }
    let (vulnerability, aliases) = vulnerability(entry);
    let stated = time(entry, "timestamp");
    let updated = time(entry, "last_updated");
    Some(VexStatement {
        document: document.id.clone().unwrap_or_default(),
        index: 0,
        id: entry.text("@id"),
        vulnerability,
        aliases,
        products: products(entry, shared_left),
        status,
        justification: known,
        impact: entry.text("impact_statement"),
        action: entry.text("action_statement"),
        notes: entry.text("status_notes"),
        timestamp: updated.max(stated).or(document.timestamp),
        author: document.author.clone(),
        defect: None,
    })
}

/// The name and the other names; old versions write the name alone.
fn vulnerability(entry: &mut Fields<'_>) -> (String, Vec<String>) {
    if let Some(Value::String(_)) = entry.rest.get("vulnerability") {
        return (entry.text("vulnerability").unwrap_or_default(), Vec::new());
    }
    let Some(mut fields) = entry.object("vulnerability") else { return (String::new(), Vec::new()) };
    let id = fields.text("@id");
    let name = fields.text("name").or_else(|| id?.rsplit('/').next().map(str::to_owned));
    let name = name.unwrap_or_default();
    let mut aliases = fields.texts("aliases");
    aliases.retain(|alias| *alias != name);
    (name, aliases)
}

/// The products; none when there would be too many parts, as without its parts a product would mean more.
fn products(entry: &mut Fields<'_>, shared_left: &mut usize) -> Vec<VexProduct> {
    let shared = components(entry, "subcomponents");
    let listed = entry.list("products");
    let Some(left) = shared_left.checked_sub(shared.len().saturating_mul(listed.len())) else {
        entry.problem(&format!("brings more than {MOST_SHARED} pairs of a product and a part"));
        return Vec::new();
    };
    *shared_left = left;
    let mut products = Vec::new();
    for (number, value) in listed.into_iter().enumerate() {
        let mut product = VexProduct::default();
        match value {
            Value::String(text) => product.component.name(text),
            other => {
                let place = entry.place_of(&format!("products[{number}]"));
                if let Some(mut fields) = Fields::of(other, place, entry.problems) {
                    product.subcomponents = components(&mut fields, "subcomponents");
                    product.component = component(&mut fields);
                }
            }
        }
        product.subcomponents.extend(shared.clone());
        products.push(product);
    }
    products
}

fn components(fields: &mut Fields<'_>, key: &str) -> Vec<VexComponent> {
    let mut found = Vec::new();
    for (number, value) in fields.list(key).into_iter().enumerate() {
        let mut named = VexComponent::default();
        match value {
            Value::String(text) => named.name(text),
            other => {
                let place = fields.place_of(&format!("{key}[{number}]"));
                if let Some(mut inner) = Fields::of(other, place, fields.problems) {
                    named = component(&mut inner);
                }
            }
        }
        // A part without a name stays: without it the statement would mean the whole product.
        found.push(named);
    }
    found
}

fn component(fields: &mut Fields<'_>) -> VexComponent {
    let mut component = VexComponent::default();
    if let Some(id) = fields.text("@id") {
        component.name(id);
    }
    if let Some(mut identifiers) = fields.object("identifiers") {
        if let Some(text) = identifiers.text("purl") {
            match text.parse() {
                Ok(purl) if component.purls.contains(&purl) => {}
                Ok(purl) => component.purls.push(purl),
                Err(error) => identifiers.problem(&format!("has a broken package address: {error}")),
            }
        }
        component.cpes.extend(identifiers.text("cpe22"));
        component.cpes.extend(identifiers.text("cpe23"));
    }
    if let Some(hashes) = fields.object("hashes") {
        for (name, value) in hashes.rest {
            let known = ALGORITHMS.iter().find(|(_, openvex)| name.eq_ignore_ascii_case(openvex));
            let algorithm = known.map_or(name, |(ours, _)| (*ours).to_owned());
            if let Value::String(value) = value {
                component.hashes.push(PackageHash { algorithm, value: value.to_ascii_lowercase() });
            }
        }
    }
    component
}

/// Writes OpenVEX 0.2.0. It has no lists of versions, so a product with some becomes several; ranges it cannot say at all, and what is
/// meant for a range must not be said of every version.
pub(super) fn write(read: &VexDocument) -> Written {
    let mut root = Map::new();
    root.insert("@context".to_owned(), "https://openvex.dev/ns/v0.2.0".into());
    root.insert("author".to_owned(), read.author.clone().unwrap_or_else(|| "unknown".to_owned()).into());
    root.insert("timestamp".to_owned(), read.timestamp.unwrap_or_default().to_string().into());
    root.insert("version".to_owned(), read.revision.max(1).into());
    let mut lost = BTreeSet::new();
    let mut statements = Vec::new();
    for statement in &read.statements {
        let products: Vec<VexProduct> = statement.products.iter().flat_map(single_versions).collect();
        if products.is_empty() && !statement.products.is_empty() {
            lost.insert(format!("statement {}, which is about ranges of versions", statement.index + 1));
        } else {
            statements.push(written(statement, &products, read.timestamp));
        }
    }
    root.insert("statements".to_owned(), statements.into());
    let id = read.id.clone().filter(|id| id.contains(':')).unwrap_or_else(|| {
        let digest = Digest::of(Value::Object(root.clone()).to_string().as_bytes());
        format!("https://openvex.dev/docs/public/vex-{}", digest.hex())
    });
    root.insert("@id".to_owned(), id.into());
    Written { bytes: document_of(root), lost }
}

/// The product for each of its versions; nothing when it, or its parts, are named by ranges only.
fn single_versions(product: &VexProduct) -> Vec<VexProduct> {
    let parts: Vec<VexComponent> = product.subcomponents.iter().flat_map(single_version).collect();
    if parts.is_empty() && !product.subcomponents.is_empty() {
        return Vec::new();
    }
    let components = single_version(&product.component).into_iter();
    components.map(|component| VexProduct { component, subcomponents: parts.clone() }).collect()
}

fn single_version(component: &VexComponent) -> Vec<VexComponent> {
    if component.versions.is_empty() && component.ranges.is_empty() {
        return vec![component.clone()];
    }
    let pairs =
        component.purls.iter().flat_map(|purl| component.versions.iter().map(move |version| (purl, version)));
    pairs
        .filter_map(|(purl, version)| purl.with_version(Some(version)).ok())
        .map(VexComponent::of_purl)
        .collect()
}

fn written(statement: &VexStatement, products: &[VexProduct], issued: Option<Timestamp>) -> Value {
    let mut map = Map::new();
    put(&mut map, "@id", statement.id.clone());
    let mut vulnerability = Map::new();
    vulnerability.insert("name".to_owned(), statement.vulnerability.clone().into());
    let aliases = statement.aliases.iter().map(|alias| alias.clone().into()).collect();
    put_list(&mut vulnerability, "aliases", aliases);
    map.insert("vulnerability".to_owned(), vulnerability.into());
    let product = |product: &VexProduct| {
        let mut map = written_component(&product.component);
        let parts = product.subcomponents.iter().map(|part| written_component(part).into()).collect();
        put_list(&mut map, "subcomponents", parts);
        Value::Object(map)
    };
    map.insert("products".to_owned(), products.iter().map(product).collect::<Vec<_>>().into());
    map.insert("status".to_owned(), statement.status.name().into());
    put(&mut map, "justification", statement.justification.map(Justification::openvex));
    put(&mut map, "impact_statement", statement.impact.clone());
    put(&mut map, "action_statement", statement.action.clone());
    put(&mut map, "status_notes", statement.notes.clone());
    let time = statement.timestamp.filter(|time| Some(*time) != issued);
    put(&mut map, "timestamp", time.map(|time| time.to_string()));
    Value::Object(map)
}

fn written_component(component: &VexComponent) -> Map<String, Value> {
    let mut map = Map::new();
    let purl = component.purls.first().map(ToString::to_string);
    put(&mut map, "@id", component.id.clone().or_else(|| purl.clone()));
    let mut identifiers = Map::new();
    let last = component.purls.last().map(ToString::to_string);
    put(&mut identifiers, "purl", last.filter(|last| component.id.is_some() || Some(last) != purl.as_ref()));
    for cpe in &component.cpes {
        let key = if cpe.starts_with("cpe:2.3:") { "cpe23" } else { "cpe22" };
        identifiers.insert(key.to_owned(), cpe.clone().into());
    }
    put(&mut map, "identifiers", Some(identifiers).filter(|identifiers| !identifiers.is_empty()));
    let hashes = component.hashes.iter().map(|hash| {
        let known = ALGORITHMS.iter().find(|(ours, _)| *ours == hash.algorithm);
        (known.map_or(hash.algorithm.clone(), |(_, openvex)| (*openvex).to_owned()), json!(hash.value))
    });
    let hashes: Map<String, Value> = hashes.collect();
    put(&mut map, "hashes", Some(hashes).filter(|hashes| !hashes.is_empty()));
    map
}
