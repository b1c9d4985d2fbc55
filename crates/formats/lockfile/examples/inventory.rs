//! The inventories of the projects in a folder, one JSON document a line, for `bench/inventory`: `inventory FOLDER`. Each folder in it is a
//! project of its own.

use std::error::Error;
use std::fs;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use palisade_archive::Budget;
use palisade_lockfile::{
    Record, inventory, is_jar, read_binary, read_jar, recognise, recognise_binary, relate,
};
use palisade_model::RepoPath;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::args_os().nth(1).ok_or("name a folder of projects")?;
    let mut out = stdout().lock();
    for project in entries(Path::new(&root))?.iter().filter(|entry| entry.is_dir()) {
        let mut records = Vec::new();
        collect(project, project, &mut records)?;
        writeln!(out, "{}", document(project, records))?;
    }
    Ok(())
}

fn document(project: &Path, mut records: Vec<Record>) -> Value {
    relate(&mut records);
    let problem = |record: &Record| {
        let path = record.path.to_string();
        record.reading().problems.iter().map(move |it| json!([path, it.line, it.detail])).collect::<Vec<_>>()
    };
    let problems: Vec<Value> = records.iter().flat_map(problem).collect();
    let name = project.file_name().map(|name| name.to_string_lossy().into_owned());
    json!({ "project": name, "files": inventory(records), "problems": problems })
}

fn collect(project: &Path, folder: &Path, records: &mut Vec<Record>) -> Result<(), Box<dyn Error>> {
    for entry in entries(folder)? {
        if entry.is_dir() {
            collect(project, &entry, records)?;
        } else {
            let bytes = fs::read(&entry)?;
            let path = entry.strip_prefix(project)?.to_string_lossy().into_owned();
            records.append(&mut read(&path, &bytes)?);
        }
    }
    Ok(())
}

fn read(path: &str, bytes: &[u8]) -> Result<Vec<Record>, Box<dyn Error>> {
    let place = RepoPath::from_bytes(path)?;
    if is_jar(path) {
        return Ok(read_jar(&place, &[], bytes, &mut Budget::default()));
    }
    let mut records: Vec<Record> = recognise(path)
        .map(|format| Record::read(format, place.clone(), Vec::new(), bytes))
        .into_iter()
        .collect();
    if recognise_binary(bytes) {
        records.append(&mut read_binary(&place, &[], bytes));
    }
    Ok(records)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut all: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    all.sort();
    Ok(all)
}
