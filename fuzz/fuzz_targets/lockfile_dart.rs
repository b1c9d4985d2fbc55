//! Records of packages of the family `dart`: never a panic, edges within the record.
#![no_main]

mod lockfile;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &["pubspec.lock", "pubspec.yaml"];

fuzz_target!(|data: &[u8]| lockfile::check(NAMES, data));
