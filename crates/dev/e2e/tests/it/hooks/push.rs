//! What stops a push and what does not.

use std::fs;
use std::path::PathBuf;

use palisade_testkit::Answer;

use super::{Desk, git};
use crate::token;

const ZERO: &str = "0000000000000000000000000000000000000000";

/// A guarded repository whose first commit is at the remote `origin`, and that remote.
fn with_remote() -> (Desk, PathBuf) {
    let desk = Desk::new();
    desk.git(&["init", "--quiet", "--bare", "../origin.git"]).expect(0);
    desk.git(&["remote", "add", "origin", "../origin.git"]).expect(0);
    desk.git(&["push", "--quiet", "origin", "main"]).expect(0);
    desk.install(&["--pre-push"]).expect(0);
    let remote = desk.root().parent().unwrap().join("origin.git");
    (desk, remote)
}

/// Commits `content` at `path`.
fn commit(desk: &Desk, path: &str, content: &str) {
    desk.stage(path, content);
    desk.git(&["commit", "--quiet", "--message", path]).expect(0);
}

/// What the remote has.
fn refs(desk: &Desk, remote: &std::path::Path) -> String {
    git(&desk.account, remote, &["for-each-ref"]).expect(0).stdout
}

/// `git push ARGS` is stopped by `secret`, and the remote keeps what it has.
#[track_caller]
fn is_stopped(desk: &Desk, remote: &std::path::Path, args: &[&str], secret: &str) -> Answer {
    let before = refs(desk, remote);
    let answer = desk.git(&[&["push"], args].concat());
    assert_ne!(answer.code, 0, "{answer}");
    assert_eq!(refs(desk, remote), before, "something was pushed by {answer}");
    let answer = answer.says("push stopped: 1 finding").says("github-pat").says("rotate:");
    token::assert_hidden(secret, &answer.stdout, "standard output");
    token::assert_hidden(secret, &answer.stderr, "standard error");
    answer
}

#[test]
fn an_older_commit_stops_the_push_though_the_newest_is_clean() {
    let ((desk, remote), secret) = (with_remote(), token::github(330));
    commit(&desk, "shop.env", &format!("SHOP=1\nT={secret}\n"));
    commit(&desk, "shop.env", "SHOP=1\n");
    is_stopped(&desk, &remote, &["origin", "main"], &secret).says("shop.env");
    is_stopped(&desk, &remote, &["origin", "main:refs/heads/new"], &secret);
    is_stopped(&desk, &remote, &["../origin.git", "main:elsewhere"], &secret);
    desk.git(&["tag", "--annotate", "--message", "one", "v1"]).expect(0);
    is_stopped(&desk, &remote, &["origin", "v1"], &secret);
    is_stopped(&desk, &remote, &["--all", "origin"], &secret);
    is_stopped(&desk, &remote, &["--mirror", "origin"], &secret);
}

#[test]
fn what_is_clean_is_pushed() {
    let (desk, remote) = with_remote();
    commit(&desk, "shop.env", "SHOP=1\n");
    let answer = desk.git(&["push", "--quiet", "origin", "main", "main:topic"]).expect(0);
    assert_eq!(answer.stdout, "", "silent when all is well: {answer}");
    desk.git(&["push", "--quiet", "origin", "main"]).expect(0);
    desk.git(&["push", "--quiet", "origin", ":topic"]).expect(0);
    assert_eq!(refs(&desk, &remote).lines().count(), 1);
}

/// What the remote has already leaks no more by another push, and is not this push's matter.
#[test]
fn what_the_remote_has_already_does_not_count() {
    let ((desk, remote), secret) = (with_remote(), token::github(331));
    desk.account.run(desk.root(), ["hook", "uninstall"]).expect(0);
    commit(&desk, "shop.env", &format!("T={secret}\n"));
    desk.git(&["push", "--quiet", "origin", "main"]).expect(0);
    desk.install(&["--pre-push"]).expect(0);
    commit(&desk, "clean.txt", "clean\n");
    desk.git(&["push", "--quiet", "origin", "main", "main:topic"]).expect(0);
    assert_eq!(refs(&desk, &remote).lines().count(), 2);
}

#[test]
fn a_new_history_counts_whole_and_unknown_objects_of_the_remote_hide_nothing() {
    let ((desk, remote), secret) = (with_remote(), token::github(332));
    // Somebody else pushes; what is there now is not known here.
    let other = Desk::new();
    let from = remote.to_str().unwrap();
    git(&other.account, other.root(), &["pull", "--quiet", "--rebase", from, "main"]).expect(0);
    commit(&other, "others.txt", "clean\n");
    git(&other.account, other.root(), &["push", "--quiet", from, "HEAD:main"]).expect(0);
    commit(&desk, "shop.env", &format!("T={secret}\n"));
    desk.git(&["rm", "--quiet", "shop.env"]).expect(0);
    desk.git(&["commit", "--quiet", "--message", "remove"]).expect(0);
    is_stopped(&desk, &remote, &["--force", "origin", "main"], &secret);
    desk.git(&["checkout", "--quiet", "--orphan", "fresh"]).expect(0);
    commit(&desk, "fresh.env", &format!("T={secret}\n"));
    commit(&desk, "fresh.env", "clean\n");
    is_stopped(&desk, &remote, &["origin", "fresh"], &secret);
}

#[test]
fn names_of_files_and_of_references_stop_a_push() {
    let ((desk, remote), secret) = (with_remote(), token::github(334));
    desk.git(&["branch", &secret]).expect(0);
    is_stopped(&desk, &remote, &["origin", &secret], &secret).says(".git/refs/heads/");
    is_stopped(&desk, &remote, &["origin", &format!("main:refs/heads/fix/{secret}")], &secret);
    is_stopped(&desk, &remote, &["origin", &format!("main:refs/tags/{secret}")], &secret);
    // What stays here is not pushed.
    desk.git(&["push", "--quiet", "origin", &format!("{secret}:refs/heads/topic")]).expect(0);
    desk.git(&["push", "--quiet", "origin", ":topic"]).expect(0);
    desk.git(&["branch", "--delete", "--force", &secret]).expect(0);
    desk.stage(&secret, "nothing to see\n");
    desk.git(&["commit", "--quiet", "--message", "add"]).expect(0);
    desk.git(&["mv", &secret, "plain.txt"]).expect(0);
    desk.git(&["commit", "--quiet", "--message", "rename"]).expect(0);
    is_stopped(&desk, &remote, &["origin", "main"], &secret);
}

#[test]
fn a_hook_that_was_there_is_given_the_same_list() {
    let (desk, remote) = with_remote();
    desk.account.run(desk.root(), ["hook", "uninstall"]).expect(0);
    desk.foreign("pre-push", 0);
    desk.install(&["--pre-push", "--force"]).expect(0);
    let secret = token::github(333);
    commit(&desk, "shop.env", &format!("T={secret}\n"));
    commit(&desk, "shop.env", "clean\n");
    let head = desk.head();
    is_stopped(&desk, &remote, &["origin", "main"], &secret);
    let list = fs::read_to_string(desk.project.path("ran")).unwrap();
    assert!(list.starts_with(&format!("refs/heads/main {} refs/heads/main ", head.trim())), "{list}");
    assert_eq!(list.matches('\n').count(), 1, "{list}");
}

#[test]
fn what_git_does_not_say_is_refused_and_nothing_to_push_is_nothing() {
    let (desk, _) = with_remote();
    let head = desk.head().trim().to_owned();
    let run = |lines: &str| {
        let args = ["hook", "run", "pre-push", "origin", "../origin.git"];
        desk.account.call(desk.root(), args).stdin(lines).run()
    };
    run("").expect(0);
    run(&format!("(delete) {ZERO} refs/heads/x {head}\n")).expect(0);
    for lines in [
        "x\n",
        "\n",
        &format!("refs/heads/x {head} refs/heads/x\n"),
        &format!("refs/heads/x HEAD refs/heads/x {ZERO}\n"),
        &format!("(delete) {ZERO} refs/heads/x {head}\nrubbish\n"),
    ] {
        run(lines).expect(2).says("standard input");
    }
}

/// A list without the framework's variables is git's, and with them the framework must say what is pushed.
#[test]
fn the_framework_must_say_what_is_pushed() {
    let (desk, _) = with_remote();
    let call = || desk.account.call(desk.root(), ["hook", "run", "pre-push"]).env("PRE_COMMIT", "1");
    call().run().expect(2).says("does not say");
    call().env("PRE_COMMIT_FROM_REF", "HEAD").run().expect(2);
    let between = || call().env("PRE_COMMIT_FROM_REF", "HEAD").env("PRE_COMMIT_TO_REF", "HEAD");
    between().env("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/main").run().expect(0);
    let secret = token::github(335);
    let named = between().env("PRE_COMMIT_REMOTE_BRANCH", format!("refs/heads/{secret}")).run().expect(1);
    token::assert_hidden(&secret, &named.stdout, "standard output");
    call().env("PRE_COMMIT_FROM_REF", "--all").env("PRE_COMMIT_TO_REF", "HEAD").run().expect(2);
}
