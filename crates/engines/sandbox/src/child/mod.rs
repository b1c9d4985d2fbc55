//! The helper process, in three generations: the *supervisor's hand* (this file) makes the namespaces and holds the lifeline, the
//! *first process* (`init`) furnishes them and reaps, the *job* (`job`) gives everything up and becomes the command.

mod init;
mod job;
mod layout;
mod owners;
mod root;

use std::fs;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::Mode;
use rustix::process::{
    DumpableBehavior, Pid, PidfdFlags, Signal, WaitOptions, kill_process, pidfd_open, set_dumpable_behavior,
    setsid, umask, waitpid,
};
use rustix::thread::{
    Gid, Uid, UnshareFlags, set_keep_capabilities, set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};

use crate::kernel::{Side, close_from, fork, unshare};
use crate::launcher::CHILD_ARGUMENT;
use crate::spec::INSIDE_ID;
use crate::wire::{Assignment, Order, Report, receive, send};
use crate::{Guard, SandboxError};

/// Jobs go first when the host runs out of memory.
const OOM_SCORE: &str = "500";

/// Whether this process was started as the helper: its first argument is `__sandbox`.
pub fn is_child_invocation() -> bool {
    std::env::args_os().nth(1).is_some_and(|argument| argument == CHILD_ARGUMENT)
}

/// The whole life of a helper process. Call it first thing in `main`, before any thread and any file is opened; the caller must
/// return what it returns.
///
/// Standard input is the socket to the supervisor, the two outputs are the job's.
pub fn child_main() -> ExitCode {
    let Ok(control) = take_control() else { return ExitCode::FAILURE };
    if let Err(error) = supervise(&control) {
        // If this fails too, nobody listens any more.
        drop(send(&control, &Report::Failed(error)));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Moves the socket away from standard input and closes everything that came along by mistake.
fn take_control() -> Result<UnixStream, SandboxError> {
    close_from(3, false).map_err(|error| SandboxError::io("close inherited files", error))?;
    let control = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3);
    let control = control.map_err(|error| SandboxError::io("take over the control socket", error))?;
    let null = crate::launcher::null()?;
    rustix::stdio::dup2_stdin(&null).map_err(|error| SandboxError::io("empty the input", error))?;
    Ok(UnixStream::from(control))
}

fn supervise(control: &UnixStream) -> Result<(), SandboxError> {
    let Some(Order::Prepare(assignment)) = receive(control)? else { return Ok(()) };
    umask(Mode::from_raw_mode(0o022));
    // Already a session leader when started as one; no harm then.
    let _ = setsid();
    // Refused only where it was higher before.
    drop(fs::write("/proc/self/oom_score_adj", OOM_SCORE));
    let mut layout = layout::Layout::of(&assignment.spec, assignment.without.contains(&Guard::ReadOnly));
    if let Some(job) = assignment.mapped {
        // Only the real root may look into every folder, so sources are cloned before it is given up.
        layout.open_sources(job)?;
    }
    let hint = "set sysctl user.max_user_namespaces above 0, kernel.unprivileged_userns_clone=1 and \
                kernel.apparmor_restrict_unprivileged_userns=0, or run as root";
    unshare(UnshareFlags::NEWUSER)
        .map_err(|error| SandboxError::unavailable("a user namespace", error, hint))?;
    send(control, &Report::Unshared)?;
    let Some(Order::Go) = receive(control)? else { return Ok(()) };
    become_inside_user(assignment.mapped.is_some())?;
    hide(&assignment)?;
    enter_namespaces(&assignment)?;
    let (alive, token) = UnixStream::pair().map_err(|error| SandboxError::io("make a lifeline", error))?;
    match fork().map_err(|error| SandboxError::io("start the first process", error))? {
        Side::Parent(first) => {
            drop(alive);
            let result = hold(control, first);
            drop(token);
            result
        }
        Side::Child => {
            drop(token);
            init::run(control, &assignment, layout, &alive)
        }
    }
}

/// The identity inside, with full capabilities over the new namespaces.
fn become_inside_user(mapped: bool) -> Result<(), SandboxError> {
    let refused = |error| SandboxError::io("change to the job's user", error);
    if mapped {
        set_thread_groups(&[]).map_err(refused)?;
    }
    // Root does not exist inside, so the change would keep capabilities anyway; said aloud all the same.
    set_keep_capabilities(true).map_err(refused)?;
    let (uid, gid) = (Uid::from_raw(INSIDE_ID), Gid::from_raw(INSIDE_ID));
    set_thread_res_gid(gid, gid, gid).map_err(refused)?;
    set_thread_res_uid(uid, uid, uid).map_err(refused)
}

/// Nobody looks into this process and the first one, whatever user they are.
fn hide(assignment: &Assignment) -> Result<(), SandboxError> {
    let behavior = match assignment.without.contains(&Guard::NotDumpable) {
        true => DumpableBehavior::Dumpable,
        false => DumpableBehavior::NotDumpable,
    };
    set_dumpable_behavior(behavior).map_err(|error| SandboxError::io("forbid looking inside", error))
}

fn enter_namespaces(assignment: &Assignment) -> Result<(), SandboxError> {
    let mut flags = UnshareFlags::NEWNS
        | UnshareFlags::NEWPID
        | UnshareFlags::NEWIPC
        | UnshareFlags::NEWUTS
        | UnshareFlags::NEWCGROUP;
    if !assignment.without.contains(&Guard::NetNamespace) {
        flags |= UnshareFlags::NEWNET;
    }
    let hint = "raise the sysctls user.max_*_namespaces, and check that AppArmor lets user namespaces have capabilities";
    unshare(flags).map_err(|error| SandboxError::unavailable("a set of namespaces", error, hint))
}

/// Waits for the first process to end, or for the supervisor to let go; kills in the second case.
fn hold(control: &UnixStream, first: Pid) -> Result<(), SandboxError> {
    let waiting = |error| SandboxError::io("wait for the first process", error);
    let ended = pidfd_open(first, PidfdFlags::empty()).map_err(waiting)?;
    loop {
        let mut fds = [PollFd::new(control, PollFlags::IN), PollFd::new(&ended, PollFlags::IN)];
        match poll(&mut fds, None) {
            Ok(_) => break,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(waiting(error)),
        }
    }
    // Nothing is ever sent here: readable means closed. Killing one that has ended does nothing, it is not reaped yet.
    let _ = kill_process(first, Signal::KILL);
    loop {
        match waitpid(Some(first), WaitOptions::empty()) {
            Err(rustix::io::Errno::INTR) => {}
            other => return other.map(drop).map_err(waiting),
        }
    }
}
