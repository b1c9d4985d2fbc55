//! Compiles a pipeline file and the organisation's policy into a plan, and decides what a run of it does next.
//!
//! Pure: text and policy in, plan and problems out; state and event in, state and effects out. Knows nothing of running, storing or
//! signing, and never touches the outside world.
//!
//! Start at [`compile`]. The order is fixed: expand the repository's jobs, weave the mandatory stages of [`Policy`] around them, check,
//! canonicalise. Weaving comes after expansion, so that nothing in the file can multiply or drop a mandatory stage. [`RunState`] is
//! the run's state machine.

#![forbid(unsafe_code)]

mod check;
mod compile;
mod machine;
mod overlap;
mod policy;
mod weave;

pub use compile::compile;
pub use machine::{Conclusion, Effect, Event, IllegalEvent, RunState, Scope, UnknownJob};
pub use policy::{Expectations, Licences, Policy};
