//! The public vectors of C2SP Wycheproof for the two signatures that count, read from the folder that `PALISADE_VECTORS` names.

use std::path::PathBuf;
use std::process::Command;

use palisade_attest::NoteKey;
use palisade_trust::{PublicKeys, StatementKey, is_noted};
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vectors<K> {
    number_of_tests: usize,
    test_groups: Vec<Group<K>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group<K> {
    #[serde(flatten)]
    key: K,
    tests: Vec<Case>,
}

/// The key of an ECDSA group.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EcdsaKey {
    public_key_pem: String,
    sha: String,
}

/// The key of an Ed25519 group.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EdwardsKey {
    public_key: EdwardsPoint,
}

#[derive(Deserialize)]
struct EdwardsPoint {
    curve: String,
    pk: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    tc_id: u32,
    comment: String,
    msg: String,
    sig: String,
    result: Expected,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expected {
    Valid,
    Invalid,
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    hex.as_bytes().chunks(2).map(digits).collect()
}

fn vectors<K: DeserializeOwned>(name: &str) -> Vectors<K> {
    let folder = std::env::var_os("PALISADE_VECTORS")
        .expect("PALISADE_VECTORS does not name the folder with the vectors; run `cargo xtask vectors DIR`");
    let archive = PathBuf::from(folder).join("wycheproof/selected.tar.gz");
    let member = format!("testvectors_v1/{name}");
    let output = Command::new("tar").arg("-xzOf").arg(&archive).arg(&member).output().unwrap();
    assert!(output.status.success(), "{}: {}", archive.display(), String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Asks `verifies` of every case; it must agree with each, and meet as many as the file says it holds.
fn run<K: DeserializeOwned>(name: &str, verifies: impl Fn(&K, &[u8], &[u8]) -> bool) {
    let vectors = vectors::<K>(name);
    let (mut valid, mut invalid) = (0, 0);
    for group in &vectors.test_groups {
        for case in &group.tests {
            let expected = case.result == Expected::Valid;
            let found = verifies(&group.key, &bytes(&case.msg), &bytes(&case.sig));
            assert_eq!(found, expected, "{name}, case {}: {}", case.tc_id, case.comment);
            *(if found { &mut valid } else { &mut invalid }) += 1;
        }
    }
    assert_eq!(valid + invalid, vectors.number_of_tests);
    assert!(valid >= 50 && invalid >= 50, "{valid} valid, {invalid} invalid");
    println!("{name}: {valid} valid, {invalid} invalid");
}

fn statement_key(key: &EcdsaKey) -> StatementKey {
    assert_eq!(key.sha, "SHA-256");
    PublicKeys::parse(&key.public_key_pem).unwrap().statements.remove(0)
}

/// The DER form of both halves of a P1363 signature, which is 64 bytes long.
fn der(p1363: &[u8]) -> Vec<u8> {
    let integer = |half: &[u8]| {
        let start = half.iter().position(|byte| *byte != 0).unwrap_or(half.len() - 1);
        let mut value = half[start..].to_vec();
        if value[0] >= 0x80 {
            value.insert(0, 0);
        }
        [&[2, u8::try_from(value.len()).unwrap()], value.as_slice()].concat()
    };
    let (r, s) = p1363.split_at(p1363.len() / 2);
    let both = [integer(r), integer(s)].concat();
    [&[0x30, u8::try_from(both.len()).unwrap()], both.as_slice()].concat()
}

#[test]
#[ignore = "needs public vectors; run by cargo xtask vectors DIR"]
fn vectors_statement_signatures() {
    run("ecdsa_secp256r1_sha256_test.json", |key, message, signature| {
        statement_key(key).verifies(message, signature)
    });
}

/// Envelopes hold DER: the other form is never believed as it stands, and its numbers are once they are in DER.
#[test]
#[ignore = "needs public vectors; run by cargo xtask vectors DIR"]
fn vectors_statement_signatures_in_the_other_form() {
    run("ecdsa_secp256r1_sha256_p1363_test.json", |key, message, signature| {
        let key = statement_key(key);
        assert!(!key.verifies(message, signature), "not DER");
        signature.len() == 64 && key.verifies(message, &der(signature))
    });
}

#[test]
#[ignore = "needs public vectors; run by cargo xtask vectors DIR"]
fn vectors_note_signatures() {
    run("ed25519_test.json", |key: &EdwardsKey, message, signature| {
        assert_eq!(key.public_key.curve, "edwards25519");
        let ed25519 = bytes(&key.public_key.pk).try_into().unwrap();
        is_noted(&NoteKey { name: "log".parse().unwrap(), ed25519 }, message, signature)
    });
}
