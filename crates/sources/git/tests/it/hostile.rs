//! Nothing that a repository says is run, and nothing outside it is taken for its work tree.

use std::fs;

use palisade_git::{GitError, Repository};

use crate::{Fixture, line, path, try_git};

#[test]
fn no_configured_program_runs() {
    let fixture = Fixture::new();
    let canary = fixture.beside("canary");
    let script = fixture.beside("script");
    fs::write(&script, format!("#!/bin/sh\ntouch {}\ncat\n", canary.display())).unwrap();
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    fixture.write("a", "x");
    fixture.write(".gitattributes", "* filter=x diff=x\n");
    fixture.commit_all();

    let script = script.to_str().unwrap();
    let included = fixture.beside("included");
    fs::write(&included, format!("[remote \"origin\"]\nurl = included\n[core]\nfsmonitor = {script}\n"))
        .unwrap();
    let hooks = fixture.beside("hooks");
    fs::create_dir(&hooks).unwrap();
    for hook in ["post-index-change", "fsmonitor-watchman", "reference-transaction"] {
        fs::copy(script, hooks.join(hook)).unwrap();
    }
    let settings = [
        ("core.fsmonitor", script),
        ("filter.x.clean", script),
        ("filter.x.smudge", script),
        ("filter.x.process", script),
        ("filter.x.required", "true"),
        ("diff.x.textconv", script),
        ("diff.external", script),
        ("core.hooksPath", hooks.to_str().unwrap()),
        ("core.sshCommand", script),
        ("core.pager", script),
        ("core.editor", script),
        ("core.askPass", script),
        ("core.alternateRefsCommand", script),
        ("credential.helper", script),
        ("gpg.program", script),
        ("uploadpack.packObjectsHook", script),
        ("include.path", included.to_str().unwrap()),
    ];
    for (key, value) in settings {
        fixture.git(["config", key, value]);
    }
    fixture.git(["config", "remote.origin.url", &format!("ext::{script}")]);
    fixture.write("a", "y");

    let repository = fixture.open();
    assert!(repository.worktree_files().unwrap().dirty);
    repository.changed_since("HEAD").unwrap();
    repository.staged().unwrap();
    repository.file_at("HEAD", &path("a")).unwrap();
    assert_eq!(repository.remote(), None, "a transport helper is no address");
    assert!(!canary.exists());

    // The canary works: git itself is caught.
    try_git(&fixture.root, &["status"]);
    assert!(canary.exists());
}

#[test]
fn a_remote_is_shown_without_credentials() {
    let fixture = Fixture::new();
    fixture.git(["config", "remote.origin.url", "https://user:hunter2@example.com/a.git?token=t"]);
    assert_eq!(fixture.open().remote().as_deref(), Some("https://example.com/a.git"));
    fixture.git(["config", "remote.origin.url", "git@example.com:a.git"]);
    assert_eq!(fixture.open().remote().as_deref(), Some("example.com:a.git"));
}

#[test]
fn another_work_tree_is_refused() {
    let fixture = Fixture::new();
    fixture.write("a", "x");
    fixture.commit_all();
    fs::create_dir(fixture.beside("private")).unwrap();
    fixture.git(["config", "core.worktree", "../../private"]);
    let error = Repository::discover(&fixture.root).unwrap_err();
    assert!(matches!(error, GitError::OtherWorktree { .. }), "{error:?}");
    fixture.git(["config", "core.worktree", ".."]);
    assert!(!fixture.open().worktree_files().unwrap().dirty);
    fixture.git(["config", "core.bare", "true"]);
    assert!(matches!(Repository::discover(&fixture.root), Err(GitError::Bare { .. })));
}

#[test]
fn replacements_do_not_change_what_a_commit_is() {
    let fixture = Fixture::new();
    fixture.write("a", "first");
    fixture.commit_all();
    fixture.write("a", "second");
    fixture.commit_all();
    fixture.git(["replace", "HEAD", "HEAD~1"]);
    fixture.git(["config", "core.useReplaceRefs", "true"]);
    let listing = fixture.open().worktree_files().unwrap();
    assert!(!listing.dirty, "{listing:?}");
}

#[test]
fn paths_into_the_repository_are_refused() {
    let fixture = Fixture::new();
    fixture.write("a", "x");
    fixture.commit_all();
    let blob = line(fixture.git(["rev-parse", "HEAD:a"]));
    let tree = |name: &str, kind: &str, id: &str| {
        use std::io::Write;
        let mut child = std::process::Command::new("git")
            .current_dir(&fixture.root)
            .args(["hash-object", "-t", "tree", "-w", "--stdin", "--literally"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let raw: Vec<u8> =
            (0..20).map(|at| u8::from_str_radix(id.get(at * 2..at * 2 + 2).unwrap(), 16).unwrap()).collect();
        let data = [kind.as_bytes(), b" ", name.as_bytes(), b"\0", &raw].concat();
        child.stdin.take().unwrap().write_all(&data).unwrap();
        line(child.wait_with_output().unwrap().stdout)
    };
    for name in ["..", ".git", ".GIT", "b/c", "."] {
        let id = tree(name, "100644", &blob);
        let error = fixture.open().changed_since(&id).unwrap_err();
        assert!(matches!(error, GitError::Damaged { .. }), "{name}: {error:?}");
    }
    // A tree of 7 objects that unfolds to 64 files.
    let mut id = tree("f", "100644", &blob);
    let two = |id: &str| {
        let lines = format!("040000 tree {id}\ta\n040000 tree {id}\tb\n");
        let file = fixture.beside("mktree");
        fs::write(&file, lines).unwrap();
        let output = std::process::Command::new("git")
            .current_dir(&fixture.root)
            .arg("mktree")
            .stdin(fs::File::open(file).unwrap())
            .output()
            .unwrap();
        line(output.stdout)
    };
    for _ in 0..6 {
        id = two(&id);
    }
    assert_eq!(fixture.open().changed_since(&id).unwrap().len(), 64 + 1, "64 files there, one here");
}
