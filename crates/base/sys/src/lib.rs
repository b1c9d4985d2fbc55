//! The outside world as small traits, so that everything above can be tested without it.
//!
//! [`Files`], [`Net`], [`Clock`] and [`Random`], each with a real form ([`HostFiles`], [`HostClock`], [`HostRandom`]) and one in memory
//! ([`MemoryFiles`], [`FixedClock`], [`SeededRandom`]). Knows nothing of what is stored: no formats, no paths of ours. [`beneath`] is for
//! those who read foreign folders, where a link must lead nobody out.
//!
//! Durable means: after the call returns, `kill -9` and a power cut lose nothing of it.

pub mod beneath;
mod clock;
mod files;
mod host;
mod mapped;
mod memory;
mod net;
mod random;

pub use clock::{Clock, FixedClock, HostClock};
pub use files::{FileError, FileErrorKind, Files, Lock, Mode};
pub use host::{HostFiles, is_temporary};
pub use mapped::MappedFile;
pub use memory::MemoryFiles;
pub use net::{HostNet, Net, NetError, Response};
pub use random::{HostRandom, Random, RandomError, SeededRandom};
