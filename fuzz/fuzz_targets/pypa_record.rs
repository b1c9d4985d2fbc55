//! A record of OSV in YAML: read, compiled, and read back.
#![no_main]

mod advisory;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| advisory::round("record.yaml", bytes));
