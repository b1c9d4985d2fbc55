//! Sandboxes on the real kernel. Run as root, everything runs a second time as an ordinary user: see `life`.

#![expect(clippy::unwrap_used, reason = "tests, and what they share")]

mod attacks;
mod bench;
mod confined;
mod filter;
mod life;
mod toolchains;
