//! What tests need to drive the real program: a project to work on, a user to work as, and what came of a call.
//!
//! It must not know how Palisade works inside: it uses no other crate of the project, so that what a test believes never comes from
//! the code under test. Everything lives in temporary folders of its own, so tests run side by side.
//!
//! Start with [`Project`] (the folder), [`Account`] (the home folder, keys, policy, remembered checkpoints) and [`Answer`] (exit code
//! and output).

#![forbid(unsafe_code)]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "this crate is used by tests alone, where a failure must stop the test"
)]

mod account;
mod answer;
mod binary;
mod ignores;
mod project;

pub use account::{Account, Call};
pub use answer::{Answer, peer, python};
pub use binary::palisade;
pub use ignores::IGNORE_LINES;
pub use project::Project;
