use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use palisade_model::{IsolationGrade, Outcome};
use palisade_sandbox::{SandboxError, probe, reap};

use crate::bench::{Bench, HELPER, helper, is_root, launcher, processes, soon};

fn null() -> std::os::fd::OwnedFd {
    File::create("/dev/null").unwrap().into()
}

#[test]
fn ends_are_told_apart() {
    for (script, outcome) in [
        ("exit 0", Outcome::Succeeded),
        ("exit 42", Outcome::Failed(42)),
        ("kill -15 $$", Outcome::Signalled(15)),
        ("kill -9 $$", Outcome::Signalled(9)),
    ] {
        assert_eq!(Bench::shell(script).run(&launcher()).0, outcome, "{script}");
    }
}

#[test]
fn output_and_place_are_as_asked() {
    let bench = Bench::shell("pwd; hostname; id -u; umask; echo err >&2; cat; ls -A");
    let (_, text) = bench.run(&launcher());
    assert_eq!(text, "/workspace\npalisade\n1000\n0022\nerr\n");
}

#[test]
fn files_made_inside_belong_to_the_owner_of_the_workspace() {
    use std::os::unix::fs::MetadataExt;
    let bench = Bench::shell("echo hello > made");
    assert_eq!(bench.run(&launcher()).0, Outcome::Succeeded);
    let made = bench.spec.workspace.join("made");
    let (made, folder) = (fs::metadata(made).unwrap(), fs::metadata(&bench.spec.workspace).unwrap());
    assert_eq!((made.uid(), made.gid()), (folder.uid(), folder.gid()));
}

#[test]
fn time_and_patience_run_out() {
    let bench = Bench::shell("trap '' TERM INT; while :; do sleep 1; done");
    let started = Instant::now();
    let deadline = started + Duration::from_millis(300);
    let ended = bench.start(&launcher()).wait(Some(deadline), &AtomicBool::new(false)).unwrap();
    assert_eq!(ended.outcome, Outcome::TimedOut);
    let cancelled = AtomicBool::new(false);
    let running = bench.start(&launcher());
    thread::scope(|scope| {
        let waiter = scope.spawn(|| running.wait(None, &cancelled).unwrap());
        thread::sleep(Duration::from_millis(200));
        cancelled.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(waiter.join().unwrap().outcome, Outcome::Cancelled);
    });
    assert!(started.elapsed() < Duration::from_secs(8));
}

#[test]
fn what_the_job_leaves_running_dies_with_it() {
    let bench = Bench::new(&["/opt/helper", "daemon", "/workspace/alive"]);
    assert_eq!(bench.run(&launcher()).0, Outcome::Succeeded);
    let size = || fs::metadata(bench.spec.workspace.join("alive")).unwrap().len();
    let before = size();
    assert!(before > 0, "the daemon never lived");
    thread::sleep(Duration::from_millis(100));
    assert_eq!(size(), before);
}

#[test]
fn the_thread_that_starts_a_sandbox_may_end() {
    let bench = Bench::shell("sleep 0.5; exit 9");
    let running = thread::scope(|scope| scope.spawn(|| bench.start(&launcher())).join().unwrap());
    thread::sleep(Duration::from_millis(100));
    assert_eq!(running.wait(None, &AtomicBool::new(false)).unwrap().outcome, Outcome::Failed(9));
}

#[test]
fn sandboxes_do_not_see_each_other() {
    let benches = [
        Bench::shell("echo a > mine; sleep 0.5; ls; ps -e | wc -l"),
        Bench::shell("sleep 0.3; ls /workspace"),
    ];
    let texts = thread::scope(|scope| {
        let runs: Vec<_> = benches.iter().map(|bench| scope.spawn(|| bench.run(&launcher()).1)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
    });
    // Heading, first process, shell, ps, wc.
    assert_eq!(texts, ["mine\n5\n", ""]);
}

#[test]
fn a_missing_command_is_named() {
    let bench = Bench::new(&["no-such-command"]);
    let error = launcher().spawn(&bench.spec, null(), null()).unwrap_err();
    assert!(
        matches!(&error, SandboxError::Command { program, .. } if program == "no-such-command"),
        "{error}"
    );
    let mut bench = Bench::new(&["true"]);
    bench.spec.workspace = "/no/such/folder".into();
    let error = launcher().spawn(&bench.spec, null(), null()).unwrap_err();
    assert!(error.to_string().contains("/no/such/folder"), "{error}");
}

#[test]
fn dropping_kills() {
    let marker = format!("palisade-dropped-{}", std::process::id());
    let bench = Bench::new(&["sh", "-c", "while :; do sleep 1; done", &marker]);
    let running = bench.start(&launcher());
    assert!(soon(|| !processes(&marker).is_empty()));
    drop(running);
    assert!(processes(&marker).is_empty());
}

#[test]
fn nothing_survives_a_killed_supervisor() {
    let marker = format!("palisade-orphan-{}", std::process::id());
    let bench = Bench::new(&["sh", "-c", "setsid sh -c 'while :; do sleep 1; done' \"$0\" & wait", &marker]);
    let file = bench.folder.path().join("spec.json");
    fs::write(&file, serde_json::to_vec(&bench.spec).unwrap()).unwrap();
    let mounts = || fs::read_to_string("/proc/self/mountinfo").unwrap();
    let before = mounts();
    let mut supervisor =
        Command::new(helper()).arg("supervise").arg(&file).stdout(Stdio::piped()).spawn().unwrap();
    let mut word = [0; 7];
    supervisor.stdout.take().unwrap().read_exact(&mut word).unwrap();
    assert!(soon(|| processes(&marker).len() >= 2), "it never ran");
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
    assert!(soon(|| processes(&marker).is_empty()), "left: {:?}", processes(&marker));
    assert_eq!(mounts(), before);
    let prefix = bench.spec.name.as_str();
    let groups = probe(&launcher()).grade == IsolationGrade::Cgroup;
    assert_eq!(reap(prefix).unwrap() > 0, groups);
    assert_eq!(reap(prefix).unwrap(), 0);
}

/// A sandbox of a helper that runs in a user namespace of its own, after `script`: exit code and output.
fn nested(bench: &Bench, script: &str) -> (bool, String) {
    let file = bench.folder.path().join("spec.json");
    fs::write(&file, serde_json::to_vec(&bench.spec).unwrap()).unwrap();
    let script = format!("{script} && exec \"$0\" supervise \"$1\"");
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "sh", "-c", &script]).arg(helper()).arg(file);
    let output = command.output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn without_user_namespaces_nothing_is_run() {
    let mut bench = Bench::shell("echo ran > /workspace/ran");
    bench.spec.workspace = bench.folder.path().join("shared");
    fs::create_dir(&bench.spec.workspace).unwrap();
    let ran = bench.spec.workspace.join("ran");
    let (ended_well, text) = nested(&bench, "echo 0 > /proc/sys/user/max_user_namespaces");
    assert!(!ended_well && text.contains("a user namespace is not available"), "{text}");
    assert!(text.contains("user.max_user_namespaces") && !ran.exists(), "{text}");
    // Root of a container that has no range of users to give away is served like an ordinary user.
    let (ended_well, text) = nested(&bench, "true");
    assert!(ended_well && ran.exists(), "{text}");
}

#[test]
fn groups_are_removed_after_use() {
    let bench = Bench::new(&["true"]);
    let grade = bench.start(&launcher()).grade();
    assert_eq!(grade == IsolationGrade::Cgroup, probe(&launcher()).grade == IsolationGrade::Cgroup);
    assert_eq!(reap(&bench.spec.name).unwrap(), 0);
    assert!(reap("pal-").is_err() && reap("system").is_err());
}

#[test]
fn the_host_is_described() {
    let report = probe(&launcher());
    assert!(report.is_usable(), "{report:?}");
    let names: Vec<_> = report.capabilities.iter().map(|capability| capability.name).collect();
    assert_eq!(names, ["control-groups", "host-user", "landlock", "sandbox"]);
}

#[test]
fn an_interactive_job_has_a_terminal_of_its_own() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, unlockpt};
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let slave = rustix::pty::ioctl_tiocgptpeer(&master, OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    let bench =
        Bench::shell("test -t 0 && test -t 1 && echo yes > /dev/tty && read word && test $word = hello");
    let running = launcher().spawn_interactive(&bench.spec, slave).unwrap();
    rustix::io::write(&master, b"hello\n").unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    let ended = running.wait(Some(deadline), &AtomicBool::new(false)).unwrap();
    let mut text = [0; 200];
    let read = rustix::io::read(&master, &mut text).unwrap();
    assert_eq!(ended.outcome, Outcome::Succeeded, "{}", String::from_utf8_lossy(&text[..read]));
}

/// Without this, a run as root would never see what ordinary users see.
#[test]
fn everything_holds_for_an_ordinary_user_too() {
    if !is_root() {
        return;
    }
    const NOBODY: u32 = 65_534;
    let folder = tempfile::tempdir().unwrap();
    let place = |from: std::path::PathBuf, name: &str| {
        let to = folder.path().join(name);
        fs::copy(from, &to).unwrap();
        to
    };
    let suite = place(std::env::current_exe().unwrap(), "suite");
    let helper = place(helper(), "helper");
    let scratch = folder.path().join("scratch");
    fs::create_dir(&scratch).unwrap();
    for path in [folder.path(), &suite, &helper, &scratch] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    std::os::unix::fs::chown(&scratch, Some(NOBODY), Some(NOBODY)).unwrap();
    let mut command = Command::new(suite);
    // The toolchain belongs to root here; an ordinary user who builds this has one, and runs that test as such.
    command
        .args(["--test-threads=2", "--skip", "toolchains::rust"])
        .env(HELPER, helper)
        .env("TMPDIR", &scratch)
        .env("HOME", &scratch);
    let output = command.uid(NOBODY).gid(NOBODY).current_dir("/").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("0 failed; 0 ignored") && text.matches(" ... ok").count() > 30, "{text}");
}
