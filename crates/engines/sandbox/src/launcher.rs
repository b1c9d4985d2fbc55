use std::collections::BTreeSet;
use std::fs::File;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use palisade_model::{IsolationGrade, Outcome};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::cgroup::Group;
use crate::identity::{host_uid, write_maps};
use crate::wire::{Assignment, Exit, How, Order, Report, receive, send};
use crate::{Guard, SandboxError, Spec};

/// First argument of a helper process.
pub(crate) const CHILD_ARGUMENT: &str = "__sandbox";

/// How long the cancel flag may go unseen.
const GLANCE: Duration = Duration::from_millis(50);
/// How long the helper may take to clear up before it is killed itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts sandboxes by way of a helper process: an executable whose `main` begins with [`crate::child_main`].
#[derive(Debug, Clone)]
pub struct Launcher {
    exe: PathBuf,
    without: BTreeSet<Guard>,
}

impl Launcher {
    /// `exe` is the helper executable; `/proc/self/exe` when it is this program.
    pub fn new(exe: PathBuf) -> Self {
        Self { exe, without: BTreeSet::new() }
    }

    /// Leaves a guard out, for tests that show what it is good for.
    #[cfg(feature = "weaken")]
    #[doc(hidden)]
    #[must_use]
    pub fn without(mut self, guard: Guard) -> Self {
        self.without.insert(guard);
        self
    }

    /// Starts the command of `spec`; returns when it is running. The two descriptors become its output, its input is empty.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Unavailable`] when the host lacks an isolation, in which case nothing was run;
    /// [`SandboxError::Command`] when the command cannot be executed; the others as they say.
    pub fn spawn(&self, spec: &Spec, stdout: OwnedFd, stderr: OwnedFd) -> Result<Running, SandboxError> {
        self.start(spec, stdout, stderr, false)
    }

    /// As [`Launcher::spawn`], with `terminal` as input and output. It should be the user's side of a new pseudoterminal pair: it
    /// becomes the controlling terminal inside, so that nothing can be pushed into the input of the real one (CVE-2017-5226).
    ///
    /// # Errors
    ///
    /// As for [`Launcher::spawn`].
    pub fn spawn_interactive(&self, spec: &Spec, terminal: OwnedFd) -> Result<Running, SandboxError> {
        let other = terminal.try_clone().map_err(|error| SandboxError::io("share the terminal", error))?;
        self.start(spec, terminal, other, true)
    }

    fn start(
        &self,
        spec: &Spec,
        stdout: OwnedFd,
        stderr: OwnedFd,
        interactive: bool,
    ) -> Result<Running, SandboxError> {
        spec.check()?;
        let refused = |error| SandboxError::io("start the sandbox helper", error);
        let (control, theirs) = UnixStream::pair().map_err(refused)?;
        let mut command = Command::new(&self.exe);
        command.arg(CHILD_ARGUMENT).env_clear().current_dir("/");
        command.stdin(OwnedFd::from(theirs)).stdout(stdout).stderr(stderr);
        let child = command.spawn().map_err(refused)?;
        // The parent's copies of the job's descriptors go with the command, or their readers would never see the end.
        drop(command);
        let mut running = Running { child, control, group: None, guards: BTreeSet::new() };
        running.group = Group::create(&spec.name, &spec.limits, &self.without)?;
        if running.group.as_ref().is_some_and(|group| group.add(running.child.id()).is_err()) {
            // Made but not to be entered, as where a parent is not delegated: then limits are held the other way, and the grade
            // says so.
            running.leave_group();
        }
        let mapped = host_uid(spec.slot);
        let assignment = Assignment {
            spec: spec.clone(),
            mapped,
            watch_memory: running.group.is_none() && !self.without.contains(&Guard::Memory),
            interactive,
            without: self.without.clone(),
        };
        running.hand_over(Box::new(assignment), mapped)?;
        Ok(running)
    }
}

/// A command in its sandbox. Dropping it kills everything inside.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// The helper kills everything when its other end closes: by us, or by the kernel when we die in whatever way. A parent-death
    /// signal would not do, because it is sent when the *thread* that started the helper ends.
    control: UnixStream,
    group: Option<Group>,
    guards: BTreeSet<Guard>,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// In the words of the run record.
    pub outcome: Outcome,
    /// Most memory used at one time in bytes: of the control group, or as summed up every tenth of a second.
    pub peak_memory: Option<u64>,
}

impl Running {
    /// How its limits are held.
    pub fn grade(&self) -> IsolationGrade {
        if self.group.is_some() { IsolationGrade::Cgroup } else { IsolationGrade::Rlimit }
    }

    /// The guards in force, sorted.
    pub fn guards(&self) -> Vec<String> {
        self.guards.iter().map(|guard| guard.name().to_owned()).collect()
    }

    /// Waits until nothing of the sandbox is left. Kills it at `deadline` and when `cancel` becomes true.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Lost`] when the helper died for no known reason; everything inside is gone then, too.
    pub fn wait(mut self, deadline: Option<Instant>, cancel: &AtomicBool) -> Result<Ended, SandboxError> {
        let mut exit = None;
        let cut_short = loop {
            if cancel.load(Ordering::Relaxed) {
                break Some(Outcome::Cancelled);
            }
            let left = deadline.map_or(GLANCE, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                break Some(Outcome::TimedOut);
            }
            if self.has_news(left.min(GLANCE))? {
                match receive(&self.control)? {
                    Some(Report::Ended(end)) => exit = Some(end),
                    Some(Report::Failed(error)) => return Err(error),
                    Some(Report::Unshared | Report::Started(_)) => {}
                    None => break None,
                }
            }
        };
        self.clear()?;
        let memory = self.group.as_ref().map(Group::usage).unwrap_or_default();
        let peak_memory = memory.peak.or(exit.and_then(|exit| exit.peak_memory));
        let outcome = match (exit, cut_short) {
            (None, Some(outcome)) => outcome,
            (Some(exit), _) => judge(exit, memory.out_of_memory, memory.refused_forks),
            (None, None) if memory.out_of_memory => Outcome::OutOfMemory,
            (None, None) => return Err(SandboxError::Lost("it was killed from outside".to_owned())),
        };
        Ok(Ended { outcome, peak_memory })
    }

    /// The conversation up to the point where the command runs.
    fn hand_over(
        &mut self,
        assignment: Box<Assignment>,
        mapped: Option<(u32, u32)>,
    ) -> Result<(), SandboxError> {
        let program = assignment.spec.argv.first().cloned().unwrap_or_default();
        send(&self.control, &Order::Prepare(assignment))?;
        loop {
            match receive(&self.control)? {
                Some(Report::Unshared) => {
                    write_maps(self.child.id(), mapped)?;
                    send(&self.control, &Order::Go)?;
                }
                Some(Report::Started(guards)) => {
                    self.guards = guards;
                    return Ok(());
                }
                Some(Report::Failed(error)) => return Err(error),
                Some(Report::Ended(_)) | None => {
                    let detail = format!("`{program}` was not started; is {CHILD_ARGUMENT} wired up?");
                    return Err(SandboxError::Lost(detail));
                }
            }
        }
    }

    fn has_news(&self, within: Duration) -> Result<bool, SandboxError> {
        let mut fds = [PollFd::new(&self.control, PollFlags::IN)];
        let timeout = Timespec {
            tv_sec: i64::try_from(within.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: within.subsec_nanos().into(),
        };
        match poll(&mut fds, Some(&timeout)) {
            Ok(count) => Ok(count > 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(SandboxError::io("wait for the sandbox", error)),
        }
    }

    /// Kills what is left inside and waits until it is gone. The helper does it by killing the first process of the process id
    /// namespace, which the kernel answers by killing all others; if it fails to, control groups and SIGKILL do.
    fn clear(&mut self) -> Result<(), SandboxError> {
        // Fails only when the other end is gone already.
        drop(self.control.shutdown(Shutdown::Write));
        if !self.drained(PATIENCE)? {
            if let Some(group) = &self.group {
                group.kill();
            }
            drop(self.child.kill());
            if !self.drained(PATIENCE)? {
                return Err(SandboxError::Lost("its processes cannot be killed".to_owned()));
            }
        }
        self.child.wait().map(drop).map_err(|error| SandboxError::io("reap the sandbox helper", error))
    }

    fn leave_group(&mut self) {
        if let Some(group) = self.group.take() {
            group.remove();
        }
    }

    /// Whether helper and first process have both let go of their end of `control`.
    fn drained(&self, within: Duration) -> Result<bool, SandboxError> {
        let end = Instant::now() + within;
        loop {
            if self.has_news(end.saturating_duration_since(Instant::now()).min(GLANCE))? {
                match receive::<Report>(&self.control) {
                    Ok(Some(_)) => {}
                    Ok(None) | Err(_) => return Ok(true),
                }
            }
            if Instant::now() >= end {
                return Ok(false);
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // After `wait` everything is gone and this finds nothing to do.
        drop(self.clear());
        self.leave_group();
    }
}

fn judge(exit: Exit, out_of_memory: bool, refused_forks: bool) -> Outcome {
    match exit.how {
        _ if exit.over_memory => Outcome::OutOfMemory,
        How::Code(0) => Outcome::Succeeded,
        _ if out_of_memory => Outcome::OutOfMemory,
        _ if refused_forks => Outcome::OverLimit,
        How::Signal(libc::SIGXFSZ) => Outcome::OverLimit,
        How::Code(code) => Outcome::Failed(code),
        How::Signal(signal) => Outcome::Signalled(signal),
    }
}

/// A file to stand in for output nobody wants.
pub(crate) fn null() -> Result<OwnedFd, SandboxError> {
    let file = File::options().read(true).write(true).open("/dev/null");
    file.map(OwnedFd::from).map_err(|error| SandboxError::io("open /dev/null", error))
}
