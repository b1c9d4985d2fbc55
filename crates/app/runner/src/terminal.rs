use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};

/// What the line discipline takes for the end of input.
const END_OF_INPUT: u8 = 4;

/// How long the end of the session may go unseen by the side that waits for input.
const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// A pseudoterminal between the user and a sandbox. The user's own terminal never goes inside: whoever held it there could type on it
/// (CVE-2017-5226).
pub(crate) struct Terminal {
    ours: File,
    theirs: Option<OwnedFd>,
}

impl Terminal {
    /// A new pair, of the size of the user's terminal.
    pub(crate) fn open() -> io::Result<Self> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let name = ptsname(&ours, Vec::new())?;
        let theirs = openat(CWD, name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
        if let Ok(size) = tcgetwinsize(io::stdin()) {
            tcsetwinsize(&ours, size)?;
        }
        Ok(Self { ours: ours.into(), theirs: Some(theirs) })
    }

    /// The side for the sandbox; given once.
    pub(crate) fn take_theirs(&mut self) -> io::Result<OwnedFd> {
        self.theirs.take().ok_or_else(|| io::Error::other("the terminal was handed out already"))
    }

    /// Carries input and output between the user and the sandbox while `session` runs.
    pub(crate) fn relay<T>(&self, session: impl FnOnce() -> T) -> io::Result<T> {
        let _raw = RawMode::enter()?;
        let ended = AtomicBool::new(false);
        let (mut input, mut output) = (self.ours.try_clone()?, self.ours.try_clone()?);
        Ok(thread::scope(|scope| {
            // Neither direction can fail in a way that the user could do anything about: both end when the session does.
            scope.spawn(|| forward_input(&mut input, &ended));
            let shown = scope.spawn(|| forward_output(&mut output));
            let result = session();
            ended.store(true, Ordering::Relaxed);
            let _ = shown.join();
            result
        }))
    }
}

fn forward_input(to: &mut File, ended: &AtomicBool) -> io::Result<()> {
    let mut buffer = [0; 4096];
    while !ended.load(Ordering::Relaxed) {
        let stdin = io::stdin();
        let mut ready = [PollFd::new(&stdin, PollFlags::IN)];
        if poll(&mut ready, Some(&GLANCE))? == 0 {
            continue;
        }
        let count = rustix::io::read(stdin.as_fd(), &mut buffer)?;
        if count == 0 {
            return to.write_all(&[END_OF_INPUT]);
        }
        to.write_all(buffer.get(..count).unwrap_or_default())?;
    }
    Ok(())
}

/// Until the last process inside has closed its side, which reads as an error.
fn forward_output(from: &mut File) -> io::Result<()> {
    let mut buffer = [0; 4096];
    let mut out = io::stdout();
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        out.write_all(buffer.get(..count).unwrap_or_default())?;
        out.flush()?;
    }
    Ok(())
}

/// The user's terminal passes every key on as it is, until this is dropped.
struct RawMode(Option<Termios>);

impl RawMode {
    fn enter() -> io::Result<Self> {
        let stdin = io::stdin();
        if !isatty(&stdin) {
            return Ok(Self(None));
        }
        let before = tcgetattr(&stdin)?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(&stdin, OptionalActions::Flush, &raw)?;
        Ok(Self(Some(before)))
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // A terminal that is gone needs no restoring.
            let _ = tcsetattr(io::stdin(), OptionalActions::Flush, before);
        }
    }
}
