use palisade_model::{InventoryFile, Layer, Reading, ReadingProblem, RepoPath};

use crate::format::{Format, MAX_RECORD_BYTES};

/// What a file says that only makes sense together with others of its project, such as which packages it asks for directly. One
/// variant for each kind of manifest.
#[derive(Debug)]
pub(crate) enum Companion {}

/// One file that was read.
#[derive(Debug)]
pub struct Record {
    /// Where it lies.
    pub path: RepoPath,
    /// The way into it when it lies in an archive.
    pub members: Vec<String>,
    /// The layer it is of, in an image.
    pub layer: Option<Layer>,
    pub(crate) format: &'static Format,
    pub(crate) reading: Reading,
    pub(crate) companion: Option<Companion>,
}

impl Record {
    /// Reads one file. A format that is not read makes one problem.
    pub fn read(format: &'static Format, path: RepoPath, members: Vec<String>, bytes: &[u8]) -> Self {
        let name = members.last().map_or_else(|| path.to_string(), Clone::clone);
        let (reading, companion) = match format.read {
            Some(_) if bytes.len() > MAX_RECORD_BYTES => (problem("is larger than is read"), None),
            Some(read) => read(&name, bytes),
            None => (problem("is of a format that is recognised and not read"), None),
        };
        Self { path, members, layer: None, format, reading, companion }
    }

    /// What it says by itself.
    pub const fn reading(&self) -> &Reading {
        &self.reading
    }
}

fn problem(detail: &str) -> Reading {
    let problem = ReadingProblem { line: None, detail: detail.to_owned() };
    Reading { packages: Vec::new(), problems: vec![problem] }
}

/// What all records of a project say together, sorted by place: a manifest beside its lockfile tells which of the locked packages are
/// asked for directly and for what, and brings no packages of its own then.
pub fn settle(mut records: Vec<Record>) -> Vec<InventoryFile> {
    records.sort_by(|a, b| (&a.path, &a.members, a.format.name).cmp(&(&b.path, &b.members, b.format.name)));
    records
        .into_iter()
        .map(|record| InventoryFile {
            path: record.path,
            members: record.members,
            format: record.format.name.to_owned(),
            layer: record.layer,
            packages: record.reading.packages,
        })
        .collect()
}
