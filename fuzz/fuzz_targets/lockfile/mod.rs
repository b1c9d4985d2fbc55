//! What holds for every reader of records, whatever the bytes.

use palisade_lockfile::{Record, recognise, settle};
use palisade_model::RepoPath;

/// Reads `bytes` but the first, which chooses one of `names`, as the record of that name; twice, to see that both say the same, and
/// with a second record that the rest of the input makes.
pub fn check(names: &[&str], input: &[u8]) {
    let [choice, rest @ ..] = input else { return };
    let name = names[usize::from(*choice) % names.len()];
    let other = names[usize::from(*choice) / names.len() % names.len()];
    let (first, second) = rest.split_at(rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len()));
    let read = |name: &str, bytes: &[u8]| {
        let format = recognise(name).expect("a known name");
        Record::read(format, RepoPath::from_bytes(name.as_bytes()).expect("a path"), Vec::new(), bytes)
    };
    let record = read(name, first);
    assert_eq!(record.reading(), read(name, first).reading());
    let lines = first.iter().filter(|byte| **byte == b'\n').count() + 1;
    for package in &record.reading().packages {
        assert!(package.line as usize <= lines || first.starts_with(b"\xff\xfe") || first.starts_with(b"\xfe\xff"));
        assert!(!package.purl.name().is_empty());
    }
    for file in settle(vec![record, read(other, second)]) {
        let count = file.packages.len();
        for package in &file.packages {
            assert!(package.dependencies.iter().all(|index| (*index as usize) < count));
            assert!(package.dependencies.is_sorted_by(|a, b| a < b));
        }
    }
}
