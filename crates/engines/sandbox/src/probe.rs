use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use palisade_model::{IsolationGrade, Limits, Outcome};
use rustix::fs::{Gid, Uid, chown};

use crate::launcher::null;
use crate::{Launcher, SandboxError, Spec, cgroup, host_uid};

/// Longest time the trial may take.
const TRIAL: Duration = Duration::from_secs(20);

/// One thing the host can do or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capability {
    /// What, such as `sandbox` or `landlock`.
    pub name: &'static str,
    /// Whether the host can.
    pub available: bool,
    /// Whether nothing can be run without it.
    pub required: bool,
    /// What was seen.
    pub detail: String,
    /// What to change on the host; empty when nothing has to be.
    pub hint: String,
}

/// What the host can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostReport {
    /// Sorted by name.
    pub capabilities: Vec<Capability>,
    /// How limits will be held.
    pub grade: IsolationGrade,
}

impl HostReport {
    /// Whether jobs can be run.
    pub fn is_usable(&self) -> bool {
        self.capabilities.iter().all(|capability| capability.available || !capability.required)
    }
}

/// Tries the host out: runs `true` in a sandbox made by `launcher`, in a temporary folder of its own, and looks at what held it.
pub fn probe(launcher: &Launcher) -> HostReport {
    let scratch = std::env::temp_dir().join(format!("palisade-probe-{}", std::process::id()));
    let trial = run_trial(launcher, &scratch);
    drop(fs::remove_dir_all(&scratch));
    let guards = trial.as_ref().map(Vec::as_slice).unwrap_or_default();
    let groups = cgroup::is_available();
    let capabilities = vec![control_groups(groups), identity(), landlock(guards), sandbox(&trial)];
    let grade = if groups { IsolationGrade::Cgroup } else { IsolationGrade::Rlimit };
    HostReport { capabilities, grade }
}

fn sandbox(trial: &Result<Vec<String>, SandboxError>) -> Capability {
    let (detail, hint) = match trial {
        Ok(guards) => (guards.join(", "), String::new()),
        Err(SandboxError::Unavailable { what, detail, hint }) => (format!("{what}: {detail}"), hint.clone()),
        Err(error) => (error.to_string(), String::new()),
    };
    Capability { name: "sandbox", available: trial.is_ok(), required: true, detail, hint }
}

fn control_groups(available: bool) -> Capability {
    let (detail, hint) = if available {
        ("memory and processes are limited by control groups", "")
    } else {
        (
            "memory is summed up by the supervisor, processes are limited by rlimits",
            "run as root, or in a systemd user session with memory and pids delegated (Delegate=yes)",
        )
    };
    Capability {
        name: "control-groups",
        available,
        required: false,
        detail: detail.to_owned(),
        hint: hint.to_owned(),
    }
}

fn identity() -> Capability {
    let (available, detail) = match host_uid(0) {
        Some((id, _)) => (true, format!("jobs have host users of their own, from {id} on")),
        None => (false, "jobs run as this user, held back by namespaces alone".to_owned()),
    };
    let hint = if available { "" } else { "run as root to give jobs users of their own" };
    Capability { name: "host-user", available, required: false, detail, hint: hint.to_owned() }
}

fn landlock(guards: &[String]) -> Capability {
    let available = guards.iter().any(|guard| guard == crate::Guard::Landlock.name());
    let (detail, hint) = if available {
        ("applied on top of the mount namespace", "")
    } else {
        ("not applied", "boot Linux 5.13 or newer with `landlock` in the lsm= list")
    };
    Capability { name: "landlock", available, required: false, detail: detail.into(), hint: hint.into() }
}

fn run_trial(launcher: &Launcher, scratch: &Path) -> Result<Vec<String>, SandboxError> {
    let slot = crate::identity::SLOTS - 1;
    let folder = |name: &str| -> Result<PathBuf, SandboxError> {
        let path = scratch.join(name);
        let failed = |error: std::io::Error| SandboxError::io(format!("make {}", path.display()), error);
        fs::create_dir_all(&path).map_err(failed)?;
        if let Some((uid, gid)) = host_uid(slot) {
            chown(&path, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)))
                .map_err(|error| failed(error.into()))?;
        }
        Ok(path)
    };
    let spec = Spec {
        workspace: folder("workspace")?,
        home: folder("home")?,
        tmp: folder("tmp")?,
        mounts: Vec::new(),
        argv: vec!["true".to_owned()],
        env: BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]),
        cwd: PathBuf::from("/"),
        limits: Limits::default(),
        name: format!("pal-trial-{}", std::process::id()),
        slot,
    };
    let running = launcher.spawn(&spec, null()?, null()?)?;
    let guards = running.guards();
    let ended = running.wait(Some(Instant::now() + TRIAL), &AtomicBool::new(false))?;
    match ended.outcome {
        Outcome::Succeeded => Ok(guards),
        other => Err(SandboxError::Lost(format!("`true` {other}"))),
    }
}
