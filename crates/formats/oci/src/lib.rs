//! The documents of container images as values: references, indexes, manifests, configurations, of OCI and of Docker.
//!
//! Bytes in, values out. Everything is hostile: a document has a largest size, a list a largest length, and a field that is not known
//! changes nothing. Sources: OCI image-spec 1.1, distribution-spec 1.1, Docker's image manifest v2 schema 2.
//!
//! Knows nothing of files, networks or layers' contents.
//!
//! Start at [`Reference`] and [`Document::parse`]; [`choose`] picks a platform, [`ImageConfig::instructions`] tells which instruction
//! made which layer.

#![forbid(unsafe_code)]

mod config;
mod document;
mod media;
mod platform;
mod reference;

pub use config::{ContainerConfig, Healthcheck, History, ImageConfig, RootFs};
pub use document::{Descriptor, Document, Index, MAX_DOCUMENT, Manifest, OciError};
pub use media::{Compression, MediaKind, media_kind};
pub use platform::{ChoiceError, Platform, PlatformError, choose};
pub use reference::{Reference, ReferenceError};
