//! Records of packages of the family `beam`: never a panic, edges within the record.
#![no_main]

mod lockfile;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &["mix.lock", "mix.exs", "rebar.lock", "manifest.toml", "gleam.toml", "ebin/a.app"];

fuzz_target!(|data: &[u8]| lockfile::check(NAMES, data));
