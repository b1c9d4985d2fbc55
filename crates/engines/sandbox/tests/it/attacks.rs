//! Each attack is stopped, and succeeds where its guard is missing: in a sandbox without it, or outside of any.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use palisade_model::Outcome;
use palisade_sandbox::{Access, Guard, Mount};

use crate::bench::{Bench, is_root, launcher, outside, soon, weak};

const STOPPED: Outcome = Outcome::Failed(1);

/// Stopped by all guards together, not without `guards`.
fn guarded(words: &[&str], guards: &[Guard]) {
    let argv = [&["/opt/helper"], words].concat();
    let strong = Bench::new(&argv);
    let (outcome, text) = strong.run(&launcher());
    assert_eq!(outcome, STOPPED, "{words:?} was not stopped: {text}");
    let bench = Bench::new(&argv);
    let (outcome, text) = bench.run(&weak(guards));
    assert_eq!(outcome, Outcome::Succeeded, "{words:?} fails without {guards:?} too: {text}");
}

/// Stopped inside, not outside.
fn stopped(words: &[&str]) {
    assert_eq!(outside(words), 0, "{words:?} fails outside too");
    let bench = Bench::new(&[&["/opt/helper"], words].concat());
    let (outcome, text) = bench.run(&launcher());
    assert_eq!(outcome, STOPPED, "{words:?}: {text}");
}

struct Sleeper(Child);

impl Sleeper {
    fn new(marker: &str) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", "read forever", marker]).stdin(Stdio::piped()).stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn files_of_the_host_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    fs::write(&secret, "x").unwrap();
    stopped(&["read", secret.to_str().unwrap()]);
    stopped(&["read", "/etc/fstab"]);
    stopped(&["read", "/sys/kernel/uevent_seqnum"]);
}

#[test]
fn tools_cannot_be_written() {
    for (guards, outcome) in
        [(&[][..], STOPPED), (&[Guard::ReadOnly, Guard::Landlock][..], Outcome::Succeeded)]
    {
        let mut bench = Bench::new(&["/opt/helper", "make", "/opt/tool/planted"]);
        let host = bench.own("tool");
        bench.spec.mounts.push(Mount { host, inside: "/opt/tool".into(), access: Access::ReadOnly });
        assert_eq!(bench.run(&weak(guards)).0, outcome);
    }
    let read_only =
        Bench::shell("touch /usr/x /etc/x /x /root/x /dev/x /proc/sys/kernel/x; echo x >> /etc/passwd");
    let (outcome, text) = read_only.run(&launcher());
    assert_eq!((outcome.is_success(), fs::exists("/usr/x").unwrap()), (false, false), "{text}");
}

#[test]
fn tools_are_read_as_by_their_owner_and_nothing_more() {
    for (access, lent) in [(Access::ReadOnly, true), (Access::ReadWrite, false)] {
        let mut bench =
            Bench::shell("cd /opt/tool && cat private/file; stat -c %u private/file; cat other group");
        let host = bench.folder.path().join("tool");
        fs::create_dir_all(host.join("private")).unwrap();
        for (name, mode) in [("private/file", 0o600), ("other", 0o600), ("group", 0o640)] {
            fs::write(host.join(name), format!("{name}\n")).unwrap();
            fs::set_permissions(host.join(name), PermissionsExt::from_mode(mode)).unwrap();
        }
        for name in ["private", "."] {
            fs::set_permissions(
                host.join(name),
                PermissionsExt::from_mode(0o700 + 0o55 * u32::from(name == ".")),
            )
            .unwrap();
        }
        let mut readable = "private/file\n1000\nother\ngroup\n".to_owned();
        if is_root() {
            // Somebody else's, one of them of root's group.
            std::os::unix::fs::chown(host.join("other"), Some(65_534), Some(65_534)).unwrap();
            std::os::unix::fs::chown(host.join("group"), Some(65_534), None).unwrap();
            readable = "private/file\n1000\n".to_owned();
        }
        bench.spec.mounts.push(Mount { host, inside: "/opt/tool".into(), access });
        let (_, text) = bench.run(&launcher());
        let seen: String =
            text.lines().filter(|line| !line.contains(": ")).map(|line| format!("{line}\n")).collect();
        assert_eq!(seen == readable, lent || !is_root(), "{access:?}: {text}");
    }
}

#[test]
fn lent_tools_are_read_only_and_harmless() {
    let mut bench = Bench::shell(
        "cd /opt/tool; echo x >> file && echo wrote; touch new && echo made; chmod 777 file && echo changed
         ./id -u; cat null && echo device; true",
    );
    let host = bench.folder.path().join("tool");
    fs::create_dir(&host).unwrap();
    fs::write(host.join("file"), "").unwrap();
    fs::copy("/usr/bin/id", host.join("id")).unwrap();
    fs::set_permissions(host.join("id"), PermissionsExt::from_mode(0o4755)).unwrap();
    if is_root() {
        let made = Command::new("mknod").arg("-m666").arg(host.join("null")).args(["c", "1", "3"]).status();
        assert!(made.unwrap().success());
        fs::read(host.join("null")).unwrap();
    }
    bench.spec.mounts.push(Mount { host, inside: "/opt/tool".into(), access: Access::ReadOnly });
    let (outcome, text) = bench.run(&launcher());
    let words: Vec<_> = text.lines().filter(|line| !line.contains(": ")).collect();
    assert_eq!((outcome, words), (Outcome::Succeeded, vec!["1000"]), "{text}");
}

/// sysfs is never mapped (Linux, `fs/sysfs/mount.c`: no FS_ALLOW_IDMAP).
#[test]
fn a_tool_that_cannot_be_lent_is_mounted_all_the_same() {
    let mut bench = Bench::new(&["ls", "/opt/tool"]);
    bench.spec.mounts.push(Mount {
        host: "/sys/class".into(),
        inside: "/opt/tool".into(),
        access: Access::ReadOnly,
    });
    let (outcome, text) = bench.run(&launcher());
    assert!(outcome.is_success() && text.contains("mem"), "{text}");
}

#[test]
fn landlock_holds_where_the_mount_is_writable() {
    guarded(&["append", "/proc/self/comm"], &[Guard::Landlock]);
}

#[test]
fn writable_mounts_are_writable() {
    let mut bench =
        Bench::shell("echo x > /data/f && echo x > /workspace/f && echo x > ~/f && echo x > /dev/shm/f");
    let host = bench.own("data");
    bench.spec.env.insert("HOME".into(), "/home/build".into());
    bench.spec.mounts.push(Mount { host, inside: "/data".into(), access: Access::ReadWrite });
    let (outcome, text) = bench.run(&launcher());
    assert_eq!(outcome, Outcome::Succeeded, "{text}");
}

#[test]
fn processes_of_the_host_are_neither_seen_nor_signalled() {
    let marker = format!("palisade-victim-{}", std::process::id());
    let victim = Sleeper::new(&marker);
    let pid = victim.0.id().to_string();
    // A new process has no command line for a moment.
    assert!(soon(|| outside(&["see", &marker]) == 0));
    let bench = Bench::new(&["/opt/helper", "kill", &pid]);
    assert_eq!(bench.run(&launcher()).0, STOPPED);
    // The attack itself has the marker in its command line, and has to overlook itself.
    let bench = Bench::new(&["/opt/helper", "see", &marker]);
    assert_eq!(bench.run(&launcher()).0, STOPPED);
    let mut other = Sleeper::new("other");
    assert_eq!(outside(&["kill", &other.0.id().to_string()]), 0);
    assert!(!other.0.wait().unwrap().success());
}

#[test]
fn the_network_of_the_host_is_out_of_reach() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    guarded(&["connect", &port], &[Guard::NetNamespace]);
}

#[test]
fn calls_that_lead_out_are_filtered() {
    for call in ["unshare", "clone", "keyctl", "io_uring", "personality", "netlink", "chmod"] {
        guarded(&["call", call], &[Guard::Seccomp]);
    }
    for call in ["sctp", "sctp-6", "l2tp", "dccp"] {
        guarded(&["call", call], &[Guard::Seccomp]);
    }
    guarded(&["ptrace"], &[Guard::Seccomp]);
    guarded(&["terminal"], &[Guard::Seccomp]);
    guarded(&["terminal-high"], &[Guard::Seccomp]);
    guarded(&["mode", "/workspace/set-id"], &[Guard::Seccomp]);
}

#[test]
fn powers_over_the_namespace_are_given_up() {
    for call in ["mount", "chroot"] {
        guarded(&["call", call], &[Guard::Seccomp, Guard::Capabilities, Guard::Landlock]);
        // Each of the two is enough.
        for guard in [Guard::Seccomp, Guard::Capabilities] {
            let bench = Bench::new(&["/opt/helper", "call", call]);
            assert_eq!(bench.run(&weak(&[guard, Guard::Landlock])).0, STOPPED, "{call} without {guard:?}");
        }
    }
}

#[test]
fn devices_and_file_handles_are_refused() {
    // The kernel refuses devices to everyone but the real root, so there is no guard to take away for others.
    if is_root() {
        drop(fs::remove_file("/tmp/disk"));
        assert_eq!(outside(&["call", "mknod"]), 0);
        fs::remove_file("/tmp/disk").unwrap();
    } else {
        assert_eq!(outside(&["call", "mknod"]), 1);
    }
    for call in ["mknod", "handle", "userfaultfd", "vsock", "alg"] {
        let bench = Bench::new(&["/opt/helper", "call", call]);
        assert_eq!(bench.run(&launcher()).0, STOPPED, "{call}");
    }
    stopped(&["call", "handle"]);
}

#[test]
fn what_toolchains_call_is_allowed() {
    for call in ["route", "internet", "datagram", "multipath", "no-random"] {
        let bench = Bench::new(&["/opt/helper", "call", call]);
        assert_eq!(bench.run(&launcher()).0, Outcome::Succeeded, "{call}");
    }
}

#[test]
fn the_first_process_cannot_be_looked_into() {
    let open = [Guard::NotDumpable, Guard::Capabilities, Guard::Landlock];
    guarded(&["read", "/proc/1/environ"], &open);
    for guards in [&open[..1], &open[1..2], &open[2..]] {
        let bench = Bench::new(&["/opt/helper", "read", "/proc/1/environ"]);
        assert_eq!(bench.run(&weak(guards)).0, STOPPED, "{guards:?}");
    }
    let bench = Bench::shell("ls /proc/1/fd; ls /proc/1/cwd/; readlink /proc/1/exe");
    let (outcome, text) = bench.run(&launcher());
    assert!(!outcome.is_success() && text.lines().all(|line| line.contains("denied")), "{text}");
}

#[test]
fn the_first_process_cannot_be_killed() {
    let bench = Bench::shell("kill -9 1; kill -9 -1; kill -STOP 1; kill -TERM $PPID; exit 7");
    assert_eq!(bench.run(&launcher()).0, Outcome::Failed(7));
}

#[test]
fn nothing_open_and_no_environment_comes_along() {
    let leaked = fs::File::open("/etc/hostname").unwrap();
    let inheritable = inheritable_copy(&leaked);
    assert_eq!(outside(&["files"]), 0, "the descriptor does not leak outside, so this shows nothing");
    let bench = Bench::new(&["/opt/helper", "files"]);
    assert_eq!(bench.run(&launcher()).0, STOPPED);
    drop(inheritable);
    assert!(std::env::vars_os().count() > 1);
    let bench = Bench::new(&["/usr/bin/env"]);
    assert_eq!(bench.run(&launcher()), (Outcome::Succeeded, "PATH=/usr/bin:/bin\n".to_owned()));
}

/// A copy that survives execve(2).
fn inheritable_copy(file: &fs::File) -> std::os::fd::OwnedFd {
    rustix::io::dup(file).unwrap()
}

#[test]
fn no_file_gives_privileges() {
    let bench = Bench::shell(
        "grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status; su -c true; grep Shared /proc/1/maps",
    );
    let (outcome, text) = bench.run(&launcher());
    assert!(!outcome.is_success());
    for set in ["Inh", "Prm", "Eff", "Bnd", "Amb"] {
        assert!(text.contains(&format!("Cap{set}:\t0000000000000000")), "{text}");
    }
    assert!(text.contains("NoNewPrivs:\t1") && text.contains("Seccomp:\t2"), "{text}");
}

#[test]
fn a_set_user_id_program_gives_nothing() {
    let mut bench = Bench::new(&["/opt/tool/id", "-u"]);
    let host = bench.own("tool");
    let program = host.join("id");
    fs::copy("/usr/bin/id", &program).unwrap();
    fs::set_permissions(&program, PermissionsExt::from_mode(0o4755)).unwrap();
    fs::set_permissions(bench.folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    if is_root() {
        // Outside it makes anybody root.
        let anybody = Command::new(&program).arg("-u").uid(65_534).gid(65_534).output().unwrap();
        assert_eq!(anybody.stdout, b"0\n");
    }
    bench.spec.mounts.push(Mount { host, inside: "/opt/tool".into(), access: Access::ReadWrite });
    assert_eq!(bench.run(&launcher()), (Outcome::Succeeded, "1000\n".to_owned()));
}

#[test]
fn a_fork_bomb_is_stopped() {
    let limited = |guards: &[Guard]| {
        let mut bench = Bench::new(&["/opt/helper", "forks", "60"]);
        bench.spec.limits.processes = 40;
        bench.run(&weak(guards)).0
    };
    assert!(matches!(limited(&[]), Outcome::Failed(1) | Outcome::OverLimit));
    assert_eq!(limited(&[Guard::Processes]), Outcome::Succeeded);
}

#[test]
fn a_memory_bomb_is_stopped() {
    let limited = |guards: &[Guard]| {
        let mut bench = Bench::new(&["/opt/helper", "memory", "120000000"]);
        bench.spec.limits.memory_bytes = 64 << 20;
        bench.end(&weak(guards))
    };
    let ended = limited(&[]);
    assert_eq!(ended.outcome, Outcome::OutOfMemory);
    assert!(ended.peak_memory.unwrap() > 32 << 20, "{ended:?}");
    assert_eq!(limited(&[Guard::Memory]).outcome, Outcome::Succeeded);
}

#[test]
fn a_file_cannot_outgrow_the_disk_limit() {
    let mut bench = Bench::new(&["dd", "if=/dev/zero", "of=big", "bs=1M", "count=4"]);
    bench.spec.limits.disk_bytes = 1 << 20;
    assert_eq!(bench.run(&launcher()).0, Outcome::OverLimit);
}

#[test]
fn a_mount_point_is_not_reached_through_a_link() {
    let mut bench = Bench::new(&["true"]);
    std::os::unix::fs::symlink("/usr", bench.spec.workspace.join("way")).unwrap();
    let host = bench.own("tool");
    bench.spec.mounts.push(Mount { host, inside: "/workspace/way/tool".into(), access: Access::ReadOnly });
    let null = || std::os::fd::OwnedFd::from(fs::File::create("/dev/null").unwrap());
    assert!(launcher().spawn(&bench.spec, null(), null()).is_err());
}
