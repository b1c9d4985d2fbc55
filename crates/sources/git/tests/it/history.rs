//! The whole object database: what is given is what `git cat-file` gives, and each difference is true.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};

use palisade_git::{Copy, History, HistoryLimits, Object, ObjectKind, ObjectName, Reader, Survey};
use proptest::prelude::*;

use crate::{Fixture, git_at, line, run_git, write};

/// Keeps everything, and checks each copy against the base.
#[derive(Default)]
pub(crate) struct Collector {
    pub(crate) objects: Mutex<BTreeMap<String, (ObjectKind, Vec<u8>)>>,
    changed: Mutex<u64>,
    copied: Mutex<u64>,
}

impl Collector {
    fn take(&self, object: &Object<'_>) -> Vec<u8> {
        let value = (object.kind, object.bytes.to_vec());
        let before = self.objects.lock().unwrap().insert(object.name.to_string(), value);
        assert_eq!(before, None, "{} given twice", object.name);
        object.bytes.to_vec()
    }
}

impl Reader for Collector {
    type State = Vec<u8>;

    fn whole(&self, object: &Object<'_>) -> Vec<u8> {
        self.take(object)
    }

    fn changed(&self, object: &Object<'_>, base: &Vec<u8>, base_bytes: &[u8], copies: &[Copy]) -> Vec<u8> {
        assert_eq!(base, base_bytes);
        let mut end = 0;
        for (copy, next) in copies.iter().zip(copies.iter().skip(1).map(Some).chain([None])) {
            assert!(copy.to >= end && copy.len > 0, "{copies:?}");
            end = copy.to + copy.len;
            assert_eq!(object.bytes[copy.to..end], base_bytes[copy.from..copy.from + copy.len]);
            assert!(
                !next.is_some_and(|next| next.to == end && next.from == copy.from + copy.len),
                "one copy in two"
            );
            *self.copied.lock().unwrap() += copy.len as u64;
        }
        *self.changed.lock().unwrap() += 1;
        self.take(object)
    }
}

pub(crate) fn read(root: &Path) -> (Collector, Survey) {
    let reader = Collector::default();
    let survey = History::open(root).unwrap().read(&reader, &HistoryLimits::default());
    (reader, survey)
}

/// Name, kind and content of all objects but trees, from `git cat-file`.
pub(crate) fn oracle(root: &Path) -> BTreeMap<String, (ObjectKind, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let all = run_git(root, &["cat-file", "--batch-all-objects", "--batch"]);
    let mut rest = all.as_slice();
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap();
        let header = str::from_utf8(&rest[..end]).unwrap();
        let [name, kind, size] = header.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let size: usize = size.parse().unwrap();
        let content = rest[end + 1..end + 1 + size].to_vec();
        rest = &rest[end + size + 2..];
        let kind = match kind {
            "blob" => ObjectKind::Blob,
            "commit" => ObjectKind::Commit,
            "tag" => ObjectKind::Tag,
            _ => continue,
        };
        found.insert(name.to_owned(), (kind, content));
    }
    found
}

/// Reads everything and compares it with git; how many objects were given as differences.
pub(crate) fn check(root: &Path) -> u64 {
    let (reader, survey) = read(root);
    assert_eq!(survey.gaps.list, [], "{survey:?}");
    let expected = oracle(root);
    let found = reader.objects.into_inner().unwrap();
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    assert!(found == expected, "another content");
    let tally = survey.tally;
    assert_eq!(tally.blobs + tally.commits + tally.tags, expected.len() as u64);
    assert_eq!(tally.content_bytes, expected.values().map(|(_, content)| content.len() as u64).sum::<u64>());
    let copied = reader.copied.into_inner().unwrap();
    assert_eq!(tally.whole_bytes + tally.inserted_bytes + copied, tally.content_bytes);
    let history = History::open(root).unwrap();
    for (name, object) in expected.iter().step_by(7) {
        assert_eq!(history.object(name.parse().unwrap(), 1 << 20).unwrap().as_ref(), Some(object));
    }
    let changed = reader.changed.into_inner().unwrap();
    assert_eq!(tally.whole_objects + changed, expected.len() as u64);
    changed
}

/// A copy of [`make_rich`]'s repository, which is made once.
pub(crate) fn rich() -> Fixture {
    static MADE: OnceLock<Fixture> = OnceLock::new();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap().join("repo");
    let made = MADE.get_or_init(make_rich);
    assert!(Command::new("cp").arg("-a").arg(&made.root).arg(&root).status().unwrap().success());
    Fixture { folder, root }
}

/// A repository with everything that can refer to content, and content that nothing refers to. Each commit is a minute later.
fn make_rich() -> Fixture {
    let fixture = Fixture::new();
    let clock = std::cell::Cell::new(1_700_000_000);
    let git = |args: &[&str]| {
        clock.set(clock.get() + 60);
        let output = git_at(clock.get(), &fixture.root, args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        line(output.stdout)
    };
    let lines = |salt: usize, changed: usize| -> String {
        (0..200)
            .map(|at| format!("line {at} of {salt}{}\n", if at == changed { " changed" } else { "" }))
            .collect()
    };
    let commit = |name: &str| {
        git(&["add", "--all"]);
        git(&["commit", "--quiet", "-m", name]);
    };
    for round in 0..12 {
        fixture.write("src/deep/er/main.txt", lines(1, round * 7));
        fixture.write("src/lib.txt", lines(2, round * 3));
        fixture.write("readme", format!("round {}", round / 4));
        fixture.write(&format!("src/many/{round}"), lines(round, 5));
        commit("round");
    }
    write(&fixture.root, b"na\xffme", b"not UTF-8");
    std::os::unix::fs::symlink("src/lib.txt", fixture.root.join("link")).unwrap();
    commit("odd names");
    for side in ["one", "two", "three"] {
        git(&["checkout", "--quiet", "-b", side, "main"]);
        fixture.write(side, lines(9, side.len()));
        commit(side);
    }
    git(&["checkout", "--quiet", "main"]);
    git(&["merge", "--quiet", "--no-commit", "one", "two", "three"]);
    fixture.write("only-in-octopus", "content of a merge");
    commit("octopus");
    git(&["checkout", "--quiet", "-b", "other", "main~2"]);
    fixture.write("src/lib.txt", "other");
    commit("other");
    git(&["checkout", "--quiet", "main"]);
    git(&["merge", "--quiet", "-s", "ours", "--no-commit", "other"]);
    fixture.write("src/lib.txt", "resolved in a merge");
    commit("merge");
    git(&["update-index", "--add", "--cacheinfo", "160000", &"12".repeat(20), "sub"]);
    git(&["commit", "--quiet", "-m", "submodule"]);
    git(&["notes", "add", "-m", "a note", "HEAD~3"]);
    git(&["tag", "-a", "-m", "a tag", "v1", "HEAD~2"]);
    git(&["tag", "-a", "-m", "tag of a tag", "nested", "v1"]);
    git(&["tag", "-a", "-m", "tag of a blob", "of-blob", "HEAD:readme"]);
    git(&["update-ref", "refs/pull/7/head", "other"]);
    git(&["branch", "--quiet", "-D", "other"]);
    fixture.write("stashed", "kept aside");
    git(&["stash", "push", "--quiet", "--include-untracked"]);
    fixture.write("readme", "rewritten");
    commit("to be undone");
    git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    fixture.write("dangling", "nothing refers to it");
    git(&["hash-object", "-w", "dangling"]);
    git(&["commit-tree", "-m", "unreachable", "HEAD^{tree}"]);
    fixture
}

/// The same repository in several forms.
pub(crate) fn forms(fixture: &Fixture, mut act: impl FnMut(&str)) {
    act("loose");
    fixture.git(["repack", "-q", "-a", "-d", "-f", "--window=20", "--depth=4"]);
    act("what is reachable packed");
    let ids = fixture.git(["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
    pack(fixture, &ids, &["--delta-base-offset", "--depth=200", "--window=50"]);
    act("twice packed, and loose");
    fixture.git(["prune-packed"]);
    fixture.git(["multi-pack-index", "write"]);
    act("twice packed, with an index of both");
    fixture.git([
        "-c",
        "repack.useDeltaBaseOffset=false",
        "repack",
        "-q",
        "-a",
        "-d",
        "-f",
        "-k",
        "--depth=4000",
    ]);
    act("one pack with named bases");
    fixture.git(["-c", "pack.indexVersion=1", "repack", "-q", "-a", "-d", "-f", "-k", "--window=50"]);
    act("one pack with an index of version 1");
}

fn pack(fixture: &Fixture, ids: &[u8], args: &[&str]) {
    let mut child = Command::new("git")
        .current_dir(&fixture.root)
        .args([&["pack-objects", "-q", ".git/objects/pack/pack"], args].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(ids).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn gives_what_git_gives_in_every_form() {
    let fixture = rich();
    let mut differences = BTreeMap::new();
    forms(&fixture, |form| {
        differences.insert(form.to_owned(), check(&fixture.root));
    });
    assert_eq!(differences.get("loose"), Some(&0));
    assert!(differences.iter().all(|(form, count)| form == "loose" || *count > 10), "{differences:?}");
}

#[test]
fn small_memory_gives_the_same_whole() {
    let fixture = rich();
    fixture.git(["repack", "-q", "-a", "-d", "-f", "-k", "--depth=3", "--window=50"]);
    let limits = HistoryLimits { max_kept_bytes: 1, ..HistoryLimits::default() };
    let reader = Collector::default();
    let survey = History::open(&fixture.root).unwrap().read(&reader, &limits);
    assert_eq!(survey.gaps.list, []);
    assert!(reader.objects.into_inner().unwrap() == oracle(&fixture.root));
}

#[test]
fn limits_are_gaps() {
    let fixture = rich();
    fixture.git(["repack", "-q", "-a", "-d", "-f", "-k", "--depth=50", "--window=50"]);
    let all: BTreeSet<String> = oracle(&fixture.root).into_keys().collect();
    for limits in [
        HistoryLimits { max_object_bytes: 1000, ..HistoryLimits::default() },
        HistoryLimits { max_family_bytes: 10_000, ..HistoryLimits::default() },
    ] {
        let reader = Collector::default();
        let survey = History::open(&fixture.root).unwrap().read(&reader, &limits);
        let mut told: BTreeSet<String> = reader.objects.into_inner().unwrap().into_keys().collect();
        assert!(told.len() > 5 && told.len() < all.len());
        let gaps = survey.gaps.list.iter().map(|gap| format!("{:?}", gap.subject));
        told.extend(gaps.map(|subject| subject.trim_matches(|c| !char::is_ascii_hexdigit(&c)).to_owned()));
        let told: BTreeSet<_> = told.iter().map(|name| name.get(name.len() - 40..).unwrap()).collect();
        assert!(all.iter().all(|name| told.contains(name.as_str())), "each given or a gap");
    }
}

#[test]
fn an_object_is_found_by_name() {
    let fixture = rich();
    let history = History::open(&fixture.root).unwrap();
    let head: ObjectName = line(fixture.git(["rev-parse", "HEAD"])).parse().unwrap();
    let info = history.commit_info(head).unwrap().unwrap();
    let format = line(fixture.git(["log", "-1", "--format=%an|%ae|%ct|%s"]));
    assert_eq!(format!("{}|{}|{}|{}", info.author_name, info.author_email, info.time, info.subject), format);
    assert_eq!(history.object("12".repeat(20).parse().unwrap(), 10).unwrap(), None);
    assert!(history.object(head, 10).is_err(), "over the limit");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn random_histories_are_read_as_git_reads_them(
        edits in proptest::collection::vec((0usize..3, 0usize..60, "[a-z\n]{0,40}"), 1..12),
        depth in 1u32..60,
    ) {
        let fixture = Fixture::new();
        let mut files = vec![(0..60).map(|at| format!("start {at}\n")).collect::<Vec<_>>(); 3];
        for (file, at, text) in edits {
            files[file][at] = text;
            fixture.write(&format!("f{file}"), files[file].concat());
            fixture.git(["add", "--all"]);
            fixture.git(["commit", "--quiet", "--allow-empty", "-m", "m"]);
        }
        fixture.git(["repack", "-q", "-a", "-d", "-f", "--window=50", &format!("--depth={depth}")]);
        check(&fixture.root);
    }
}

/// Names and contents of what tells of references, whatever form they are in.
#[test]
fn what_references_are_called_is_shown_with_their_logs() {
    let fixture = Fixture::new();
    fixture.write("file", "content");
    fixture.commit_all();
    fixture.git(["branch", "packed/one"]);
    fixture.git(["tag", "of-main"]);
    fixture.git(["pack-refs", "--all"]);
    fixture.git(["branch", "loose/two"]);
    fixture.git(["worktree", "add", "--quiet", "-b", "linked", "../linked"]);
    std::os::unix::fs::symlink("/etc", fixture.root.join(".git/logs/elsewhere")).unwrap();
    for root in [fixture.root.clone(), fixture.beside("linked")] {
        let mut shown = BTreeMap::new();
        let gaps = History::open(&root).unwrap().for_each_reference_file(&mut |path, bytes| {
            shown.insert(path.to_string(), String::from_utf8(bytes.to_vec()).unwrap());
        });
        assert_eq!(gaps.list, []);
        let names: Vec<_> = shown.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                ".git/HEAD",
                ".git/logs/HEAD",
                ".git/logs/refs/heads/linked",
                ".git/logs/refs/heads/loose/two",
                ".git/logs/refs/heads/main",
                ".git/logs/refs/heads/packed/one",
                ".git/packed-refs",
                ".git/refs/heads/linked",
                ".git/refs/heads/loose/two",
                ".git/worktrees/linked/HEAD",
                ".git/worktrees/linked/logs/HEAD",
            ]
        );
        assert!(shown[".git/packed-refs"].contains("refs/heads/packed/one\n"));
        assert!(shown[".git/packed-refs"].contains("refs/tags/of-main\n"));
        assert_eq!(shown[".git/HEAD"], "ref: refs/heads/main\n");
        assert_eq!(shown[".git/worktrees/linked/HEAD"], "ref: refs/heads/linked\n");
    }
}
