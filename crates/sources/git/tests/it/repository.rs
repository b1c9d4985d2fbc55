use std::fs;
use std::path::Path;

use palisade_git::{GitError, Repository};

use crate::{Fixture, line, run_git};

#[test]
fn a_folder_without_repository_is_none() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Repository::discover(folder.path()).unwrap().is_none());
    // What git passes over, such as a mount point.
    fs::create_dir(folder.path().join(".git")).unwrap();
    assert!(Repository::discover(folder.path()).unwrap().is_none());
    assert!(matches!(Repository::discover(&folder.path().join("gone")), Err(GitError::Io { .. })));
}

#[test]
fn finds_the_top_from_below_and_reads_head() {
    let fixture = Fixture::new();
    fixture.write("a/b/c", "x");
    fixture.commit_all();
    let repository = Repository::discover(&fixture.root.join("a/b")).unwrap().unwrap();
    assert_eq!(repository.root(), fixture.root);
    assert_eq!(repository.head_commit().unwrap().as_str(), line(fixture.git(["rev-parse", "HEAD"])));
    assert_eq!(repository.branch().as_deref(), Some("main"));
    assert_eq!(repository.remote(), None);

    fixture.git(["checkout", "--quiet", "--detach"]);
    let repository = fixture.open();
    assert_eq!(repository.branch(), None);
    assert!(repository.head_commit().is_some());
}

#[test]
fn before_the_first_commit() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    assert_eq!((repository.head_commit(), repository.branch().as_deref()), (None, Some("main")));
    assert_eq!(repository.target_commit(), None);
    let listing = repository.worktree_files().unwrap();
    assert!(!listing.dirty && listing.files.is_empty());
    fixture.write("a", "x");
    assert!(repository.worktree_files().unwrap().dirty);
    fixture.git(["add", "a"]);
    assert_eq!(repository.staged().unwrap().len(), 1);
}

#[test]
fn linked_worktrees_and_submodules() {
    let fixture = Fixture::new();
    fixture.write("a", "x");
    fixture.commit_all();
    fixture.git(["worktree", "add", "--quiet", "-b", "side", "../linked"]);
    let linked = Repository::discover(&fixture.beside("linked")).unwrap().unwrap();
    assert_eq!(
        (linked.root(), linked.branch().as_deref()),
        (fixture.beside("linked").as_path(), Some("side"))
    );
    assert!(!linked.worktree_files().unwrap().dirty);

    let outer = Fixture::new();
    let source = fixture.root.to_str().unwrap();
    outer.git(["submodule", "--quiet", "add", source, "sub"]);
    let inner = Repository::discover(&outer.root.join("sub")).unwrap().unwrap();
    assert_eq!(inner.root(), outer.root.join("sub"));
    assert!(!inner.worktree_files().unwrap().dirty);
}

#[test]
fn a_bare_repository_has_no_files() {
    let fixture = Fixture::with(&["--bare"]);
    let error = Repository::discover(&fixture.root.join("objects")).unwrap_err();
    assert!(matches!(error, GitError::Bare { .. }), "{error}");
    assert!(error.hint().contains("worktree"));
}

#[test]
fn sha256_repositories_are_read_too() {
    let fixture = Fixture::with(&["--object-format=sha256"]);
    fixture.write("a", "x");
    fixture.commit_all();
    let repository = fixture.open();
    assert_eq!(repository.head_commit().unwrap().as_str(), line(fixture.git(["rev-parse", "HEAD"])));
    assert!(!repository.worktree_files().unwrap().dirty);
}

#[test]
fn the_target_is_what_origin_says() {
    let fixture = Fixture::new();
    for name in ["a", "b", "c", "d"] {
        fixture.write(name, name);
        fixture.commit_all();
    }
    assert_eq!(fixture.open().target_commit(), None, "HEAD may hold the change itself");
    let target = || fixture.open().target_commit().unwrap().to_string();
    let expect = |rev: &str| assert_eq!(target(), line(fixture.git(["rev-parse", rev])));
    fixture.git(["update-ref", "refs/remotes/origin/master", "HEAD~1"]);
    expect("HEAD~1");
    fixture.git(["update-ref", "refs/remotes/origin/main", "HEAD~2"]);
    expect("HEAD~2");
    fixture.git(["update-ref", "refs/remotes/origin/trunk", "HEAD~3"]);
    fixture.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"]);
    expect("HEAD~3");
}

#[test]
fn broken_repositories_are_errors() {
    type Break = fn(&Path);
    let breaks: [(&str, Break); 8] = [
        ("HEAD is garbage", |git| fs::write(git.join("HEAD"), "garbage").unwrap()),
        ("HEAD is gone", |git| fs::remove_file(git.join("HEAD")).unwrap()),
        ("the branch is garbage", |git| fs::write(git.join("refs/heads/main"), "garbage\n").unwrap()),
        ("the branch names nothing", |git| {
            fs::write(git.join("refs/heads/main"), format!("{:040}\n", 7)).unwrap();
        }),
        ("the index is garbage", |git| fs::write(git.join("index"), "DIRC garbage").unwrap()),
        ("the index is cut", |git| {
            let bytes = fs::read(git.join("index")).unwrap();
            fs::write(git.join("index"), &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("the objects are gone", |git| fs::remove_dir_all(git.join("objects")).unwrap()),
        ("the configuration is garbage", |git| fs::write(git.join("config"), "[core\nx").unwrap()),
    ];
    for (name, break_it) in breaks {
        let fixture = Fixture::new();
        fixture.write("a", "x");
        fixture.commit_all();
        break_it(&fixture.root.join(".git"));
        let read = Repository::discover(&fixture.root).and_then(|found| found.unwrap().worktree_files());
        let error = read.expect_err(name);
        assert!(matches!(error, GitError::Damaged { .. }), "{name}: {error:?}");
    }
}

#[test]
fn a_fifo_does_not_make_us_wait() {
    for name in [".git", ".git/HEAD", ".git/config", ".git/index"] {
        let fixture = Fixture::new();
        let fifo = fixture.root.join(name);
        if name == ".git" {
            fs::remove_dir_all(&fifo).unwrap();
        } else if fifo.exists() {
            fs::remove_file(&fifo).unwrap();
        }
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let error = Repository::discover(&fixture.root).expect_err(name);
        assert!(matches!(error, GitError::Damaged { .. }), "{name}: {error:?}");
    }
}

#[test]
fn a_git_file_that_leads_nowhere_is_an_error() {
    let fixture = Fixture::new();
    fs::create_dir(fixture.root.join("sub")).unwrap();
    fs::write(fixture.root.join("sub/.git"), "gitdir: /nowhere\n").unwrap();
    assert!(matches!(Repository::discover(&fixture.root.join("sub")), Err(GitError::Damaged { .. })));
}

#[test]
fn objects_are_checked_against_their_names() {
    let fixture = Fixture::new();
    fixture.write("a", "good");
    fixture.write("b", "evil");
    fixture.commit_all();
    fixture.git(["rm", "--quiet", "--cached", "a"]);
    fixture.git(["commit", "--quiet", "--message=n"]);
    let [head, first, good, evil] = ["HEAD^{tree}", "HEAD~1^{tree}", "HEAD~1:a", "HEAD~1:b"].map(|rev| {
        let id = line(fixture.git(["rev-parse", rev]));
        let (folder, name) = id.split_at(2);
        fixture.root.join(".git/objects").join(folder).join(name)
    });
    let overwrite = |object: &Path, with: &Path| {
        fs::remove_file(object).unwrap();
        fs::copy(with, object).unwrap();
    };
    // A commit that is known to be good, whose tree was exchanged in this copy of the repository.
    overwrite(&head, &first);
    let error = fixture.open().worktree_files().unwrap_err();
    assert!(matches!(error, GitError::Damaged { .. }), "{error}");
    overwrite(&good, &evil);
    assert!(matches!(fixture.open().file_at("HEAD~1", &crate::path("a")), Err(GitError::Damaged { .. })));
}

#[test]
fn damaged_bytes_never_panic() {
    let fixture = Fixture::new();
    for index in 0..20 {
        fixture.write(&format!("d{index}/f"), "x");
    }
    fixture.commit_all();
    run_git(&fixture.root, &["gc", "--quiet"]);
    let pack = fs::read_dir(fixture.root.join(".git/objects/pack")).unwrap();
    let mut files: Vec<_> = pack.map(|entry| entry.unwrap().path()).collect();
    files.extend(["index", "packed-refs", "config"].map(|name| fixture.root.join(".git").join(name)));
    files.sort();
    for file in files {
        let good = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        let step = (good.len() / 40).max(1);
        for at in (0..good.len()).step_by(step) {
            let mut bad = good.clone();
            bad[at] ^= 0xff;
            fs::write(&file, bad).unwrap();
            if let Ok(Some(repository)) = Repository::discover(&fixture.root) {
                let _ = repository.worktree_files();
            }
        }
        fs::write(&file, good).unwrap();
    }
    assert!(!fixture.open().worktree_files().unwrap().dirty);
}
