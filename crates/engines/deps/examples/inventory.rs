//! The inventories of the projects in a folder, one JSON document a line, for `bench/inventory`: `inventory FOLDER`. Each folder in it is a
//! project of its own.

use std::error::Error;
use std::fs;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use palisade_archive::Budget;
use palisade_lockfile::{
    Record, inventory, is_packed, read_binary, read_packed, recognise, recognise_binary, relate,
};
use palisade_model::{InventoryFile, ReadingProblem, RepoPath};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::args_os().nth(1).ok_or("name a folder of projects")?;
    let mut out = stdout().lock();
    for project in entries(Path::new(&root))?.iter().filter(|entry| entry.is_dir()) {
        let mut found = Found::default();
        collect(project, project, &mut found)?;
        writeln!(out, "{}", document(project, found))?;
    }
    Ok(())
}

/// What the files of a project say: records of its packages, and those that a system keeps of itself.
#[derive(Default)]
struct Found {
    records: Vec<Record>,
    installed: Vec<InventoryFile>,
    problems: Vec<Value>,
}

fn document(project: &Path, mut found: Found) -> Value {
    relate(&mut found.records);
    let mut problems = found.problems;
    for record in &found.records {
        problems.extend(told(&record.path, &record.reading().problems));
    }
    let mut files = inventory(found.records);
    files.append(&mut found.installed);
    let name = project.file_name().map(|name| name.to_string_lossy().into_owned());
    json!({ "project": name, "files": files, "problems": problems })
}

fn told(path: &RepoPath, problems: &[ReadingProblem]) -> Vec<Value> {
    problems.iter().map(|it| json!([path.to_string(), it.line, it.detail])).collect()
}

fn collect(project: &Path, folder: &Path, found: &mut Found) -> Result<(), Box<dyn Error>> {
    for entry in entries(folder)? {
        if entry.is_dir() {
            collect(project, &entry, found)?;
        } else {
            let bytes = fs::read(&entry)?;
            let path = entry.strip_prefix(project)?.to_string_lossy().into_owned();
            found.records.append(&mut read(&path, &bytes)?);
            installed(&path, &bytes, found)?;
        }
    }
    Ok(())
}

fn installed(path: &str, bytes: &[u8], found: &mut Found) -> Result<(), Box<dyn Error>> {
    let Some(format) = palisade_osdb::recognise(path) else { return Ok(()) };
    let place = RepoPath::from_bytes(path)?;
    let reading = format.read(path, bytes, None).reading;
    found.problems.extend(told(&place, &reading.problems));
    let (members, name) = (Vec::new(), format.name().to_owned());
    let packages = reading.packages;
    found.installed.push(InventoryFile {
        path: place,
        members,
        format: name,
        layer: None,
        owner: None,
        packages,
    });
    Ok(())
}

fn read(path: &str, bytes: &[u8]) -> Result<Vec<Record>, Box<dyn Error>> {
    let place = RepoPath::from_bytes(path)?;
    if is_packed(path) {
        return Ok(read_packed(&place, &[], bytes, &mut Budget::default()));
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
