//! Container images and root filesystems as entries: OCI layouts and Docker archives on disk, and folders that hold a root.
//!
//! Layers are streamed: nothing is unpacked to a disk, nothing larger than a wanted file is held. What lies in an image is hostile:
//! names leave the root, links go round in circles, layers expand without end, digests are wrong. What was not looked at is a
//! [`Gap`](palisade_model::Gap), never silence. No link leads out of the root, and nothing here opens a path that an image names.
//!
//! Every version of a file is offered, with the layer it is of; which of them the final root shows is known when all layers were seen,
//! from [`Walked`].
//!
//! Knows nothing of registries, packages, rules or findings.
//!
//! Start at [`Image::open`], then [`Image::walk`].

#![forbid(unsafe_code)]

mod docker_archive;
mod error;
mod expand;
mod folder;
mod image;
mod layer;
mod layout;
mod merge;
mod meter;
mod names;
mod store;
mod tree;
mod walk;

pub use error::ImageError;
pub use image::{Choice, Image, LayerInfo};
pub use merge::{Visible, Walked};
pub use tree::{EntryId, NodeKind};
pub use walk::{FileMeta, ImageEntry, Walk, WalkLimits};
