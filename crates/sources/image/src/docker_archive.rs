//! What `docker save` writes: `manifest.json` since Docker 1.10, and before that a folder for each layer and `repositories`
//! (<https://github.com/moby/docker-image-spec>).

use std::collections::BTreeMap;

use palisade_model::Digest;
use palisade_oci::{History, ImageConfig, OciError, Reference};
use serde::Deserialize;

use crate::error::ImageError;
use crate::image::{Choice, Opened};
use crate::layer::LayerSource;
use crate::layout::read;
use crate::names::normalised;
use crate::store::Store;

pub(crate) const MANIFEST: &[u8] = b"manifest.json";
pub(crate) const REPOSITORIES: &[u8] = b"repositories";

/// Most layers of an image, and most images of an archive.
const MAX_LAYERS: usize = 1000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    #[serde(default)]
    layers: Option<Vec<String>>,
}

impl Listed {
    fn tags(&self) -> &[String] {
        self.repo_tags.as_deref().unwrap_or_default()
    }

    fn called(&self) -> String {
        self.tags().first().cloned().unwrap_or_else(|| self.config.clone())
    }
}

fn shape(name: &str, kind: &'static str, detail: String) -> ImageError {
    ImageError::Document { name: name.to_owned(), error: OciError::Shape { kind, detail } }
}

/// Opens the chosen image of an archive with a `manifest.json`.
pub(crate) fn open(store: &Store, choice: &Choice) -> Result<Opened, ImageError> {
    let bytes = read(store, MANIFEST)?;
    let wrong = |detail| shape("manifest.json", "list of images", detail);
    let images: Vec<Listed> = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    if images.len() > MAX_LAYERS {
        return Err(wrong("it lists more than 1000 images".to_owned()));
    }
    let names: Vec<String> = images.iter().map(Listed::called).collect();
    let image = match (choice.image.as_deref(), images.as_slice()) {
        (None, [only]) => only,
        (None, []) => return Err(wrong("it lists no image".to_owned())),
        (None, _) => return Err(ImageError::Several(names.join(", "))),
        (Some(wanted), _) => images
            .iter()
            .find(|image| is_called(&image.config, image.tags(), wanted))
            .ok_or_else(|| ImageError::NoSuch { wanted: wanted.to_owned(), offered: names.join(", ") })?,
    };
    let layers = image.layers.as_deref().unwrap_or_default();
    if layers.len() > MAX_LAYERS {
        return Err(wrong("it lists more than 1000 layers".to_owned()));
    }
    let config_bytes = config(store, &image.config)?;
    let config = ImageConfig::parse(&config_bytes)
        .map_err(|error| ImageError::Document { name: image.config.clone(), error })?;
    let layers = layers.iter().map(|name| layer(name)).collect();
    Ok(Opened {
        name: Some(image.called()),
        manifest: None,
        config,
        config_bytes,
        layers,
        others: Vec::new(),
    })
}

fn is_called(config: &str, tags: &[String], wanted: &str) -> bool {
    let reference = |text: &str| text.parse::<Reference>().ok();
    let digest = digest_of_name(config);
    tags.iter().any(|tag| tag == wanted || (reference(tag).is_some() && reference(tag) == reference(wanted)))
        || config == wanted
        || digest.is_some_and(|digest| digest.to_string() == wanted)
}

/// The configuration; its name tells its digest.
fn config(store: &Store, name: &str) -> Result<Vec<u8>, ImageError> {
    let path = normalised(name.as_bytes()).map_err(|_| ImageError::Missing(name.to_owned()))?;
    let bytes = read(store, &path)?;
    let found = Digest::of(&bytes);
    match digest_of_name(name) {
        Some(wanted) if wanted != found => {
            Err(ImageError::Document { name: name.to_owned(), error: OciError::Digest { wanted, found } })
        }
        _ => Ok(bytes),
    }
}

/// `<hex>.json` or `blobs/sha256/<hex>`.
fn digest_of_name(name: &str) -> Option<Digest> {
    let name = name.rsplit('/').next()?;
    Digest::from_hex(name.strip_suffix(".json").unwrap_or(name)).ok()
}

fn layer(name: &str) -> LayerSource {
    match normalised(name.as_bytes()) {
        Ok(path) => LayerSource { name: path, stored: None, diff_id: None, unread: None },
        Err(_) => LayerSource {
            name: Vec::new(),
            stored: None,
            diff_id: None,
            unread: Some("has a name that leads out of the archive"),
        },
    }
}

/// A layer's own description in old archives: a configuration that names its parent.
#[derive(Default, Deserialize)]
struct Old {
    #[serde(default)]
    parent: Option<String>,
    #[serde(default)]
    container_config: Option<Command>,
    #[serde(default)]
    created: Option<String>,
}

#[derive(Default, Deserialize)]
struct Command {
    #[serde(rename = "Cmd", default)]
    cmd: Option<Vec<String>>,
}

/// Opens the chosen image of an archive with `repositories` alone.
pub(crate) fn open_old(store: &Store, choice: &Choice) -> Result<Opened, ImageError> {
    let bytes = read(store, REPOSITORIES)?;
    let repositories: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_slice(&bytes)
        .map_err(|error| shape("repositories", "list of images", error.to_string()))?;
    let tags = |name: &String, tags: &BTreeMap<String, String>| {
        tags.iter().map(|(tag, id)| (format!("{name}:{tag}"), id.clone())).collect::<Vec<_>>()
    };
    let images: Vec<(String, String)> = repositories.iter().flat_map(|(name, all)| tags(name, all)).collect();
    let names = || images.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>().join(", ");
    let (name, top) = match (choice.image.as_deref(), images.as_slice()) {
        (None, [only]) => only,
        (None, []) => return Err(shape("repositories", "list of images", "it lists no image".to_owned())),
        (None, _) => return Err(ImageError::Several(names())),
        (Some(wanted), _) => images
            .iter()
            .find(|(name, id)| is_called(id, std::slice::from_ref(name), wanted))
            .ok_or_else(|| ImageError::NoSuch { wanted: wanted.to_owned(), offered: names() })?,
    };
    old_image(store, name, top)
}

/// Follows the chain of parents from the top layer down.
fn old_image(store: &Store, name: &str, top: &str) -> Result<Opened, ImageError> {
    let mut layers = Vec::new();
    let mut history = Vec::new();
    let mut config_bytes = Vec::new();
    let mut next = Some(top.to_owned());
    while let Some(id) = next {
        let described = format!("{id}/json");
        let path = normalised(described.as_bytes()).map_err(|_| ImageError::Missing(described.clone()))?;
        let bytes = read(store, &path)?;
        let old: Old =
            serde_json::from_slice(&bytes).map_err(|error| shape(&described, "layer", error.to_string()))?;
        if config_bytes.is_empty() {
            config_bytes = bytes;
        }
        if layers.len() >= MAX_LAYERS {
            return Err(shape(&described, "layer", "it has more than 1000 layers below it".to_owned()));
        }
        layers.push(layer(&format!("{id}/layer.tar")));
        let created_by = old.container_config.and_then(|command| command.cmd).map(|words| words.join(" "));
        history.push(History { created: old.created, created_by, ..History::default() });
        next = old.parent.filter(|parent| !parent.is_empty());
    }
    layers.reverse();
    history.reverse();
    let mut config = ImageConfig::parse(&config_bytes)
        .map_err(|error| ImageError::Document { name: format!("{top}/json"), error })?;
    config.history = history;
    Ok(Opened {
        name: Some(name.to_owned()),
        manifest: None,
        config,
        config_bytes,
        layers,
        others: Vec::new(),
    })
}
