//! Versions of every ecosystem that advisories speak of: their order, the ranges that packages write, and VERS.
//!
//! It must not know packages, advisories or databases: a scheme and texts go in, orders and keys come out.
//!
//! - [`Scheme`] is a way of writing and ordering versions; ecosystems, types of package addresses and people's words lead to one.
//! - [`Version`] is a text with a place in the order of its scheme. [`Version::key`] is that place in bytes, so that whatever compares
//!   bytes compares versions; [`Version::cmp`] does no more. The laws of order hold by construction.
//! - [`VersionError`] is a text without a place. It is no order: nobody may take it for "lower" or "not affected".
//! - [`compare`] answers about two texts as public data sets expect it, also where no order of all versions exists.
//! - [`Requirement`] is a range as packages of an ecosystem write it, [`Vers`] one in the common notation of all.
//!
//! Start with [`Version::parse`]; one file of `order/` holds the rules of one family of schemes.

#![forbid(unsafe_code)]

mod comparator;
mod key;
mod names;
mod order;
mod requirement;
mod scan;
mod scheme;
mod vers;
mod version;

pub use comparator::Comparator;
pub use requirement::{Requirement, RequirementError};
pub use scheme::Scheme;
pub use vers::{Constraint, Vers, VersError};
pub use version::{KEY_FORMAT, MAX_LENGTH, Version, VersionError, compare, compare_line, sort};
