//! CycloneDX as JSON, versions 1.4 to 1.7.

mod read;
mod write;

pub(crate) use read::{read, shortened};
pub(crate) use write::{uuid_of, write};
