//! The other side of this crate's tests: a helper executable, a supervisor that can be killed, and the attacks. An attack exits
//! with 0 when it succeeded, 1 when it was stopped, 2 when it could not even be tried.

#![expect(unsafe_code, reason = "attacks speak to the kernel directly")]
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a part of the tests")]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::TcpStream;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use palisade_sandbox::{Launcher, Spec, child_main, install_labelled_filter, is_child_invocation};

fn main() -> ExitCode {
    if is_child_invocation() {
        return child_main();
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((attack, arguments)) = words.split_first() else { return ExitCode::from(2) };
    match run(attack, arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{attack}: {error}");
            ExitCode::from(if error.kind() == io::ErrorKind::InvalidInput { 2 } else { 1 })
        }
    }
}

fn run(attack: &str, words: &[&str]) -> io::Result<()> {
    let word = |at: usize| words.get(at).copied().ok_or(io::ErrorKind::InvalidInput);
    let number = |at: usize| word(at)?.parse::<i64>().map_err(|_| io::ErrorKind::InvalidInput);
    match attack {
        "supervise" => supervise(Path::new(word(0)?)),
        "syscalls" => try_all_calls(),
        "confined" => confined(Path::new(word(0)?), word(1)? == "yes", word(2)?, word(3)?),
        "read" => fs::read(word(0)?).map(drop),
        "append" => OpenOptions::new().append(true).create(true).open(word(0)?)?.write_all(b"x"),
        "make" => File::create_new(word(0)?).map(drop),
        "see" => see(word(0)?),
        "kill" => check(unsafe { libc::kill(number(0)? as i32, libc::SIGTERM) }.into()),
        "connect" => TcpStream::connect(("127.0.0.1", number(0)? as u16)).map(drop),
        "files" => files(),
        "forks" => forks(number(0)?),
        "memory" => memory(number(0)? as usize),
        "daemon" => daemon(word(0)?),
        "mode" => OpenOptions::new().write(true).create_new(true).mode(0o4755).open(word(0)?).map(drop),
        "terminal" => push_into_terminal(libc::TIOCSTI),
        "terminal-high" => push_into_terminal(libc::TIOCSTI | 1 << 32),
        "ptrace" => trace_child(),
        "execute" => Command::new(word(0)?).status().map(drop),
        "call" => call(word(0)?),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

fn check(result: libc::c_long) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Single system calls that nothing but a guard should stop.
fn call(name: &str) -> io::Result<()> {
    let socket = |family: i32, kind: i32, protocol: i32| unsafe {
        libc::syscall(libc::SYS_socket, family, kind, protocol)
    };
    let spec = c"/tmp".as_ptr();
    let result = unsafe {
        match name {
            "mount" => libc::mount(c"none".as_ptr(), spec, c"tmpfs".as_ptr(), 0, std::ptr::null()).into(),
            "unshare" => libc::unshare(libc::CLONE_NEWUSER).into(),
            "clone" => clone_namespace(),
            "chroot" => libc::chroot(spec).into(),
            "keyctl" => libc::syscall(libc::SYS_keyctl, 0, -2, 1),
            "io_uring" => {
                let mut parameters = [0_u8; 120];
                libc::syscall(libc::SYS_io_uring_setup, 4, parameters.as_mut_ptr())
            }
            "userfaultfd" => libc::syscall(libc::SYS_userfaultfd, 1),
            "personality" => libc::personality(0x0400_0000).into(),
            "netlink" => socket(libc::AF_NETLINK, libc::SOCK_RAW, libc::NETLINK_KOBJECT_UEVENT),
            "vsock" => socket(libc::AF_VSOCK, libc::SOCK_STREAM, 0),
            "alg" => socket(libc::AF_ALG, libc::SOCK_SEQPACKET, 0),
            "sctp" => asked(socket(libc::AF_INET, libc::SOCK_STREAM, libc::IPPROTO_SCTP)),
            "sctp-6" => asked(socket(libc::AF_INET6, libc::SOCK_SEQPACKET, 0)),
            "l2tp" => asked(socket(libc::AF_INET, libc::SOCK_DGRAM, 115)),
            "dccp" => asked(socket(libc::AF_INET, 6, 0)),
            "chmod" => {
                File::create("/tmp/set-id")?;
                libc::chmod(c"/tmp/set-id".as_ptr(), 0o4755).into()
            }
            "mknod" => {
                libc::mknod(c"/tmp/disk".as_ptr(), libc::S_IFBLK | 0o666, libc::makedev(254, 0)).into()
            }
            "handle" => {
                let mut handle = [128_u32; 64];
                let mut id = 0;
                libc::syscall(
                    libc::SYS_name_to_handle_at,
                    libc::AT_FDCWD,
                    spec,
                    handle.as_mut_ptr(),
                    &raw mut id,
                    0,
                )
            }
            // What toolchains need; these must work.
            "route" => socket(libc::AF_NETLINK, libc::SOCK_RAW, libc::NETLINK_ROUTE),
            "internet" => socket(libc::AF_INET6, libc::SOCK_STREAM, 0),
            "datagram" => socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, libc::IPPROTO_UDP),
            "multipath" => asked(socket(libc::AF_INET, libc::SOCK_STREAM, libc::IPPROTO_MPTCP)),
            "no-random" => libc::personality(libc::ADDR_NO_RANDOMIZE as libc::c_ulong).into(),
            _ => return Err(io::ErrorKind::InvalidInput.into()),
        }
    };
    check(result)
}

/// Success when the kernel was asked, even if it has no such thing.
fn asked(result: libc::c_long) -> libc::c_long {
    if io::Error::last_os_error().raw_os_error() == Some(libc::EPERM) { result } else { 0 }
}

unsafe fn clone_namespace() -> libc::c_long {
    let flags = libc::CLONE_NEWUSER | libc::SIGCHLD;
    let child = unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) };
    if child == 0 {
        unsafe { libc::_exit(0) };
    }
    child
}

/// Whether a process with `marker` in its command line can be seen.
fn see(marker: &str) -> io::Result<()> {
    let own = std::process::id().to_string();
    let is_number =
        |entry: &fs::DirEntry| entry.file_name().to_str().is_some_and(|name| name.parse::<u32>().is_ok());
    for entry in fs::read_dir("/proc")?.flatten().filter(is_number) {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let seen = line.split(|byte| *byte == 0).any(|word| word == marker.as_bytes());
        if seen && entry.file_name() != own.as_str() {
            return Ok(());
        }
    }
    Err(io::Error::other("not seen"))
}

/// Whether anything but the three standard files is open.
fn files() -> io::Result<()> {
    let names = fs::read_dir("/proc/self/fd")?.flatten().map(|entry| entry.file_name());
    // One is the folder that is being read.
    if names.count() > 4 { Ok(()) } else { Err(io::Error::other("nothing is open")) }
}

fn forks(count: i64) -> io::Result<()> {
    for _ in 0..count {
        match unsafe { libc::fork() } {
            0 => loop {
                unsafe { libc::pause() };
            },
            child => check(child.into())?,
        }
    }
    Ok(())
}

fn memory(bytes: usize) -> io::Result<()> {
    let mut block = vec![0_u8; bytes];
    block.iter_mut().step_by(4096).for_each(|byte| *byte = 1);
    // Time for a supervisor that looks now and then.
    std::thread::sleep(Duration::from_millis(400));
    if std::hint::black_box(&block).len() == bytes { Ok(()) } else { Err(io::ErrorKind::OutOfMemory.into()) }
}

/// Leaves a grandchild in a session of its own behind, which writes to `path` for as long as it lives.
fn daemon(path: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    if unsafe { libc::fork() } != 0 {
        std::thread::sleep(Duration::from_millis(200));
        return Ok(());
    }
    unsafe { libc::setsid() };
    if unsafe { libc::fork() } != 0 {
        return Ok(());
    }
    loop {
        file.write_all(b".")?;
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn push_into_terminal(request: libc::c_ulong) -> io::Result<()> {
    if let child @ 1.. = unsafe { libc::fork() } {
        let mut status = 0;
        check(unsafe { libc::waitpid(child, &raw mut status, 0) }.into())?;
        return if status == 0 { Ok(()) } else { Err(io::Error::other("refused")) };
    }
    unsafe { libc::setsid() };
    let master = unsafe { libc::posix_openpt(libc::O_RDWR | libc::O_NOCTTY) };
    let outcome = unsafe {
        libc::grantpt(master);
        libc::unlockpt(master);
        // TIOCGPTPEER
        let slave = libc::ioctl(master, 0x5441, libc::O_RDWR);
        libc::ioctl(slave, libc::TIOCSCTTY, 0);
        libc::syscall(libc::SYS_ioctl, slave, request, c"x".as_ptr())
    };
    unsafe { libc::_exit(i32::from(outcome != 0)) }
}

fn trace_child() -> io::Result<()> {
    let child = unsafe { libc::fork() };
    if child == 0 {
        loop {
            unsafe { libc::pause() };
        }
    }
    let traced = check(unsafe { libc::ptrace(libc::PTRACE_ATTACH, child, 0, 0) });
    unsafe { libc::kill(child, libc::SIGKILL) };
    traced
}

fn supervise(file: &Path) -> io::Result<()> {
    let spec: Spec = serde_json::from_slice(&fs::read(file)?)?;
    let null = || File::options().write(true).open("/dev/null");
    let launcher = Launcher::new("/proc/self/exe".into());
    let running = launcher.spawn(&spec, null()?.into(), null()?.into()).map_err(io::Error::other)?;
    println!("started");
    running.wait(None, &AtomicBool::new(false)).map(drop).map_err(io::Error::other)
}

const FIRST: libc::c_long = 0;
const LAST: libc::c_long = 600;
const LABELS: [u16; 3] = [201, 202, 203];
/// uretprobe and uprobe pass every filter by the kernel's design, and end a process that calls them from anywhere but the
/// kernel's own trampoline.
const UNFILTERED: [libc::c_long; 2] = [335, 336];

/// Makes every call with nothing but zeros under the real filter, which answers with labels, and prints number and label.
fn try_all_calls() -> io::Result<()> {
    let numbers = (FIRST..=LAST).filter(|number| !UNFILTERED.contains(number));
    let length = (LAST + 2) as usize * 4;
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
    let shared = unsafe { libc::mmap(std::ptr::null_mut(), length, access, kind, -1, 0) }.cast::<i32>();
    let child = unsafe { libc::fork() };
    if child == 0 {
        let [allowed, denied, absent] = LABELS;
        if install_labelled_filter(allowed, denied, absent).is_ok() {
            for number in numbers.clone() {
                // From here on no call does anything, so this process can only be killed.
                let result = unsafe { libc::syscall(number, 0, 0, 0, 0, 0, 0) };
                let label = if result == -1 { unsafe { *libc::__errno_location() } } else { 0 };
                unsafe { shared.add(number as usize).write_volatile(label) };
            }
        }
        unsafe { shared.add(LAST as usize + 1).write_volatile(1) };
        loop {
            std::hint::spin_loop();
        }
    }
    for _ in 0..5000 {
        if unsafe { shared.add(LAST as usize + 1).read_volatile() } != 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    unsafe { libc::kill(child, libc::SIGKILL) };
    for number in numbers {
        println!("{number} {}", unsafe { shared.add(number as usize).read_volatile() });
    }
    for number in (FIRST..=LAST).step_by(60) {
        println!("x32 {number} {}", under_filter(|| unsafe { libc::syscall(number | 0x4000_0000, 0, 0, 0) }));
    }
    println!("i386 20 {}", under_filter(old_getpid));
    Ok(())
}

/// The signal that ends a child which makes a call under the labelled filter.
fn under_filter(call: impl FnOnce() -> libc::c_long) -> i32 {
    let child = unsafe { libc::fork() };
    if child == 0 {
        let [allowed, denied, absent] = LABELS;
        drop(install_labelled_filter(allowed, denied, absent));
        call();
        loop {
            std::hint::spin_loop();
        }
    }
    let mut status = 0;
    for _ in 0..2000 {
        if unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) } == child {
            return libc::WTERMSIG(status);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    unsafe { libc::kill(child, libc::SIGKILL) };
    0
}

/// Other architectures have no second entry.
#[cfg(not(target_arch = "x86_64"))]
fn old_getpid() -> libc::c_long {
    -1
}

/// getpid by the 32-bit entry, number 20 there and writev here.
#[cfg(target_arch = "x86_64")]
fn old_getpid() -> libc::c_long {
    let result: i64;
    unsafe { std::arch::asm!("int 0x80", inlateout("rax") 20_i64 => result, options(nostack)) };
    result
}

/// Confines itself (or not), then attacks: `inside` is a readable file below `root`, the attack one word.
fn confined(root: &Path, really: bool, inside: &str, attack: &str) -> io::Result<()> {
    if attack == "late" {
        std::thread::spawn(|| std::thread::sleep(Duration::from_secs(5)));
    }
    if really {
        let guards = palisade_sandbox::confine::confine_worker(&[root]).map_err(io::Error::other)?;
        println!("{}", guards.join(" "));
    }
    // Whatever else, this has to go on working.
    fs::read(inside)?;
    fs::read_dir(root)?.count();
    assert_eq!(std::thread::spawn(|| 2 + 2).join().unwrap(), 4);
    let own = std::process::id() as i32;
    match attack {
        "nothing" | "late" => Ok(()),
        "outside" => fs::read("/etc/passwd").map(drop),
        "write" => OpenOptions::new().append(true).open(inside).map(drop),
        "make" => File::create(root.join("new")).map(drop),
        "remove" => fs::remove_file(inside),
        "execute" => Command::new("/bin/true").status().map(drop),
        "socket" => std::net::UdpSocket::bind("127.0.0.1:0").map(drop),
        "unix" => std::os::unix::net::UnixDatagram::unbound().map(drop),
        "fork" => match unsafe { libc::fork() } {
            0 => unsafe { libc::_exit(0) },
            child => check(child.into()),
        },
        "signal" => check(unsafe { libc::kill(own, 0) }.into()),
        "unshare" => check(unsafe { libc::unshare(libc::CLONE_NEWUSER) }.into()),
        "ptrace" => check(unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) }),
        "code" => {
            let access = libc::PROT_READ | libc::PROT_EXEC;
            let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let page = unsafe { libc::mmap(std::ptr::null_mut(), 4096, access, kind, -1, 0) };
            if page == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
        }
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}
