//! The public vectors of transparency-dev/merkle for RFC 6962 proofs, read from the folder that `PALISADE_VECTORS` names.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use palisade_ledger::{verify_consistency, verify_inclusion};
use palisade_model::Digest;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

/// The one case that calls something right that is no proof about hashes: its equal roots are twelve bytes of English, not a hash.
const UNREPRESENTABLE: &str = "consistency/additional/sizes-are-equal-one-and-proof-is-empty.json";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Inclusion {
    leaf_idx: u64,
    tree_size: u64,
    root: Option<String>,
    leaf_hash: Option<String>,
    proof: Option<Vec<String>>,
    #[serde(rename = "desc")]
    _description: String,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Consistency {
    size1: u64,
    size2: u64,
    root1: Option<String>,
    root2: Option<String>,
    proof: Option<Vec<String>>,
    #[serde(rename = "desc")]
    _description: String,
    want_err: bool,
}

/// How often each answer was given.
#[derive(Debug, Default, PartialEq, Eq)]
struct Answers {
    believed: usize,
    refused: usize,
    /// Refused before any hashing: a field is not 32 bytes long, which our types cannot hold.
    malformed: usize,
    unrepresentable: Vec<String>,
}

impl Answers {
    fn count(&mut self, name: &str, answer: Option<bool>, want_err: bool) {
        match answer {
            None if !want_err => self.unrepresentable.push(name.to_owned()),
            None => self.malformed += 1,
            Some(believed) => {
                assert_eq!(believed, !want_err, "{name}");
                *(if believed { &mut self.believed } else { &mut self.refused }) += 1;
            }
        }
    }

    fn total(&self) -> usize {
        self.believed + self.refused + self.malformed + self.unrepresentable.len()
    }
}

fn hash(text: &Option<String>) -> Option<Digest> {
    let bytes = STANDARD.decode(text.as_deref().unwrap_or_default()).unwrap();
    Some(Digest::from_bytes(bytes.try_into().ok()?))
}

fn hashes(list: Option<Vec<String>>) -> Option<Vec<Digest>> {
    list.unwrap_or_default().into_iter().map(|text| hash(&Some(text))).collect()
}

/// The unpacked archive and the names of its files below `testdata`, as `tar` lists them.
fn unpacked() -> (TempDir, Vec<String>) {
    let folder = std::env::var_os("PALISADE_VECTORS")
        .expect("PALISADE_VECTORS does not name the folder with the vectors; run `cargo xtask vectors DIR`");
    let archive = PathBuf::from(folder).join("merkle/testdata.tar.gz");
    let target = tempfile::tempdir().unwrap();
    let tar = |flags: &str| {
        let output =
            Command::new("tar").arg(flags).arg(&archive).arg("-C").arg(target.path()).output().unwrap();
        assert!(
            output.status.success(),
            "{}: {}",
            archive.display(),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    tar("-xzf");
    let list = tar("-tzf");
    let files = list.lines().filter(|name| name.ends_with(".json"));
    let names = files.map(|name| name.trim_start_matches("./").strip_prefix("testdata/").unwrap().to_owned());
    let names = names.collect();
    (target, names)
}

fn case<T: DeserializeOwned>(folder: &Path, name: &str) -> T {
    let bytes = std::fs::read(folder.join("testdata").join(name)).unwrap();
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Runs `answer` on every case whose name starts with `kind`, and holds the counts against the list of the archive.
fn run(kind: &str, answer: impl Fn(&Path, &str, &mut Answers)) -> Answers {
    let (target, names) = unpacked();
    let mut answers = Answers::default();
    let ours: Vec<&String> = names.iter().filter(|name| name.starts_with(kind)).collect();
    ours.iter().for_each(|name| answer(target.path(), name, &mut answers));
    assert_eq!(answers.total(), ours.len());
    assert!(answers.believed >= 5 && answers.refused >= 50, "{answers:?}");
    println!("{kind} {} cases: {answers:?}", ours.len());
    answers
}

#[test]
#[ignore = "needs public vectors; run by cargo xtask vectors DIR"]
fn vectors_inclusion() {
    let answers = run("inclusion/", |folder, name, answers| {
        let Inclusion { leaf_idx, tree_size, root, leaf_hash, proof, want_err, .. } = case(folder, name);
        let parts = hash(&leaf_hash).zip(hash(&root)).zip(hashes(proof));
        let answer = parts
            .map(|((leaf, root), proof)| verify_inclusion(&leaf, leaf_idx, tree_size, &proof, &root).is_ok());
        answers.count(name, answer, want_err);
    });
    assert_eq!(answers.unrepresentable, Vec::<String>::new());
}

#[test]
#[ignore = "needs public vectors; run by cargo xtask vectors DIR"]
fn vectors_consistency() {
    let answers = run("consistency/", |folder, name, answers| {
        let Consistency { size1, size2, root1, root2, proof, want_err, .. } = case(folder, name);
        let parts = hash(&root1).zip(hash(&root2)).zip(hashes(proof));
        let answer =
            parts.map(|((old, new), proof)| verify_consistency(size1, &old, size2, &new, &proof).is_ok());
        answers.count(name, answer, want_err);
    });
    assert_eq!(answers.unrepresentable, [UNREPRESENTABLE]);
}
