use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use palisade_git::{Change, Content, Repository, WorktreeListing};
use palisade_model::{Digest, EntryKind, GapKind, RepoPath};
use palisade_testkit::IGNORE_LINES;
use proptest::prelude::*;

use crate::{Fixture, path, paths, run_git, write};

fn changes(listing: &WorktreeListing) -> BTreeMap<String, Change> {
    listing.files.iter().map(|file| (file.path.to_string(), file.change)).collect()
}

fn listed(repository: &Repository) -> BTreeSet<RepoPath> {
    repository.worktree_files().unwrap().files.into_iter().map(|file| file.path).collect()
}

#[test]
fn a_clean_tree_is_clean_whatever_the_times_say() {
    let fixture = Fixture::new();
    fixture.write("a", "x");
    fixture.write("run", "#!/bin/sh\n");
    fs::set_permissions(fixture.root.join("run"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("loop", fixture.root.join("loop")).unwrap();
    write(&fixture.root, b"n\xff\n\"", b"bytes");
    fixture.commit_all();
    fs::write(fixture.root.join("a"), "x").unwrap();
    let listing = fixture.open().worktree_files().unwrap();
    assert!(!listing.dirty, "{listing:?}");
    let kinds: Vec<_> = listing.files.iter().map(|file| (file.path.to_string(), file.kind)).collect();
    let expected = [
        ("a", EntryKind::File),
        ("loop", EntryKind::Symlink),
        ("n\\xff\\x0a\"", EntryKind::File),
        ("run", EntryKind::Executable),
    ];
    assert_eq!(kinds, expected.map(|(name, kind)| (name.to_owned(), kind)));
    assert!(listing.files.iter().all(|file| file.content == Content::FromWorktree));
}

#[test]
fn an_edit_that_keeps_size_and_time_is_seen() {
    let fixture = Fixture::new();
    fixture.write("a", "good");
    fixture.commit_all();
    let file = fixture.root.join("a");
    let time = fs::metadata(&file).unwrap().modified().unwrap();
    fs::write(&file, "evil").unwrap();
    fs::File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
    fixture.git(["update-index", "--assume-unchanged", "a"]);
    assert!(run_git(&fixture.root, &["status", "--porcelain"]).is_empty(), "git itself is fooled");
    assert_eq!(changes(&fixture.open().worktree_files().unwrap())["a"], Change::Edited);
}

#[test]
fn every_kind_of_change() {
    let fixture = Fixture::new();
    for name in ["edited", "mode", "gone", "removed", "typed", "same", "folder/now", "was/below"] {
        fixture.write(name, name);
    }
    fixture.commit_all();
    fixture.write("edited", "other");
    fs::set_permissions(fixture.root.join("mode"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::remove_file(fixture.root.join("gone")).unwrap();
    fixture.git(["rm", "--quiet", "removed"]);
    fs::remove_file(fixture.root.join("typed")).unwrap();
    symlink("typed", fixture.root.join("typed")).unwrap();
    fixture.write("added", "");
    fixture.git(["add", "added"]);
    fixture.write("new/file", "");
    // A tracked folder that is a link now: what lies behind the link is not ours.
    fs::rename(fixture.root.join("was"), fixture.beside("was")).unwrap();
    symlink("../was", fixture.root.join("was")).unwrap();

    let listing = fixture.open().worktree_files().unwrap();
    let expected = [
        ("added", Change::Added),
        ("edited", Change::Edited),
        ("folder/now", Change::Unchanged),
        ("mode", Change::Edited),
        ("new/file", Change::Untracked),
        ("same", Change::Unchanged),
        ("typed", Change::Edited),
        ("was", Change::Untracked),
    ];
    assert_eq!(changes(&listing), expected.map(|(name, change)| (name.to_owned(), change)).into());
    assert_eq!(listing.deleted, ["gone", "removed", "was/below"].map(path));
    assert!(listing.dirty);
}

#[test]
fn each_change_alone_makes_the_tree_dirty() {
    type Apply = fn(&Fixture);
    let changes: [(&str, Apply); 6] = [
        ("edit", |fixture| fixture.write("a", "y")),
        ("mode", |fixture| {
            fs::set_permissions(fixture.root.join("a"), fs::Permissions::from_mode(0o755)).unwrap();
        }),
        ("delete", |fixture| fs::remove_file(fixture.root.join("a")).unwrap()),
        ("untracked", |fixture| fixture.write("b", "")),
        ("add", |fixture| {
            fixture.write("b", "");
            fixture.git(["add", "b"]);
        }),
        ("sparse", |fixture| {
            fixture.git(["update-index", "--skip-worktree", "a"]);
            fs::remove_file(fixture.root.join("a")).unwrap();
        }),
    ];
    for (name, change) in changes {
        let fixture = Fixture::new();
        fixture.write("a", "x");
        fixture.write(".gitignore", "ignored\n.palisade-not\n");
        fixture.commit_all();
        fixture.write("ignored", "");
        fixture.write(".palisade/runs/1", "");
        assert!(!fixture.open().worktree_files().unwrap().dirty, "{name}");
        change(&fixture);
        assert!(fixture.open().worktree_files().unwrap().dirty, "{name}");
    }
}

#[test]
fn line_ends_alone_are_no_edit() {
    let fixture = Fixture::new();
    fixture.write("text", "one\ntwo\n");
    fixture.write("mixed", "one\ntwo\n");
    fixture.commit_all();
    fixture.git(["config", "core.autocrlf", "true"]);
    fs::remove_file(fixture.root.join("text")).unwrap();
    fixture.git(["checkout", "--quiet", "text"]);
    assert_eq!(fs::read(fixture.root.join("text")).unwrap(), b"one\r\ntwo\r\n", "git writes them so");
    let repository = fixture.open();
    let listing = repository.worktree_files().unwrap();
    assert!(!listing.dirty, "{listing:?}");
    let text = listing.files.iter().find(|file| file.path == path("text")).unwrap();
    let Content::FromObject(id) = text.content else { panic!("{text:?}") };
    assert_eq!((repository.blob(id, 100).unwrap(), text.size), (b"one\ntwo\n".to_vec(), 8));

    fixture.write("mixed", "one\r\ntwo\r\nthree");
    assert_eq!(changes(&repository.worktree_files().unwrap())["mixed"], Change::Edited);
}

#[test]
fn what_an_lfs_pointer_points_to_is_no_edit() {
    let fixture = Fixture::new();
    let pointer = |content: &[u8]| {
        let size = content.len();
        format!("version https://git-lfs.github.com/spec/v1\noid {}\nsize {size}\n", Digest::of(content))
    };
    fixture.write("kept", pointer(b"large"));
    fixture.write("smudged", pointer(b"large"));
    fixture.write("other", pointer(b"large"));
    fixture.commit_all();
    fixture.write("smudged", "large");
    let listing = fixture.open().worktree_files().unwrap();
    assert!(!listing.dirty, "{listing:?}");
    fixture.write("other", "LARGE");
    assert_eq!(changes(&fixture.open().worktree_files().unwrap())["other"], Change::Edited);
}

#[test]
fn submodules_and_nested_repositories_are_noted() {
    let inner = Fixture::new();
    inner.write("in", "x");
    inner.commit_all();
    let fixture = Fixture::new();
    fixture.git(["submodule", "--quiet", "add", inner.root.to_str().unwrap(), "sub"]);
    fixture.git(["commit", "--quiet", "--message=s"]);
    run_git(&fixture.root, &["clone", "--quiet", inner.root.to_str().unwrap(), "nested"]);
    // Not a repository, whatever it claims.
    fixture.write("fake/.git/HEAD", "");
    fixture.write("fake/file", "");
    let listing = fixture.open().worktree_files().unwrap();
    let gaps: Vec<_> = listing.gaps.iter().map(|gap| (gap.path.clone().unwrap(), gap.kind)).collect();
    assert_eq!(gaps, [(path("nested"), GapKind::Noted), (path("sub"), GapKind::Noted)]);
    let names: Vec<_> = changes(&listing).into_keys().collect();
    assert_eq!(names, [".gitmodules", "fake/file"]);
    assert_eq!(listing.deleted, []);
}

#[test]
fn special_files_and_files_that_change_kind() {
    let fixture = Fixture::new();
    fixture.write("was", "x");
    fixture.commit_all();
    fs::remove_file(fixture.root.join("was")).unwrap();
    for name in ["was", "fifo", ".gitignore"] {
        assert!(
            std::process::Command::new("mkfifo").arg(fixture.root.join(name)).status().unwrap().success()
        );
    }
    let listing = fixture.open().worktree_files().unwrap();
    let gaps: Vec<_> = listing.gaps.iter().map(|gap| gap.path.clone().unwrap().to_string()).collect();
    assert_eq!(gaps, [".gitignore", "fifo", "was"]);
    assert!(listing.dirty && listing.files.is_empty());
}

#[test]
fn an_unreadable_file_is_a_blocking_gap() {
    let fixture = Fixture::new();
    fixture.write("tracked", "x");
    fixture.commit_all();
    fixture.write("untracked", "x");
    for name in ["tracked", "untracked"] {
        fs::set_permissions(fixture.root.join(name), fs::Permissions::from_mode(0o000)).unwrap();
    }
    let listing = as_nobody(&fixture, || {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let root = fixture.root.clone();
        pool.install(|| Repository::discover(&root).unwrap().unwrap().worktree_files().unwrap())
    });
    let gaps: Vec<_> = listing.gaps.iter().map(|gap| (gap.path.clone().unwrap(), gap.kind)).collect();
    assert_eq!(gaps, [(path("tracked"), GapKind::Unreadable), (path("untracked"), GapKind::Unreadable)]);
    assert!(listing.dirty && listing.deleted.is_empty());
}

/// Runs `act` in a thread without root's right to read everything, on a repository given to that user.
fn as_nobody<T: Send>(fixture: &Fixture, act: impl FnOnce() -> T + Send) -> T {
    if !rustix::process::geteuid().is_root() {
        return act();
    }
    fs::set_permissions(fixture.beside("."), fs::Permissions::from_mode(0o755)).unwrap();
    let user = rustix::fs::Uid::from_raw(65534);
    std::thread::scope(|scope| {
        let run = || {
            rustix::thread::set_thread_res_uid(user, user, user).unwrap();
            act()
        };
        scope.spawn(run).join().unwrap()
    })
}

#[test]
fn a_split_index_is_read_whole() {
    let fixture = Fixture::new();
    fixture.write("a", "x");
    fixture.commit_all();
    fixture.git(["update-index", "--split-index"]);
    fixture.write("b", "x");
    fixture.commit_all();
    let listing = fixture.open().worktree_files().unwrap();
    assert_eq!((listing.files.len(), listing.dirty), (2, false));
}

#[test]
fn without_execute_bits_the_index_remembers_them() {
    let fixture = Fixture::new();
    fixture.write("plain", "");
    fixture.write("run", "");
    fixture.git(["config", "core.fileMode", "false"]);
    fixture.git(["add", "--all"]);
    fixture.git(["update-index", "--chmod=+x", "run"]);
    fixture.git(["commit", "--quiet", "--message=m"]);
    let all = fs::Permissions::from_mode(0o777);
    fs::set_permissions(fixture.root.join("plain"), all.clone()).unwrap();
    assert!(!fixture.open().worktree_files().unwrap().dirty);
    fixture.write("new", "");
    fs::set_permissions(fixture.root.join("new"), all).unwrap();
    let listing = fixture.open().worktree_files().unwrap();
    let kinds: Vec<_> = listing.files.iter().map(|file| file.kind).collect();
    assert_eq!(kinds, [EntryKind::File, EntryKind::File, EntryKind::Executable]);
}

const FILES: [&str; 11] =
    ["a", "b.o", "a b", "d/a", "d/b.o", "d/e/a", "d/e/b.o", "build/x", "build/keep/a", "d/build/x", "$x"];

fn ignore_file() -> impl Strategy<Value = String> {
    let pattern = prop::sample::select(IGNORE_LINES.to_vec());
    prop::collection::vec(pattern, 0..5).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lists_what_git_lists(
        root in ignore_file(), d in ignore_file(), e in ignore_file(), exclude in ignore_file(),
        tracked in prop::sample::subsequence(FILES.to_vec(), 0..4),
        gone in prop::sample::subsequence(FILES.to_vec(), 0..2),
    ) {
        let fixture = Fixture::new();
        FILES.iter().for_each(|name| fixture.write(name, ""));
        if !tracked.is_empty() {
            run_git(&fixture.root, &[&["add", "--force", "--"], tracked.as_slice()].concat());
        }
        fixture.write(".gitignore", root);
        fixture.write("d/.gitignore", d);
        fixture.write("d/e/.gitignore", e);
        fixture.write(".git/info/exclude", exclude);
        gone.iter().for_each(|name| fs::remove_file(fixture.root.join(name)).unwrap());
        let theirs: BTreeSet<_> =
            paths(fixture.git(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))
                .into_iter()
                .filter(|path| !gone.iter().any(|name| name.as_bytes() == path.as_bytes()))
                .collect();
        prop_assert_eq!(listed(&fixture.open()), theirs);
    }
}
