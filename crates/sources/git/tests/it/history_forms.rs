//! Every form of repository: bare, linked, borrowing, shallow, partial, SHA-256, empty, hostile.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use palisade_git::{GitError, History, HistoryGapKind, HistoryLimits, HistorySubject};

use crate::history::{check, oracle, read, rich};
use crate::{Fixture, run_git, try_git};

fn trees(root: &std::path::Path) -> palisade_git::TreeSurvey {
    History::open(root).unwrap().trace(&[], &HistoryLimits::default())
}

#[test]
fn an_empty_repository_has_nothing() {
    let fixture = Fixture::new();
    let (reader, survey) = read(&fixture.root);
    assert!(reader.objects.into_inner().unwrap().is_empty());
    assert_eq!((survey.gaps.list, survey.shallow, survey.promisor), (Vec::new(), false, false));
    assert!(History::open(&fixture.root).unwrap().range("HEAD", &|_| false, &|_| Vec::new()).is_err());
    assert_eq!(trees(&fixture.root).gaps.list, []);
}

#[test]
fn what_is_no_repository_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = History::open(folder.path()).unwrap_err();
    assert!(matches!(refused, GitError::NoRepository { .. }), "{refused}");
}

#[test]
fn bare_linked_and_borrowing_repositories_are_read() {
    let fixture = rich();
    let bare = fixture.beside("bare.git");
    fixture.git(["clone", "--quiet", "--mirror", ".", bare.to_str().unwrap()]);
    run_git(&bare, &["repack", "-q", "-a", "-d", "-f"]);
    assert!(check(&bare) > 10);
    assert_eq!(History::open(&bare.join("objects/pack")).unwrap().root(), bare);
    let linked = fixture.beside("linked");
    fixture.git(["worktree", "add", "--quiet", linked.to_str().unwrap(), "one"]);
    check(&linked);
    fs::create_dir(linked.join("below")).unwrap();
    assert_eq!(History::open(&linked.join("below")).unwrap().root(), linked);
    let borrower = fixture.beside("borrower");
    fixture.git(["clone", "--quiet", "--shared", ".", borrower.to_str().unwrap()]);
    fs::write(borrower.join("own"), "its own").unwrap();
    run_git(&borrower, &["add", "--all"]);
    run_git(&borrower, &["commit", "--quiet", "-m", "own"]);
    check(&borrower);
    assert!(oracle(&borrower).len() > oracle(&fixture.root).len());
}

#[test]
fn alternates_that_cannot_be_followed_are_gaps() {
    let fixture = rich();
    let objects = fixture.root.join(".git/objects");
    fs::create_dir_all(objects.join("info")).unwrap();
    fs::write(objects.join("info/alternates"), "# nothing\n/nonexistent\n").unwrap();
    let (_, survey) = read(&fixture.root);
    assert_eq!(survey.gaps.list.len(), 1, "{survey:?}");
    assert_eq!(survey.gaps.list[0].kind, HistoryGapKind::Missing);
}

#[test]
fn sha_256_is_read() {
    let fixture = Fixture::with(&["--object-format=sha256"]);
    for round in 0..5 {
        fixture.write(
            "a",
            (0..100).map(|at| format!("{}\n", at * (1 + usize::from(at == round)))).collect::<String>(),
        );
        fixture.write("b/c", "x");
        fixture.git(["add", "--all"]);
        fixture.git(["commit", "--quiet", "-m", "m"]);
    }
    check(&fixture.root);
    fixture.git(["repack", "-q", "-a", "-d", "-f"]);
    assert!(check(&fixture.root) > 3);
    assert_eq!((trees(&fixture.root).missing, trees(&fixture.root).trees), (0, 6));
}

#[test]
fn a_shallow_clone_says_so() {
    let fixture = rich();
    let clone = fixture.beside("shallow");
    let url = format!("file://{}", fixture.root.display());
    run_git(&fixture.root, &["clone", "--quiet", "--depth=2", &url, clone.to_str().unwrap()]);
    check(&clone);
    assert!(read(&clone).1.shallow && !read(&clone).1.promisor);
    let survey = trees(&clone);
    assert!(survey.shallow);
    assert_eq!((survey.missing, survey.gaps.list), (0, Vec::new()), "what was cut off is not missing");
    let range = History::open(&clone).unwrap().range("HEAD", &|_| false, &|_| Vec::new()).unwrap();
    assert_eq!(range.gaps.list, []);
    assert_eq!(
        range.commits.len(),
        run_git(&clone, &["rev-list", "HEAD"]).iter().filter(|byte| **byte == b'\n').count()
    );
}

#[test]
fn a_partial_clone_says_what_is_missing() {
    let fixture = rich();
    fixture.git(["config", "uploadpack.allowFilter", "true"]);
    let clone = fixture.beside("partial");
    let url = format!("file://{}", fixture.root.display());
    run_git(
        &fixture.root,
        &["clone", "--quiet", "--bare", "--filter=blob:none", &url, clone.to_str().unwrap()],
    );
    let (_, survey) = read(&clone);
    assert!(survey.promisor);
    assert!(survey.tally.blobs <= 1, "that which a tag names");
    let missing = run_git(&clone, &["rev-list", "--objects", "--all", "--missing=print"]);
    let expected = String::from_utf8_lossy(&missing).lines().filter(|line| line.starts_with('?')).count();
    let survey = trees(&clone);
    assert!(expected > 20);
    assert!(survey.promisor);
    assert_eq!(survey.missing, expected as u64);
    assert_eq!(survey.gaps.list[0].kind, HistoryGapKind::Missing);
}

#[test]
fn references_in_an_unknown_form_are_noted() {
    let fixture = rich();
    fixture.git(["config", "core.repositoryFormatVersion", "1"]);
    fixture.git(["config", "extensions.refStorage", "abacus"]);
    let (reader, survey) = read(&fixture.root);
    assert_eq!(survey.gaps.list, []);
    assert!(reader.objects.into_inner().unwrap().len() > 50);
    let gaps = trees(&fixture.root).gaps.list;
    assert_eq!((gaps.len(), gaps[0].kind), (1, HistoryGapKind::Noted), "{gaps:?}");
}

#[test]
fn replaced_and_grafted_commits_are_what_they_are() {
    let fixture = rich();
    fixture.git(["replace", "HEAD", "HEAD~4"]);
    fs::create_dir_all(fixture.root.join(".git/info")).unwrap();
    let root = fixture.git(["rev-list", "--max-parents=0", "main"]);
    fs::write(fixture.root.join(".git/info/grafts"), root).unwrap();
    let expected = run_git(&fixture.root, &["--no-replace-objects", "cat-file", "commit", "HEAD"]);
    let id = String::from_utf8(fixture.git(["rev-parse", "HEAD"])).unwrap();
    let (reader, _) = read(&fixture.root);
    assert_eq!(reader.objects.into_inner().unwrap()[id.trim_end()].1, expected);
}

#[test]
fn nothing_of_a_hostile_configuration_runs() {
    let fixture = rich();
    let (canary, script) = (fixture.beside("canary"), fixture.beside("script"));
    fs::write(&script, format!("#!/bin/sh\ntouch {}\ncat\n", canary.display())).unwrap();
    fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    let script = script.to_str().unwrap();
    for key in
        ["core.fsmonitor", "core.sshCommand", "core.alternateRefsCommand", "uploadpack.packObjectsHook"]
    {
        fixture.git(["config", key, script]);
    }
    fixture.git(["config", "remote.origin.promisor", "true"]);
    fixture.git(["config", "remote.origin.url", &format!("ext::{script}")]);
    read(&fixture.root);
    trees(&fixture.root);
    History::open(&fixture.root).unwrap().range("HEAD~3..HEAD", &|_| false, &|_| Vec::new()).unwrap();
    assert!(!canary.exists());
    // The canary works: git itself is caught.
    try_git(&fixture.root, &["status"]);
    assert!(canary.exists());
}

#[test]
fn fifos_are_not_waited_for() {
    let fixture = rich();
    let objects = fixture.root.join(".git/objects");
    let make = |name: &str| {
        fs::create_dir_all(objects.join(name).parent().unwrap()).unwrap();
        let made = std::process::Command::new("mkfifo").arg(objects.join(name)).status().unwrap();
        assert!(made.success());
    };
    make("pack/pack-a.idx");
    make("pack/pack-a.pack");
    make(&format!("12/{}", "34".repeat(19)));
    make("../refs/heads/fifo");
    let (_, survey) = read(&fixture.root);
    let files = survey.gaps.list.iter().filter(|gap| matches!(gap.subject, HistorySubject::File(_))).count();
    assert_eq!((files, survey.gaps.list.len()), (1, 2), "{:?}", survey.gaps);
    assert!(trees(&fixture.root).gaps.list.iter().any(|gap| gap.kind == HistoryGapKind::Noted));
    assert!(History::open(&fixture.root).unwrap().range("HEAD", &|_| false, &|_| Vec::new()).is_err());
    make("info/alternates");
    assert!(History::open(&fixture.root).is_err());
}
