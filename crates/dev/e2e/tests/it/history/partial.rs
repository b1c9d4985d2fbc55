//! Histories that are not whole: what is missing is said, what is there is looked at, and never is the result clean.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use palisade_testkit::{Account, Answer, Project, palisade};

use super::{
    assert_gap, clean, commit, env, findings, gaps, git, keys, leaky, loose, pack, repository, scan,
    scan_with,
};
use crate::token;

#[test]
fn a_shallow_clone_says_so() {
    let outside = Project::empty();
    let (clean, leaky) = (clean(), leaky());
    for (from, name) in [(&clean, "clean"), (&leaky, "leaky")] {
        let url = format!("file://{}", from.root().display());
        git(outside.root(), &["clone", "--quiet", "--depth", "2", &url, name]);
    }
    let place = outside.path("clean");
    for args in [&["--history"][..], &["--range", "HEAD"]] {
        let answer = scan_with(&place, args).expect(3);
        assert_gap(&answer, "git fetch --unshallow");
        assert_eq!(
            (answer.json()["result"].as_str(), gaps(&answer).len()),
            (Some("incomplete"), 1),
            "{answer}"
        );
        scan_with(&place, &[args, &["--allow-partial"]].concat()).expect(0).says("unshallow");
    }
    // A range that ends before the cut is whole.
    scan_with(&place, &["--range", "HEAD~1..HEAD"]).expect(0);
    // The second of two secrets went with the last commit but one.
    let answer = scan(&outside.path("leaky")).expect(1);
    assert_gap(&answer, "git fetch --unshallow");
    assert_eq!(keys(&answer).len(), 2);
    scan_with(&outside.path("leaky"), &["--history", "--allow-partial"]).expect(1);
    git(&outside.path("clean"), &["fetch", "--quiet", "--unshallow"]);
    scan(&place).expect(0);
}

#[test]
fn a_partial_clone_says_what_is_missing_and_fetches_nothing() {
    let (from, outside) = (leaky(), Project::empty());
    git(from.root(), &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", from.root().display());
    git(outside.root(), &["clone", "--quiet", "--bare", "--filter=blob:none", &url, "."]);
    let answer = scan(outside.root()).expect(3);
    assert_gap(&answer, "7 objects that something refers to are not here; the clone is partial");
    assert_gap(&scan_with(outside.root(), &["--range", "HEAD"]).expect(3), "is not here");
    scan_with(outside.root(), &["--history", "--allow-partial"]).expect(0);
    let missing = git(outside.root(), &["rev-list", "--all", "--objects", "--missing=print"]);
    assert_eq!(
        missing.lines().filter(|line| line.starts_with('?')).count(),
        7,
        "nothing was fetched: {missing}"
    );
}

/// What a damage must be answered with.
#[track_caller]
fn told(name: &str, project: &Project, text: &str, secrets_left: usize) {
    let answer = scan(project.root());
    let code = if secrets_left > 0 { 1 } else { 3 };
    assert_eq!(answer.code, code, "{name}: {answer}");
    assert_gap(&answer, text);
    assert_eq!(findings(&answer).len(), secrets_left, "{name}: {answer}");
    assert!(
        !answer.stderr.contains("panicked") && !answer.stdout.contains("worker died"),
        "{name}: {answer}"
    );
}

#[test]
fn objects_that_are_gone_are_missed() {
    type Case = (&'static str, fn(&Project) -> String);
    let cases: [Case; 7] = [
        ("a blob", |at| git(at.root(), &["rev-parse", "HEAD:text"])),
        ("a tree", |at| git(at.root(), &["rev-parse", "HEAD~1^{tree}"])),
        ("a commit in the middle", |at| git(at.root(), &["rev-parse", "HEAD~1"])),
        ("the commit checked out", |at| git(at.root(), &["rev-parse", "HEAD"])),
        ("a detached HEAD", |at| {
            git(at.root(), &["checkout", "--quiet", "--detach"]);
            commit(at, 50)
        }),
        ("the tip of another branch", |at| {
            git(at.root(), &["checkout", "--quiet", "-b", "other"]);
            let tip = commit(at, 50);
            git(at.root(), &["checkout", "--quiet", "main"]);
            tip
        }),
        ("a tag", |at| {
            git(at.root(), &["tag", "-a", "v1", "-m", "v1"]);
            git(at.root(), &["rev-parse", "v1"])
        }),
    ];
    for (name, choose) in cases {
        let project = clean();
        scan(project.root()).expect(0);
        let id = choose(&project);
        let _ = fs::remove_dir_all(project.path(".git/logs"));
        fs::remove_file(loose(&project, &id)).unwrap();
        told(name, &project, &id, 0);
        git(project.root(), &["--git-dir=.git", "config", "core.bare", "true"]);
        told(name, &project, &id, 0);
    }
}

#[test]
fn damaged_files_are_named() {
    type Case = (&'static str, fn(&Project), &'static str);
    let cases: [Case; 10] = [
        ("a truncated pack", |at| cut(&pack(at, "pack"), 60), "object "),
        ("an empty pack", |at| fs::write(pack(at, "pack"), "").unwrap(), ".pack: cut short"),
        (
            "a pack of text",
            |at| fs::write(pack(at, "pack"), "hello world, how do you do").unwrap(),
            ".pack: ",
        ),
        ("a pack that is gone", |at| fs::remove_file(pack(at, "pack")).unwrap(), ".pack: No such file"),
        ("no index", |at| fs::remove_file(pack(at, "idx")).unwrap(), ".pack: it has no index"),
        ("a truncated index", |at| cut(&pack(at, "idx"), 50), ".idx: "),
        ("an empty index", |at| fs::write(pack(at, "idx"), "").unwrap(), ".idx: "),
        ("an index of garbage", |at| fs::write(pack(at, "idx"), [0xff; 5000]).unwrap(), ".idx: "),
        (
            "an empty loose object",
            |at| {
                at.write(".git/objects/12/34567890123456789012345678901234567890", "");
            },
            "object 1234567890123456789012345678901234567890: ",
        ),
        (
            "a loose object of text",
            |at| {
                at.write(".git/objects/12/34567890123456789012345678901234567890", "text");
            },
            "object 1234567890123456789012345678901234567890: ",
        ),
    ];
    for (name, damage, text) in cases {
        let project = clean();
        git(project.root(), &["gc", "--quiet", "--aggressive"]);
        scan(project.root()).expect(0);
        damage(&project);
        told(name, &project, text, 0);
        // What is still there counts.
        project.write("left.env", env(&token::github(9)));
        git(project.root(), &["hash-object", "-w", "left.env"]);
        told(name, &project, text, 1);
    }
}

fn cut(path: &Path, bytes: usize) {
    let content = fs::read(path).unwrap();
    fs::write(path, &content[..content.len() - bytes]).unwrap();
}

/// Every eleventh byte of a pack, one at a time: never a panic, and what git itself cannot read is never clean.
#[test]
fn flipped_bytes_are_never_a_clean_result() {
    let project = clean();
    git(project.root(), &["gc", "--quiet", "--aggressive"]);
    let path = pack(&project, "pack");
    let whole = fs::read(&path).unwrap();
    let mut told = 0;
    // Its header is 12 bytes, its checksum the last 20.
    for at in (12..whole.len() - 20).step_by(whole.len() / 24) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        fs::write(&path, &bytes).unwrap();
        let git_reads = super::git_at(project.root(), 0, &["fsck", "--full"]).code == 0;
        let answer = scan(project.root());
        assert!(matches!(answer.code, 0 | 3), "byte {at}: {answer}");
        assert!(!answer.stdout.contains("worker died"), "byte {at}: {answer}");
        assert!(!git_reads || answer.code == 0, "byte {at}: {answer}");
        told += usize::from(answer.code == 3);
    }
    assert!(told >= 20, "{told}");
}

/// Git calls them garbage as well: nothing of it is an object, or not yet.
#[test]
fn files_that_are_no_objects_are_left_alone() {
    let project = clean();
    for name in
        ["junk", "ab/xyz", "zz/34567890123456789012345678901234567890", "pack/tmp_pack_Xyz", "pack/notes.txt"]
    {
        project.write(format!(".git/objects/{name}"), "nothing");
    }
    let count = git(project.root(), &["count-objects", "-v"]);
    assert!(count.contains("\ngarbage: 3\n"), "{count}");
    let answer = scan(project.root()).expect(0);
    assert_eq!(gaps(&answer), ["noted: objects: a file that git did not finish is not read"]);
}

#[test]
fn a_blob_over_the_limit_is_a_gap() {
    let project = clean();
    project.write("big", "x\n".repeat(50_000));
    commit(&project, 5);
    let big = git(project.root(), &["rev-parse", "HEAD:big"]);
    for step in ["loose", "packed"] {
        for args in [&["--history"][..], &["--range", "HEAD~1..HEAD"]] {
            let answer = scan_with(project.root(), &[args, &["--max-file-size", "90kB"]].concat()).expect(3);
            assert_gap(&answer, &big);
            assert_eq!(gaps(&answer).len(), 1, "{step}: {answer}");
            scan_with(project.root(), args).expect(0);
        }
        git(project.root(), &["gc", "--quiet"]);
    }
}

/// The program as an ordinary user, who cannot read everything as root can; as the one who is here when that is one.
fn as_ordinary_user(folder: &Path, args: &[&str]) -> Answer {
    const NOBODY: u32 = 65_534;
    let account = Account::new();
    if !is_root(account.home()) {
        return account.run(folder, args);
    }
    let program: PathBuf = account.home().join("palisade");
    fs::copy(palisade(), &program).unwrap();
    for path in [account.home(), &program] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let owned = Command::new("chown").args(["-R", "65534:65534"]).arg(folder.parent().unwrap()).status();
    assert!(owned.unwrap().success());
    let mut command = Command::new(&program);
    command.args(args).current_dir(folder).env_clear().env("HOME", account.home());
    Answer::of(command.uid(NOBODY).gid(NOBODY), b"")
}

fn is_root(made: &Path) -> bool {
    std::os::unix::fs::MetadataExt::uid(&fs::metadata(made).unwrap()) == 0
}

#[test]
fn what_may_not_be_read_is_a_gap() {
    type Case = (&'static str, fn(&Project) -> PathBuf, &'static str);
    let cases: [Case; 3] = [
        ("a pack", |at| pack(at, "pack"), ".pack: Permission denied"),
        ("an index", |at| pack(at, "idx"), ".idx: Permission denied"),
        ("a loose object", |at| loose(at, &git(at.root(), &["rev-parse", "HEAD"])), "Permission denied"),
    ];
    for (name, choose, text) in cases {
        let project = clean();
        git(project.root(), &["gc", "--quiet"]);
        commit(&project, 9);
        let path = choose(&project);
        as_ordinary_user(project.root(), &["scan", "--history"]).expect(0);
        let mode = fs::metadata(&path).unwrap().permissions();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o0)).unwrap();
        let answer = as_ordinary_user(project.root(), &["scan", "--history", "--format", "json"]);
        fs::set_permissions(&path, mode).unwrap();
        assert_eq!(answer.code, 3, "{name}: {answer}");
        assert_gap(&answer, text);
    }
}

#[test]
fn what_is_damaged_is_taken_from_where_it_is_whole() {
    let project = repository();
    project.write("app.env", env(&token::github(1)));
    commit(&project, 1);
    let id = git(project.root(), &["rev-parse", "HEAD:app.env"]);
    let copy = fs::read(loose(&project, &id)).unwrap();
    git(project.root(), &["gc", "--quiet"]);
    fs::create_dir_all(loose(&project, &id).parent().unwrap()).unwrap();
    fs::write(loose(&project, &id), copy).unwrap();
    cut(&pack(&project, "pack"), 30);
    assert_eq!(findings(&scan(project.root())).len(), 1);
}
