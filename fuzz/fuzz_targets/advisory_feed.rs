//! A feed as it is fetched: records in an archive, and archives in that. Bounded, never a panic.
#![no_main]

mod parts;

use libfuzzer_sys::fuzz_target;
use palisade_advisory::read;

const NAMES: &[&str] = &["all.zip", "feed.tar", "feed.tgz", "record.json.gz"];

fuzz_target!(|bytes: &[u8]| {
    for (name, bytes) in parts::named(NAMES, bytes, 1) {
        let mut told = Vec::new();
        assert!(read(name, bytes, &mut |record| told.push(record)));
        let mut again = Vec::new();
        read(name, bytes, &mut |record| again.push(record));
        assert_eq!(told, again);
    }
});
