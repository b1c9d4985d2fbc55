//! A SQLite database, or the log of one: bounded by the budget, never a panic.
#![no_main]

mod archive;

use libfuzzer_sys::fuzz_target;
use palisade_archive::Format;

fuzz_target!(|bytes: &[u8]| {
    archive::open(Format::Sqlite, bytes);
    archive::open(Format::SqliteWal, bytes);
});
