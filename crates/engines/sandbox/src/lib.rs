//! Runs a job's command where it can reach nothing but what it was given, and confines the scanner's own worker process.
//!
//! Synchronous, no network, no runtime. Knows nothing of pipelines, plans, logs or storage: a [`Spec`] goes in, an [`Ended`] comes
//! out. The only crate in which `unsafe` is allowed, in its module `kernel`.
//!
//! Start at [`Launcher::spawn`]. Since a process with threads cannot fork safely nor enter a user namespace, the launcher starts
//! the program again as a helper ([`child_main`]), which makes namespaces, a root of its own and a first process, and ends as the
//! command. Isolation is given or refused ([`SandboxError::Unavailable`]), never quietly less: only the way limits are held has a
//! grade ([`Running::grade`]), and only Landlock may be missing from [`Running::guards`]. [`probe`] says beforehand what the host
//! can do, [`reap`] removes what a killed supervisor left, [`confine`] is for processes that confine themselves.

#![warn(missing_docs)]

mod cgroup;
mod child;
pub mod confine;
mod error;
mod filter;
mod guard;
mod identity;
mod kernel;
mod launcher;
mod probe;
mod spec;
mod syscalls;
mod tools;
mod wire;

pub use cgroup::reap;
pub use child::{child_main, is_child_invocation};
pub use error::SandboxError;
#[cfg(feature = "weaken")]
pub use filter::install_labelled_filter;
pub use guard::Guard;
pub use identity::{SLOTS, host_uid};
pub use launcher::{Ended, Launcher, Running};
pub use probe::{Capability, HostReport, probe};
pub use spec::{Access, HOME, Mount, Spec, TMP, WORKSPACE};
pub use tools::{Tool, detect_tools};

/// How many threads this process has; 0 when the system does not say.
fn threads() -> u64 {
    use std::os::unix::fs::MetadataExt;
    // Folders have one link from above, one from themselves, and one from each folder inside.
    std::fs::metadata("/proc/self/task").map_or(0, |task| task.nlink().saturating_sub(2))
}
