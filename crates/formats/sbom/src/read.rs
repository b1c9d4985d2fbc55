use std::fmt;

use palisade_model::ReadingProblem;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::bom::Bom;
use crate::cyclonedx::{self, shortened};
use crate::fields::Problems;
use crate::spdx;

/// The largest document that is read, in bytes.
pub const LARGEST: usize = 128 << 20;

/// The most components that a document may have.
pub const MOST_COMPONENTS: usize = 1_000_000;

/// Why nothing of a document could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SbomError {
    /// It is larger than [`LARGEST`].
    #[error("the document has {0} bytes, at most {LARGEST} are read")]
    TooLarge(usize),
    /// It has more components than [`MOST_COMPONENTS`].
    #[error("the document has more than {MOST_COMPONENTS} components")]
    TooMany,
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
    let root = json(bytes)?;
    let mut problems = Problems::default();
    let bom = if root.get("bomFormat").and_then(Value::as_str) == Some("CycloneDX") {
        cyclonedx::read(root, &mut problems)?
    } else if root.contains_key("spdxVersion") {
        spdx::read(root, &mut problems)?
    } else {
        return Err(recognised(&root));
    };
    Ok((bom, problems.into_list()))
}

/// The object that a document is.
pub(crate) fn json(bytes: &[u8]) -> Result<Map<String, Value>, SbomError> {
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
    match serde_json::from_str(text) {
        Ok(Unique(Value::Object(map))) => Ok(map),
        Ok(_) => Err(SbomError::Unknown),
        Err(error) => Err(SbomError::Json(error.to_string())),
    }
}

/// A value of JSON in which no object has a member twice. Of two lists of components the second would hide the first.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Unique;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Unique, E> {
        Ok(Unique(Value::Null))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Unique, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(value)) = elements.next_element()? {
            list.push(value);
        }
        Ok(Unique(Value::Array(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Unique, A::Error> {
        let mut map = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if map.contains_key(&key) {
                return Err(de::Error::custom(format!("the member `{}` is there twice", shortened(&key))));
            }
            let Unique(value) = members.next_value()?;
            map.insert(key, value);
        }
        Ok(Unique(Value::Object(map)))
    }
}

/// Says what else a document is.
fn recognised(root: &Map<String, Value>) -> SbomError {
    let has = |key: &str| root.contains_key(key);
    let context = root.get("@context").map(Value::to_string).unwrap_or_default();
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
