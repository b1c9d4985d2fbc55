use std::io;
use std::path::PathBuf;

use palisade_archive::TarError;
use palisade_oci::{ChoiceError, OciError};

/// Why an image cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// It cannot be read.
    #[error("cannot read `{}`: {error}", path.display())]
    Io {
        /// What was opened.
        path: PathBuf,
        /// Why it failed.
        error: io::Error,
    },
    /// The file is no archive of an image.
    #[error("`{}` is no OCI layout and no Docker archive: {detail}", path.display())]
    NoImage {
        /// What was opened.
        path: PathBuf,
        /// What is missing.
        detail: String,
    },
    /// The archive itself is broken.
    #[error("the archive {0}")]
    Archive(#[from] TarError),
    /// A document of the image is broken.
    #[error("`{name}` {error}")]
    Document {
        /// Its name in the image.
        name: String,
        /// What is wrong with it.
        error: OciError,
    },
    /// A document that another one names is not there.
    #[error("`{0}` is named and is not there")]
    Missing(String),
    /// There are several images, and none of them was chosen.
    #[error("holds several images; choose one of: {0}")]
    Several(String),
    /// The chosen image is not there.
    #[error("holds no image `{wanted}`; there are: {offered}")]
    NoSuch {
        /// What was asked for.
        wanted: String,
        /// What there is.
        offered: String,
    },
    /// No image of an index fits the platform.
    #[error("the index {0}")]
    Platform(#[from] ChoiceError),
}
