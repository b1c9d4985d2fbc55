//! apk's database: never a panic, problems bounded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_osdb::recognise;

fuzz_target!(|bytes: &[u8]| {
    let path = "lib/apk/db/installed";
    let installed = recognise(path).unwrap().read(path, bytes, None);
    assert!(installed.reading.problems.len() <= 102);
    let _ = installed.owners.owner(bytes);
});
