//! A header of rpm's database, in a database of one row: never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_osdb::recognise;

/// A page of SQLite that holds the schema of one table, and one that holds a row with the blob.
fn database(blob: &[u8]) -> Vec<u8> {
    const PAGE: usize = 65_536;
    let sql = b"CREATE TABLE Packages(hnum INTEGER PRIMARY KEY, blob BLOB)";
    let mut schema = vec![6, 23, 29, 29, 1, (13 + 2 * sql.len()) as u8];
    schema.extend(b"tablePackagesPackages\x02");
    schema.extend(sql);
    let length = (13 + 2 * sql.len()) as u16;
    schema[5] = 0x80 | (length >> 7) as u8;
    schema.insert(6, (length & 0x7f) as u8);
    schema[0] = 7;
    let blob_kind = 12 + 2 * blob.len() as u32;
    let varint = |value: u32| [0x80 | (value >> 14) as u8, 0x80 | (value >> 7) as u8, (value & 0x7f) as u8];
    let row = [&[5, 0][..], &varint(blob_kind), blob].concat();
    let mut file = vec![0; 2 * PAGE];
    file[..16].copy_from_slice(b"SQLite format 3\0");
    file[16..18].copy_from_slice(&1_u16.to_be_bytes());
    file[56..60].copy_from_slice(&1_u32.to_be_bytes());
    let mut put = |page: usize, header: usize, payload: &[u8]| {
        let cell = [&varint(payload.len() as u32)[..], &[1], payload].concat();
        let at = PAGE - cell.len();
        file[page * PAGE + header] = 13;
        file[page * PAGE + header + 4] = 1;
        file[page * PAGE + header + 8..page * PAGE + header + 10].copy_from_slice(&(at as u16).to_be_bytes());
        file[page * PAGE + at..(page + 1) * PAGE].copy_from_slice(&cell);
    };
    put(0, 100, &schema);
    put(1, 0, &row);
    file
}

fuzz_target!(|blob: &[u8]| {
    let blob = &blob[..blob.len().min(60_000)];
    let path = "var/lib/rpm/rpmdb.sqlite";
    let installed = recognise(path).unwrap().read(path, &database(blob), None);
    // The row is read, told of, or the key of a signature.
    let reading = &installed.reading;
    assert!(
        !reading.packages.is_empty()
            || !reading.problems.is_empty()
            || blob.windows(10).any(|name| name == b"gpg-pubkey")
    );
});
