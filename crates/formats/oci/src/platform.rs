use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::document::{Descriptor, Index};
use crate::media::MediaKind;

/// What an image runs on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Platform {
    /// The processor as Go calls it: `amd64`, `arm64`.
    pub architecture: String,
    /// The system: `linux`.
    pub os: String,
    /// The processor's variant: `v8`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// A text that is no platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a platform: expected `os/architecture` or `os/architecture/variant`, such as `linux/arm64`")]
pub struct PlatformError;

impl Platform {
    /// Linux on the processor that this program was made for.
    pub fn host() -> Self {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "x86" => "386",
            "powerpc64" => "ppc64le",
            other => other,
        };
        Self { architecture: architecture.to_owned(), os: "linux".to_owned(), variant: None }
    }

    /// Whether an image for `offered` is what `self` asks for. A variant that is not asked for does not matter, and arm64 has but one.
    fn accepts(&self, offered: &Self) -> bool {
        let variant = |platform: &Self| {
            platform.variant.clone().filter(|variant| !(platform.architecture == "arm64" && variant == "v8"))
        };
        self.os == offered.os
            && self.architecture == offered.architecture
            && (self.variant.is_none() || variant(self) == variant(offered))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        let is_part = |part: &&str| {
            !part.is_empty()
                && part.len() <= 64
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let parts: Vec<&str> = text.split('/').collect();
        match parts.as_slice() {
            [os, architecture, variant @ ..] if variant.len() < 2 && parts.iter().all(is_part) => Ok(Self {
                architecture: (*architecture).to_owned(),
                os: (*os).to_owned(),
                variant: variant.first().map(|variant| (*variant).to_owned()),
            }),
            _ => Err(PlatformError),
        }
    }
}

/// Why no image of an index was chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// There is none for the platform.
    #[error("has no image for {wanted}; there are: {offered}")]
    NoSuch {
        /// The platform that was asked for.
        wanted: Platform,
        /// What there is.
        offered: String,
    },
    /// There is none at all.
    #[error("lists no image")]
    Empty,
}

/// The image, or the index of further ones, for `platform`: the first one that fits. Attestations are no images. Without a wish the only
/// image is taken, and of several that for [`Platform::host`].
pub fn choose<'a>(index: &'a Index, platform: Option<&Platform>) -> Result<&'a Descriptor, ChoiceError> {
    let is_image = |descriptor: &&Descriptor| {
        !descriptor.is_attestation()
            && (descriptor.media_type.is_empty()
                || matches!(descriptor.kind(), MediaKind::Index | MediaKind::Manifest))
    };
    let images: Vec<&Descriptor> = index.manifests.iter().filter(is_image).collect();
    match (images.as_slice(), platform) {
        ([], _) => return Err(ChoiceError::Empty),
        ([only], None) => return Ok(only),
        _ => {}
    }
    let wanted = platform.cloned().unwrap_or_else(Platform::host);
    let fits = |descriptor: &&&Descriptor| {
        descriptor.platform.as_ref().is_some_and(|offered| wanted.accepts(offered))
    };
    // What says nothing of a platform may be an index of further ones, or the one image of a layout.
    let silent = |descriptor: &&&Descriptor| descriptor.platform.is_none();
    images.iter().find(fits).or_else(|| images.iter().find(silent)).copied().ok_or_else(|| {
        let offered = images.iter().filter_map(|image| image.platform.as_ref()).map(ToString::to_string);
        ChoiceError::NoSuch { wanted, offered: offered.collect::<Vec<_>>().join(", ") }
    })
}
