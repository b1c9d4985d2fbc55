use std::collections::BTreeMap;

use palisade_model::Digest;
use serde::{Deserialize, Serialize};

use crate::media::{MediaKind, media_kind};
use crate::platform::Platform;

/// Most bytes of an index, a manifest or a configuration: what registries must take at least (distribution-spec 1.1, "Pushing
/// Manifests"), twice for configurations with long histories.
pub const MAX_DOCUMENT: usize = 8 << 20;

/// Most manifests of an index, and most layers of a manifest.
const MAX_DESCRIPTORS: usize = 1000;

/// Why a document cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OciError {
    /// It is larger than [`MAX_DOCUMENT`].
    #[error("is larger than 8 MiB")]
    TooLarge,
    /// It is no JSON of the shape its kind has.
    #[error("is no {kind}: {detail}")]
    Shape {
        /// What it should be.
        kind: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// It is none of the kinds that are read.
    #[error("is of the media type `{0}`, which is no image")]
    MediaType(String),
    /// A list is longer than is read.
    #[error("lists more than 1000 {0}")]
    TooMany(&'static str),
    /// Its bytes are not those that its descriptor promises.
    #[error("has the digest {found}, and {wanted} was promised")]
    Digest {
        /// What the descriptor says.
        wanted: Digest,
        /// What the bytes have.
        found: Digest,
    },
    /// It has another length than its descriptor promises.
    #[error("has {found} bytes, and {wanted} were promised")]
    Size {
        /// What the descriptor says.
        wanted: u64,
        /// How many there are.
        found: u64,
    },
}

/// What is known of a document or a layer before it is read (image-spec, "descriptor").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// Its media type; empty when nothing is said.
    #[serde(default)]
    pub media_type: String,
    /// Its digest, SHA-256; another algorithm is an error.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Where else it lies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// What else is said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
    /// What an image runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
}

impl Descriptor {
    /// The annotation `name`.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(name).map(String::as_str)
    }

    /// What its media type stands for.
    pub fn kind(&self) -> MediaKind {
        media_kind(&self.media_type)
    }

    /// Whether it is about another manifest, as BuildKit's attestations are, and no image. One for a platform is an image to whoever runs
    /// it, whatever its annotations say.
    pub fn is_attestation(&self) -> bool {
        match &self.platform {
            Some(platform) => platform.os == "unknown" && platform.architecture == "unknown",
            None => self.annotation("vnd.docker.reference.type").is_some(),
        }
    }

    /// Whether `bytes` are what it promises. To be asked before they are parsed.
    pub fn check(&self, bytes: &[u8]) -> Result<(), OciError> {
        if bytes.len() as u64 != self.size {
            return Err(OciError::Size { wanted: self.size, found: bytes.len() as u64 });
        }
        let found = Digest::of(bytes);
        if found != self.digest {
            return Err(OciError::Digest { wanted: self.digest, found });
        }
        Ok(())
    }
}

/// A list of manifests, one for each platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// Always 2.
    pub schema_version: u32,
    /// Its media type, if it says so itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// In the order of the document.
    pub manifests: Vec<Descriptor>,
}

/// One image: its configuration and its layers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Always 2.
    pub schema_version: u32,
    /// Its media type, if it says so itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The configuration.
    pub config: Descriptor,
    /// The layers, the lowest first.
    pub layers: Vec<Descriptor>,
}

/// What a digest may lead to on the way to an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// A list of manifests.
    Index(Index),
    /// One image.
    Manifest(Manifest),
}

impl Document {
    /// Reads an index or a manifest. `media_type` is what its descriptor or the registry says of it; the document's own word must be
    /// the same, and is taken when there is no other (image-spec, "mediaType", and CVE-2021-41190).
    pub fn parse(bytes: &[u8], media_type: Option<&str>) -> Result<Self, OciError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Shape {
            media_type: Option<String>,
            schema_version: Option<u32>,
            manifests: Option<serde::de::IgnoredAny>,
            layers: Option<serde::de::IgnoredAny>,
            config: Option<serde::de::IgnoredAny>,
        }
        let shape: Shape = json(bytes, "index or manifest")?;
        let wrong = |detail: &str| OciError::Shape { kind: "index or manifest", detail: detail.to_owned() };
        if shape.schema_version != Some(2) {
            return Err(wrong("its schema version is not 2"));
        }
        let told = media_type.filter(|told| !told.is_empty());
        let kinds = (told.map(media_kind), shape.media_type.as_deref().map(media_kind));
        let kind = match kinds {
            (Some(told), Some(own)) if told != own => {
                return Err(wrong("it says another media type than was promised"));
            }
            (Some(kind), _) | (None, Some(kind)) => kind,
            (None, None) if shape.manifests.is_some() => MediaKind::Index,
            (None, None) => MediaKind::Manifest,
        };
        match kind {
            MediaKind::Index if shape.layers.is_some() || shape.config.is_some() => {
                Err(wrong("it is an index and a manifest at once"))
            }
            MediaKind::Index => Self::index(json(bytes, "index")?),
            MediaKind::Manifest if shape.manifests.is_some() => {
                Err(wrong("it is an index and a manifest at once"))
            }
            MediaKind::Manifest => Self::manifest(json(bytes, "manifest")?),
            _ => Err(OciError::MediaType(told.map(str::to_owned).or(shape.media_type).unwrap_or_default())),
        }
    }

    fn index(index: Index) -> Result<Self, OciError> {
        let is_bounded = index.manifests.len() <= MAX_DESCRIPTORS;
        if is_bounded { Ok(Self::Index(index)) } else { Err(OciError::TooMany("manifests")) }
    }

    fn manifest(manifest: Manifest) -> Result<Self, OciError> {
        let is_bounded = manifest.layers.len() <= MAX_DESCRIPTORS;
        if is_bounded { Ok(Self::Manifest(manifest)) } else { Err(OciError::TooMany("layers")) }
    }
}

/// Reads a document of the shape `T`; JSON deeper than 128 is an error.
pub(crate) fn json<'a, T: Deserialize<'a>>(bytes: &'a [u8], kind: &'static str) -> Result<T, OciError> {
    if bytes.len() > MAX_DOCUMENT {
        return Err(OciError::TooLarge);
    }
    // A list would be taken for the fields in their order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(OciError::Shape { kind, detail: "it is no JSON object".to_owned() });
    }
    serde_json::from_slice(bytes).map_err(|error| OciError::Shape { kind, detail: error.to_string() })
}
