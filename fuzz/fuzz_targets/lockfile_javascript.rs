//! Records of JavaScript; see `lockfile/mod.rs`.
#![no_main]

mod lockfile;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &[
    "package-lock.json",
    "npm-shrinkwrap.json",
    "node_modules/.package-lock.json",
    "node_modules/.pnpm/lock.yaml",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "deno.lock",
    "deno.json",
    "package.json",
    "node_modules/a/package.json",
    "bower.json",
    ".bower.json",
    "libman.json",
];

fuzz_target!(|input: &[u8]| lockfile::check(NAMES, input));
