//! `palisade hook`: the system's git runs what it installs.

mod commit;
mod framework;
mod install;
mod push;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use palisade_testkit::{Account, Answer, Project, palisade};

use crate::token;

/// A repository with one commit and nothing wrong in it, and the user who works there.
struct Desk {
    account: Account,
    project: Project,
}

impl Desk {
    fn new() -> Self {
        let project = Project::empty();
        project.write("palisade.yaml", "version: 1\nname: desk\nsalt: 0123456789abcdef0123456789abcdef\n");
        project.write("README.md", "nothing to see\n");
        Self { account: Account::new(), project: project.committed() }
    }

    fn guarded() -> Self {
        let desk = Self::new();
        desk.install(&[]).expect(0);
        desk
    }

    fn root(&self) -> &Path {
        self.project.root()
    }

    fn install(&self, args: &[&str]) -> Answer {
        self.account.run(self.root(), [&["hook", "install"], args].concat())
    }

    /// What comes of `git ARGS` at the top of the work tree, as this user, with hooks.
    fn git(&self, args: &[&str]) -> Answer {
        git(&self.account, self.root(), args)
    }

    fn stage(&self, path: &str, content: &str) {
        self.project.write(path, content);
        self.git(&["add", "--", path]).expect(0);
    }

    fn head(&self) -> String {
        self.git(&["rev-parse", "--verify", "--quiet", "HEAD"]).stdout
    }

    /// `git ARGS` makes a commit.
    #[track_caller]
    fn passes(&self, args: &[&str]) -> Answer {
        let before = self.head();
        let answer = self.git(args).expect(0);
        assert_ne!(self.head(), before, "nothing was committed by {answer}");
        answer
    }

    /// `git ARGS` makes none, because of `secret`, which is not shown.
    #[track_caller]
    fn is_stopped(&self, args: &[&str], secret: &str) -> Answer {
        let before = self.head();
        let answer = self.git(args).expect(1).says("commit stopped: 1 finding").says("github-pat");
        assert_eq!(self.head(), before, "something was committed by {answer}");
        token::assert_hidden(secret, &answer.stdout, "standard output");
        token::assert_hidden(secret, &answer.stderr, "standard error");
        answer
    }

    fn hook(&self, name: &str) -> PathBuf {
        self.project.path(".git/hooks").join(name)
    }

    /// A hook of somebody else, which leaves a file named `ran` and ends with `code`.
    fn foreign(&self, name: &str, code: i32) -> String {
        let script = format!("#!/bin/sh\ncat > ran\nexit {code}\n");
        fs::write(self.hook(name), &script).unwrap();
        fs::set_permissions(self.hook(name), fs::Permissions::from_mode(0o750)).unwrap();
        script
    }
}

/// The command, with nothing of the test's own environment but `PATH`.
fn git_command(account: &Account, folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).env_clear().env("HOME", account.home());
    command.env("PATH", std::env::var_os("PATH").unwrap());
    for (name, value) in [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_AUTHOR_NAME", "Ada Example"),
        ("GIT_AUTHOR_EMAIL", "ada@example.org"),
        ("GIT_COMMITTER_NAME", "Ada Example"),
        ("GIT_COMMITTER_EMAIL", "ada@example.org"),
    ] {
        command.env(name, value);
    }
    command
}

fn git(account: &Account, folder: &Path, args: &[&str]) -> Answer {
    Answer::of(git_command(account, folder).args(args), b"")
}

/// `PATH` with the program under test in front.
fn path_with_palisade() -> std::ffi::OsString {
    let own = palisade().parent().unwrap().to_owned();
    let others = std::env::var_os("PATH").unwrap();
    std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&others))).unwrap()
}
