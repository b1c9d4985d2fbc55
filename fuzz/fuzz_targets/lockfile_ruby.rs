//! Records of packages of the family `ruby`: never a panic, edges within the record.
#![no_main]

mod lockfile;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] =
    &["Gemfile.lock", "Gemfile", "specifications/a.gemspec", "a.gemspec", "lib/own/version.rb"];

fuzz_target!(|data: &[u8]| lockfile::check(NAMES, data));
