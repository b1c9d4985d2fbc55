use std::path::PathBuf;

use palisade_attest::KeyName;
use palisade_model::KeyProtection;
use palisade_trust::{KeyError, Passphrase, Protection, PublicKeys, Signer};
use zeroize::Zeroizing;

use crate::{Context, FlowError};

/// The user's keys, as far as anybody may know them.
#[derive(Debug, Clone)]
pub struct KeyView {
    /// Where the public halves lie.
    pub path: PathBuf,
    /// The public halves.
    pub public: PublicKeys,
    /// How the private halves are kept; none when that was not looked up, because it would need the passphrase.
    pub protection: Option<KeyProtection>,
}

/// Makes a pair, encrypted under `passphrase` or, when there is none, unprotected. Never overwrites.
pub fn generate_keys(context: &Context, passphrase: Option<Passphrase>) -> Result<KeyView, FlowError> {
    let protection = passphrase.map_or(Protection::Unprotected, Protection::Passphrase);
    let signer = context.keys().generate(&protection, &log_name(context)?, &*context.random)?;
    Ok(view(context, &signer))
}

/// Takes over an existing P-256 key as statement key and makes a log key beside it.
pub fn import_keys(
    context: &Context,
    pem: &Zeroizing<String>,
    passphrase: Option<Passphrase>,
) -> Result<KeyView, FlowError> {
    let protection = passphrase.map_or(Protection::Unprotected, Protection::Passphrase);
    let name = log_name(context)?;
    let signer = context.keys().import(pem, &*context.passphrase, &protection, &name, &*context.random)?;
    Ok(view(context, &signer))
}

/// Encrypts the user's unprotected pair under `passphrase`; the keys, and so the ledgers they signed, stay the same.
pub fn protect_keys(context: &Context, passphrase: &Passphrase) -> Result<KeyView, FlowError> {
    context.keys().protect(passphrase, &*context.random)?;
    let view = public_keys(context)?;
    Ok(KeyView { protection: Some(KeyProtection::Passphrase), ..view })
}

/// The public halves of the user's keys.
pub fn public_keys(context: &Context) -> Result<KeyView, FlowError> {
    let public = context.keys().public()?;
    Ok(KeyView { path: context.keys().public_path(), public, protection: None })
}

/// The user's keys for signing; an unprotected pair is made when there is none. Says whether it was.
pub(crate) fn load_or_generate(context: &Context) -> Result<(Signer, bool), FlowError> {
    match context.keys().load(&*context.passphrase) {
        Ok(signer) => Ok((signer, false)),
        Err(KeyError::Missing { .. }) => {
            let name = log_name(context)?;
            match context.keys().generate(&Protection::Unprotected, &name, &*context.random) {
                Ok(signer) => Ok((signer, true)),
                // Another first run was faster, or a part of a pair lies there: loading tells which.
                Err(KeyError::Exists { path }) => match context.keys().load(&*context.passphrase) {
                    Err(KeyError::Missing { .. }) => Err(KeyError::Exists { path }.into()),
                    loaded => Ok((loaded?, false)),
                },
                Err(error) => Err(error.into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

fn view(context: &Context, signer: &Signer) -> KeyView {
    KeyView {
        path: context.keys().public_path(),
        public: signer.public().clone(),
        protection: Some(signer.protection()),
    }
}

/// A log key's name should be unique in the world; nothing about the user or the machine is given away by it.
fn log_name(context: &Context) -> Result<KeyName, FlowError> {
    let mut random = [0; 8];
    context.random.fill(&mut random).map_err(FlowError::bug)?;
    let name = format!("palisade-{:016x}", u64::from_be_bytes(random));
    name.parse().map_err(FlowError::bug)
}
