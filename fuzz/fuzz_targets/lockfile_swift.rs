//! Records of packages of the family `swift`: never a panic, edges within the record.
#![no_main]

mod lockfile;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &[
    "Package.resolved",
    "Package.swift",
    "Podfile",
    "Podfile.lock",
    "Cartfile.resolved",
    "Cartfile",
    "z.podspec",
    "z.podspec.json",
    "Cartfile.private",
];

fuzz_target!(|data: &[u8]| lockfile::check(NAMES, data));
