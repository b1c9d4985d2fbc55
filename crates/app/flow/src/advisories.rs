//! The database of advisories: made, brought in, checked, and found for a scan.

mod compile;
mod database;
mod place;
mod update;

pub(crate) use compile::{CompileTask, Compiled};
pub use database::{
    DatabaseContents, DatabaseDiff, DatabaseReport, DatabaseSources, build_database, database_info,
    diff_databases, import_database, verify_database,
};
pub(crate) use place::{advisory_source, oldest_feed, usable_database};
pub use update::{UpdateRequest, update_database};
