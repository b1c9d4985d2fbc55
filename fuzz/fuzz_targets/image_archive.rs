//! An archive with an image, of OCI or of Docker: never a panic, and the final root stays below the root.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use palisade_image::{Choice, Image, WalkLimits};

fuzz_target!(|archive: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("room");
    file.write_all(archive).expect("room");
    let Ok(image) = Image::open(file.path(), &Choice::default()) else { return };
    let limits =
        WalkLimits { max_file_bytes: 1 << 20, max_entries: 10_000, max_expanded: 1 << 26, max_ratio: 1000 };
    let mut walk = image.walk(limits, &|_| true);
    let ids: Vec<_> = walk.by_ref().map(|entry| entry.id).collect();
    assert!(ids.is_sorted());
    let walked = walk.finish();
    for file in walked.root() {
        assert!(!file.path.is_empty() && !file.path.starts_with(b"/"));
        assert!(!file.path.split(|byte| *byte == b'/').any(|part| part == b".."));
    }
});
