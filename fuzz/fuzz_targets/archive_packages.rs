//! Packages of Debian and RPM, and cpio, the first byte saying which: bounded by the budget, never a panic.
#![no_main]

mod archive;

use libfuzzer_sys::fuzz_target;
use palisade_archive::Format;

const FORMATS: [Format; 3] = [Format::Deb, Format::Rpm, Format::Cpio];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    archive::open(FORMATS[usize::from(*first) % FORMATS.len()], bytes);
});
