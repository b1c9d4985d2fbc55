//! Runs one job of a plan: workspace, steps in the sandbox, masked logs, collected outputs.
//!
//! Knows nothing of plans as a whole, of runs, of stores: paths and values come from the caller, a [`palisade_model::JobRecord`] goes
//! back. What is said of a job here is seen from outside its sandbox: exit status from the supervisor, digests from files read
//! after the last process is gone.
//!
//! Start at [`run_job`].

#![forbid(unsafe_code)]

mod environment;
mod job;
mod log;
mod outputs;
mod terminal;

pub use job::{JobRun, Laid, RunnerError, open_shell, run_job};
pub use log::Watch;
pub use outputs::{collected_path, output_glob};
