//! Where hooks are written, and where not.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use palisade_testkit::Answer;

use super::{Desk, git_command, path_with_palisade};
use crate::places::list;
use crate::token;

const COMMIT: [&str; 5] = ["commit", "--quiet", "--allow-empty", "--message", "change"];

fn is_program(path: &Path) -> bool {
    let mode = fs::symlink_metadata(path).unwrap().permissions().mode();
    mode & 0o700 == 0o700 && mode & 0o022 == 0
}

#[test]
fn both_or_the_one_that_is_named_and_again_without_change() {
    let desk = Desk::new();
    desk.install(&["--pre-push"]).expect(0);
    assert!(is_program(&desk.hook("pre-push")) && !desk.hook("pre-commit").exists());
    desk.install(&[]).expect(0).says("is there already").says("installed as");
    assert!(is_program(&desk.hook("pre-commit")));
    let (hooks, texts) = (list(&desk.hook("")), fs::read(desk.hook("pre-commit")).unwrap());
    let answer = desk.install(&["--format", "json"]).expect(0).json();
    assert_eq!(answer["schema"], "palisade/hooks/v1");
    let states: Vec<_> = answer["hooks"].as_array().unwrap().iter().map(|hook| &hook["state"]).collect();
    assert_eq!(states, ["unchanged", "unchanged"]);
    assert_eq!((list(&desk.hook("")), fs::read(desk.hook("pre-commit")).unwrap()), (hooks, texts));
    // A hook that git does not run for want of a permission is none.
    fs::set_permissions(desk.hook("pre-commit"), fs::Permissions::from_mode(0o644)).unwrap();
    desk.install(&[]).expect(0);
    assert!(is_program(&desk.hook("pre-commit")));
    desk.account.run(desk.root(), ["hook", "uninstall"]).expect(0).says("removed");
    assert!(!desk.hook("pre-commit").exists() && !desk.hook("pre-push").exists());
    desk.account.run(desk.root(), ["hook", "uninstall"]).expect(0).says("is not there");
}

#[test]
fn another_folder_may_be_named_and_a_missing_one_is_made() {
    let desk = Desk::new();
    fs::remove_dir_all(desk.hook("")).unwrap();
    let root = desk.root().to_str().unwrap().to_owned();
    desk.account.run(desk.account.home(), ["hook", "install", "--dir", &root]).expect(0);
    assert!(is_program(&desk.hook("pre-commit")));
    desk.account.run(desk.account.home(), ["hook", "install"]).expect(2).says("in no git repository");
}

#[test]
fn a_bare_repository_has_no_commits_to_guard() {
    let desk = Desk::new();
    desk.git(&["init", "--quiet", "--bare", "../bare.git"]).expect(0);
    let bare = desk.root().parent().unwrap().join("bare.git");
    desk.account.run(&bare, ["hook", "install"]).expect(2).says("bare");
}

#[test]
fn a_hook_of_somebody_else_is_kept() {
    let desk = Desk::new();
    let script = desk.foreign("pre-commit", 0);
    desk.install(&[]).expect(2).says("--force").says("did not write");
    assert_eq!(fs::read_to_string(desk.hook("pre-commit")).unwrap(), script);
    assert!(!desk.hook("pre-push").exists(), "all or nothing");

    desk.install(&["--force"]).expect(0);
    let kept = desk.hook("pre-commit.before-palisade");
    assert_eq!(fs::read_to_string(&kept).unwrap(), script);
    desk.passes(&COMMIT);
    fs::remove_file(desk.project.path("ran")).unwrap();
    let secret = token::github(320);
    desk.stage("shop.env", &format!("T={secret}\n"));
    desk.is_stopped(&COMMIT, &secret);
    assert!(desk.project.path("ran").exists(), "the one that was there runs first");
    desk.install(&["--force"]).expect(0).says("is there already");

    // Its no is a no.
    fs::write(&kept, script.replace("exit 0", "exit 7")).unwrap();
    desk.git(&["rm", "--quiet", "--force", "shop.env"]).expect(0);
    let before = desk.head();
    desk.git(&COMMIT).expect(1);
    assert_eq!(desk.head(), before);

    desk.account.run(desk.root(), ["hook", "uninstall"]).expect(0).says("is back");
    assert_eq!(fs::read_to_string(desk.hook("pre-commit")).unwrap(), script.replace("exit 0", "exit 7"));
    assert_eq!(fs::metadata(desk.hook("pre-commit")).unwrap().permissions().mode() & 0o777, 0o750);
    assert!(!kept.exists());
    desk.account.run(desk.root(), ["hook", "uninstall"]).expect(0).says("not ours");
    assert!(desk.hook("pre-commit").exists());
}

#[test]
fn what_was_kept_once_is_not_overwritten() {
    let desk = Desk::new();
    let first = desk.foreign("pre-commit", 0);
    desk.install(&["--force"]).expect(0);
    desk.foreign("pre-commit", 3);
    desk.install(&["--force"]).expect(2).says("earlier");
    assert_eq!(fs::read_to_string(desk.hook("pre-commit.before-palisade")).unwrap(), first);
    assert!(fs::read_to_string(desk.hook("pre-commit")).unwrap().contains("exit 3"));
}

#[test]
fn a_folder_of_hooks_inside_the_repository_is_its_own() {
    let (desk, secret) = (Desk::new(), token::github(321));
    desk.git(&["config", "core.hooksPath", ".githooks"]).expect(0);
    desk.install(&[]).expect(0);
    assert!(is_program(&desk.project.path(".githooks/pre-commit")) && !desk.hook("pre-commit").exists());
    desk.stage("shop.env", &format!("T={secret}\n"));
    desk.is_stopped(&COMMIT, &secret);
}

#[test]
fn a_shared_folder_of_hooks_is_not_ours_to_write() {
    let desk = Desk::new();
    let shared = desk.account.home().join("hooks");
    fs::create_dir(&shared).unwrap();
    for path in [shared.to_str().unwrap(), "../hooks", "~/hooks", "/dev/null"] {
        desk.git(&["config", "core.hooksPath", path]).expect(0);
        desk.install(&[]).expect(2).says("shared folder");
        desk.account.run(desk.root(), ["hook", "uninstall"]).expect(2);
    }
    desk.git(&["config", "--unset", "core.hooksPath"]).expect(0);
    // What the user's own configuration says holds where the repository says nothing.
    fs::write(desk.account.home().join(".gitconfig"), "[core]\n\thooksPath = ~/hooks\n").unwrap();
    desk.install(&[]).expect(2).says(".gitconfig").says("git config core.hooksPath");
    assert!(list(&shared).is_empty() && !desk.hook("pre-commit").exists());
    desk.git(&["config", "core.hooksPath", desk.hook("").to_str().unwrap()]).expect(0);
    desk.install(&[]).expect(0);
    let secret = token::github(322);
    desk.stage("shop.env", &format!("T={secret}\n"));
    desk.is_stopped(&COMMIT, &secret);
}

#[test]
fn links_are_not_followed() {
    let desk = Desk::new();
    let elsewhere = desk.account.home().join("elsewhere");
    fs::write(&elsewhere, "#!/bin/sh\n").unwrap();
    symlink(&elsewhere, desk.hook("pre-push")).unwrap();
    desk.install(&["--force"]).expect(2).says("not a regular file");
    assert!(!desk.hook("pre-commit").exists(), "all or nothing");
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "#!/bin/sh\n");

    let desk = Desk::new();
    let shared = desk.account.home().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::remove_dir_all(desk.hook("")).unwrap();
    symlink(&shared, desk.project.path(".git/hooks")).unwrap();
    desk.install(&[]).expect(2).says("not a real folder");
    assert!(list(&shared).is_empty());
}

/// The hook calls the program that installed it, else the one on `PATH`; without any nothing passes.
#[test]
fn without_a_program_nothing_passes() {
    let (desk, secret) = (Desk::guarded(), token::github(323));
    for hook in ["pre-commit", "pre-push"] {
        let text = fs::read_to_string(desk.hook(hook)).unwrap();
        let gone = text.replace(palisade_testkit::palisade().to_str().unwrap(), "/nowhere/it's/palisade");
        assert_ne!(gone, text);
        fs::write(desk.hook(hook), gone.replace("it's", "its")).unwrap();
    }
    desk.stage("shop.env", &format!("T={secret}\n"));
    let git = |path: &std::ffi::OsStr| {
        Answer::of(git_command(&desk.account, desk.root()).args(COMMIT).env("PATH", path), b"")
    };
    let without: Vec<_> = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .filter(|folder| !folder.join("palisade").exists())
        .collect();
    let without = std::env::join_paths(without).unwrap();
    git(&without).expect(1).says("nothing was scanned").says("/nowhere/its/palisade");
    git(&path_with_palisade()).expect(1).says("github-pat");
    desk.git(&["rm", "--quiet", "--force", "shop.env"]).expect(0);
    git(&without).expect(1).says("nothing was scanned");
    git(&path_with_palisade()).expect(0);
}
