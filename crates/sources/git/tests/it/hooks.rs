//! What hooks ask of a repository.

use std::fs;
use std::path::{Path, PathBuf};

use palisade_git::{GitError, Repository, hooks_path_in};

use crate::{Fixture, line, paths, run_git};

fn git_path(root: &Path, name: &str) -> PathBuf {
    let told = line(run_git(root, &["rev-parse", "--path-format=absolute", "--git-path", name]));
    PathBuf::from(told).parent().unwrap().canonicalize().unwrap()
}

#[test]
fn git_folders_are_those_of_git() {
    let fixture = Fixture::new();
    fixture.write("file", "x");
    fixture.commit_all();
    fixture.git(["worktree", "add", "--quiet", "../linked"]);
    for root in [fixture.root.clone(), fixture.beside("linked")] {
        let repository = Repository::discover(&root).unwrap().unwrap();
        assert_eq!(repository.git_dir().unwrap(), git_path(&root, "HEAD"));
        assert_eq!(repository.common_dir().unwrap(), git_path(&root, "config"));
    }
}

#[test]
fn hooks_path_is_what_the_configuration_says() {
    let fixture = Fixture::new();
    assert_eq!(fixture.open().hooks_path(), None);
    fixture.git(["config", "core.hooksPath", "~/a b"]);
    assert_eq!(fixture.open().hooks_path(), Some("~/a b".into()));
    assert_eq!(hooks_path_in(&fixture.root.join(".git/config")), Some("~/a b".into()));
    assert_eq!(hooks_path_in(&fixture.beside("nothing")), None);
    fs::write(fixture.beside("odd"), "[core\nhooksPath").unwrap();
    assert_eq!(hooks_path_in(&fixture.beside("odd")), None);
}

#[test]
fn another_index_is_used_and_a_missing_one_refused() {
    let fixture = Fixture::new();
    fixture.write("file", "one");
    fixture.commit_all();
    fixture.write("file", "two");
    fixture.write("more", "three");
    let other = fixture.beside("an = odd \"index\"");
    fs::copy(fixture.root.join(".git/index"), &other).unwrap();
    fixture.git(["add", "more"]);
    let names = |repository: &Repository| -> Vec<String> {
        repository.staged().unwrap().iter().map(|file| file.path.to_string()).collect()
    };
    let own = fixture.open();
    assert_eq!(names(&own), ["more"]);
    assert_eq!(names(&own.with_index(&other).unwrap()), [""; 0]);
    let missing = own.with_index(&fixture.beside("nothing"));
    assert!(matches!(missing, Err(GitError::Io { .. })), "{missing:?}");
    assert!(matches!(own.with_index(&fixture.root), Err(GitError::Damaged { .. })));
    fs::remove_file(fixture.root.join(".git/index")).unwrap();
    let own = fixture.open();
    assert_eq!(names(&own.with_index(&fixture.root.join(".git/index")).unwrap()), [""; 0]);
}

/// git-sparse-checkout(1): the index has a folder in place of files, and that folder may be staged too.
#[test]
fn what_a_sparse_index_has_in_one_is_staged_file_by_file() {
    let fixture = Fixture::new();
    for name in ["in/file", "out/file", "out/deep/file", "file"] {
        fixture.write(name, "one");
    }
    fixture.commit_all();
    fixture.git(["branch", "before"]);
    fixture.write("out/deep/file", "two");
    fixture.write("out/more", "three");
    fixture.commit_all();
    fixture.git(["sparse-checkout", "init", "--cone", "--sparse-index"]);
    fixture.git(["sparse-checkout", "set", "in"]);
    let listed = line(fixture.git(["ls-files", "--sparse"]));
    assert!(listed.lines().any(|name| name == "out/"), "the index is sparse: {listed}");
    assert_eq!(fixture.open().staged().unwrap(), []);
    assert!(!fixture.open().worktree_files().unwrap().files.is_empty());
    fixture.git(["reset", "--quiet", "--soft", "before"]);
    fixture.write("in/file", "four");
    fixture.git(["add", "in/file"]);
    let told = paths(fixture.git(["diff", "--cached", "--name-only", "-z"]));
    let ours = fixture.open().staged().unwrap().into_iter().map(|file| file.path).collect();
    assert_eq!(told, ours);
    assert_eq!(told.len(), 3);
}

/// gix has a key of its own for the index, which git does not know; it is for us alone to set.
#[test]
fn a_repository_cannot_hide_its_index() {
    let fixture = Fixture::new();
    fixture.write("file", "one");
    fixture.commit_all();
    fs::copy(fixture.root.join(".git/index"), fixture.root.join(".git/other")).unwrap();
    fixture.write("more", "two");
    fixture.git(["add", "more"]);
    for value in ["other", fixture.root.join(".git/other").to_str().unwrap()] {
        fixture.git(["config", "gitoxide.core.indexFile", value]);
        assert_eq!(fixture.open().staged().unwrap().len(), 1, "{value}");
    }
}
