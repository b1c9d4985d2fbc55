//! Records of packages of the family `other`: never a panic, edges within the record.
#![no_main]

mod lockfile;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &[
    "renv.lock",
    "DESCRIPTION",
    "stack.yaml.lock",
    "stack.yaml",
    "cabal.project.freeze",
    "Manifest.toml",
    "Project.toml",
    "cpanfile.snapshot",
    "a.opam",
    "a.opam.locked",
    "a.rockspec",
    "flake.lock",
];

fuzz_target!(|data: &[u8]| lockfile::check(NAMES, data));
