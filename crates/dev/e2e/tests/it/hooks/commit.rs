//! What stops a commit and what does not.

use palisade_testkit::{Answer, Project};

use super::{Desk, git, git_command, path_with_palisade};
use crate::token;

const COMMIT: [&str; 4] = ["commit", "--quiet", "--message", "change"];

fn leak(secret: &str) -> String {
    format!("GITHUB_TOKEN={secret}\n")
}

#[test]
fn a_staged_secret_stops_the_commit_until_it_is_gone() {
    let (desk, secret) = (Desk::guarded(), token::github(300));
    desk.stage("deploy/shop.env", &format!("SHOP=1\n{}", leak(&secret)));
    let answer = desk.is_stopped(&COMMIT, &secret);
    let answer = answer.says("deploy/shop.env:2").says("fix:").says("rotate:").says("palisade waive ");
    assert!(!answer.stderr.contains("no-verify") && !answer.stdout.contains("no-verify"), "{answer}");
    desk.stage("deploy/shop.env", "SHOP=1\n");
    let answer = desk.passes(&COMMIT);
    assert_eq!([answer.stdout.as_str(), answer.stderr.as_str()], ["", ""], "silent when all is well");
}

#[test]
fn the_command_that_is_told_lets_exactly_this_pass() {
    let (desk, secret) = (Desk::guarded(), token::github(301));
    desk.stage("shop.env", &leak(&secret));
    desk.project.write("shop.env", "the file as it is now does not hold it\n");
    let answer = desk.is_stopped(&COMMIT, &secret);
    let told = answer.stdout + &answer.stderr;
    let waive = told.lines().find(|line| line.starts_with("  palisade waive ")).unwrap();
    let waive = waive.replace("\"...\"", "\"a test vector\"");
    let mut shell = git_command(&desk.account, desk.root());
    let program = std::mem::replace(&mut shell, std::process::Command::new("sh"));
    for (name, value) in program.get_envs() {
        shell.env(name, value.unwrap());
    }
    shell.args(["-c", &waive]).current_dir(desk.root()).env("PATH", path_with_palisade());
    Answer::of(&mut shell, b"").expect(0);
    desk.passes(&COMMIT);
    let other = token::github(302);
    desk.stage("shop.env", &leak(&other));
    desk.is_stopped(&COMMIT, &other);
}

#[test]
fn the_index_counts_and_not_the_file() {
    let (desk, secret) = (Desk::guarded(), token::github(303));
    desk.stage("shop.env", "SHOP=1\n");
    desk.project.write("shop.env", format!("SHOP=1\n{}", leak(&secret)));
    desk.passes(&COMMIT);
    desk.stage("shop.env", &format!("SHOP=2\n{}", leak(&secret)));
    desk.project.write("shop.env", "SHOP=2\n");
    desk.is_stopped(&COMMIT, &secret);
}

/// git makes another index for these, and names it to the hook: git-commit(1), `--all` and `--only`.
#[test]
fn what_git_stages_by_itself_counts() {
    let (desk, secret) = (Desk::guarded(), token::github(304));
    desk.project.write("README.md", leak(&secret));
    desk.is_stopped(&[&COMMIT[..], &["--all"]].concat(), &secret);
    desk.is_stopped(&[&COMMIT[..], &["--", "README.md"]].concat(), &secret);
    desk.is_stopped(&[&COMMIT[..], &["--include", "README.md"]].concat(), &secret);
    desk.git(&["add", "README.md"]).expect(0);
    desk.stage("clean.txt", "clean\n");
    desk.passes(&[&COMMIT[..], &["--only", "clean.txt"]].concat());
    desk.is_stopped(&COMMIT, &secret);
    let amend = ["commit", "--quiet", "--amend", "--no-edit"];
    desk.is_stopped(&amend, &secret);
}

#[test]
fn the_first_commit_is_no_exception() {
    let mut desk = Desk::new();
    desk.project = Project::empty();
    desk.git(&["init", "--quiet"]).expect(0);
    desk.install(&[]).expect(0);
    let secret = token::github(305);
    desk.stage("shop.env", &leak(&secret));
    // There is no project yet, and so no place for a waiver.
    desk.is_stopped(&COMMIT, &secret).says("`palisade init`");
    desk.stage("shop.env", "SHOP=1\n");
    desk.passes(&COMMIT);
}

#[test]
fn a_renamed_file_is_looked_at_under_its_new_name() {
    let (desk, secret) = (Desk::guarded(), token::github(306));
    let text = "a line among many\n".repeat(50);
    desk.stage("old.txt", &text);
    desk.passes(&COMMIT);
    desk.git(&["mv", "old.txt", "new.txt"]).expect(0);
    desk.passes(&COMMIT);
    desk.git(&["mv", "new.txt", "newer.txt"]).expect(0);
    desk.stage("newer.txt", &(text + &leak(&secret)));
    desk.is_stopped(&COMMIT, &secret).says("newer.txt:51");
}

#[test]
fn a_commit_from_a_folder_below_counts_whole() {
    let (desk, secret) = (Desk::guarded(), token::github(307));
    desk.stage("shop.env", &leak(&secret));
    desk.stage("below/clean.txt", "clean\n");
    let before = desk.head();
    git(&desk.account, &desk.project.path("below"), &COMMIT).expect(1).says("shop.env:1");
    assert_eq!(desk.head(), before);
    desk.account.run(&desk.project.path("below"), ["hook", "run", "pre-commit"]).expect(1);
    desk.stage("shop.env", "SHOP=1\n");
    git(&desk.account, &desk.project.path("below"), &COMMIT).expect(0);
    assert_ne!(desk.head(), before);
}

#[test]
fn linked_work_trees_are_guarded_by_the_same_hooks() {
    let (desk, secret) = (Desk::guarded(), token::github(308));
    desk.git(&["worktree", "add", "--quiet", "../linked", "-b", "topic"]).expect(0);
    let linked = desk.root().parent().unwrap().join("linked");
    std::fs::write(linked.join("shop.env"), leak(&secret)).unwrap();
    let git = |args: &[&str]| git(&desk.account, &linked, args);
    git(&["add", "shop.env"]).expect(0);
    git(&COMMIT).expect(1).says("shop.env:1");
    git(&[&COMMIT[..], &["--all"]].concat()).expect(1).says("shop.env:1");
    let answer = desk.account.run(&linked, ["hook", "install"]).expect(0).says("is there already");
    assert!(answer.stdout.contains(desk.hook("pre-commit").to_str().unwrap()), "{answer}");
    std::fs::write(linked.join("shop.env"), "SHOP=1\n").unwrap();
    git(&["add", "shop.env"]).expect(0);
    git(&COMMIT).expect(0);
}

#[test]
fn submodules_have_hooks_of_their_own() {
    let (desk, secret) = (Desk::new(), token::github(309));
    let library = Desk::new();
    let from = library.root().to_str().unwrap();
    desk.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", from, "lib"]).expect(0);
    let lib = desk.project.path("lib");
    let answer = desk.account.run(&lib, ["hook", "install"]).expect(0);
    let hook = desk.project.path(".git/modules/lib/hooks/pre-commit");
    assert!(answer.stdout.contains(hook.to_str().unwrap()) && hook.is_file(), "{answer}");
    assert!(!desk.hook("pre-commit").exists());
    std::fs::write(lib.join("shop.env"), leak(&secret)).unwrap();
    git(&desk.account, &lib, &["add", "shop.env"]).expect(0);
    git(&desk.account, &lib, &COMMIT).expect(1).says("shop.env:1");
}

#[test]
fn any_name_that_git_takes_is_looked_at() {
    let (desk, secret) = (Desk::guarded(), token::github(310));
    for name in ["a b.env", "a\nb.env", "-n", "\"quoted\".env", "ä\t.env"] {
        desk.stage(name, &leak(&secret));
        let answer = desk.is_stopped(&COMMIT, &secret);
        assert!(!answer.stdout.contains("a\nb") && !answer.stderr.contains("a\nb"), "{answer}");
        desk.git(&["rm", "--quiet", "--force", "--", name]).expect(0);
    }
    desk.stage("a b.env", "clean\n");
    desk.passes(&COMMIT);
}

/// A path that names nothing must not look like a commit of nothing, nor another repository answer for the one that asks.
#[test]
fn what_git_says_must_fit() {
    let (desk, secret) = (Desk::guarded(), token::github(311));
    desk.stage("shop.env", &leak(&secret));
    let other = Desk::new();
    let run = |name: &str, value: &str| {
        desk.account.call(desk.root(), ["hook", "run", "pre-commit"]).env(name, value).run()
    };
    run("GIT_INDEX_FILE", "no/such/index").expect(2).says("no/such/index");
    run("GIT_INDEX_FILE", ".git").expect(2);
    run("GIT_INDEX_FILE", ".git/index").expect(1);
    run("GIT_DIR", other.project.path(".git").to_str().unwrap()).expect(2).says("GIT_DIR");
    run("GIT_DIR", ".git").expect(1);
    desk.account.run(desk.account.home(), ["hook", "run", "pre-commit"]).expect(2);
}
