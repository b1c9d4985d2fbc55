//! Records of Rust; see `lockfile/mod.rs`.
#![no_main]

mod lockfile;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &["Cargo.lock", "Cargo.toml"];

fuzz_target!(|input: &[u8]| lockfile::check(NAMES, input));
