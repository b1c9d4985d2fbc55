//! A record of OSV in JSON: read, compiled, and read back.
#![no_main]

mod advisory;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| advisory::round("record.json", bytes));
