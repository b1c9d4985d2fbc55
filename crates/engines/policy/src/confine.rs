//! Runs the interpreter where it can do no harm: on a thread with a stack of its own, for a bounded time, panics caught.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// Enough for the deepest chain that the limits on modules, rules and nesting let through; the system gives it page by page.
const STACK_BYTES: usize = 512 << 20;

/// Only what the budget of work does not count, such as a builtin over a huge value, ever gets here.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the interpreter did instead of answering, as the end of a sentence that starts with it.
pub(crate) type Crash = &'static str;

/// The value of `work`. After [`PATIENCE`] its thread is left to itself.
pub(crate) fn confined<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Crash> {
    let (sender, receiver) = sync_channel(1);
    let builder = thread::Builder::new().name("policy".into()).stack_size(STACK_BYTES);
    // A send fails only when nobody waits any more.
    let started = builder.spawn(move || drop(sender.send(work())));
    if started.is_err() {
        return Err("could not be given a thread");
    }
    receiver.recv_timeout(PATIENCE).map_err(|error| match error {
        RecvTimeoutError::Timeout => "did not come to an end",
        RecvTimeoutError::Disconnected => "panicked",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_answer() {
        assert_eq!(confined(|| 1), Ok(1));
        assert_eq!(confined(|| -> u8 { panic!("on purpose") }), Err("panicked"));
    }
}
