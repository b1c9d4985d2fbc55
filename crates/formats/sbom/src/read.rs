use palisade_model::ReadingProblem;
use serde_json::{Map, Value};

use crate::bom::Bom;
use crate::cyclonedx;
use crate::fields::Problems;
use crate::pieces::{self, Members};
use crate::spdx;

/// The largest document that is read, in bytes.
pub const LARGEST: usize = 128 << 20;

/// The most components that a document may have.
pub const MOST_COMPONENTS: usize = 500_000;

/// Why nothing of a document could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SbomError {
    /// It is larger than [`LARGEST`].
    #[error("the document has {0} bytes, at most {LARGEST} are read")]
    TooLarge(usize),
    /// It has more components than [`MOST_COMPONENTS`].
    #[error("the document has more than {MOST_COMPONENTS} components")]
    TooMany,
    /// One of its parts, such as a component, would take too much memory.
    #[error("one component or another part of the document takes more than 256 MiB of memory")]
    LargePiece,
    /// VEX documents that are read together would take too much memory.
    #[error("the VEX documents, this one and those before it, take more than 256 MiB of memory together")]
    LargeSet,
    /// It is XML.
    #[error("the document is XML; convert it to JSON")]
    Xml,
    /// It is SPDX in the form of tags and values.
    #[error("the document is SPDX in tag-value form; convert it to JSON")]
    TagValue,
    /// It is not UTF-8.
    #[error("the document is not UTF-8")]
    NotUtf8,
    /// It is no JSON, nested too deeply, or an object in it has a member twice, of which readers would see different ones.
    #[error("the document is no JSON that can be read: {0}")]
    Json(String),
    /// It is JSON of something that is recognised and not read.
    #[error("the document is {0}, which is not read; CycloneDX and SPDX 2.3 are")]
    Unsupported(String),
    /// It cannot be written: why.
    #[error("the document cannot be written: {0}")]
    Unwritable(String),
    /// Nothing can be added to it: why.
    #[error("nothing can be added to the document: {0}")]
    NotExtensible(String),
    /// It is JSON of nothing that is known.
    #[error(
        "the document is of no known format: neither `bomFormat` nor `spdxVersion` nor `@context` says one"
    )]
    Unknown,
}

/// Reads a bill of materials in any format that is known, and tells what of it could not be read.
///
/// # Errors
/// When nothing of it can be read.
pub fn read(bytes: &[u8]) -> Result<(Bom, Vec<ReadingProblem>), SbomError> {
    let root = outline(bytes)?;
    let mut problems = Problems::default();
    let bom = if is_called(&root, "bomFormat", "CycloneDX") {
        cyclonedx::read(root, &mut problems)?
    } else if root.contains_key("spdxVersion") {
        spdx::read(root, &mut problems)?
    } else {
        return Err(recognised(&root));
    };
    Ok((bom, problems.into_list()))
}

/// The object that a document is, whole.
pub(crate) fn json(bytes: &[u8]) -> Result<Map<String, Value>, SbomError> {
    pieces::values(outline(bytes)?)
}

/// The members of the object that a document is.
pub(crate) fn outline(bytes: &[u8]) -> Result<Members<'_>, SbomError> {
    if bytes.len() > LARGEST {
        return Err(SbomError::TooLarge(bytes.len()));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| SbomError::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    if text.starts_with('<') {
        return Err(SbomError::Xml);
    }
    if text.lines().take(50).any(|line| line.trim_start().starts_with("SPDXVersion:")) {
        return Err(SbomError::TagValue);
    }
    pieces::check(text)?;
    pieces::members(text)?.ok_or(SbomError::Unknown)
}

/// The text of a member in one spelling; empty when there is none.
pub(crate) fn spelled(root: &Members<'_>, key: &str) -> String {
    let value = root.get(key).and_then(|piece| pieces::value(piece).ok());
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Whether the member is this text.
pub(crate) fn is_called(root: &Members<'_>, key: &str, text: &str) -> bool {
    root.get(key).is_some_and(|piece| serde_json::from_str::<String>(piece).is_ok_and(|value| value == text))
}

/// Says what else a document is.
fn recognised(root: &Members<'_>) -> SbomError {
    let has = |key: &str| root.contains_key(key);
    let context = spelled(root, "@context");
    let name = if context.contains("spdx.org/rdf/3") || (has("@graph") && context.contains("spdx")) {
        "SPDX 3"
    } else if context.contains("openvex.dev") {
        "OpenVEX, no bill of materials"
    } else if has("SchemaVersion") && has("Results") {
        "a report of Trivy"
    } else if has("artifacts") && has("descriptor") {
        "the own format of Syft"
    } else if has("predicateType") {
        "an attestation; take its predicate"
    } else {
        return SbomError::Unknown;
    };
    SbomError::Unsupported(name.to_owned())
}
