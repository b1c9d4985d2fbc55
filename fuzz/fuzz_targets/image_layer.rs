//! A Docker archive of two equal layers of any bytes: never a panic, and the final root stays in order and below the root.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use palisade_image::{Choice, Image, WalkLimits};

fn member(name: &str, content: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    block[148..156].copy_from_slice(b"        ");
    block[156] = b'0';
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut member = [&block[..], content].concat();
    member.resize(member.len().next_multiple_of(512), 0);
    member
}

fuzz_target!(|layer: &[u8]| {
    let manifest = b"[{\"Config\":\"c\",\"Layers\":[\"l\",\"l\"]}]";
    let archive =
        [member("manifest.json", manifest), member("c", b"{}"), member("l", layer), vec![0; 1024]].concat();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&archive).unwrap();
    let image = Image::open(file.path(), &Choice::default()).unwrap();
    let limits =
        WalkLimits { max_file_bytes: 1 << 20, max_entries: 10_000, max_expanded: 1 << 26, max_ratio: 1000 };
    let mut walk = image.walk(limits, &|_| true);
    let ids: Vec<_> = walk.by_ref().map(|entry| entry.id).collect();
    let walked = walk.finish();
    assert!(ids.is_sorted());
    let paths: Vec<_> = walked.root().map(|file| file.path.to_vec()).collect();
    assert!(paths.is_sorted() && paths.iter().all(|path| !path.is_empty() && !path.starts_with(b"/")));
    for path in &paths {
        let _ = walked.resolve(path);
    }
    let _ = walked.second_names().count();
});
