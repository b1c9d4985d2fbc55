//! Pulls an image into a folder: `pull REFERENCE FOLDER [USER PASSWORD]`, for comparing with other clients.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use palisade_registry::{Client, Credentials, Limits};
use palisade_sys::HostNet;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (reference, folder, credentials) = match arguments.as_slice() {
        [reference, folder] => (reference, folder, Credentials::Anonymous),
        [reference, folder, user, password] => {
            (reference, folder, Credentials::Basic { user: user.clone(), password: password.clone().into() })
        }
        _ => return Err("usage: pull REFERENCE FOLDER [USER PASSWORD]".into()),
    };
    std::fs::create_dir_all(folder)?;
    let client = Client::new(Arc::new(HostNet::default()), credentials, Limits::default());
    let pulled = client.pull(&reference.parse()?, None, Path::new(folder))?;
    writeln!(std::io::stdout(), "{}", pulled.manifest)?;
    Ok(())
}
