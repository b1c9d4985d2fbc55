//! References kept in reftables (git's technical/reftable): a stack of tables, each with what changed after the one below it.

mod cursor;
mod stack;
mod table;
mod tables;

pub(crate) use table::Target;
pub use table::{Table, TableError};
pub(crate) use tables::Tables;
