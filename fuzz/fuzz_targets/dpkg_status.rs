//! dpkg's database, its fragments and lists: never a panic, problems bounded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_osdb::{Ownership, identify, recognise};

fuzz_target!(|bytes: &[u8]| {
    let distribution = identify(&[("etc/os-release", b"ID=debian\nVERSION_ID=12\n")]);
    let paths = [
        "var/lib/dpkg/status",
        "var/lib/dpkg/info/x.list",
        "var/lib/dpkg/status.d/x",
        "var/lib/dpkg/status.d/x.md5sums",
        "usr/lib/opkg/status",
    ];
    let read = paths.map(|path| (path, recognise(path).unwrap().read(path, bytes, distribution.as_ref())));
    for (_, installed) in &read {
        assert!(installed.reading.problems.len() <= 102);
        let count = installed.reading.packages.len() as u32;
        assert!(
            installed
                .reading
                .packages
                .iter()
                .all(|package| package.dependencies.iter().all(|index| *index < count))
        );
    }
    let records: Vec<_> = read.iter().map(|(path, installed)| (*path, installed)).collect();
    let _ = Ownership::of(&records).owner(bytes);
});
