//! What holds for every reader of records, whatever the bytes.

#[path = "../parts/mod.rs"]
mod parts;

use palisade_lockfile::{Record, recognise, settle};
use palisade_model::{InventoryFile, Purl, RepoPath};

/// Most records that an input is taken for.
const RECORDS: usize = 3;

/// Reads `input` as records of one project. The first line of each says which of `names` it has; any other line chooses one.
pub fn check(names: &[&str], input: &[u8]) {
    let records = parts::named(names, input, RECORDS);
    for (name, bytes) in &records {
        let record = read(name, bytes);
        assert_eq!(record.reading(), read(name, bytes).reading(), "it is read the same way twice");
        places(&record, bytes);
        assert!(record.reading().packages.iter().all(|package| reads_back(&package.purl)));
    }
    let project = project(&records);
    for file in &project {
        let count = file.packages.len();
        for package in &file.packages {
            assert!(package.dependencies.iter().all(|index| (*index as usize) < count));
            assert!(package.dependencies.is_sorted_by(|a, b| a < b));
        }
    }
    let (mut other_way, mut paths) =
        (records.clone(), records.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    other_way.reverse();
    paths.sort_unstable();
    // Two records at one place are no project.
    if paths.is_sorted_by(|a, b| a < b) {
        assert_eq!(project, self::project(&other_way), "the order in which records are read says nothing");
    }
}

fn project(records: &[(&str, &[u8])]) -> Vec<InventoryFile> {
    settle(records.iter().map(|(name, bytes)| read(name, bytes)).collect())
}

fn read(name: &str, bytes: &[u8]) -> Record {
    let format = recognise(name).unwrap_or_else(|| panic!("no format is called `{name}`"));
    assert!(format.is_read(), "`{name}` is not read");
    Record::read(format, RepoPath::from_bytes(name.as_bytes()).expect("a path"), Vec::new(), bytes)
}

/// Lines lie within the file.
fn places(record: &Record, bytes: &[u8]) {
    // A carriage return alone ends a line of YAML (YAML 1.2.2, section 5.4) and of UTF-16 too.
    let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
    let reading = record.reading();
    let told = reading.packages.iter().map(|package| package.line);
    for line in told.chain(reading.problems.iter().filter_map(|problem| problem.line)) {
        assert!(line as usize <= lines, "line {line} of {lines}");
    }
}

fn reads_back(purl: &Purl) -> bool {
    let text = purl.to_string();
    !purl.name().is_empty() && (text.len() > Purl::LONGEST || text.parse().as_ref() == Ok(purl))
}
