//! Asks the gate's policy, written in Rego, whether a run may go on, and gives a [`Verdict`](palisade_model::Verdict).
//!
//! Pure: Rego texts and a [`GateInput`](palisade_model::GateInput) go in, a verdict comes out. It reads no file, clock, network or
//! environment, and gives policies no way to: the only clock is `input.now`. It knows nothing of how findings were made, which of
//! them are suppressed (that is on the finding), or what a denial leads to.
//!
//! Policies come in layers: the embedded default, the organisation's, the repository's. Each is compiled and asked by itself and
//! the answers are added up, so that no layer can reach into another: what a repository adds can only deny more.
//!
//! Everything that goes wrong is a denial of [`ObjectionKind::Error`](palisade_model::ObjectionKind): a rule that fails, is
//! undefined, answers in a form that is not described, goes over its budget of work, or makes the interpreter panic.
//!
//! Start at [`GatePolicy::compile`] and [`GatePolicy::decide`]; [`replay`] gives a verdict again from a stored input, [`test()`] runs
//! a policy's own tests.

#![forbid(unsafe_code)]

mod answer;
mod builtin;
mod confine;
mod error;
mod gate;
mod layer;
mod module;
mod nesting;
mod structure;
mod testing;

pub use error::{Place, PolicyError, ReplayError};
pub use gate::{GatePolicy, MAX_INPUT_BYTES, read_input, replay};
pub use module::{Bundle, LayerName, Module, Organisation};
pub use testing::{TestOutcome, default_policy, test};
