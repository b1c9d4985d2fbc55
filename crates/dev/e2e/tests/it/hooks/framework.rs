//! The real pre-commit program (<https://pre-commit.com>) drives `.pre-commit-hooks.yaml`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use palisade_testkit::{Answer, Project};

use super::{Desk, git_command, path_with_palisade};
use crate::token;

const VERSION: &str = "4.3.0";

/// Python with the framework, installed from the package index on the first call into the target folder.
fn framework() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        // TARGET/PROFILE/deps/it-0123456789abcdef
        let folder = test.ancestors().nth(3).unwrap().join(format!("pre-commit-{VERSION}"));
        fs::create_dir_all(&folder).unwrap();
        let lock = File::create(folder.join("lock")).unwrap();
        lock.lock().unwrap();
        let (python, complete) = (folder.join("venv/bin/python"), folder.join("complete"));
        if !complete.exists() {
            run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder.join("venv")));
            let wanted = format!("pre-commit=={VERSION}");
            run(Command::new(&python)
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                .arg(wanted));
            fs::write(complete, "").unwrap();
        }
        python
    })
}

fn run(command: &mut Command) {
    let answer = Answer::of(command, b"");
    assert_eq!(answer.code, 0, "the pre-commit program is needed and cannot be installed: {answer}");
}

/// A repository that uses both hooks through the framework.
fn desk() -> Desk {
    let desk = Desk::new();
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let ours = Project::empty();
    ours.write(".pre-commit-hooks.yaml", fs::read(checkout.join(".pre-commit-hooks.yaml")).unwrap());
    let ours = ours.committed();
    let rev = ours.git(&["rev-parse", "HEAD"]);
    let from = desk.root().parent().unwrap().join("palisade");
    ours.git(&["clone", "--quiet", ".", from.to_str().unwrap()]);
    desk.project.write(
        ".pre-commit-config.yaml",
        format!(
            "repos:\n  - repo: {}\n    rev: {}\n    hooks:\n      - id: palisade\n      - id: palisade-push\n",
            from.display(),
            rev.trim()
        ),
    );
    desk.project.commit("use the framework");
    install(&desk);
    desk
}

fn install(desk: &Desk) {
    let install = ["-m", "pre_commit", "install", "--hook-type", "pre-commit", "--hook-type", "pre-push"];
    let mut command = Command::new(framework());
    command.args(install).current_dir(desk.root()).env_clear().envs(environment(desk));
    Answer::of(&mut command, b"").expect(0);
}

fn environment(desk: &Desk) -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
    let git = git_command(&desk.account, desk.root());
    let mut variables: Vec<_> =
        git.get_envs().map(|(name, value)| (name.to_owned(), value.unwrap().to_owned())).collect();
    variables.push(("PATH".into(), path_with_palisade()));
    variables.push(("PRE_COMMIT_HOME".into(), desk.account.home().join("framework").into()));
    variables
}

fn git(desk: &Desk, args: &[&str]) -> Answer {
    let mut command = git_command(&desk.account, desk.root());
    Answer::of(command.envs(environment(desk)).args(args), b"")
}

#[test]
fn a_commit_is_stopped_through_the_framework() {
    let (desk, secret) = (desk(), token::github(340));
    let leak = format!("GITHUB_TOKEN={secret}\n");
    let before = desk.head();
    let is_stopped = |args: &[&str]| {
        let answer = git(&desk, args).expect(1).says("github-pat").says("commit stopped: 1 finding");
        token::assert_hidden(&secret, &answer.stdout, "standard output");
        token::assert_hidden(&secret, &answer.stderr, "standard error");
        assert_eq!(desk.head(), before, "something was committed by {answer}");
    };
    desk.stage("shop.env", &leak);
    is_stopped(&["commit", "--message", "all of it"]);
    // Unstaged changes are put aside by the framework while hooks run.
    desk.project.write("shop.env", "clean\n");
    is_stopped(&["commit", "--message", "the staged part"]);
    desk.git(&["rm", "--quiet", "--force", "shop.env"]).expect(0);
    desk.project.write("README.md", &leak);
    is_stopped(&["commit", "--all", "--message", "what git stages"]);
    desk.stage("clean.txt", "clean\n");
    git(&desk, &["commit", "--message", "only the unstaged part"]).expect(0).says("Passed");
    assert_ne!(desk.head(), before);
}

/// Installed over ours, the framework keeps ours and runs it. Kept by ours in turn, it must not go round for ever.
#[test]
fn two_that_keep_each_other_come_to_an_end() {
    let (desk, secret) = (desk(), token::github(342));
    for hook in ["pre-commit", "pre-push"] {
        fs::remove_file(desk.hook(hook)).unwrap();
    }
    desk.install(&[]).expect(0);
    install(&desk);
    assert!(desk.hook("pre-commit.legacy").exists(), "it keeps ours");
    desk.install(&["--force"]).expect(0);
    desk.stage("clean.txt", "clean\n");
    git(&desk, &["commit", "--message", "clean"]).expect(0).says("Passed");
    desk.stage("shop.env", &format!("T={secret}\n"));
    git(&desk, &["commit", "--message", "leak"]).expect(1).says("commit stopped: 1 finding");
}

#[test]
fn a_push_is_stopped_through_the_framework() {
    let (desk, secret) = (desk(), token::github(341));
    desk.git(&["init", "--quiet", "--bare", "../origin.git"]).expect(0);
    desk.git(&["remote", "add", "origin", "../origin.git"]).expect(0);
    let remote = desk.root().parent().unwrap().join("origin.git");
    let refs = || super::git(&desk.account, &remote, &["for-each-ref"]).expect(0).stdout;
    let commit = |content: &str| {
        desk.stage("shop.env", content);
        git(&desk, &["commit", "--quiet", "--no-verify", "--message", "change"]).expect(0);
    };
    // All of it is new: the framework names the branch alone.
    git(&desk, &["push", "origin", "main"]).expect(0).says("Passed");
    let before = refs();
    assert_ne!(before, "");
    commit(&format!("GITHUB_TOKEN={secret}\n"));
    commit("clean\n");
    let is_stopped = |args: &[&str]| {
        let answer = git(&desk, args).expect(1).says("push stopped: 1 finding");
        token::assert_hidden(&secret, &answer.stdout, "standard output");
        assert_eq!(refs(), before, "something was pushed by {answer}");
    };
    is_stopped(&["push", "origin", "main"]);
    is_stopped(&["push", "origin", "main:topic"]);
    desk.git(&["remote", "add", "other", "../other.git"]).expect(0);
    desk.git(&["init", "--quiet", "--bare", "../other.git"]).expect(0);
    is_stopped(&["push", "other", "main"]);
}
