//! Archives of classes with archives in them: bounded by the budget, never a panic, read the same way twice, each with its way.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_archive::{Budget, Limits};
use palisade_lockfile::{Record, read_packed};
use palisade_model::{Purl, RepoPath};

fn read(bytes: &[u8]) -> Vec<Record> {
    let limits = Limits { max_members: 1000, max_expanded: 16 << 20, ..Limits::default() };
    let path = RepoPath::from_bytes("lib/name-1.0.jar").expect("a path");
    read_packed(&path, &[], bytes, &mut Budget::new(limits))
}

fuzz_target!(|bytes: &[u8]| {
    let (records, again) = (read(bytes), read(bytes));
    assert!(!records.is_empty(), "a jar has a record, if only of what is wrong with it");
    assert_eq!(records.len(), again.len());
    for (record, again) in records.iter().zip(&again) {
        assert_eq!((&record.members, record.reading()), (&again.members, again.reading()));
        assert!(record.members.len() <= 6, "it is nested deeper than is opened");
        for package in &record.reading().packages {
            let text = package.purl.to_string();
            assert!(text.len() > Purl::LONGEST || text.parse().as_ref() == Ok(&package.purl));
        }
    }
});
