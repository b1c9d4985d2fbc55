use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::{Answer, palisade};

/// A user: a home folder of his own, in which keys, policy, remembered checkpoints and scratch folders come to lie.
#[derive(Debug)]
pub struct Account {
    home: TempDir,
}

impl Account {
    /// A user who has never used Palisade.
    #[expect(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        Self { home: tempfile::tempdir().expect("a temporary folder can be made") }
    }

    /// The home folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where keys and the policy lie.
    pub fn config(&self) -> PathBuf {
        self.home().join(".config/palisade")
    }

    /// Where newest checkpoints are remembered.
    pub fn state(&self) -> PathBuf {
        self.home().join(".local/state/palisade")
    }

    /// Where snapshots and workspaces lie while a run goes on.
    pub fn cache(&self) -> PathBuf {
        self.home().join(".cache/palisade")
    }

    /// `palisade` as this user in `folder`, with nothing of the test's own environment but `PATH`.
    pub fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(palisade());
        command.current_dir(folder).env_clear().env("HOME", self.home());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
    }

    /// `palisade ARGS` in `folder`, to be completed and run.
    pub fn call<A: AsRef<OsStr>>(&self, folder: &Path, args: impl IntoIterator<Item = A>) -> Call {
        let mut command = self.command(folder);
        command.args(args);
        Call { command, input: Vec::new() }
    }

    /// What comes of `palisade ARGS` in `folder`.
    pub fn run<A: AsRef<OsStr>>(&self, folder: &Path, args: impl IntoIterator<Item = A>) -> Answer {
        self.call(folder, args).run()
    }

    /// A file with the public keys, as `palisade key show` prints them.
    pub fn public_key(&self) -> PathBuf {
        let path = self.home().join("public.keys");
        let shown = self.run(self.home(), ["key", "show"]).expect(0);
        std::fs::write(&path, shown.bytes).expect("the home folder can be written to");
        path
    }
}

/// A call that is being put together.
#[derive(Debug)]
pub struct Call {
    command: Command,
    input: Vec<u8>,
}

impl Call {
    /// With one more variable in the environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    /// With `input` on standard input.
    #[must_use]
    pub fn stdin(mut self, input: impl AsRef<[u8]>) -> Self {
        self.input = input.as_ref().to_vec();
        self
    }

    /// What comes of it.
    pub fn run(mut self) -> Answer {
        Answer::of(&mut self.command, &self.input)
    }
}
