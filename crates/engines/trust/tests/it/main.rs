//! Keys against a real file system and the `openssl` program.

#![cfg(test)]

mod vectors;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use palisade_attest::{
    Checkpoint, CheckpointSigner, CheckpointVerifier, Envelope, KeyName, NoteSignature, Predicate,
    SignedCheckpoint, Statement,
};
use palisade_model::{Digest, KeyProtection, Subject};
use palisade_sys::{HostFiles, MemoryFiles, SeededRandom};
use palisade_trust::{
    KeyError, KeyStore, Passphrase, PassphraseUnavailable, PrivateKeyError, Protection, PublicKeys, Signer,
    Verifier, VerifyError,
};
use zeroize::Zeroizing;

const WORD: &str = "correct horse ß";

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(Zeroizing::new(text.to_owned())).unwrap()
}

fn word() -> Result<Passphrase, PassphraseUnavailable> {
    Ok(passphrase(WORD))
}

fn nobody() -> Result<Passphrase, PassphraseUnavailable> {
    Err(PassphraseUnavailable("no terminal to ask on".to_owned()))
}

fn origin() -> KeyName {
    "example.com/ledger".parse().unwrap()
}

fn encrypted() -> Protection {
    Protection::Passphrase(passphrase(WORD))
}

fn statement() -> Statement {
    let subject = Subject { name: "a.tar.gz".to_owned(), digest: Digest::of(b"abc") };
    let predicate =
        Predicate::Other { predicate_type: "urn:test:v1".to_owned(), value: serde_json::json!({"x": 1}) };
    Statement::new(vec![subject], &predicate).unwrap()
}

fn in_memory(seed: u64) -> Signer {
    let files = MemoryFiles::new();
    KeyStore::new(&files, "/keys".into())
        .generate(&Protection::Unprotected, &origin(), &SeededRandom::new(seed))
        .unwrap()
}

fn generate(folder: &Path, protection: &Protection) -> Signer {
    KeyStore::new(&HostFiles, folder.to_owned())
        .generate(protection, &origin(), &SeededRandom::new(1))
        .unwrap()
}

fn load(folder: &Path) -> Result<Signer, KeyError> {
    KeyStore::new(&HostFiles, folder.to_owned()).load(&word)
}

/// Runs openssl in `folder` and returns its output; panics with its words when it fails.
fn openssl(folder: &Path, line: &str) -> Vec<u8> {
    let arguments = line.split(' ').map(|word| word.replace("WORD", WORD));
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "openssl {line}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn openssl_reads_our_keys_and_verifies_our_signatures() {
    for protection in [Protection::Unprotected, encrypted()] {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let signer = generate(at, &protection);

        let exported = openssl(at, "pkey -in statement.key -passin pass:WORD -pubout");
        assert!(
            fs::read_to_string(at.join("palisade.pub")).unwrap().contains(str::from_utf8(&exported).unwrap())
        );
        let envelope = signer.sign_statement(&statement()).unwrap();
        fs::write(at.join("pae"), envelope.pae()).unwrap();
        fs::write(at.join("sig"), envelope.signature()).unwrap();
        openssl(at, "dgst -sha256 -verify palisade.pub -signature sig pae");

        openssl(at, "pkey -in log.key -passin pass:WORD -pubout -out log.pub");
        let signed = signer.sign_checkpoint(&Checkpoint::new(origin().as_str(), 5, Digest::of(b""))).unwrap();
        fs::write(at.join("text"), signed.note().text()).unwrap();
        fs::write(at.join("sig"), &signed.note().signatures()[0].bytes).unwrap();
        openssl(at, "pkeyutl -verify -pubin -inkey log.pub -rawin -in text -sigfile sig");
    }
}

#[test]
fn we_read_keys_of_openssl_and_verify_its_signatures() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    openssl(at, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out plain.pem");
    openssl(at, "pkcs8 -topk8 -in plain.pem -scrypt -v2 aes-256-cbc -passout pass:WORD -out scrypt.pem");
    openssl(at, "pkcs8 -topk8 -in plain.pem -v2 aes-256-cbc -passout pass:WORD -out pbkdf2.pem");
    let envelope = Envelope::new(statement().to_json().unwrap(), None, vec![]);
    fs::write(at.join("pae"), envelope.pae()).unwrap();
    let signature = openssl(at, "dgst -sha256 -sign plain.pem pae");
    let theirs = Envelope::new(envelope.payload().to_vec(), None, signature);

    for name in ["plain.pem", "scrypt.pem", "pbkdf2.pem"] {
        let pem = Zeroizing::new(fs::read_to_string(at.join(name)).unwrap());
        let store = KeyStore::new(&HostFiles, at.join(format!("from-{name}")));
        store.import(&pem, &word, &Protection::Unprotected, &origin(), &SeededRandom::new(3)).unwrap();
        let signer = store.load(&nobody).unwrap();
        let verifier = Verifier::new(signer.public().clone());
        assert_eq!(verifier.verify_envelope(&theirs).unwrap(), statement(), "{name}");
    }
}

#[test]
fn keys_of_other_kinds_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for (name, kind) in [
        ("p384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384"),
        ("rsa", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048"),
        ("ed", "-algorithm ED25519"),
    ] {
        openssl(at, &format!("genpkey {kind} -out {name}"));
        let pem = Zeroizing::new(fs::read_to_string(at.join(name)).unwrap());
        let store = KeyStore::new(&HostFiles, at.join("keys"));
        let error = store.import(&pem, &nobody, &Protection::Unprotected, &origin(), &SeededRandom::new(3));
        assert!(matches!(error, Err(KeyError::Make(PrivateKeyError::Kind(_)))), "{name}: {error:?}");
    }
}

#[test]
fn an_encrypted_pair_needs_its_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    generate(folder.path(), &encrypted());
    let store = KeyStore::new(&HostFiles, folder.path().to_owned());
    assert!(matches!(store.load(&|| Ok(passphrase("x"))), Err(KeyError::WrongPassphrase { .. })));
    assert!(matches!(store.load(&nobody), Err(KeyError::NoPassphrase { .. })));
}

#[test]
fn protection_is_read_off_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    generate(at, &encrypted());
    assert_eq!(load(at).unwrap().protection(), KeyProtection::Passphrase);
    // Whoever decrypts one of the files cannot keep the better label.
    openssl(at, "pkey -in log.key -passin pass:WORD -out log.key.plain");
    fs::rename(at.join("log.key.plain"), at.join("log.key")).unwrap();
    fs::set_permissions(at.join("log.key"), fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(load(at).unwrap().protection(), KeyProtection::LocalUnprotected);
}

#[test]
fn each_fault_of_a_key_folder_has_its_error() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let store = KeyStore::new(&HostFiles, at.to_owned());
    assert!(matches!(load(at), Err(KeyError::Missing { .. })));
    generate(at, &Protection::Unprotected);
    let again = store.generate(&Protection::Unprotected, &origin(), &SeededRandom::new(2));
    assert!(matches!(again, Err(KeyError::Exists { .. })));

    let key = at.join("log.key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let error = load(at).unwrap_err();
    assert!(error.to_string().contains("0640") && error.hint().unwrap().contains("chmod 600"), "{error}");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();

    let public = fs::read_to_string(at.join("palisade.pub")).unwrap();
    fs::write(at.join("palisade.pub"), in_memory(9).public().to_string()).unwrap();
    assert!(matches!(load(at), Err(KeyError::Corrupt { path, .. }) if path.ends_with("palisade.pub")));
    fs::write(at.join("palisade.pub"), public).unwrap();

    fs::write(&key, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").unwrap();
    assert!(matches!(load(at), Err(KeyError::Corrupt { path, .. }) if path == key));
    fs::remove_file(&key).unwrap();
    assert!(matches!(load(at), Err(KeyError::Incomplete { path }) if path == key));
}

#[test]
fn an_unprotected_pair_can_be_encrypted_and_stays_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    generate(at, &Protection::Unprotected);
    let before = load(at).unwrap().public().clone();
    let passphrase = |text: &str| Passphrase::new(text.to_owned().into()).unwrap();
    let store = KeyStore::new(&HostFiles, at.to_owned());
    store.protect(&passphrase("a long one"), &SeededRandom::new(5)).unwrap();
    let opened = store.load(&|| Ok(passphrase("a long one"))).unwrap();
    assert_eq!((opened.protection(), opened.public()), (KeyProtection::Passphrase, &before));
    assert_eq!(fs::metadata(at.join("statement.key")).unwrap().permissions().mode() & 0o777, 0o600);
    let refused = store.protect(&passphrase("another"), &SeededRandom::new(6));
    assert!(matches!(refused, Err(KeyError::WrongPassphrase { .. })));
    store.load(&|| Ok(passphrase("a long one"))).unwrap();
}

#[test]
fn only_trusted_keys_count_whatever_the_envelope_says() {
    let (ours, theirs) = (in_memory(1), in_memory(2));
    let verifier = Verifier::new(ours.public().clone());
    let good = ours.sign_statement(&statement()).unwrap();
    assert_eq!(verifier.verify_envelope(&good), Ok(statement()));
    let renamed =
        Envelope::new(good.payload().to_vec(), Some("nonsense".to_owned()), good.signature().to_vec());
    assert_eq!(verifier.verify_envelope(&renamed), Ok(statement()));

    let foreign = theirs.sign_statement(&statement()).unwrap();
    let posing = Envelope::new(
        foreign.payload().to_vec(),
        Some(ours.public().statements[0].id()),
        foreign.signature().to_vec(),
    );
    for bad in [foreign, posing] {
        assert!(matches!(verifier.verify_envelope(&bad), Err(VerifyError::Untrusted { .. })));
    }
    let both = PublicKeys::parse(&format!("{}{}", theirs.public(), ours.public())).unwrap();
    assert!(Verifier::new(both).verify_envelope(&good).is_ok());
}

#[test]
fn every_changed_byte_of_an_envelope_is_refused() {
    let signer = in_memory(1);
    let verifier = Verifier::new(signer.public().clone());
    let good = signer.sign_statement(&statement()).unwrap();
    let flip = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    for at in 0..good.payload().len() {
        let bad = Envelope::new(flip(good.payload(), at), None, good.signature().to_vec());
        assert!(verifier.verify_envelope(&bad).is_err(), "payload byte {at}");
    }
    for at in 0..good.signature().len() {
        let bad = Envelope::new(good.payload().to_vec(), None, flip(good.signature(), at));
        assert!(verifier.verify_envelope(&bad).is_err(), "signature byte {at}");
    }
}

#[test]
fn checkpoints_count_only_under_their_own_origin_and_unknown_signatures_are_ignored() {
    let (ours, theirs) = (in_memory(1), in_memory(2));
    let verifier = Verifier::new(ours.public().clone());
    let checkpoint = Checkpoint::new(origin().as_str(), 7, Digest::of(b"root"));
    let signed = ours.sign_checkpoint(&checkpoint).unwrap();
    assert_eq!(verifier.verify_checkpoint(&signed), Ok(&checkpoint));
    assert!(ours.sign_checkpoint(&Checkpoint::new("other", 7, Digest::of(b""))).is_err());
    let one_of_many = Checkpoint { origin: origin().origin([3; 16]), ..checkpoint.clone() };
    let its_own = ours.sign_checkpoint(&one_of_many).unwrap();
    assert_eq!(verifier.verify_checkpoint(&its_own), Ok(&one_of_many));
    assert!(theirs.verify_checkpoint(&its_own).is_err());

    let mine = signed.note().signatures()[0].clone();
    let foreign = theirs.sign_checkpoint(&checkpoint).unwrap().note().signatures()[0].clone();
    let verify = |checkpoint: &Checkpoint, signatures: &[&NoteSignature]| {
        let signatures = signatures.iter().map(|signature| (*signature).clone()).collect();
        verifier.verify_checkpoint(&SignedCheckpoint::new(checkpoint, signatures).unwrap()).cloned()
    };
    assert!(verify(&checkpoint, &[&foreign, &mine]).is_ok());
    assert!(verify(&checkpoint, &[&foreign]).is_err());
    // The same key id with another key's signature, beside a good one.
    let wrong = NoteSignature { bytes: foreign.bytes.clone(), ..mine.clone() };
    assert!(verify(&checkpoint, &[&mine, &wrong]).is_err());
    assert!(verify(&Checkpoint { size: 8, ..checkpoint.clone() }, &[&mine]).is_err());
    assert!(verify(&Checkpoint { origin: "other".to_owned(), ..checkpoint }, &[&mine]).is_err());
}

#[test]
fn debug_forms_show_nothing_secret() {
    let folder = tempfile::tempdir().unwrap();
    let signer = generate(folder.path(), &Protection::Unprotected);
    let pem = fs::read_to_string(folder.path().join("statement.key")).unwrap();
    let shown = format!("{signer:?} {:?} {:?}", passphrase(WORD), encrypted());
    assert!(!shown.contains(WORD) && !shown.contains(pem.lines().nth(1).unwrap()));
    assert!(shown.len() < 1500, "{shown}");
}
