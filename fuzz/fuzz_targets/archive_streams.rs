//! Compressed streams, the first byte saying of which kind: bounded by the budget, never a panic.
#![no_main]

mod archive;

use libfuzzer_sys::fuzz_target;
use palisade_archive::Format;

const FORMATS: [Format; 8] = [
    Format::Gzip,
    Format::Bzip2,
    Format::Zstd,
    Format::Xz,
    Format::Lzma,
    Format::Zlib,
    Format::Lz4,
    Format::Lzw,
];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    archive::open(FORMATS[usize::from(*first) % FORMATS.len()], bytes);
});
