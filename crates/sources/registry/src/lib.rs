//! Pulls images from registries (OCI distribution-spec 1.1, Docker Registry HTTP API v2) into an OCI layout.
//!
//! A registry is hostile: it sends other bytes than it promised, more than it promised, and asks for credentials at addresses of its
//! choice. Every blob is checked against its digest while it is written; connections go to HTTPS, or to this machine when the registry
//! itself is there; credentials go to the registry and to the token service it names, and to nobody that these redirect to.
//!
//! Asks nobody but whom [`Client::pull`] is told to ask, over the connections that it is given. Reads no environment and no files, and runs
//! no credential helpers: it says which one is to be asked.
//! Knows nothing of what lies in layers.
//!
//! Start at [`Client::new`].

#![forbid(unsafe_code)]

mod address;
mod challenge;
mod client;
mod credentials;
mod error;
mod pull;

pub use client::{Client, Limits};
pub use credentials::{CredentialHelper, Credentials, DockerLogin, LoginError, docker_login, helper_answer};
pub use error::RegistryError;
pub use pull::Pulled;
