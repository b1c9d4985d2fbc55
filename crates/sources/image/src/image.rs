use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use palisade_model::{Digest, Gap, GapKind, Layer};
use palisade_oci::{ImageConfig, Platform};

use crate::error::ImageError;
use crate::layer::LayerSource;
use crate::store::Store;
use crate::walk::{FileMeta, Walk, WalkLimits};
use crate::{docker_archive, layout};

/// Which image of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Its tag, reference or digest; none when there is but one.
    pub image: Option<String>,
    /// The platform; none for the only one, or that of this machine.
    pub platform: Option<Platform>,
}

/// What is known of a layer before it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerInfo {
    /// Its place, its content's digest as promised (empty when nothing promises one), and the instruction that made it.
    pub layer: Layer,
    /// The digest of its stored form, as promised.
    pub digest: Option<Digest>,
    /// Bytes of its stored form, as promised.
    pub size: Option<u64>,
}

/// What a store says of one image.
pub(crate) struct Opened {
    pub(crate) name: Option<String>,
    pub(crate) manifest: Option<Digest>,
    pub(crate) config: ImageConfig,
    pub(crate) config_bytes: Vec<u8>,
    pub(crate) layers: Vec<LayerSource>,
    /// The platforms of images beside it that nobody chose among.
    pub(crate) others: Vec<String>,
}

pub(crate) enum Source {
    Layers(Store, Vec<LayerSource>),
    /// A folder that is the root itself.
    Folder(PathBuf),
}

/// An image, or a folder that holds a root filesystem.
pub struct Image {
    pub(crate) source: Source,
    pub(crate) layers: Vec<LayerInfo>,
    pub(crate) gaps: Vec<Gap>,
    name: Option<String>,
    manifest: Option<Digest>,
    config: Option<ImageConfig>,
    config_bytes: Vec<u8>,
}

impl Image {
    /// Opens what lies at `path`: a folder with an OCI layout, a tar archive with an OCI layout or from `docker save`, or any other
    /// folder, which is taken for a root filesystem. Documents are checked against their digests before they are parsed; layers are not
    /// read yet.
    pub fn open(path: &Path, choice: &Choice) -> Result<Self, ImageError> {
        let io = |error| ImageError::Io { path: path.to_owned(), error };
        if path.is_dir() {
            if !path.join("oci-layout").is_file() {
                return Ok(Self::of_folder(path));
            }
            let store = Store::folder(path).map_err(io)?;
            return layout::open(&store, choice).map(|opened| Self::of_layers(store, opened));
        }
        let file = File::open(path).map_err(io)?;
        if !file.metadata().map_err(io)?.is_file() {
            return Err(io(io::Error::new(
                io::ErrorKind::InvalidInput,
                "neither a folder nor a regular file",
            )));
        }
        let store = Store::archive(file).map_err(|error| match error {
            palisade_archive::TarError::Trouble(trouble) => ImageError::NoImage {
                path: path.to_owned(),
                detail: format!("as a tar archive {trouble}; an archive that is compressed as a whole must be expanded first"),
            },
            error => error.into(),
        })?;
        let has = |name: &[u8]| store.open(name).is_ok_and(|opened| opened.is_some());
        let open = if has(layout::MARKER) {
            layout::open
        } else if has(docker_archive::MANIFEST) {
            docker_archive::open
        } else if has(docker_archive::REPOSITORIES) {
            docker_archive::open_old
        } else {
            let detail =
                "there is no `oci-layout`, no `manifest.json` and no `repositories` in it".to_owned();
            return Err(ImageError::NoImage { path: path.to_owned(), detail });
        };
        open(&store, choice).map(|opened| Self::of_layers(store, opened))
    }

    fn of_folder(path: &Path) -> Self {
        Self {
            source: Source::Folder(path.to_owned()),
            layers: Vec::new(),
            gaps: Vec::new(),
            name: None,
            manifest: None,
            config: None,
            config_bytes: Vec::new(),
        }
    }

    fn of_layers(store: Store, mut opened: Opened) -> Self {
        let mut gaps = Vec::new();
        let count = opened.layers.len();
        let diff_ids = &opened.config.rootfs.diff_ids;
        if !diff_ids.is_empty() && diff_ids.len() != count {
            let detail = format!("the configuration has {} layers and the manifest {count}", diff_ids.len());
            gaps.push(Gap::new(None, GapKind::ParseFailed, detail));
        }
        for (index, (layer, diff_id)) in opened.layers.iter_mut().zip(diff_ids).enumerate() {
            layer.diff_id = diff_id.parse().ok();
            if layer.diff_id.is_none() {
                let detail = format!(
                    "the content of layer {index} cannot be checked: its digest in the configuration is not SHA-256"
                );
                gaps.push(Gap::new(None, GapKind::ParseFailed, detail));
            }
        }
        if !opened.others.is_empty() {
            let (os, architecture) = (&opened.config.os, &opened.config.architecture);
            let others = opened.others.join(", ");
            let detail =
                format!("is the image for {os}/{architecture}; those for {others} were not looked at");
            gaps.push(Gap::new(None, GapKind::Noted, detail));
        }
        let instructions = opened.config.instructions(count);
        if instructions.is_none() && !opened.config.history.is_empty() {
            let detail = "the history does not fit the layers, so no instruction is told for them";
            gaps.push(Gap::new(None, GapKind::Noted, detail));
        }
        let instruction = |index: usize| instructions.as_ref()?.get(index)?.created_by.clone();
        let layers = (0_u32..)
            .zip(&opened.layers)
            .map(|(index, layer)| LayerInfo {
                layer: Layer {
                    index,
                    diff_id: layer.diff_id.map(|digest| digest.to_string()).unwrap_or_default(),
                    created_by: instruction(index as usize),
                },
                digest: layer.stored.map(|(digest, _)| digest),
                size: layer.stored.map(|(_, size)| size),
            })
            .collect();
        Self {
            source: Source::Layers(store, opened.layers),
            layers,
            gaps,
            name: opened.name,
            manifest: opened.manifest,
            config: Some(opened.config),
            config_bytes: opened.config_bytes,
        }
    }

    /// The name it has where it lies, or its digest.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The digest of its manifest: what a registry knows it by. None in Docker archives and folders.
    pub const fn manifest(&self) -> Option<Digest> {
        self.manifest
    }

    /// The digest of its configuration: what Docker calls the image's id. None in folders.
    pub fn id(&self) -> Option<Digest> {
        self.config.as_ref().map(|_| Digest::of(&self.config_bytes))
    }

    /// Its layers, the lowest first; none in folders.
    pub fn layers(&self) -> &[LayerInfo] {
        &self.layers
    }

    /// Its configuration; none in folders.
    pub const fn config(&self) -> Option<&ImageConfig> {
        self.config.as_ref()
    }

    /// Its configuration as it stands there, with environment, labels and history: an entry for who looks for secrets. Empty in folders.
    pub fn config_bytes(&self) -> &[u8] {
        &self.config_bytes
    }

    /// Begins to read all layers, the lowest first. Files that `wants` are offered with their content, each version that a layer holds.
    pub fn walk<'i>(&'i self, limits: WalkLimits, wants: &'i dyn Fn(&FileMeta<'_>) -> bool) -> Walk<'i> {
        Walk::new(self, limits, wants)
    }
}
