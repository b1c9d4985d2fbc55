use aws_lc_rs::agreement::{self, ECDH_P256};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use palisade_sys::{Random, RandomError};
use pkcs8::der::Decode;
use pkcs8::der::asn1::OctetString;
use pkcs8::pkcs5::{EncryptionScheme, pbes2, scrypt};
use pkcs8::{EncryptedPrivateKeyInfoOwned, LineEnding, PrivateKeyInfoRef, SecretDocument};
use zeroize::Zeroizing;

use crate::{Passphrase, PassphraseUnavailable};

const PLAIN_LABEL: &str = "PRIVATE KEY";
const ENCRYPTED_LABEL: &str = "ENCRYPTED PRIVATE KEY";

/// scrypt with N = 2^14, r = 8, p = 5: as costly to guess as N = 2^17, p = 1 (OWASP Password Storage Cheat Sheet), within the 32 MiB
/// that OpenSSL grants by default.
const SCRYPT: (u8, u32, u32) = (14, 8, 5);

/// Dearer parameters in a file are refused before they are run: 1 GiB of memory for scrypt, half a minute for PBKDF2.
const MAX_SCRYPT_MEMORY: u64 = 1 << 30;
const MAX_SCRYPT_PARALLEL: u16 = 16;
const MAX_PBKDF2_ROUNDS: u32 = 20_000_000;

/// A private key that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PrivateKeyError {
    /// No PEM with one PKCS#8 key.
    #[error("not a PKCS#8 private key in PEM")]
    NotPkcs8,
    /// Encrypted in a way that is not supported, or at a cost that is refused.
    #[error("the key's encryption is not supported")]
    Encryption,
    /// Another kind of key.
    #[error("not a private key for {0}")]
    Kind(&'static str),
    /// The passphrase does not open it.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// There is no passphrase to try.
    #[error(transparent)]
    NoPassphrase(#[from] PassphraseUnavailable),
    /// Making or protecting a key failed.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The library refused to make or write a key.
    #[error("cannot make a private key")]
    Make,
}

/// A private key as DER, with whether it came encrypted.
pub(crate) struct Opened {
    pub(crate) der: SecretDocument,
    pub(crate) encrypted: bool,
}

/// A new P-256 key as PKCS#8 DER.
pub(crate) fn new_p256(random: &dyn Random) -> Result<SecretDocument, PrivateKeyError> {
    // One scalar in 2^32 is out of range (FIPS 186-5, A.2.2: testing candidates).
    for _ in 0..8 {
        let seed = fresh_seed(random)?;
        if let Ok(key) = agreement::PrivateKey::from_private_key(&ECDH_P256, seed.as_slice()) {
            let der: Pkcs8V1Der<'_> = key.as_der().map_err(|_| PrivateKeyError::Make)?;
            return document(der.as_ref());
        }
    }
    Err(PrivateKeyError::Make)
}

/// A new Ed25519 key as PKCS#8 DER.
pub(crate) fn new_ed25519(random: &dyn Random) -> Result<SecretDocument, PrivateKeyError> {
    let seed = fresh_seed(random)?;
    let key = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).map_err(|_| PrivateKeyError::Make)?;
    document(key.to_pkcs8v1().map_err(|_| PrivateKeyError::Make)?.as_ref())
}

fn fresh_seed(random: &dyn Random) -> Result<Zeroizing<[u8; 32]>, RandomError> {
    let mut seed = Zeroizing::new([0; 32]);
    random.fill(seed.as_mut_slice())?;
    Ok(seed)
}

fn document(der: &[u8]) -> Result<SecretDocument, PrivateKeyError> {
    SecretDocument::try_from(der).map_err(|_| PrivateKeyError::Make)
}

/// Reads a P-256 key from PKCS#8 DER.
pub(crate) fn p256(der: &SecretDocument) -> Result<EcdsaKeyPair, PrivateKeyError> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der.as_bytes())
        .map_err(|_| PrivateKeyError::Kind("ECDSA P-256"))
}

/// Reads an Ed25519 key from PKCS#8 DER. OpenSSL writes version 1, which holds no public key to compare with.
pub(crate) fn ed25519(der: &SecretDocument) -> Result<Ed25519KeyPair, PrivateKeyError> {
    Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.as_bytes()).map_err(|_| PrivateKeyError::Kind("Ed25519"))
}

/// The PEM of a private key in the clear.
pub(crate) fn plain_pem(der: &SecretDocument) -> Result<Zeroizing<String>, PrivateKeyError> {
    der.to_pem(PLAIN_LABEL, LineEnding::LF).map_err(|_| PrivateKeyError::Make)
}

/// The PEM of a private key under `passphrase`: PBES2 with scrypt and AES-256-CBC (RFC 8018, RFC 7914).
pub(crate) fn encrypted_pem(
    der: &SecretDocument,
    passphrase: &Passphrase,
    random: &dyn Random,
) -> Result<Zeroizing<String>, PrivateKeyError> {
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    random.fill(&mut salt)?;
    random.fill(&mut iv)?;
    let (log_n, r, p) = SCRYPT;
    let cost = scrypt::Params::new(log_n, r, p).map_err(|_| PrivateKeyError::Make)?;
    let scheme =
        pbes2::Parameters::generate_scrypt_aes256cbc(cost, &salt, iv).map_err(|_| PrivateKeyError::Make)?;
    let sealed = scheme.encrypt(passphrase.as_bytes(), der.as_bytes()).map_err(|_| PrivateKeyError::Make)?;
    let info = EncryptedPrivateKeyInfoOwned {
        encryption_algorithm: EncryptionScheme::Pbes2(scheme),
        encrypted_data: OctetString::new(sealed).map_err(|_| PrivateKeyError::Make)?,
    };
    let document = SecretDocument::encode_msg(&info).map_err(|_| PrivateKeyError::Make)?;
    document.to_pem(ENCRYPTED_LABEL, LineEnding::LF).map_err(|_| PrivateKeyError::Make)
}

/// Opens a PEM of either kind; asks for the passphrase only if there is something to open.
pub(crate) fn open(
    pem: &str,
    passphrase: &dyn Fn() -> Result<Passphrase, PassphraseUnavailable>,
) -> Result<Opened, PrivateKeyError> {
    let (label, document) = SecretDocument::from_pem(pem).map_err(|_| PrivateKeyError::NotPkcs8)?;
    match label {
        PLAIN_LABEL => {
            PrivateKeyInfoRef::from_der(document.as_bytes()).map_err(|_| PrivateKeyError::NotPkcs8)?;
            Ok(Opened { der: document, encrypted: false })
        }
        ENCRYPTED_LABEL => {
            let info: EncryptedPrivateKeyInfoOwned =
                document.decode_msg().map_err(|_| PrivateKeyError::NotPkcs8)?;
            check_cost(&info.encryption_algorithm)?;
            let der = info.decrypt(passphrase()?.as_bytes()).map_err(|_| PrivateKeyError::WrongPassphrase)?;
            Ok(Opened { der, encrypted: true })
        }
        _ => Err(PrivateKeyError::NotPkcs8),
    }
}

fn check_cost(scheme: &EncryptionScheme) -> Result<(), PrivateKeyError> {
    let affordable = match scheme.pbes2().map(|parameters| &parameters.kdf) {
        Some(pbes2::Kdf::Scrypt(scrypt)) => {
            let memory =
                scrypt.cost_parameter.saturating_mul(u64::from(scrypt.block_size)).saturating_mul(128);
            scrypt.cost_parameter.is_power_of_two()
                && memory <= MAX_SCRYPT_MEMORY
                && scrypt.parallelization <= MAX_SCRYPT_PARALLEL
        }
        Some(pbes2::Kdf::Pbkdf2(pbkdf2)) => pbkdf2.iteration_count <= MAX_PBKDF2_ROUNDS,
        _ => false,
    };
    if affordable { Ok(()) } else { Err(PrivateKeyError::Encryption) }
}

#[cfg(test)]
mod tests {
    use palisade_sys::SeededRandom;

    use super::*;

    fn passphrase() -> Result<Passphrase, PassphraseUnavailable> {
        Passphrase::new(Zeroizing::new("x".to_owned()))
    }

    /// A key file that asks for other work than ours do.
    fn costly(change: impl Fn(&mut pbes2::Kdf)) -> Zeroizing<String> {
        let random = SeededRandom::new(1);
        let key = new_p256(&random).unwrap();
        let pem = encrypted_pem(&key, &passphrase().unwrap(), &random).unwrap();
        let mut info: EncryptedPrivateKeyInfoOwned =
            SecretDocument::from_pem(&pem).unwrap().1.decode_msg().unwrap();
        if let EncryptionScheme::Pbes2(parameters) = &mut info.encryption_algorithm {
            change(&mut parameters.kdf);
        }
        SecretDocument::encode_msg(&info).unwrap().to_pem(ENCRYPTED_LABEL, LineEnding::LF).unwrap()
    }

    #[test]
    fn a_file_cannot_make_us_work_for_hours_or_panic() {
        let scrypt = |cost, size, parallel| {
            costly(move |kdf| {
                if let pbes2::Kdf::Scrypt(scrypt) = kdf {
                    scrypt.cost_parameter = cost;
                    scrypt.block_size = size;
                    scrypt.parallelization = parallel;
                }
            })
        };
        let rounds = costly(|kdf| {
            *kdf = pbes2::Pbkdf2Params::hmac_sha256(50_000_000, &[1; 16]).unwrap().into();
        });
        for pem in [
            scrypt(1 << 40, 8, 1),
            scrypt(0, 8, 1),
            scrypt(1 << 14, 60_000, 1),
            scrypt(1 << 14, 8, 60_000),
            rounds,
        ] {
            assert!(matches!(open(&pem, &passphrase), Err(PrivateKeyError::Encryption)));
        }
        assert!(open(&scrypt(1 << 14, 8, 5), &passphrase).unwrap().encrypted);
    }

    #[test]
    fn text_that_is_no_key_is_refused() {
        for bad in ["", "x", "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"] {
            assert!(matches!(open(bad, &passphrase), Err(PrivateKeyError::NotPkcs8)), "{bad}");
        }
    }
}
