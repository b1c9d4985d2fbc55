//! Records of packages of the family `native`: never a panic, edges within the record.
#![no_main]

mod lockfile;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &[
    "conan.lock",
    "conanfile.txt",
    "conanfile.py",
    "a/1/u/c/package/0/conaninfo.txt",
    "vcpkg.json",
    "vcpkg/status",
];

fuzz_target!(|data: &[u8]| lockfile::check(NAMES, data));
