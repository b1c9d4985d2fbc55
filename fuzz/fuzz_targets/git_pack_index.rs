//! A pack index: what it takes, it finds again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_git::PackIndex;

fuzz_target!(|bytes: &[u8]| {
    for hash_bytes in [20, 32] {
        let mut reader = bytes;
        let Ok(index) = PackIndex::read(&mut reader, bytes.len() as u64, hash_bytes) else { continue };
        assert!(index.len() * (hash_bytes + 4) <= bytes.len());
        assert_eq!(index.is_empty(), index.len() == 0);
        for window in bytes.windows(hash_bytes).take(64) {
            if let Some(offset) = index.offset_of(window) {
                assert!(index.len() > 0, "{offset}");
            }
        }
    }
});
