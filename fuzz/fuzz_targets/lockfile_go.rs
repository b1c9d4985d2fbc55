//! Records of Go; see `lockfile/mod.rs`.
#![no_main]

mod lockfile;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &[
    "go.mod",
    "go.sum",
    "go.work",
    "vendor/modules.txt",
    "Gopkg.lock",
    "glide.lock",
    "Gopkg.toml",
    "glide.yaml",
    "vendor.conf",
];

fuzz_target!(|input: &[u8]| lockfile::check(NAMES, input));
