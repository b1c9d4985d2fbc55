//! References in reftables, made by git 2.47 (see `tests/reftables`): what is said of them is what is said of the same references in
//! files, which the system's git makes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use palisade_git::{GitError, History, HistoryGapKind, HistoryLimits, Repository, Table, TableError};
use proptest::prelude::*;

use crate::{Fixture, run_git, try_git};

/// The repository of the tables, with its references in files, and its linked work tree.
fn files(hash: &str) -> (Fixture, PathBuf) {
    let fixture = Fixture::with(&[&format!("--object-format={hash}")]);
    for content in ["1", "2", "3", "4"] {
        fixture.write("f", content);
        fixture.commit_all();
    }
    fixture.git(["tag", "--annotate", "--message=t", "v1", "HEAD~1"]);
    fixture.git(["branch", "side", "HEAD~2"]);
    fixture.git(["branch", "gone", "HEAD~1"]);
    fixture.git(["update-ref", "refs/remotes/origin/main", "HEAD~1"]);
    fixture.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    for number in 1..9 {
        fixture.git(["update-ref", &format!("refs/pull/{number}/head"), &format!("HEAD~{}", number % 3)]);
    }
    fixture.git(["checkout", "--quiet", "side"]);
    fixture.git(["checkout", "--quiet", "main"]);
    let linked = fixture.beside("linked");
    fixture.git(["worktree", "add", "--quiet", "--detach", linked.to_str().unwrap(), "HEAD~3"]);
    fixture.git(["branch", "--quiet", "-D", "gone"]);
    fixture.git(["update-ref", "-m", PULLED, "refs/heads/side", "HEAD~1"]);
    (fixture, linked)
}

/// What a log says.
const PULLED: &str = "pull https://example.invalid/lib.git: Fast-forward";

fn tables_of(hash: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reftables").join(hash)
}

/// Puts tables in the place of all files with references.
fn into_tables(fixture: &Fixture, hash: &str) {
    let git_dir = fixture.root.join(".git");
    let linked = git_dir.join("worktrees/linked");
    for (folder, from) in [(&git_dir, tables_of(hash)), (&linked, tables_of(hash).join("linked"))] {
        let _ = fs::remove_dir_all(folder.join("refs"));
        let _ = fs::remove_dir_all(folder.join("logs"));
        fs::create_dir_all(folder.join("refs")).unwrap();
        fs::create_dir(folder.join("reftable")).unwrap();
        fs::write(folder.join("HEAD"), "ref: refs/heads/.invalid\n").unwrap();
        for file in from.read_dir().unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
            fs::copy(file.path(), folder.join("reftable").join(file.file_name())).unwrap();
        }
    }
    fs::write(git_dir.join("refs/heads"), "this repository uses the reftable format\n").unwrap();
    for gone in ["packed-refs", "ORIG_HEAD"] {
        let _ = fs::remove_file(git_dir.join(gone));
    }
    // Today's git writes these; that of the system refuses to touch the repository from then on.
    for (name, value) in [("core.repositoryFormatVersion", "1"), ("extensions.refStorage", "reftable")] {
        let config = git_dir.join("config");
        run_git(&fixture.root, &["config", "--file", config.to_str().unwrap(), name, value]);
    }
}

/// Revisions, some of which name nothing.
const REVISIONS: &[&str] = &[
    "HEAD",
    "@",
    "main",
    "side",
    "heads/side",
    "gone",
    "v1",
    "tags/v1",
    "v1^{}",
    "v1^{commit}",
    "origin",
    "origin/main",
    "refs/remotes/origin/HEAD",
    "pull/4/head",
    "refs/pull/9/head",
    "HEAD~2",
    "main^@",
    "main^!",
    "main^-",
    "HEAD^2",
    "side..main",
    "v1..",
    "..side",
    "main...side",
    "^side main",
    "--remotes=origin",
    "main --not --remotes=origin",
    "main --not v1",
    "HEAD@{0}",
    "HEAD@{1}",
    "@{1}",
    "main@{3}",
    "side@{1}",
    "HEAD@{40}",
    "side@{1700000000}",
    "@{-1}",
    "@{-2}",
    "@{-3}",
    "HEAD^{/m}",
    ":/m",
    ":/nothing",
    "main-worktree/HEAD",
    "worktrees/linked/HEAD",
    "worktrees/other/HEAD",
    "HEAD:f",
    "fc687d1e4c",
    "fc687d1e4c07f0ec518a947615289c3182ac5521",
    "nothing",
    "HEAD..nothing",
];

/// The commits that each revision brings; none where it is refused.
fn commits(root: &Path) -> BTreeMap<&'static str, Option<Vec<String>>> {
    let history = History::open(root).unwrap();
    let commits = |revision: &str| {
        let found = history.range(revision, &|_| false, &|_| Vec::new()).ok()?;
        Some(found.commits.iter().map(ToString::to_string).collect())
    };
    REVISIONS.iter().map(|revision| (*revision, commits(revision))).collect()
}

/// What opening the work tree says.
fn opened(root: &Path) -> (Option<String>, Option<String>, Option<String>, bool, usize, usize) {
    let repository = Repository::discover(root).unwrap().unwrap();
    let listing = repository.worktree_files().unwrap();
    let text = |id: Option<palisade_model::CommitId>| id.map(|id| id.as_str().to_owned());
    let (head, target) = (text(repository.head_commit()), text(repository.target_commit()));
    let changed =
        ["side", "v1~1", "HEAD@{0}"].map(|revision| repository.changed_since(revision).unwrap().len());
    let (staged, changed) = (repository.staged().unwrap().len(), changed.iter().sum());
    (head, target, repository.branch(), listing.dirty, staged, changed)
}

#[test]
fn revisions_are_those_of_files() {
    for hash in ["sha1", "sha256"] {
        let (fixture, linked) = files(hash);
        let roots = [fixture.root.as_path(), &linked];
        let expected = roots.map(|root| (commits(root), opened(root)));
        into_tables(&fixture, hash);
        assert!(!try_git(&fixture.root, &["rev-parse", "main~0"]).status.success() || newer_git(&fixture));
        let found = roots.map(|root| (commits(root), opened(root)));
        assert_eq!(found, expected, "{hash}");
        let known = found[0].0.values().flatten().filter(|commits| !commits.is_empty()).count();
        assert!(known > 30, "{known} {found:?}");
    }
}

/// Whether the system's git reads reftables; then it must agree.
fn newer_git(fixture: &Fixture) -> bool {
    let found = run_git(&fixture.root, &["rev-parse", "side"]);
    found == run_git(&fixture.root, &["rev-parse", "main~1"])
}

#[test]
fn what_references_lead_to_is_that_of_files() {
    for hash in ["sha1", "sha256"] {
        let (fixture, _) = files(hash);
        let blob = |revision: &str| {
            let name = run_git(&fixture.root, &["rev-parse", revision]);
            String::from_utf8(name).unwrap().trim_end().parse().unwrap()
        };
        let wanted: Vec<_> = ["main:f", "main~1:f", "main~3:f"].map(blob).into();
        let trace = || History::open(&fixture.root).unwrap().trace(&wanted, &HistoryLimits::default());
        let expected = trace();
        assert_eq!(expected.gaps.list, []);
        into_tables(&fixture, hash);
        assert_eq!(trace(), expected, "{hash}");
    }
}

/// What stands in files of references, but for stubs.
fn texts(root: &Path) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let gaps = History::open(root).unwrap().for_each_reference_file(&mut |path, bytes| {
        texts.insert(text(path.as_bytes()), text(bytes));
    });
    assert_eq!(gaps.list, []);
    texts
}

#[test]
fn names_and_logs_are_those_of_files() {
    for hash in ["sha1", "sha256"] {
        let (fixture, _) = files(hash);
        let expected = texts(&fixture.root);
        into_tables(&fixture, hash);
        let found = texts(&fixture.root);
        for (path, text) in &expected {
            if path.contains("ORIG_HEAD") || path.ends_with("packed-refs") {
                continue;
            }
            // A table keeps what a newer one overrules.
            let told = found.get(path).unwrap_or_else(|| panic!("{path} of {found:?}"));
            assert!(text.lines().all(|line| told.contains(line.trim_end())), "{path}: {told} {text}");
        }
        assert!(found[".git/logs/refs/heads/side"].contains(PULLED));
        assert_eq!(found[".git/refs/heads/gone"].len(), expected[".git/refs/heads/main"].len());
        assert!(!expected.contains_key(".git/refs/heads/gone"));
    }
}

/// Tables that were merged into others and not yet removed, or are not in use, may hold what is nowhere else.
#[test]
fn tables_that_are_not_in_use_are_read_too() {
    let (fixture, _) = files("sha1");
    into_tables(&fixture, "sha1");
    let list = fixture.root.join(".git/reftable/tables.list");
    let names = fs::read_to_string(&list).unwrap();
    let (first, _) = names.split_once('\n').unwrap();
    fs::write(&list, format!("{first}\n")).unwrap();
    assert!(texts(&fixture.root)[".git/logs/refs/heads/side"].contains(PULLED));
    assert!(commits(&fixture.root)["gone"].is_some(), "the table that deletes it is not in the list");
    fixture.git(["config", "--file", ".git/config", "extensions.refStorage", "files"]);
    assert!(texts(&fixture.root)[".git/logs/refs/heads/side"].contains(PULLED));
}

#[test]
fn damaged_and_missing_tables_are_told() {
    let (fixture, _) = files("sha1");
    into_tables(&fixture, "sha1");
    let folder = fixture.root.join(".git/reftable");
    let list = fs::read_to_string(folder.join("tables.list")).unwrap();
    let first = folder.join(list.lines().next().unwrap());
    let gaps = || {
        let history = History::open(&fixture.root).unwrap();
        assert!(history.range("HEAD~1..", &|_| false, &|_| Vec::new()).is_err());
        let opened = Repository::discover(&fixture.root).unwrap_err();
        assert!(matches!(opened, GitError::Damaged { .. }), "{opened}");
        let told = history.for_each_reference_file(&mut |_, _| {}).list;
        assert_eq!(told, history.trace(&[], &HistoryLimits::default()).gaps.list);
        told
    };
    let whole = fs::read(&first).unwrap();
    fs::write(&first, &whole[..whole.len() - 1]).unwrap();
    assert_eq!((gaps().len(), gaps()[0].kind), (1, HistoryGapKind::Damaged));
    fs::remove_file(&first).unwrap();
    assert_eq!((gaps().len(), gaps()[0].kind), (1, HistoryGapKind::Missing));
    std::os::unix::fs::symlink("/etc/passwd", &first).unwrap();
    assert_eq!((gaps().len(), gaps()[0].kind), (1, HistoryGapKind::Damaged));
    fs::write(folder.join("tables.list"), "../../config\n").unwrap();
    assert!(gaps().iter().any(|gap| gap.kind == HistoryGapKind::Damaged));
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!((gaps().len(), gaps()[0].kind), (1, HistoryGapKind::Missing));
    assert!(std::process::Command::new("mkfifo").arg(&folder).status().unwrap().success());
    assert_eq!(gaps().len(), 1);
}

/// The tables of a kind of names, without those of the work tree.
fn bytes_of(hash: &str) -> Vec<Vec<u8>> {
    let names = fs::read_to_string(tables_of(hash).join("tables.list")).unwrap();
    names.lines().map(|name| fs::read(tables_of(hash).join(name)).unwrap()).collect()
}

#[test]
fn tables_of_another_kind_of_names_are_refused() {
    for (hash, own, other) in [("sha1", 20, 32), ("sha256", 32, 20)] {
        for bytes in bytes_of(hash) {
            assert!(!Table::read(&bytes, own).unwrap().is_empty());
            assert_eq!(Table::read(&bytes, other), Err(TableError::Hash));
        }
    }
    assert_eq!(Table::read(b"REFT\x03", 20), Err(TableError::Version));
    assert_eq!(Table::read(b"", 20), Err(TableError::Version));
}

#[test]
fn what_is_cut_short_is_refused() {
    for bytes in bytes_of("sha1").into_iter().chain(bytes_of("sha256")) {
        let hash_bytes = if bytes[4] == 1 { 20 } else { 32 };
        for end in 0..bytes.len() {
            assert!(Table::read(&bytes[..end], hash_bytes).is_err(), "{end}");
        }
    }
}

/// A number as tables have it.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = vec![(number & 0x7f) as u8];
    while number >= 128 {
        number = (number >> 7) - 1;
        bytes.insert(0, 0x80 | (number & 0x7f) as u8);
    }
    bytes
}

/// A small table that says far more than it holds: each name shares all but its end with the one before.
#[test]
fn names_written_short_are_bounded() {
    let long = vec![b'a'; 1 << 20];
    let points = [0, 1, b'x'];
    let first = [vec![0], varint(8 * (1 << 20) + 3), long, points.to_vec()].concat();
    let next =
        |letters: [u8; 2]| [varint(1 << 20), varint(8 * 2 + 3), letters.to_vec(), points.to_vec()].concat();
    let records = |count: u16| {
        let next: Vec<_> = (1..=count).flat_map(|number| next(number.to_be_bytes())).collect();
        table(&[first.clone(), next].concat())
    };
    assert_eq!(Table::read(&records(100), 20).unwrap().len(), 101);
    assert_eq!(Table::read(&records(1000), 20), Err(TableError::Budget));
}

/// A table of version 1 with one block of references, whose records are given.
fn table(records: &[u8]) -> Vec<u8> {
    let header = [b"REFT\x01\0\0\0".as_slice(), &[0; 16]].concat();
    let length = u32::try_from(header.len() + 4 + records.len() + 5).unwrap().to_be_bytes();
    let block = [b"r", &length[1..], records, &[0, 0, 28], &[0, 1]].concat();
    let footer = [header.as_slice(), &[0; 40]].concat();
    [header.as_slice(), &block, &footer, &crc32fast::hash(&footer).to_be_bytes()].concat()
}

/// The end of a table says where its parts begin. It may say that there are none.
#[test]
fn positions_that_are_wrong_hide_nothing() {
    for mut bytes in bytes_of("sha1") {
        let whole = Table::read(&bytes, 20).unwrap();
        let end = bytes.len() - 4;
        // The index of references, objects, their index, logs, the index of logs.
        for position in 0..5 {
            for value in [0_u64, 24, 28, u64::MAX] {
                let at = end - 8 * (5 - position);
                let before: [u8; 8] = bytes[at..at + 8].try_into().unwrap();
                bytes[at..at + 8].copy_from_slice(&value.to_be_bytes());
                let checksum = crc32fast::hash(&bytes[end - 64..end]).to_be_bytes();
                bytes[end..].copy_from_slice(&checksum);
                assert_eq!(Table::read(&bytes, 20).as_ref(), Ok(&whole), "{position} {value}");
                bytes[at..at + 8].copy_from_slice(&before);
            }
        }
    }
}

#[test]
fn records_that_no_git_writes_are_refused() {
    let name = |name: u8, kind: u8| vec![0, 1 << 3 | kind, name, 0];
    let points = |name_: u8| [name(name_, 3), vec![1, b'x']].concat();
    assert_eq!(Table::read(&table(&[points(b'a'), points(b'b')].concat()), 20).unwrap().len(), 2);
    for (records, error) in [
        ([points(b'b'), points(b'a')].concat(), TableError::Unsorted),
        ([points(b'b'), points(b'b')].concat(), TableError::Unsorted),
        (name(b'a', 4), TableError::Kind),
        (name(b'a', 1), TableError::Short),
        (vec![1, 1 << 3, b'a', 0], TableError::Short),
        (vec![0, 0xff, 0xff, 0xff, 0x78, b'a', 0], TableError::Short),
        (vec![0xff; 30], TableError::Short),
    ] {
        assert_eq!(Table::read(&table(&records), 20), Err(error), "{records:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Nothing in a table makes the reader panic, and its checksum is that of the footer alone.
    #[test]
    fn no_table_is_too_strange(which in 0..6_usize, changes in prop::collection::vec((any::<u16>(), any::<u8>()), 1..6)) {
        let mut all = bytes_of("sha1");
        all.extend(bytes_of("sha256"));
        let mut bytes = all.swap_remove(which);
        let hash_bytes = if bytes[4] == 1 { 20 } else { 32 };
        let body = bytes.len() - 72;
        for (at, change) in changes {
            let at = usize::from(at) % body;
            bytes[at] ^= change;
        }
        if let Ok(table) = Table::read(&bytes, hash_bytes) {
            prop_assert!(table.len() <= bytes.len() * 1040);
        }
    }
}
