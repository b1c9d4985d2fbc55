//! What records of each family tell, by themselves and together.

#![cfg(test)]

mod beam;
mod compiled;
mod displaced;
mod dotnet;
mod go;
mod hostile;
mod hostile_manifests;
mod hostile_projects;
mod infrastructure;
mod jars;
mod java;
mod javascript;
mod manifests;
mod native;
mod operations;
mod other;
mod packed;
mod php;
mod programs;
mod project;
mod project_samples;
mod python;
mod redirected;
mod ruby;
mod rust;
mod samples;
mod settled;
mod swift_dart;

use std::collections::BTreeMap;

use palisade_lockfile::{Record, recognise, settle};
use palisade_model::{InventoryFile, Package, Reading, RepoPath};

/// Reads one file by itself.
fn read(path: &str, text: &str) -> Reading {
    record(path, text.as_bytes()).reading().clone()
}

fn record(path: &str, bytes: &[u8]) -> Record {
    let format = recognise(path).unwrap_or_else(|| panic!("{path} is not recognised"));
    Record::read(format, RepoPath::from_bytes(path.as_bytes()).unwrap(), Vec::new(), bytes)
}

/// Reads several files of a project together; none of them may have a problem.
fn together(files: &[(&str, &str)]) -> BTreeMap<String, InventoryFile> {
    let records: Vec<Record> = files.iter().map(|(path, text)| record(path, text.as_bytes())).collect();
    for record in &records {
        assert_eq!(record.reading().problems, [], "{:?}", record.path);
    }
    settle(records).into_iter().map(|file| (file.path.to_string(), file)).collect()
}

/// `name@version` of each package, or `name?range`, or `name` alone.
fn told(packages: &[Package]) -> Vec<String> {
    packages.iter().map(one).collect()
}

fn one(package: &Package) -> String {
    match (&package.version, &package.wanted) {
        (Some(version), _) => format!("{}@{version}", package.name),
        (None, Some(wanted)) => format!("{}?{wanted}", package.name),
        (None, None) => package.name.clone(),
    }
}

/// Relation, scope and what each package needs, by its name.
fn roles(packages: &[Package]) -> Vec<String> {
    let line = |package: &Package| {
        let needs: Vec<&str> =
            package.dependencies.iter().map(|index| packages[*index as usize].name.as_str()).collect();
        format!("{} {:?} {} [{}]", package.name, package.relation, package.scope.name(), needs.join(" "))
    };
    packages.iter().map(line).collect()
}

fn named<'p>(packages: &'p [Package], name: &str) -> &'p Package {
    packages.iter().find(|package| package.name == name).unwrap_or_else(|| panic!("no {name}"))
}
