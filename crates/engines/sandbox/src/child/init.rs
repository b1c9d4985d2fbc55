//! The first process inside: furnishes the namespaces, starts the job, reaps whatever ends, and takes everything along when the
//! job is over.

use std::fs;
use std::io::Read;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, WaitStatus, kill_process, pidfd_open,
    set_parent_process_death_signal, wait,
};
use rustix::system::sethostname;

use super::layout::Layout;
use super::{job, root};
use crate::kernel::{Side, fork, raise_loopback};
use crate::wire::{Assignment, Exit, How, Report, send};
use crate::{Guard, SandboxError};

/// How often memory is summed up.
const WATCH: Duration = Duration::from_millis(100);

pub(super) fn run(
    control: &UnixStream,
    assignment: &Assignment,
    layout: Layout,
    alive: &UnixStream,
) -> Result<(), SandboxError> {
    die_with_parent(alive)?;
    sethostname(b"palisade").map_err(|error| SandboxError::io("set the host name", error))?;
    if !assignment.without.contains(&Guard::NetNamespace) {
        raise_loopback().map_err(|error| SandboxError::io("bring the loopback interface up", error))?;
    }
    root::enter(assignment, layout)?;
    let (mut news, voice) = UnixStream::pair().map_err(|error| SandboxError::io("make a socket", error))?;
    let job = match fork().map_err(|error| SandboxError::io("start the job", error))? {
        Side::Child => {
            drop(news);
            return job::run(assignment, voice);
        }
        Side::Parent(job) => job,
    };
    drop(voice);
    let guards = match listen(&mut news)? {
        Ok(guards) => guards,
        Err(error) => return send(control, &Report::Failed(error)),
    };
    send(control, &Report::Started(guards))?;
    let limit = assignment.watch_memory.then_some(assignment.spec.limits.memory_bytes);
    let exit = match limit {
        None => Exit { how: reap_until(job)?, over_memory: false, peak_memory: None },
        Some(limit) => watch_until(job, limit)?,
    };
    send(control, &Report::Ended(exit))
}

/// The kernel kills us when our parent is gone; if it is gone before it knew to, we go by ourselves. Inside a new process id
/// namespace the parent has no number to compare, so its end of a socket tells.
fn die_with_parent(alive: &UnixStream) -> Result<(), SandboxError> {
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|error| SandboxError::io("tie the sandbox to its supervisor", error))?;
    let mut fds = [PollFd::new(alive, PollFlags::IN)];
    match poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })) {
        Ok(0) => Ok(()),
        _ => Err(SandboxError::Lost("its supervisor is gone".to_owned())),
    }
}

/// What the job says before it becomes the command: its guards, then nothing more, or why it could not.
fn listen(news: &mut UnixStream) -> Result<Result<job::Guards, SandboxError>, SandboxError> {
    let mut bytes = Vec::with_capacity(1024);
    news.read_to_end(&mut bytes).map_err(|error| SandboxError::io("hear from the job", error))?;
    let mut rest = bytes.as_slice();
    let mut last = Err(SandboxError::Lost("the job died before its command was executed".to_owned()));
    while let Some(word) = crate::wire::receive(&mut rest)? {
        last = word;
    }
    Ok(last)
}

/// Reaps everything until the job has ended.
fn reap_until(job: Pid) -> Result<How, SandboxError> {
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == job => return Ok(how(status)),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(SandboxError::io("wait for the job", error)),
        }
    }
}

/// As [`reap_until`], summing up memory meanwhile. Over the limit everything is killed.
fn watch_until(job: Pid, limit: u64) -> Result<Exit, SandboxError> {
    let waiting = |error| SandboxError::io("wait for the job", error);
    let ended = pidfd_open(job, PidfdFlags::empty()).map_err(waiting)?;
    let mut peak = 0;
    loop {
        let mut fds = [PollFd::new(&ended, PollFlags::IN)];
        let timeout = Timespec { tv_sec: 0, tv_nsec: WATCH.subsec_nanos().into() };
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(waiting(error)),
        }
        let used = resident_bytes()?;
        peak = peak.max(used);
        let over_memory = used > limit;
        if over_memory {
            let _ = kill_process(job, Signal::KILL);
            return Ok(Exit { how: reap_until(job)?, over_memory, peak_memory: Some(peak) });
        }
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if pid == job {
                return Ok(Exit { how: how(status), over_memory, peak_memory: Some(peak) });
            }
        }
    }
}

/// Resident memory of every process inside; shared pages count once for each, so this errs on the high side.
fn resident_bytes() -> Result<u64, SandboxError> {
    let failed = |error| SandboxError::io("sum up memory", error);
    let mut kibibytes = 0;
    for entry in fs::read_dir("/proc").map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.parse::<u32>().is_err() {
            continue;
        }
        match fs::read_to_string(path.join("status")) {
            Ok(text) => kibibytes += resident_kibibytes(&text),
            // Ended in between.
            Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ESRCH)) => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(kibibytes << 10)
}

/// From proc(5) `status`; processes that have ended but are not reaped have no such line.
fn resident_kibibytes(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn how(status: WaitStatus) -> How {
    match status.exit_status() {
        Some(code) => How::Code(code),
        None => How::Signal(status.terminating_signal().unwrap_or(libc::SIGKILL)),
    }
}
