//! A record of the RustSec database: read, compiled, and read back.
#![no_main]

mod advisory;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| advisory::round("RUSTSEC-0000-0000.md", bytes));
