//! Adding a statement to a document that is there.

use std::collections::BTreeSet;

use palisade_model::Timestamp;
use serde_json::{Map, Value};

use crate::bom::{BomFormat, CycloneDxVersion, Written};
use crate::fields::document;
use crate::read::{SbomError, json};
use crate::vex::{VexDocument, VexStatement, read};

/// Adds a statement to a document in either format, which keeps everything that it holds; its number goes up, and of OpenVEX the time
/// of its last change becomes that of the statement.
///
/// # Errors
/// When the document cannot be read, or when it is CycloneDX that was not written by [`VexDocument::to_cyclonedx`]: rewritten it would
/// lose what that does not write.
pub fn extend(bytes: &[u8], statement: &VexStatement) -> Result<Written, SbomError> {
    let (mut read, _) = read(bytes, &[])?;
    let mut root = json(bytes)?;
    if !root.contains_key("bomFormat") {
        let lost = extend_openvex(&mut root, statement)?;
        return Ok(Written { bytes: document(root), lost });
    }
    let version = cyclonedx_version(&root)?;
    let rewritten = json(&read.to_cyclonedx(version).bytes)?;
    if rewritten != root {
        let what = "CycloneDX that Palisade did not write".to_owned();
        return Err(SbomError::NotExtensible(what));
    }
    read.revision = read.revision.saturating_add(1);
    read.statements.push(statement.clone());
    Ok(read.to_cyclonedx(version))
}

/// Returns what OpenVEX cannot hold of the statement.
fn extend_openvex(
    root: &mut Map<String, Value>,
    statement: &VexStatement,
) -> Result<BTreeSet<String>, SbomError> {
    // Alone in a document without a time, it is written with its own.
    let alone = VexDocument { statements: vec![statement.clone()], ..VexDocument::default() };
    let Written { bytes, lost } = alone.to_openvex();
    let mut written = json(&bytes)?;
    let Some(Value::Array(new)) = written.remove("statements") else { return Ok(lost) };
    match root.entry("statements").or_insert_with(|| Value::Array(Vec::new())) {
        Value::Array(statements) => statements.extend(new),
        _ => return Err(SbomError::NotExtensible("OpenVEX whose `statements` is no list".to_owned())),
    }
    let revision = root.get("version").and_then(Value::as_u64).unwrap_or(1);
    root.insert("version".to_owned(), revision.saturating_add(1).into());
    let time = statement.timestamp.as_ref().map(Timestamp::to_string);
    root.extend(time.map(|time| ("last_updated".to_owned(), time.into())));
    Ok(lost)
}

fn cyclonedx_version(root: &Map<String, Value>) -> Result<CycloneDxVersion, SbomError> {
    let number = root.get("specVersion").and_then(Value::as_str).unwrap_or_default();
    match format!("cyclonedx-{number}").parse() {
        Ok(BomFormat::CycloneDx(version)) => Ok(version),
        _ => Err(SbomError::Unsupported(format!("CycloneDX of version `{number}`"))),
    }
}
