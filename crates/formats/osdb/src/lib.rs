//! Reads what a Linux system says of itself: the databases of dpkg, opkg, apk, rpm, pacman, Portage, Chisel
//! and Container-Optimized OS, and which distribution it is.
//!
//! Bytes in, packages out, each with its source package, its line and the files it owns. Everything is hostile: sizes, counts and
//! offsets are claims. What cannot be read is a problem, never silence, because a package that is lost is a false clean. A database
//! that is known and not read is a problem too.
//!
//! Knows nothing of images, of paths outside the record, or of advisories, except how these name a distribution's ecosystem.
//!
//! Start at [`identify`] and [`recognise`], then [`Format::read`]. One module for each database.

#![forbid(unsafe_code)]

mod apk;
mod chisel;
mod cos;
mod distribution;
mod dpkg;
mod edges;
mod field;
mod format;
mod lifetimes;
mod os_release;
mod owners;
mod pacman;
mod portage;
mod rpm;

pub use distribution::{Distribution, IDENTITY_FILES, Lifetime, identify};
pub use format::{Format, Installed, RECORD_PLACES, recognise};
pub use owners::{Owners, Ownership};
