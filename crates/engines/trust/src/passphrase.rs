use std::fmt;

use zeroize::Zeroizing;

/// What protects private keys; never empty, wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(Zeroizing<String>);

/// Nobody could be asked for the passphrase, or the answer was of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PassphraseUnavailable(pub String);

impl Passphrase {
    /// Takes over `text`; an empty one is refused.
    pub fn new(text: Zeroizing<String>) -> Result<Self, PassphraseUnavailable> {
        if text.is_empty() {
            return Err(PassphraseUnavailable("the passphrase is empty".to_owned()));
        }
        Ok(Self(text))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}
