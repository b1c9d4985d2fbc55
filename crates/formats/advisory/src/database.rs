//! The compiled database: one file, read in place.
//!
//! A header with the place and digest of every section; then the sections. Numbers are little-endian, counts within variable parts
//! LEB128. Rows refer to texts by offset and length in one pool. What is needed to match lies in fixed rows and in compiled ranges;
//! what is needed to print lies compressed, in blocks of several records.

mod aliases;
mod body;
mod builder;
mod bytes;
mod compiled;
mod delta;
mod feed;
mod layout;
mod record;
mod search;
mod sections;

use thiserror::Error;

pub use body::{Affected, AffectedBy, Incomparable, Judgement};
pub use builder::{BuildError, Builder};
pub use delta::{Delta, DeltaError};
pub use feed::{FeedFacts, FeedSource, TableFacts};
pub use record::{Entry, Group, Record};
pub use search::Database;

/// Why a file is no database, or cannot be used further.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DatabaseError {
    /// It does not begin as a database does.
    #[error("is not an advisory database")]
    Magic,
    /// It was written by another version of this program.
    #[error("has format {found}, but this program reads format {expected}; build or update it again")]
    Format {
        /// What it says.
        found: u32,
        /// What is read here.
        expected: u32,
    },
    /// It contradicts itself.
    #[error("is damaged: {0}")]
    Damaged(&'static str),
    /// The bytes of a section are not those that were written.
    #[error("is damaged: the digest of section {0} does not match")]
    Digest(&'static str),
}
