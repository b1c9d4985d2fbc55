//! Keeps secrets out of text that leaves us: logs, messages, reports.
//!
//! Knows nothing of where secrets come from or where text goes. A [`Masker`] is built from [`Secret`]s once; a [`MaskStream`] runs
//! over one stream of bytes and finds them across chunk borders, as they are and in the forms that programs print them in.
//!
//! Not covered: forms that a program makes up itself, such as reversed or encrypted text, and base64 that is wrapped inside the
//! secret. Masking is the last net, not the wall.

#![forbid(unsafe_code)]

mod forms;
mod stream;

use std::fmt;

use zeroize::Zeroizing;

pub use stream::{MaskStream, Masker};

/// What stands in the place of a secret.
pub const MASK: &[u8] = b"***";

/// The shortest secret that is masked, in bytes. Shorter ones would turn every log into stars.
pub const SHORTEST: usize = 4;

/// The shortest part (a line of a longer secret, an encoded form) that is masked on its own, in bytes.
pub const SHORTEST_PART: usize = 6;

/// A value that must not be shown. It is wiped when dropped, and has no readable `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes over `bytes`.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// The value, for the one place that needs it.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}
