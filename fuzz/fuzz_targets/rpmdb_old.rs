//! rpm's databases before SQLite: never a panic, problems bounded, nothing read twice.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_osdb::recognise;

fuzz_target!(|bytes: &[u8]| {
    for (path, start, at) in [
        ("usr/lib/sysimage/rpm/Packages.db", b"RpmP".as_slice(), 0),
        ("var/lib/rpm/Packages", b"\x61\x15\x06\x00".as_slice(), 12),
    ] {
        let read = |bytes: &[u8]| recognise(path).unwrap().read(path, bytes, None);
        assert!(read(bytes).reading.problems.len() <= 102);
        // Behind the right magic.
        let mut right = bytes.to_vec();
        if let Some(magic) = right.get_mut(at..at + start.len()) {
            magic.copy_from_slice(start);
        }
        let installed = read(&right);
        assert!(installed.reading.problems.len() <= 102);
        assert!(installed.reading.packages.len() <= right.len());
    }
});
