use std::fmt;
use std::path::{Path, PathBuf};

use palisade_attest::KeyName;
use palisade_model::KeyProtection;
use palisade_sys::{FileError, FileErrorKind, Files, Mode, Random};
use pkcs8::SecretDocument;
use zeroize::Zeroizing;

use crate::{
    Passphrase, PassphraseUnavailable, PrivateKeyError, PublicKeyError, PublicKeys, Signer, private,
};

const STATEMENT_FILE: &str = "statement.key";
const LOG_FILE: &str = "log.key";
const PUBLIC_FILE: &str = "palisade.pub";
const LOCK_FILE: &str = "keys.lock";
const MAX_KEY_FILE: u64 = 64 << 10;

/// How new private keys are to be kept.
#[derive(Debug, Clone)]
pub enum Protection {
    /// In the clear; refused for protected environments.
    Unprotected,
    /// Encrypted.
    Passphrase(Passphrase),
}

/// Why keys could not be made or loaded.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is none.
    #[error("there is no key at `{}`", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// One half of the pair is there, the other is not.
    #[error("the key pair is incomplete: there is no `{}`", path.display())]
    Incomplete {
        /// What is missing.
        path: PathBuf,
    },
    /// Keys are never overwritten.
    #[error("there is a key at `{}` already", path.display())]
    Exists {
        /// Where.
        path: PathBuf,
    },
    /// Others may read or change a private key.
    #[error("others can read the private key `{}` (mode {mode:04o})", path.display())]
    Exposed {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The passphrase does not open it.
    #[error("wrong passphrase for `{}`", path.display())]
    WrongPassphrase {
        /// Which.
        path: PathBuf,
    },
    /// There is no passphrase to try.
    #[error("`{}` is encrypted: {reason}", path.display())]
    NoPassphrase {
        /// Which.
        path: PathBuf,
        /// Why not.
        reason: PassphraseUnavailable,
    },
    /// Not what it should be.
    #[error("`{}` is damaged: {reason}", path.display())]
    Corrupt {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A new key could not be made.
    #[error(transparent)]
    Make(PrivateKeyError),
    /// The file system refused.
    #[error(transparent)]
    File(#[from] FileError),
}

impl KeyError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => Some("make a pair with `palisade key generate`".to_owned()),
            Self::Incomplete { .. } => {
                Some("restore the file from a backup, or move the rest away and make a new pair".to_owned())
            }
            Self::Exists { .. } => {
                Some("keys are never overwritten; move the old pair to a safe place first".to_owned())
            }
            Self::Exposed { path, .. } => Some(format!(
                "run `chmod 600 {}`; if others use this machine, make a new pair",
                path.display()
            )),
            _ => None,
        }
    }
}

/// A pair of keys in a folder: `statement.key` and `log.key` (PKCS#8 PEM, 0600), and `palisade.pub` with the public halves and the
/// log's origin.
///
/// Whether keys are protected is read off the private files themselves: a key that is not encrypted is `local-unprotected`, and no
/// label can be removed to make it look better.
#[derive(Clone)]
pub struct KeyStore<'a> {
    files: &'a dyn Files,
    folder: PathBuf,
}

impl<'a> KeyStore<'a> {
    /// The store in `folder`, which is created when keys are made.
    pub fn new(files: &'a dyn Files, folder: PathBuf) -> Self {
        Self { files, folder }
    }

    /// Where the public keys lie.
    pub fn public_path(&self) -> PathBuf {
        self.folder.join(PUBLIC_FILE)
    }

    /// Makes a new pair. `origin` becomes the ledger's name. Never overwrites.
    pub fn generate(
        &self,
        protection: &Protection,
        origin: &KeyName,
        random: &dyn Random,
    ) -> Result<Signer, KeyError> {
        let statement = private::new_p256(random).map_err(KeyError::Make)?;
        self.store(&statement, protection, origin, random)
    }

    /// Takes over an existing P-256 key (PKCS#8 PEM, encrypted under `passphrase` or not) as statement key, and makes a log key.
    pub fn import(
        &self,
        pem: &Zeroizing<String>,
        passphrase: &dyn Fn() -> Result<Passphrase, PassphraseUnavailable>,
        protection: &Protection,
        origin: &KeyName,
        random: &dyn Random,
    ) -> Result<Signer, KeyError> {
        let opened = private::open(pem, passphrase).map_err(KeyError::Make)?;
        self.store(&opened.der, protection, origin, random)
    }

    fn store(
        &self,
        statement: &SecretDocument,
        protection: &Protection,
        origin: &KeyName,
        random: &dyn Random,
    ) -> Result<Signer, KeyError> {
        let log = private::new_ed25519(random).map_err(KeyError::Make)?;
        let kept = match protection {
            Protection::Unprotected => KeyProtection::LocalUnprotected,
            Protection::Passphrase(_) => KeyProtection::Passphrase,
        };
        let signer = Signer::new(statement, &log, origin, kept).map_err(KeyError::Make)?;
        let statement_pem = pem(statement, protection, random).map_err(KeyError::Make)?;
        let log_pem = pem(&log, protection, random).map_err(KeyError::Make)?;

        self.files.create_folder(&self.folder, Mode::Private)?;
        let _lock = self.files.lock(&self.folder.join(LOCK_FILE))?;
        for name in [STATEMENT_FILE, LOG_FILE, PUBLIC_FILE] {
            self.refuse_existing(&self.folder.join(name))?;
        }
        self.create(LOG_FILE, log_pem.as_bytes(), Mode::Private)?;
        self.create(PUBLIC_FILE, signer.public().to_string().as_bytes(), Mode::Shared)?;
        // Last, so that a pair with a statement key is whole.
        self.create(STATEMENT_FILE, statement_pem.as_bytes(), Mode::Private)?;
        Ok(signer)
    }

    fn refuse_existing(&self, path: &Path) -> Result<(), KeyError> {
        match self.files.mode(path) {
            Ok(_) => Err(KeyError::Exists { path: path.to_owned() }),
            Err(error) if error.kind == FileErrorKind::Missing => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn create(&self, name: &str, bytes: &[u8], mode: Mode) -> Result<(), KeyError> {
        let path = self.folder.join(name);
        self.files.create(&path, bytes, mode).map_err(|error| match error.kind {
            FileErrorKind::Exists => KeyError::Exists { path },
            _ => error.into(),
        })
    }

    /// Encrypts an unprotected pair under `passphrase`; the keys stay the same. Where a crash left one of them encrypted, it is done
    /// again. What was in the clear before may still lie on the disk.
    ///
    /// # Errors
    /// [`KeyError::WrongPassphrase`] when the pair is encrypted under another one already.
    pub fn protect(&self, passphrase: &Passphrase, random: &dyn Random) -> Result<(), KeyError> {
        let _lock = self.files.lock(&self.folder.join(LOCK_FILE))?;
        let ask = || Ok(passphrase.clone());
        // Both are read before either is written: a wrong passphrase leaves the pair as it was.
        let log = self.read_private(LOG_FILE, &ask)?;
        let statement = self.read_private(STATEMENT_FILE, &ask)?;
        for (name, opened) in [(LOG_FILE, log), (STATEMENT_FILE, statement)] {
            let pem = private::encrypted_pem(&opened.der, passphrase, random).map_err(KeyError::Make)?;
            self.files.write(&self.folder.join(name), pem.as_bytes(), Mode::Private)?;
        }
        Ok(())
    }

    /// Loads the pair. `passphrase` is asked only if a key is encrypted.
    pub fn load(
        &self,
        passphrase: &dyn Fn() -> Result<Passphrase, PassphraseUnavailable>,
    ) -> Result<Signer, KeyError> {
        let statement = self.read_private(STATEMENT_FILE, passphrase)?;
        let log = self.read_private(LOG_FILE, passphrase).map_err(incomplete)?;
        let public = self.public().map_err(incomplete)?;
        let path = self.public_path();
        let strange = |reason: &str| KeyError::Corrupt { path: path.clone(), reason: reason.to_owned() };
        let [log_key] = public.logs.as_slice() else {
            return Err(strange("expected exactly one log key"));
        };
        let protection = match statement.encrypted && log.encrypted {
            true => KeyProtection::Passphrase,
            false => KeyProtection::LocalUnprotected,
        };
        let signer = Signer::new(&statement.der, &log.der, &log_key.name, protection)
            .map_err(|error| self.unreadable(STATEMENT_FILE, error))?;
        if *signer.public() != public {
            return Err(strange("it does not belong to the private keys beside it"));
        }
        Ok(signer)
    }

    /// The public halves alone; needs no passphrase.
    pub fn public(&self) -> Result<PublicKeys, KeyError> {
        let path = self.public_path();
        let text = self.read_text(&path)?;
        PublicKeys::parse(&text)
            .map_err(|error: PublicKeyError| KeyError::Corrupt { path, reason: error.to_string() })
    }

    fn read_private(
        &self,
        name: &str,
        passphrase: &dyn Fn() -> Result<Passphrase, PassphraseUnavailable>,
    ) -> Result<private::Opened, KeyError> {
        let path = self.folder.join(name);
        let text = self.read_text(&path)?;
        let mode = self.files.mode(&path)?;
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed { path, mode });
        }
        private::open(&text, passphrase).map_err(|error| self.unreadable(name, error))
    }

    fn read_text(&self, path: &Path) -> Result<Zeroizing<String>, KeyError> {
        let bytes = self.files.read(path, MAX_KEY_FILE).map_err(|error| match error.kind {
            FileErrorKind::Missing => KeyError::Missing { path: path.to_owned() },
            _ => error.into(),
        })?;
        String::from_utf8(bytes).map(Zeroizing::new).map_err(|error| {
            drop(Zeroizing::new(error.into_bytes()));
            KeyError::Corrupt { path: path.to_owned(), reason: "not text".to_owned() }
        })
    }

    fn unreadable(&self, name: &str, error: PrivateKeyError) -> KeyError {
        let path = self.folder.join(name);
        match error {
            PrivateKeyError::WrongPassphrase => KeyError::WrongPassphrase { path },
            PrivateKeyError::NoPassphrase(reason) => KeyError::NoPassphrase { path, reason },
            error => KeyError::Corrupt { path, reason: error.to_string() },
        }
    }
}

impl fmt::Debug for KeyStore<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyStore").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// A statement key without the rest of its pair is half a pair, not none.
fn incomplete(error: KeyError) -> KeyError {
    match error {
        KeyError::Missing { path } => KeyError::Incomplete { path },
        other => other,
    }
}

fn pem(
    key: &SecretDocument,
    protection: &Protection,
    random: &dyn Random,
) -> Result<Zeroizing<String>, PrivateKeyError> {
    match protection {
        Protection::Unprotected => private::plain_pem(key),
        Protection::Passphrase(passphrase) => private::encrypted_pem(key, passphrase, random),
    }
}
