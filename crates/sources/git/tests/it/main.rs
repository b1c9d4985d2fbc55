//! Repositories made by system git, which is also the oracle.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "fixtures may fail as loudly as tests")]

mod history;
mod history_damaged;
mod history_forms;
mod history_traces;
mod hooks;
mod hostile;
mod listing;

mod reftables;
mod repository;
mod revisions;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use palisade_git::Repository;
use palisade_model::RepoPath;

/// A repository in a temporary folder.
struct Fixture {
    folder: tempfile::TempDir,
    root: PathBuf,
}

impl Fixture {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(init: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("repo");
        std::fs::create_dir(&root).unwrap();
        let fixture = Self { folder, root };
        run_git(
            &fixture.root,
            &[&["init", "--quiet", "--initial-branch=main", "--template="], init].concat(),
        );
        fixture
    }

    /// Runs git in the work tree; its standard output.
    fn git<const N: usize>(&self, args: [&str; N]) -> Vec<u8> {
        run_git(&self.root, &args)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        write(&self.root, name.as_bytes(), content.as_ref());
    }

    fn commit_all(&self) {
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--message=m"]);
    }

    fn open(&self) -> Repository {
        Repository::discover(&self.root).unwrap().unwrap()
    }

    /// A path next to the repository.
    fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }
}

fn write(root: &Path, name: &[u8], content: &[u8]) {
    let file = root.join(OsStr::from_bytes(name));
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, content).unwrap();
}

fn try_git(root: &Path, args: &[&str]) -> Output {
    git_at(1_700_000_000, root, args)
}

/// Runs git with its clock at `time`.
fn git_at(time: i64, root: &Path, args: &[&str]) -> Output {
    Command::new("git")
        .current_dir(root)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", "/nonexistent")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_ALLOW_PROTOCOL", "file")
        .envs([
            ("GIT_AUTHOR_NAME", "a"),
            ("GIT_AUTHOR_EMAIL", "a@b"),
            ("GIT_AUTHOR_DATE", "1700000000 +0000"),
        ])
        .envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@b")])
        .env("GIT_COMMITTER_DATE", format!("{time} +0000"))
        .args(args)
        .output()
        .unwrap()
}

fn run_git(root: &Path, args: &[&str]) -> Vec<u8> {
    let output = try_git(root, args);
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn line(output: Vec<u8>) -> String {
    String::from_utf8(output).unwrap().trim_end().to_owned()
}

fn path(bytes: impl AsRef<[u8]>) -> RepoPath {
    RepoPath::from_bytes(bytes.as_ref()).unwrap()
}

/// The paths of NUL-separated output.
fn paths(output: Vec<u8>) -> BTreeSet<RepoPath> {
    output.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(path).collect()
}
