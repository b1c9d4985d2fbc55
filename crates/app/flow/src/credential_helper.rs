//! Asking the program that keeps the user's credentials for a registry.
//!
//! Docker's own configuration of the user names it, so it is as much the user's as the password in that file would be. It is run before
//! anything is scanned, outside the confined worker, and gets nothing but the name of the server.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use palisade_registry::{CredentialHelper, Credentials, helper_answer};
use zeroize::Zeroizing;

use crate::FlowError;

/// The longest answer that is read, in bytes.
const ANSWER_LIMIT: u64 = 64 << 10;

/// How long a helper may take. It may ask the user for a passphrase.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Variables that helpers need to find the user's keychain and their way out.
const SEEN: [&str; 22] = [
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "DOCKER_CONFIG",
    "GNUPGHOME",
    "GPG_TTY",
    "HOME",
    "HTTPS_PROXY",
    "LANG",
    "LOGNAME",
    "NO_PROXY",
    "PASSWORD_STORE_DIR",
    "PATH",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TERM",
    "USER",
    "WAYLAND_DISPLAY",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "https_proxy",
    "no_proxy",
];

/// How variables begin that only the helper of that cloud sees.
const SEEN_BY: [(&str, &str); 7] = [
    ("acr-env", "AZURE_"),
    ("acr-linux", "AZURE_"),
    ("ecr-login", "AWS_"),
    ("gcloud", "CLOUDSDK_"),
    ("gcloud", "GOOGLE_"),
    ("gcr", "CLOUDSDK_"),
    ("gcr", "GOOGLE_"),
];

/// The variables of the environment that some helper may see.
#[derive(Clone, Default)]
pub struct HelperEnvironment(Vec<(OsString, OsString)>);

impl HelperEnvironment {
    /// Those of `variables` that some helper may see.
    pub fn of(variables: impl Iterator<Item = (OsString, OsString)>) -> Self {
        Self(variables.filter(|(name, _)| SEEN_BY.iter().any(|(helper, _)| sees(helper, name))).collect())
    }

    fn of_helper(&self, helper: &str) -> impl Iterator<Item = &(OsString, OsString)> {
        self.0.iter().filter(move |(name, _)| sees(helper, name))
    }
}

impl std::fmt::Debug for HelperEnvironment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HelperEnvironment")
    }
}

fn sees(helper: &str, variable: &OsStr) -> bool {
    let Some(variable) = variable.to_str() else { return false };
    SEEN.contains(&variable)
        || SEEN_BY.iter().any(|(name, prefix)| *name == helper && variable.starts_with(prefix))
}

/// Asks `helper` for the credentials that it keeps. What it prints is shown to nobody.
pub(crate) fn ask(
    helper: &CredentialHelper,
    search_path: &OsStr,
    environment: &HelperEnvironment,
) -> Result<Credentials, FlowError> {
    let name = helper.program();
    let unavailable = |what: String| {
        FlowError::Unavailable {
        message: format!("the credentials for `{}` cannot be had: {what}", helper.server),
        hint: Some("log in again with `docker login`, or set DOCKER_CONFIG to a folder whose config.json names no credential helper".to_owned()),
    }
    };
    let program = find(&name, search_path).ok_or_else(|| {
        unavailable(format!("`{name}`, which Docker's configuration names, is in no folder of PATH"))
    })?;
    let mut command = Command::new(program);
    command.env_clear().envs(environment.of_helper(&helper.name).map(|(name, value)| (name, value)));
    let (status, output) = run(&mut command, &helper.server, TIME_LIMIT)
        .map_err(|error| unavailable(format!("`{name}` {error}")))?;
    match helper_answer(&output) {
        Ok(Credentials::Basic { .. }) | Err(_) if !status.success() => {
            Err(unavailable(format!("`{name}` ended with {status}")))
        }
        Ok(credentials) => Ok(credentials),
        Err(error) => Err(unavailable(error.to_string())),
    }
}

/// The program of that name. Folders of PATH that depend on where we are may be those of what is scanned, and do not count.
fn find(name: &str, search_path: &OsStr) -> Option<PathBuf> {
    let is_program = |path: &PathBuf| {
        path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    };
    std::env::split_paths(search_path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(is_program)
}

/// Runs a helper with the name of the server on its standard input; how it ended, and what it wrote. It stays in our process group: it
/// may ask at the terminal, and an interrupt there ends it with us.
fn run(command: &mut Command, server: &str, limit: Duration) -> io::Result<(ExitStatus, Zeroizing<Vec<u8>>)> {
    command.arg("get").current_dir("/");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let answered = converse(&mut child, server, Instant::now() + limit);
    if answered.is_err() {
        // It has ended by itself if this fails.
        let _ = child.kill();
    }
    let status = child.wait()?;
    Ok((status, answered?))
}

/// Its whole answer, once it has ended.
fn converse(child: &mut Child, server: &str, deadline: Instant) -> io::Result<Zeroizing<Vec<u8>>> {
    let missing = || io::Error::other("has no pipe");
    let mut input = child.stdin.take().ok_or_else(missing)?;
    let output = child.stdout.take().ok_or_else(missing)?;
    let (send, answer) = channel();
    std::thread::spawn(move || {
        let mut bytes = Zeroizing::new(Vec::new());
        let read = output.take(ANSWER_LIMIT + 1).read_to_end(&mut bytes);
        // Nobody waits any more when it took too long.
        let _ = send.send(read.map(|_| bytes));
    });
    // One that has its answer without the question may be gone already. The question fits into the pipe, so nobody has to read it.
    match input.write_all(server.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
        _ => drop(input),
    }
    let bytes = wait(&answer, deadline)?;
    if bytes.len() as u64 > ANSWER_LIMIT {
        return Err(io::Error::other(format!("wrote more than {ANSWER_LIMIT} bytes")));
    }
    while child.try_wait()?.is_none() {
        if Instant::now() >= deadline {
            return Err(too_slow());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(bytes)
}

fn wait(
    answer: &Receiver<io::Result<Zeroizing<Vec<u8>>>>,
    deadline: Instant,
) -> io::Result<Zeroizing<Vec<u8>>> {
    answer
        .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        .unwrap_or_else(|_| Err(too_slow()))
}

fn too_slow() -> io::Error {
    io::Error::other(format!("did not answer within {} seconds", TIME_LIMIT.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limit: Duration) -> io::Result<(ExitStatus, Zeroizing<Vec<u8>>)> {
        let mut command = Command::new("sh");
        run(command.args(["-c", script]), "ghcr.io", limit)
    }

    #[test]
    fn a_helper_gets_the_server_and_little_time_and_room() {
        let long = Duration::from_secs(20);
        let (status, output) = shell("echo \"$0\"; exec cat", long).unwrap();
        assert_eq!((status.success(), output.as_slice()), (true, b"get\nghcr.io".as_slice()));
        let begun = Instant::now();
        assert!(shell("sleep 60 & sleep 60", Duration::from_millis(100)).is_err());
        assert!(shell("exec >&-; sleep 60", Duration::from_millis(100)).is_err());
        assert!(shell("head -c 70000 /dev/zero; sleep 60", long).is_err());
        assert!(begun.elapsed() < long, "what takes too long is killed");
        assert!(!shell("exit 3", long).unwrap().0.success());
    }

    /// The fifth field of `/proc/PID/stat` is the process group (proc_pid_stat(5)).
    #[test]
    fn an_interrupt_at_the_terminal_ends_a_helper_too() {
        let (_, output) = shell("cut -d ' ' -f 5 /proc/$$/stat", Duration::from_secs(20)).unwrap();
        let ours = std::fs::read_to_string("/proc/self/stat").unwrap();
        let group = ours.rsplit_once(") ").unwrap().1.split(' ').nth(2).unwrap();
        assert_eq!(std::str::from_utf8(&output).unwrap().trim(), group);
    }

    #[test]
    fn a_helper_sees_little_of_the_environment() {
        let all = ["HOME", "AWS_SECRET_ACCESS_KEY", "GOOGLE_APPLICATION_CREDENTIALS", "GITHUB_TOKEN"];
        let environment = HelperEnvironment::of(all.iter().map(|name| (name.into(), "x".into())));
        let seen = |helper| {
            environment.of_helper(helper).map(|(name, _)| name.to_str().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(seen("pass"), ["HOME"]);
        assert_eq!(seen("ecr-login"), ["HOME", "AWS_SECRET_ACCESS_KEY"]);
        assert_eq!(seen("gcr"), ["HOME", "GOOGLE_APPLICATION_CREDENTIALS"]);
        assert_eq!(format!("{environment:?}"), "HelperEnvironment");
    }

    #[test]
    fn programs_are_found_in_absolute_folders_only() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("docker-credential-x");
        std::fs::write(&program, "#!/bin/sh\n").unwrap();
        let path = |folder: &std::path::Path| std::env::join_paths([folder]).unwrap();
        assert_eq!(find("docker-credential-x", &path(folder.path())), None, "it is no program yet");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(find("docker-credential-x", &path(folder.path())), Some(program));
        assert_eq!(find("sh", OsStr::new("usr/bin:.:")), None);
    }
}
