//! Records of packages of the family `compiled`: never a panic, edges within the record.
#![no_main]

mod lockfile;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &[
    "shard.lock",
    "shard.yml",
    "dub.selections.json",
    "dub.json",
    "dub.sdl",
    "elm.json",
    "elm-package.json",
    "haxelib.json",
    "lake-manifest.json",
    "lakefile.toml",
    "nimble.lock",
    "z.nimble",
    "build.zig.zon",
];

fuzz_target!(|data: &[u8]| lockfile::check(NAMES, data));
