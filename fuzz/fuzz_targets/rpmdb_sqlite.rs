//! rpm's database as a whole: never a panic, problems bounded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_osdb::recognise;

fuzz_target!(|bytes: &[u8]| {
    let path = "usr/lib/sysimage/rpm/rpmdb.sqlite";
    let installed = recognise(path).unwrap().read(path, bytes, None);
    assert!(installed.reading.problems.len() <= 102);
});
