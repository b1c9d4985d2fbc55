//! Where things lie after a run.

use std::fs;
use std::path::{Path, PathBuf};

use palisade_testkit::{Account, Answer, Project};

/// The folders in `.palisade/releases`, sorted.
pub(crate) fn releases(project: &Project) -> Vec<PathBuf> {
    list(&project.path(".palisade/releases"))
}

/// The only release.
#[track_caller]
pub(crate) fn release(project: &Project) -> PathBuf {
    let [release] = <[PathBuf; 1]>::try_from(releases(project)).expect("there is one release");
    release
}

/// The newest run's folder.
#[track_caller]
pub(crate) fn newest_run(project: &Project) -> PathBuf {
    list(&project.path(".palisade/runs")).pop().expect("there is a run")
}

/// What is in a folder, sorted; nothing if it is not there.
pub(crate) fn list(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Every file below a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in list(folder) {
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files
}

/// What a command has left in a folder of scratch: every file but empty ones, which are locks.
pub(crate) fn remains(folder: &Path) -> Vec<PathBuf> {
    files(folder)
        .into_iter()
        .filter(|path| fs::metadata(path).map_or(true, |found| found.len() > 0))
        .collect()
}

pub(crate) fn copy(from: &Path, to: &Path) {
    let copied = std::process::Command::new("cp").arg("-R").arg("--").arg(from).arg(to).status();
    assert!(copied.unwrap().success(), "cannot copy {} to {}", from.display(), to.display());
}

/// A project of two jobs that takes a moment to run, and is enough where it does not matter what is built.
pub(crate) fn small() -> Project {
    let project = Project::empty();
    project.write("palisade.yaml", SMALL).write("greeting.txt", "hello\n");
    project.committed()
}

const SMALL: &str = "\
version: 1
name: small
salt: 0123456789abcdef0123456789abcdef
jobs:
  greet:
    steps:
      - run: cp greeting.txt out.txt
    outputs: [out.txt]
";

/// `palisade run` with JSON, and nothing released.
#[track_caller]
pub(crate) fn refused(account: &Account, project: &Project, args: &[&str], code: i32) -> Answer {
    let before = releases(project);
    let answer = account.run(project.root(), [&["run"], args].concat()).expect(code);
    assert_eq!(releases(project), before, "something was released by {answer}");
    answer
}
