//! pacman's records: a package or a problem, and files that belong to somebody.
#![no_main]

mod parts;

use libfuzzer_sys::fuzz_target;
use palisade_osdb::{Ownership, identify, recognise};

const NAMES: &[&str] = &["var/lib/pacman/local/a-1-1/desc", "var/lib/pacman/local/a-1-1/files"];

fuzz_target!(|bytes: &[u8]| {
    let distribution = identify(&[("etc/os-release", b"ID=arch\n")]);
    let parts = parts::named(NAMES, bytes, 2);
    let read = |name: &str, bytes: &[u8]| {
        recognise(name).expect("a known name").read(name, bytes, distribution.as_ref())
    };
    let records: Vec<_> = parts.iter().map(|(name, bytes)| (*name, read(name, bytes))).collect();
    for ((name, installed), (_, bytes)) in records.iter().zip(&parts) {
        let reading = &installed.reading;
        let is_told = !reading.packages.is_empty() || !reading.problems.is_empty();
        assert!(is_told || !name.ends_with("desc"), "it is lost in silence");
        assert!(reading.problems.len() <= 102);
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
        assert!(reading.packages.iter().all(|package| package.line as usize <= lines));
    }
    let records: Vec<_> = records.iter().map(|(name, installed)| (*name, installed)).collect();
    let ownership = Ownership::of(&records);
    for line in bytes.split(|byte| *byte == b'\n') {
        let _ = ownership.owner(line);
    }
});
