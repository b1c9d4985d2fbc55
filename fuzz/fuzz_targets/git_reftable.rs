//! A table of references: any bytes are read within bounds, and what is taken is a table whose footer holds its checksum.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_git::{Table, TableError};

/// Bytes of header and footer, by version.
const HEADER_BYTES: [usize; 2] = [24, 28];

fuzz_target!(|bytes: &[u8]| {
    for hash_bytes in [20, 32] {
        let _ = look(bytes, hash_bytes);
    }
    // Most changes break the checksum: with a footer that fits, what is before it is reached.
    let Some(version) = bytes.get(4).filter(|version| matches!(version, 1 | 2)) else { return };
    let header_bytes = HEADER_BYTES[usize::from(*version) - 1];
    let Some(end) = bytes.len().checked_sub(header_bytes + 44).filter(|end| *end >= header_bytes) else {
        return;
    };
    let mut mended = bytes.to_vec();
    mended.copy_within(..header_bytes, end);
    let at = mended.len() - 4;
    let checksum = crc32(&mended[end..at]).to_be_bytes();
    mended[at..].copy_from_slice(&checksum);
    let read = look(&mended, if *version == 2 && mended[24..28] == *b"s256" { 32 } else { 20 });
    assert_ne!(read, Err(TableError::Footer));
});

fn look(bytes: &[u8], hash_bytes: usize) -> Result<Table, TableError> {
    let read = Table::read(bytes, hash_bytes);
    if let Ok(table) = &read {
        // A record takes four bytes at least, and deflate makes at most about a thousand of one.
        assert!(table.len() <= bytes.len() * 1040 / 4);
        assert_eq!(Table::read(bytes, hash_bytes).as_ref(), Ok(table));
    }
    read
}

/// CRC-32 bit by bit (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 },
        )
    })
}
