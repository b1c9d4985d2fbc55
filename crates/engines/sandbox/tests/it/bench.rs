use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use palisade_model::{Limits, Outcome};
use palisade_sandbox::{Access, Ended, Guard, Launcher, Mount, Running, Spec, host_uid};
use tempfile::TempDir;

/// Names the helper executable in the run as an ordinary user.
pub(crate) const HELPER: &str = "PALISADE_TEST_HELPER";

pub(crate) fn helper() -> PathBuf {
    std::env::var_os(HELPER)
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_palisade-sandbox-helper")), PathBuf::from)
}

pub(crate) fn launcher() -> Launcher {
    Launcher::new(helper())
}

pub(crate) fn weak(guards: &[Guard]) -> Launcher {
    guards.iter().fold(launcher(), |launcher, guard| launcher.without(*guard))
}

pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// Folders and a specification for one sandbox.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    pub(crate) spec: Spec,
}

impl Bench {
    pub(crate) fn new(argv: &[&str]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let slot = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = tempfile::tempdir().unwrap();
        let [workspace, home, tmp] = ["workspace", "home", "tmp"].map(|name| own(folder.path(), name, slot));
        let helper = Mount { host: helper(), inside: "/opt/helper".into(), access: Access::ReadOnly };
        let spec = Spec {
            workspace,
            home,
            tmp,
            mounts: vec![helper],
            argv: argv.iter().map(|word| (*word).to_owned()).collect(),
            env: BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]),
            cwd: "/workspace".into(),
            limits: Limits { memory_bytes: 1 << 30, ..Limits::default() },
            name: format!("pal-test-{}-{slot}", std::process::id()),
            slot,
        };
        Self { folder, spec }
    }

    pub(crate) fn shell(script: &str) -> Self {
        Self::new(&["sh", "-c", script])
    }

    /// A folder of the host that belongs to the job's user.
    pub(crate) fn own(&self, name: &str) -> PathBuf {
        own(self.folder.path(), name, self.spec.slot)
    }

    pub(crate) fn start(&self, launcher: &Launcher) -> Running {
        let out = File::create(self.folder.path().join("out")).unwrap();
        launcher.spawn(&self.spec, OwnedFd::from(out.try_clone().unwrap()), out.into()).unwrap()
    }

    pub(crate) fn end(&self, launcher: &Launcher) -> Ended {
        let deadline = Instant::now() + Duration::from_secs(60);
        self.start(launcher).wait(Some(deadline), &AtomicBool::new(false)).unwrap()
    }

    /// Outcome, and standard output and error in one.
    pub(crate) fn run(&self, launcher: &Launcher) -> (Outcome, String) {
        let ended = self.end(launcher);
        (ended.outcome, self.output())
    }

    pub(crate) fn output(&self) -> String {
        fs::read_to_string(self.folder.path().join("out")).unwrap()
    }
}

fn own(folder: &Path, name: &str, slot: u32) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir(&path).unwrap();
    if let Some((uid, gid)) = host_uid(slot) {
        std::os::unix::fs::chown(&path, Some(uid), Some(gid)).unwrap();
    }
    path
}

/// The helper's attack outside of any sandbox: its exit code.
pub(crate) fn outside(words: &[&str]) -> i32 {
    Command::new(helper()).args(words).output().unwrap().status.code().unwrap()
}

/// Waits until `holds`, two seconds at most.
pub(crate) fn soon(mut holds: impl FnMut() -> bool) -> bool {
    (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        holds()
    })
}

/// Processes of the host with `marker` in their command line.
pub(crate) fn processes(marker: &str) -> Vec<i32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let marked = |pid: &i32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.windows(marker.len()).any(|part| part == marker.as_bytes())
    };
    pids.filter(marked).collect()
}
