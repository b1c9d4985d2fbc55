use std::path::Path;

use palisade_flow::{Context, Exit, FlowError, KeyView};
use palisade_report::printable;
use palisade_sys::{Files, HostFiles};
use palisade_trust::{Passphrase, PassphraseUnavailable};
use serde_json::json;
use zeroize::Zeroizing;

use super::{Done, usage};
use crate::args::KeyCommand;
use crate::environment::{PASSPHRASE, PASSPHRASE_FILE, given_passphrase, passphrase};
use crate::output::{CommandError, Output};

/// The largest key file that is read, in bytes.
const LIMIT: u64 = 64 << 10;

pub(super) fn key(context: &Context, output: &Output, command: &KeyCommand) -> Done {
    match command {
        KeyCommand::Generate { unprotected } => {
            let view = palisade_flow::generate_keys(context, new_passphrase(*unprotected)?)?;
            made(output, &view)
        }
        KeyCommand::Import { file, unprotected } => {
            let pem = read(file)?;
            let view = palisade_flow::import_keys(context, &pem, new_passphrase(*unprotected)?)?;
            made(output, &view)
        }
        KeyCommand::Protect => {
            let passphrase = new_passphrase(false)?.ok_or_else(|| usage("no passphrase", "give one"))?;
            let view = palisade_flow::protect_keys(context, &passphrase)?;
            if output.is_json() {
                return made(output, &view);
            }
            output.show("the keys are encrypted now; they sign as before\n")?;
            Ok(Exit::Done)
        }
        KeyCommand::Show => {
            let view = palisade_flow::public_keys(context)?;
            output.raw(view.public.to_string().as_bytes())?;
            Ok(Exit::Done)
        }
    }
}

fn made(output: &Output, view: &KeyView) -> Done {
    if output.is_json() {
        output.emit(&json!({
            "schema": "palisade/key/v1", "path": view.path, "protection": view.protection,
            "public": view.public.to_string(),
        }))?;
    } else {
        let path = printable(&view.path.display().to_string());
        output.show(&format!(
            "made a pair of keys; give away {path}, which is what `palisade verify --key` takes\n"
        ))?;
    }
    Ok(Exit::Done)
}

fn read(file: &Path) -> Result<Zeroizing<String>, CommandError> {
    let bytes = HostFiles.read(file, LIMIT)?;
    String::from_utf8(bytes).map(Zeroizing::new).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        usage(&format!("`{}` is not UTF-8", file.display()), "expected a PEM file")
    })
}

/// From the environment as it is; typed ones twice, for what is mistyped once is lost for good.
fn new_passphrase(unprotected: bool) -> Result<Option<Passphrase>, CommandError> {
    if unprotected {
        return Ok(None);
    }
    let refused = |PassphraseUnavailable(message): PassphraseUnavailable| FlowError::Usage {
        message: format!("no passphrase: {message}"),
        hint: Some(format!("set {PASSPHRASE_FILE} or {PASSPHRASE}, run on a terminal, or say --unprotected")),
    };
    if let Some(given) = given_passphrase().map_err(refused)? {
        return Ok(Some(given));
    }
    let first = passphrase("new passphrase: ").map_err(refused)?;
    let second = passphrase("again: ").map_err(refused)?;
    match first == second {
        true => Ok(Some(first)),
        false => Err(usage("the two passphrases differ", "nothing was made; try again")),
    }
}
