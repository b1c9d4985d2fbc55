//! Reads what a project or an installation says of its packages: lockfiles, manifests, installed records, archives and programs
//! that name what they are made of.
//!
//! Bytes in, packages out, each with the line it stands on; what cannot be read is a problem, never silence. Nothing is executed, and no
//! other file is opened: what several records of a project say together comes from [`settle`], which gets all that were read. Names
//! are normalised by each ecosystem's own rules. Versions are kept as written; nothing here compares them.
//!
//! Start at [`recognise`] and [`Format::read`]. One folder for each family of ecosystems, one module for each format, and a `FORMATS`
//! table in each family.

#![forbid(unsafe_code)]

mod asks;
mod beam;
mod binary;
mod compiled;
mod dart;
mod displaced;
mod dotnet;
mod facts;
mod folders;
mod format;
mod go;
mod graph;
mod infrastructure;
mod java;
mod javascript;
mod native;
mod neighbours;
mod other;
mod packed;
mod php;
mod placed;
mod python;
mod record;
mod ruby;
mod rust;
mod sheet;
mod spanned;
mod swift;
mod text;

pub use binary::{read_binary, recognise_binary};
pub use format::{Format, recognise};
pub use packed::{is_packed, read_packed};
pub use record::{Asked, Asker, Record, Wish, inventory, place, relate, settle};
