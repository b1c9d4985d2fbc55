//! Drives the engine through its public interface.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests; clippy exempts only what is marked as one"
)]

mod behaviour;
mod changed;
mod examples;
mod files;
mod foreign;
mod hostile;
mod leaks;
mod mutations;
mod quiet;
mod security;
mod text;
mod varied;
