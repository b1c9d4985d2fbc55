//! Manifests of Azure Linux: never a panic, problems bounded, lines within the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_osdb::{identify, recognise};

fuzz_target!(|bytes: &[u8]| {
    let distribution = identify(&[("etc/os-release", b"ID=azurelinux\nVERSION_ID=3.0\n")]);
    let path = "var/lib/rpmmanifest/container-manifest-2";
    let read = || recognise(path).unwrap().read(path, bytes, distribution.as_ref());
    let installed = read();
    assert_eq!(installed, read());
    assert!(installed.reading.problems.len() <= 102);
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    assert!(installed.reading.packages.iter().all(|package| package.line as usize <= lines));
});
