use aws_lc_rs::hmac;

use crate::Fingerprint;

/// A project's salt as the key under which fingerprints are made, so that nobody who does not have it can try guesses against them.
pub struct FingerprintKey(hmac::Key);

impl FingerprintKey {
    /// The key of this salt.
    pub fn new(salt: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, salt))
    }

    /// HMAC-SHA-256 (RFC 2104) over `parts`, each with its length before it (8 bytes, big-endian), so that no two lists of parts are
    /// the same bytes. The first part is a label that tells what kind of thing is named.
    pub fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(context.sign().as_ref());
        digest
    }

    /// The first 16 bytes of [`Self::digest`].
    pub fn fingerprint(&self, parts: &[&[u8]]) -> Fingerprint {
        Fingerprint::head_of(&self.digest(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_follow_the_documented_layout() {
        // Computed with Python's hmac module from the layout in the documentation.
        let print = FingerprintKey::new(b"salt").fingerprint(&[b"palisade/token/1", b"github", b"secret"]);
        assert_eq!(print.to_string(), "4337148d31c73ffc7fe0088eeb9941c3");
    }

    #[test]
    fn lengths_keep_parts_apart() {
        let key = FingerprintKey::new(b"salt");
        assert_ne!(key.fingerprint(&[b"a", b"bc"]), key.fingerprint(&[b"ab", b"c"]));
        assert_ne!(key.fingerprint(&[b"a"]), FingerprintKey::new(b"tlas").fingerprint(&[b"a"]));
        assert_ne!(key.fingerprint(&[b"a"]), key.fingerprint(&[b"a", b""]));
    }
}
