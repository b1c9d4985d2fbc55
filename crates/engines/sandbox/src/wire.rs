//! What supervisor and helper say to each other: JSON in frames of a length (four bytes, little endian) and that many bytes.

use std::collections::BTreeSet;
use std::io::{Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Guard, SandboxError, Spec};

/// More than the kernel lets a process have as arguments and environment by default.
const MAX_FRAME: u32 = 32 << 20;
/// Most frames are smaller, and so are read at one stroke.
const USUAL_FRAME: usize = 16 << 10;

/// From the supervisor.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Order {
    /// The first frame: what to do.
    Prepare(Box<Assignment>),
    /// Identities are in place.
    Go,
}

/// Everything the helper has to know.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Assignment {
    pub(crate) spec: Spec,
    /// User and group of the host that the job runs as, when it has some of its own. We are root until then.
    pub(crate) mapped: Option<(u32, u32)>,
    /// No control group holds memory: the first process inside sums it up.
    pub(crate) watch_memory: bool,
    /// Standard output is a terminal that becomes the job's own.
    pub(crate) interactive: bool,
    /// Guards left out; empty but in tests of this crate.
    pub(crate) without: BTreeSet<Guard>,
}

/// From the helper.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Report {
    /// In a user namespace that has no identities yet.
    Unshared,
    /// The command is running, held by these.
    Started(BTreeSet<Guard>),
    /// The command was not run.
    Failed(SandboxError),
    /// The command is over.
    Ended(Exit),
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Exit {
    pub(crate) how: How,
    /// Killed because all processes together were over the memory limit.
    pub(crate) over_memory: bool,
    /// Most memory seen at one time, if it was summed up, in bytes.
    pub(crate) peak_memory: Option<u64>,
}

/// The two ways for a process to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum How {
    Code(i32),
    Signal(i32),
}

pub(crate) fn send<T: Serialize>(mut to: impl Write, message: &T) -> Result<(), SandboxError> {
    let failed = |error: std::io::Error| SandboxError::io("talk to the other side of the sandbox", error);
    let body = serde_json::to_vec(message).map_err(|error| failed(error.into()))?;
    let length = u32::try_from(body.len()).ok().filter(|length| *length <= MAX_FRAME);
    let length = length.ok_or_else(|| SandboxError::Invalid("it is larger than 32 MiB".to_owned()))?;
    let mut frame = length.to_le_bytes().to_vec();
    frame.extend_from_slice(&body);
    to.write_all(&frame).map_err(failed)
}

/// The next message; none when the other side is gone.
pub(crate) fn receive<T: DeserializeOwned>(mut from: impl Read) -> Result<Option<T>, SandboxError> {
    let failed = |error: std::io::Error| SandboxError::io("listen to the other side of the sandbox", error);
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if is_gone(&error) => return Ok(None),
        Err(error) => return Err(failed(error)),
    }
    let length = u32::from_le_bytes(length);
    if length > MAX_FRAME {
        return Err(SandboxError::Lost("a frame is too long".to_owned()));
    }
    let mut body = Vec::with_capacity(USUAL_FRAME);
    from.take(u64::from(length)).read_to_end(&mut body).map_err(failed)?;
    serde_json::from_slice(&body).map(Some).map_err(|error| failed(error.into()))
}

fn is_gone(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_and_truncation_is_not_a_message() {
        let exit = Exit { how: How::Code(3), over_memory: false, peak_memory: Some(7) };
        let mut bytes = Vec::new();
        send(&mut bytes, &exit).unwrap();
        assert_eq!(receive::<Exit>(bytes.as_slice()).unwrap(), Some(exit));
        assert_eq!(receive::<Exit>(&bytes[..3]).unwrap(), None);
        assert!(receive::<Exit>(&bytes[..bytes.len() - 1]).is_err());
        assert!(receive::<Exit>([0xff_u8; 4].as_slice()).is_err());
    }
}
