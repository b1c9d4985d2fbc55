use std::io;

use palisade_oci::{ChoiceError, OciError};

/// Why an image was not pulled.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The registry cannot be reached, or breaks off.
    #[error("cannot reach `{host}`: {detail}")]
    Unreachable {
        /// The host.
        host: String,
        /// What happened.
        detail: String,
    },
    /// It wants credentials, or others.
    #[error("`{host}` refuses access to `{what}`; check the name, and log in with the rights to pull it")]
    Denied {
        /// The host.
        host: String,
        /// What was asked for.
        what: String,
    },
    /// It has no such image, manifest or blob.
    #[error("`{host}` has no `{what}`")]
    NotFound {
        /// The host.
        host: String,
        /// What was asked for.
        what: String,
    },
    /// It has answered too many questions already.
    #[error("`{host}` answers too many requests with status {status}; try again later")]
    Busy {
        /// The host.
        host: String,
        /// The status of its answer.
        status: u16,
    },
    /// It answers something that the specification does not have.
    #[error("`{host}` answers with {detail}")]
    Protocol {
        /// The host.
        host: String,
        /// What is wrong.
        detail: String,
    },
    /// It sends us to an address that is not asked.
    #[error("`{from}` names the address `{to}`, which is not asked: {why}")]
    Address {
        /// Who named it.
        from: String,
        /// The address, without its query.
        to: String,
        /// Why not.
        why: &'static str,
    },
    /// What came is not what was promised, or no document.
    #[error("`{what}` {error}")]
    Document {
        /// What was asked for.
        what: String,
        /// What is wrong with it.
        error: OciError,
    },
    /// No image of an index fits the platform.
    #[error("the index {0}")]
    Platform(#[from] ChoiceError),
    /// The image is over a limit.
    #[error("the image is over the limit of {0}")]
    OverLimit(String),
    /// What was pulled cannot be stored.
    #[error("cannot write the image: {0}")]
    Store(#[from] io::Error),
}
