//! OCI image layouts (image-spec 1.1, "image-layout"), as a folder or in a tar archive.

use palisade_oci::{Descriptor, Document, ImageConfig, Index, MAX_DOCUMENT, Manifest, Reference, choose};

use crate::error::ImageError;
use crate::image::{Choice, Opened};
use crate::layer::{LayerSource, blob};
use crate::store::Store;

pub(crate) const MARKER: &[u8] = b"oci-layout";
const INDEX: &[u8] = b"index.json";

/// Indexes in indexes.
const MAX_DEPTH: usize = 4;

/// What names an image in an index: the reference, and containerd's whole one.
const NAMES: [&str; 2] = ["org.opencontainers.image.ref.name", "io.containerd.image.name"];

/// Opens the chosen image of the layout in `store`.
pub(crate) fn open(store: &Store, choice: &Choice) -> Result<Opened, ImageError> {
    let bytes = read(store, INDEX)?;
    let document = |error| ImageError::Document { name: "index.json".to_owned(), error };
    let index = match Document::parse(&bytes, None).map_err(document)? {
        Document::Index(index) => index,
        Document::Manifest(_) => {
            let error = palisade_oci::OciError::MediaType("manifest".to_owned());
            return Err(document(error));
        }
    };
    let mut index = narrowed(index, choice.image.as_deref())?;
    let mut others = Vec::new();
    for _ in 0..MAX_DEPTH {
        let descriptor = choose(&index, choice.platform.as_ref())?;
        if choice.platform.is_none() {
            others.extend(other_platforms(&index, descriptor));
        }
        match follow(store, descriptor)? {
            Document::Manifest(manifest) => {
                let opened = opened(store, descriptor, &manifest)?;
                return Ok(Opened { others, ..opened });
            }
            Document::Index(below) => index = below,
        }
    }
    let detail = "indexes are nested deeper than 4".to_owned();
    Err(ImageError::Document {
        name: "index.json".to_owned(),
        error: palisade_oci::OciError::Shape { kind: "index", detail },
    })
}

/// The platforms of an index that another image than `chosen` is for.
fn other_platforms(index: &Index, chosen: &Descriptor) -> Vec<String> {
    let others = index.manifests.iter().filter(|one| one.digest != chosen.digest && !one.is_attestation());
    others.filter_map(|one| one.platform.as_ref()).map(ToString::to_string).collect()
}

/// The images that are called `wanted`, by name or digest. Without a wish they must all have one name.
fn narrowed(mut index: Index, wanted: Option<&str>) -> Result<Index, ImageError> {
    index.manifests.retain(|descriptor| !descriptor.is_attestation());
    let names = index.manifests.iter().map(called).collect::<Vec<_>>();
    let offered = || {
        let mut offered = names.clone();
        offered.sort();
        offered.dedup();
        offered.join(", ")
    };
    let Some(wanted) = wanted else {
        let has_several = names.windows(2).any(|pair| pair.first() != pair.last());
        let is_by_platform = index
            .manifests
            .iter()
            .all(|one| one.platform.is_some() && NAMES.iter().all(|name| one.annotation(name).is_none()));
        return if has_several && !is_by_platform { Err(ImageError::Several(offered())) } else { Ok(index) };
    };
    let offered = offered();
    index.manifests.retain(|descriptor| is_called(descriptor, wanted));
    if index.manifests.is_empty() {
        return Err(ImageError::NoSuch { wanted: wanted.to_owned(), offered });
    }
    Ok(index)
}

fn called(descriptor: &Descriptor) -> String {
    let name = NAMES.iter().rev().find_map(|name| descriptor.annotation(name));
    name.map_or_else(|| descriptor.digest.to_string(), str::to_owned)
}

fn is_called(descriptor: &Descriptor, wanted: &str) -> bool {
    let reference = |text: &str| text.parse::<Reference>().ok().map(|reference| reference.to_string());
    let is_named = NAMES
        .iter()
        .filter_map(|name| descriptor.annotation(name))
        .any(|name| name == wanted || (reference(name).is_some() && reference(name) == reference(wanted)));
    is_named || descriptor.digest.to_string() == wanted
}

/// Reads what `descriptor` promises and checks it before it is parsed.
fn follow(store: &Store, descriptor: &Descriptor) -> Result<Document, ImageError> {
    let bytes = checked(store, descriptor)?;
    let told = Some(descriptor.media_type.as_str());
    Document::parse(&bytes, told)
        .map_err(|error| ImageError::Document { name: descriptor.digest.to_string(), error })
}

fn checked(store: &Store, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError> {
    let bytes = read(store, &blob(descriptor.digest))?;
    let check = descriptor.check(&bytes);
    check.map_err(|error| ImageError::Document { name: descriptor.digest.to_string(), error })?;
    Ok(bytes)
}

fn opened(store: &Store, descriptor: &Descriptor, manifest: &Manifest) -> Result<Opened, ImageError> {
    let config_bytes = checked(store, &manifest.config)?;
    let config = ImageConfig::parse(&config_bytes)
        .map_err(|error| ImageError::Document { name: manifest.config.digest.to_string(), error })?;
    let layers = manifest.layers.iter().map(LayerSource::of_descriptor).collect();
    Ok(Opened {
        name: Some(called(descriptor)),
        manifest: Some(descriptor.digest),
        config,
        config_bytes,
        layers,
        others: Vec::new(),
    })
}

/// A document of the layout.
pub(crate) fn read(store: &Store, name: &[u8]) -> Result<Vec<u8>, ImageError> {
    let shown = || String::from_utf8_lossy(name).into_owned();
    let read = store.read(name, MAX_DOCUMENT);
    let bytes = read.map_err(|error| ImageError::Io { path: shown().into(), error })?;
    bytes.ok_or_else(|| ImageError::Missing(shown()))
}
