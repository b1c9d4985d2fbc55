use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value;

/// What came of a program.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The exit code; 128 + N when signal N ended it, as a shell has it.
    pub code: i32,
    /// Standard output, with what is not UTF-8 replaced.
    pub stdout: String,
    /// Standard error, likewise.
    pub stderr: String,
    /// Standard output as it came.
    pub bytes: Vec<u8>,
    /// How the program was called, for messages.
    pub call: String,
}

impl Answer {
    /// Runs `command` with `input` on its standard input, and waits for its end.
    pub fn of(command: &mut Command, input: &[u8]) -> Self {
        let call = format!("{command:?}");
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("cannot start {call}: {error}"));
        let mut stdin = child.stdin.take().expect("it was asked for");
        let output = thread::scope(|scope| {
            scope.spawn(move || {
                // A program need not read what it is given.
                let _ = stdin.write_all(input);
            });
            child.wait_with_output().expect("its output can be read")
        });
        let code = output.status.code().or_else(|| output.status.signal().map(|signal| 128 + signal));
        Self {
            code: code.expect("it has ended"),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            bytes: output.stdout,
            call,
        }
    }

    /// Itself, if the exit code is `code`; otherwise the test fails, with everything that was said.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code of {self}");
        self
    }

    /// Itself, if `text` was said on either output.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stdout.contains(text) || self.stderr.contains(text), "{text:?} is not said by {self}");
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("not JSON, {error}: {self}"))
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, stdout, stderr, call, .. } = self;
        write!(out, "{call}\ncode {code}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

/// Runs another program in `folder`, which must succeed: an independent judge, such as openssl.
#[track_caller]
pub fn peer(program: &str, args: &[&str], folder: &Path) -> Answer {
    Answer::of(Command::new(program).args(args).current_dir(folder), b"").expect(0)
}

/// Runs a Python script in `folder`; the caller judges the exit code.
pub fn python(script: &str, args: &[&str], folder: &Path) -> Answer {
    Answer::of(Command::new("python3").args(["-B", "-c", script]).args(args).current_dir(folder), b"")
}
