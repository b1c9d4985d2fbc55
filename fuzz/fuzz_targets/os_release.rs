//! The files that tell of a distribution: never a panic, and names of feeds are not claimed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_osdb::{IDENTITY_FILES, identify};

fuzz_target!(|bytes: &[u8]| {
    for path in IDENTITY_FILES {
        if let Some(distribution) = identify(&[(path, bytes)]) {
            assert!(!["npm", "PyPI", "crates.io", "Go", "Maven"].contains(&distribution.ecosystem.base()));
        }
    }
});
