use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use palisade_model::Limits;
use serde::{Deserialize, Serialize};

use crate::SandboxError;

/// Where the workspace is seen inside.
pub const WORKSPACE: &str = "/workspace";
/// Where the job's home is seen inside.
pub const HOME: &str = "/home/build";
/// Where temporary files are seen inside.
pub const TMP: &str = "/tmp";
/// User and group id inside.
pub(crate) const INSIDE_ID: u32 = 1000;

/// Whether a mount may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Access {
    /// Read and execute. When the job has a host user of its own, files of the owner of the top folder are shown as the job's,
    /// so that it can read what only their owner may, where kernel and file system can do that.
    ReadOnly,
    /// Read, execute and write.
    ReadWrite,
}

/// A folder or file of the host that the job sees.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mount {
    /// Absolute path on the host. It must exist.
    pub host: PathBuf,
    /// Absolute path inside, without `.` and `..`. Missing folders on the way are made; links on the way are refused.
    pub inside: PathBuf,
    /// Whether it may be written.
    pub access: Access,
}

/// One command and everything it gets. What is not named here does not exist inside, except the system's own `/usr` and a short
/// list of `/etc`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// Host folder, seen and writable as [`WORKSPACE`]. Owned by [`crate::host_uid`] when there is one.
    pub workspace: PathBuf,
    /// Host folder, seen and writable as [`HOME`]. Same owner.
    pub home: PathBuf,
    /// Host folder, seen and writable as [`TMP`]. Same owner.
    pub tmp: PathBuf,
    /// Tools and other input.
    pub mounts: Vec<Mount>,
    /// The command; a first word without `/` is looked up in the `PATH` of `env`.
    pub argv: Vec<String>,
    /// The whole environment: nothing else is inherited.
    pub env: BTreeMap<String, String>,
    /// Where the command starts: absolute path inside.
    pub cwd: PathBuf,
    /// What the job may use. `log_bytes` is the reader's business, not the sandbox's.
    pub limits: Limits,
    /// Name of the control groups: `pal-`, then `[A-Za-z0-9._-]`, at most 100 bytes; unique among living sandboxes.
    pub name: String,
    /// Which of our host users runs the job when we are root; sandboxes alive at the same time have different slots.
    pub slot: u32,
}

impl Spec {
    /// Checks what can be checked without the host.
    pub(crate) fn check(&self) -> Result<(), SandboxError> {
        let wrong = |what: String| Err(SandboxError::Invalid(what));
        if !is_group_name(&self.name) {
            return wrong(format!("`{}` is not a name of the form pal-...", self.name));
        }
        if self.slot >= crate::identity::SLOTS {
            return wrong(format!("slot {} is not below {}", self.slot, crate::identity::SLOTS));
        }
        if self.argv.first().is_none_or(String::is_empty) {
            return wrong("there is no command".to_owned());
        }
        let words = self.argv.iter().chain(self.env.keys()).chain(self.env.values());
        if words.into_iter().any(|word| word.contains('\0')) {
            return wrong("a word of command or environment contains a zero byte".to_owned());
        }
        if self.env.keys().any(|key| key.is_empty() || key.contains('=')) {
            return wrong("the name of an environment variable is empty or contains `=`".to_owned());
        }
        let hosts = [&self.workspace, &self.home, &self.tmp].into_iter();
        let mut hosts = hosts.chain(self.mounts.iter().map(|mount| &mount.host));
        if let Some(path) = hosts.find(|path| !path.is_absolute()) {
            return wrong(format!("host path `{}` is not absolute", path.display()));
        }
        let mut insides = self.mounts.iter().map(|mount| &mount.inside).chain([&self.cwd]);
        match insides.find(|path| !is_plain_absolute(path)) {
            Some(path) => wrong(format!("`{}` is not a plain absolute path", path.display())),
            None => Ok(()),
        }
    }
}

/// Whether `name` may name a control group of ours, or be the beginning of such a name.
pub(crate) fn is_group_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    name.len() > 4 && name.len() <= 100 && name.starts_with("pal-") && name.bytes().all(plain)
}

fn is_plain_absolute(path: &Path) -> bool {
    path.is_absolute()
        && path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_names_cannot_leave_their_folder() {
        for name in ["", "pal-", "x", "../pal-x", "pal-a/b", "pal-..\0", "pal-\n"] {
            assert!(!is_group_name(name), "{name:?}");
        }
        assert!(is_group_name("pal-20260102-030405-ffffffff-compile-0"));
    }

    #[test]
    fn mount_points_are_plain() {
        assert!(is_plain_absolute(Path::new("/opt/tool")));
        assert!(!is_plain_absolute(Path::new("/opt/../etc")));
        assert!(!is_plain_absolute(Path::new("opt")));
    }
}
