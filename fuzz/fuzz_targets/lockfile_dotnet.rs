//! Records of packages of the family `dotnet`: never a panic, edges within the record.
#![no_main]

mod lockfile;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &[
    "packages.lock.json",
    "packages.config",
    "a.deps.json",
    "project.assets.json",
    "paket.lock",
    "paket.dependencies",
    "Directory.Packages.props",
    "a.csproj",
    "global.json",
    "project.json",
    "project.lock.json",
];

fuzz_target!(|data: &[u8]| lockfile::check(NAMES, data));
